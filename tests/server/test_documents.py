"""Texts of documents: taken out by a real child, found by search, and cited by Deep Insight; bombs cost the child."""

from __future__ import annotations

import base64
import io
import json
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation

from gofigr_jupyter.server import chores
from gofigr_jupyter.server.child import Unreadable, frames
from gofigr_jupyter.server.documents.passages import LONGEST, Passage, passages
from tests.server.conftest import API, Client, found, make_asset_revision, make_revision, text
from tests.server.documents import archive, pdf, text_document, word
from tests.server.people import People
from tests.server.talking import Scene, scene
from tests.server.test_insight import ask
from tests.server.test_search import hits

EXTRACTOR = "gofigr_jupyter.server.documents.extractor"
PROTOCOL = pdf("Yeast was grown in flasks.\nThey were shaken at 30 degrees.", "Optical density was read every hour.")


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def owner(people: People) -> Client:
    return people("owner")


def read(tmp_path: Path, content: bytes) -> list[Passage]:
    """What the child finds."""
    path = tmp_path / "file"
    path.write_bytes(content)
    [(_, [blob])] = frames(EXTRACTOR, path, lambda: None)
    return [Passage(*one) for one in json.loads(blob)]


def file(name: str, content: bytes) -> dict[str, Any]:
    """A document, for a request."""
    return {"type": "file", "name": name, "metadata": {}, "data": base64.b64encode(content).decode()}


def slides(*texts: str) -> bytes:
    """A presentation as PowerPoint has it."""
    made, out = Presentation(), io.BytesIO()
    for one in texts:
        made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = one
    made.save(out)
    return out.getvalue()


# ---------------------------------------------------------------- kinds


def test_pages_of_a_pdf(tmp_path: Path) -> None:
    first, second = read(tmp_path, PROTOCOL)
    assert first.at == "page 1"
    assert first.text == "Yeast was grown in flasks. They were shaken at 30 degrees."
    assert second == ("page 2", "Optical density was read every hour.")


def test_headings_of_a_word_document(tmp_path: Path) -> None:
    made = word("Before.", ("Heading1", "Methods & more"), "Cells were counted.", "Twice.", ("Heading1", "Results"), "Many.")
    assert read(tmp_path, made) == [
        ("", "Before."),
        ("under “Methods & more”", "Methods & more\nCells were counted.\nTwice."),
        ("under “Results”", "Results\nMany."),
    ]


def test_slides_of_a_presentation(tmp_path: Path) -> None:
    assert read(tmp_path, slides("Growth", "Decline")) == [("slide 1", "Growth"), ("slide 2", "Decline")]


def test_lines_of_a_plain_text(tmp_path: Path) -> None:
    long = "word " * 200
    made = f"# Title\n\nOne.\nTwo.\n\n\n\n  Three, with ü.\n\n{long}"
    found = read(tmp_path, made.encode())
    assert [one.at for one in found][:4] == ["line 1", "line 3", "line 8", "line 10"]
    assert found[1].text == "One.\nTwo."


def test_long_parts_are_cut_after_a_sentence() -> None:
    found = list(passages(["A sentence of some words. " * 100]))
    assert len(found) > 3
    assert all(len(one) <= LONGEST and one.rstrip().endswith(".") for one in found)


@given(st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), max_size=3000), max_size=8))
def test_no_letter_is_lost(parts: list[str]) -> None:
    found = list(passages(parts))
    assert "".join("".join(found).split()) == "".join("".join(parts).split())
    assert all(len(one) <= 2 * LONGEST for one in found)


# ---------------------------------------------------------------- strangers


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7\n",
        PROTOCOL[:300],
        b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000,
        b"PK\x03\x04" + b"\0" * 100,
        archive({"a.txt": "no document"}),
        text_document({}),
        archive({"word/document.xml": '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'}),
        archive({"word/document.xml": b"<x>" + b" " * (40 << 20) + b"</x>"}),
        b"\xff\xfe\x00broken",
        b"caf\xe9",
    ],
)
def test_what_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    with suppress(Unreadable):  # the child has gone
        assert read(tmp_path, content) == []


