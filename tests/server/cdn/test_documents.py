"""Documents on the CDN: found by search, cited by Deep Insight with their place, and gone from both when deleted."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from fastapi import FastAPI

from gofigr_jupyter.schema.insight import Evidence
from gofigr_jupyter.server import chores
from gofigr_jupyter.server.store import cdn, find
from gofigr_jupyter.widgets import insight
from tests.server.cdn.conftest import Program
from tests.server.conftest import API, ORIGIN, Client, Maker, created, found, make_figure, make_revision, text
from tests.server.documents import archive, pdf, word
from tests.server.test_insight import ask
from tests.server.test_search import hits

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
AXOLOTLS = "What were the axolotls fed with?"
PDF = pdf("Ferns were grown in pots.", "The axolotls were fed with shrimp at 18 degrees.")
DOCX = word("Before.", ("Heading1", "Husbandry"), "The okapi were weighed on Mondays.")
PAPERS = {
    "protocol.pdf": ("application/pdf", PDF, "axolotl"),
    "husbandry.docx": (WORD, DOCX, "okapi"),
    "notes.txt": ("text/plain", b"First line.\n\nThe quokka moved to the second enclosure.\n", "quokka"),
    "readme.md": ("text/markdown", b"# Numbat\n\nThe numbat sleeps in a hollow log.\n", "numbat"),
}


@pytest.fixture
def library(app: FastAPI, program: Program) -> dict[str, str]:
    """Each kind of document on the site; by name, where."""
    made = {name: program.upload(name, kind, content) for name, (kind, content, _) in PAPERS.items()}
    chores.read_texts(app.state.store, lambda: True)
    return made


@pytest.fixture
def revision(me: Client) -> str:
    return make_revision(me, text("out"), figure=make_figure(me)["api_id"])["api_id"]


def cited(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["label"], one["ref"]["cdn_key"]) for one in answer["evidence"] if one["ref"].get("cdn_key")]


def test_each_kind_is_found_and_cited(me: Client, other: Client, library: dict[str, str], revision: str) -> None:
    for _, _, animal in PAPERS.values():
        assert [one["type"] for one in hits(me, animal)] == ["asset"], animal
    places = {
        AXOLOTLS: ("protocol.pdf, page 2", "protocol.pdf", "fed with shrimp at 18 degrees"),
        "When was the okapi weighed?": ("husbandry.docx, under “Husbandry”", "husbandry.docx", "weighed on Mondays"),
        "Where did the quokka move, to which enclosure?": ("notes.txt, line 3", "notes.txt", "second enclosure"),
        "Where does the numbat sleep?": ("readme.md, line 3", "readme.md", "hollow log"),
    }
    for question, (label, name, words) in places.items():
        answer = ask(me, revision, question)
        assert words in answer["answer"], question
        assert [one for one, _ in cited(answer)] == [label]
        [evidence] = [Evidence.model_validate(one) for one in answer["evidence"] if one["ref"].get("cdn_key")]
        there = insight.page_of(evidence, revision)
        assert there == library[name]
        assert me.get(ORIGIN + there).content == PAPERS[name][1]
        assert found(me.get(f"{API}/data/{evidence.ref.data}/"))["name"] == name
    # One word alone drags in nothing.
    assert cited(ask(me, revision, "Which degrees does the temperature axis show?")) == []
    assert cited(ask(me, revision, "Does a document mention degrees?")) != []
    # Who was given the figure alone is told of no document.
    share = {"username": "eve", "sharing_enabled": True}
    found(me.post(f"{API}/revision/{revision}/share/user/", json=share))
    assert cited(ask(other, revision, AXOLOTLS)) == []
    # What is deleted is neither found nor cited; the others are.
    [hit] = hits(me, "axolotl")
    assert me.delete(f"{API}/asset/{hit['object']['api_id']}/").status_code == 204
    assert hits(me, "axolotl") == []
    assert cited(ask(me, revision, AXOLOTLS)) == []
    assert me.get(ORIGIN + library["protocol.pdf"]).status_code == 404
    assert [one["type"] for one in hits(me, "okapi")] == ["asset"]


def test_another_workspaces_documents_stay_there(app: FastAPI, me: Client, client_of: Maker, revision: str) -> None:
    elsewhere = created(me.post(f"{API}/workspace/", json={"name": "elsewhere"}))["api_id"]
    with app.state.store.writing() as db:
        _, key = cdn.create_key(db, cdn.site_named(db, find.workspace(db, elsewhere), "default"))
    Program(client_of(), key).upload("secret.txt", "text/plain", b"The axolotls were fed with gold.")
    assert hits(me, "axolotls") != []
    assert cited(ask(me, revision, AXOLOTLS)) == []


def bomb_in_a_pdf() -> bytes:
    packed = zlib.compress(zlib.compress(b"(a) Tj " * (8 << 20)))
    page = f"<< /Length {len(packed)} /Filter [/FlateDecode /FlateDecode] >>\nstream\n".encode()
    begin, end = PDF.split(b"<< /Length", 1)
    return begin + page + packed + b"\nendstream\nendobj\n" + end.split(b"endobj\n", 1)[1]


def docx(document: bytes | str) -> bytes:
    """A Word document with another text inside."""
    kinds = f'<Types><Override PartName="/word/document.xml" ContentType="{WORD}.main+xml"/></Types>'
    return archive({"[Content_Types].xml": kinds, "word/document.xml": document})


HOSTILE = {
    "zip.docx": (WORD, docx(b"<x>" + b" " * (16 << 20) + b"</x>")),
    "laughs.docx": (WORD, docx('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')),
    "nested.docx": (WORD, word("x", wrap="<w:p>" * 4_000 + "{}" + "</w:p>" * 4_000)),
    "bomb.pdf": ("application/pdf", bomb_in_a_pdf()),
    "nested.pdf": ("application/pdf", b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000),
    "cut.pdf": ("application/pdf", PDF[:300]),
}


@pytest.mark.slow
def test_hostile_documents_leave_the_rest_alone(app: FastAPI, me: Client, program: Program, revision: str) -> None:
    for name, (kind, content) in HOSTILE.items():
        target = program.target(name, kind)
        answer = program.put(target, content, kind)
        assert answer.status_code in {200, 400}, name
    program.upload("good.pdf", "application/pdf", PDF)
    chores.read_texts(app.state.store, lambda: True)
    assert chores.read_texts(app.state.store, lambda: True) == 0, "none is tried twice"
    assert "good.pdf" in [one["object"]["name"] for one in hits(me, "axolotl")]
    assert "shrimp" in ask(me, revision, AXOLOTLS)["answer"]