def test_a_bomb_in_a_pdf_costs_the_child(tmp_path: Path) -> None:
    packed = zlib.compress(zlib.compress(b"(a) Tj " * (40 << 20)))
    page = f"<< /Length {len(packed)} /Filter [/FlateDecode /FlateDecode] >>\nstream\n".encode()
    begin, end = PROTOCOL.split(b"<< /Length", 1)
    bomb = begin + page + packed + b"\nendstream\nendobj\n" + end.split(b"endobj\n", 1)[1]
    with suppress(Unreadable):
        assert sum(len(one.text) for one in read(tmp_path, bomb)) <= 1_000_000


@pytest.mark.parametrize("tag", ["w:p", "w:r"])
def test_what_is_nested_deeply_is_read(tmp_path: Path, tag: str) -> None:
    deep = word("x", wrap=f"<{tag}>" * 4_000 + "{}" + f"</{tag}>" * 4_000)
    assert read(tmp_path, deep) == [("", "x")]


# ---------------------------------------------------------------- found and cited


def test_words_of_documents_are_found_a_little_later(app: FastAPI, owner: Client, here: Scene) -> None:
    documents = [file("protocol.pdf", PROTOCOL), file("notes.docx", word("Zebrafish.")), file("talk.pptx", slides("Okapi"))]
    make_asset_revision(owner, *documents, asset=here.asset)
    assert hits(owner, "flasks") == []
    assert chores.read_texts(app.state.store, lambda: True) == 3
    for query in ("flasks", "density", "zebrafish", "okapi"):
        assert [one["type"] for one in hits(owner, query)] == ["asset"], query


def test_a_document_that_cannot_be_read_is_tried_once(app: FastAPI, owner: Client, here: Scene) -> None:
    make_asset_revision(owner, file("broken.pdf", PROTOCOL[:300]), asset=here.asset)
    assert chores.read_texts(app.state.store, lambda: True) == 1
    assert chores.read_texts(app.state.store, lambda: True) == 0


def beside(owner: Client, here: Scene, *documents: dict[str, Any]) -> str:
    """A revision that was made from documents."""
    made = make_asset_revision(owner, *documents, asset=here.asset)
    link = {"asset_revision": made["api_id"], "use_type": "indirect"}
    revision: str = make_revision(owner, text("out"), figure=here.figure, assets=[link])["api_id"]
    return revision


def test_an_answer_cites_the_page(owner: Client, here: Scene) -> None:
    notes = text("Nothing of interest.") | {"name": "notes.md"}
    revision = beside(owner, here, file("protocol.pdf", PROTOCOL), notes)
    answer = ask(owner, revision, "What does the protocol say about flasks?")
    assert "protocol.pdf, page 1, says: “Yeast was grown in flasks." in answer["answer"]
    assert "density" not in answer["answer"]
    [evidence] = answer["evidence"]
    assert (evidence["kind"], evidence["label"]) == ("document", "protocol.pdf, page 1")
    data = found(owner.get(f"{API}/data/{evidence['ref']['data']}/"))
    assert data["name"] == "protocol.pdf"


def test_which_documents_there_are(owner: Client, here: Scene) -> None:
    assert "nothing about documents" in ask(owner, here.revision, "Which documents are there?")["answer"]
    revision = beside(owner, here, file("protocol.pdf", PROTOCOL))
    assert "1 document: protocol.pdf" in ask(owner, revision, "Which documents are there?")["answer"]


def test_a_question_that_only_a_document_answers(owner: Client, here: Scene) -> None:
    revision = beside(owner, here, file("protocol.pdf", PROTOCOL))
    assert "shaken at 30 degrees" in ask(owner, revision, "Was it shaken?")["answer"]


def test_what_a_document_says_is_no_markdown(owner: Client, here: Scene) -> None:
    hostile = text("Flasks <script>alert(1)</script> [x](javascript:alert(1)) ![y](https://evil.example/p.png) **b**")
    revision = beside(owner, here, hostile | {"name": "flasks.md"})
    answer = ask(owner, revision, "What is said about flasks?")
    assert "<script" not in answer["answer_html"]
    assert "<a" not in answer["answer_html"]
    assert "<strong>" not in answer["answer_html"]
    assert "alert(1)" in answer["answer_html"]
