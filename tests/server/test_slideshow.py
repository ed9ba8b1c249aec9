"""Stories as PowerPoint files, read back by the library that others would read them with."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image
from pptx import Presentation

from gofigr_jupyter.embedding.files import marks_of
from gofigr_jupyter.schema.stories import Slide
from gofigr_jupyter.server import outline, slideshow
from gofigr_jupyter.server.collected import Collected
from gofigr_jupyter.server.fitting import MOST_PAGES, REST, SIZES, Box, fitted
from gofigr_jupyter.server.outline import Paragraph, Run
from gofigr_jupyter.server.slide_text import clean, is_link
from tests.server.conftest import API, ORIGIN, Client, found, image, make_revision
from tests.server.people import People
from tests.server.talking import Scene, scene, share
from tests.server.test_stories import png, slide, tell
from tests.test_markdown import HOSTILE

PICTURE = 13
BOX, WIDE = Box(0, 0, 4, 5), Box(0, 0, 10, 5)


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def owner(people: People) -> Client:
    return people("owner")


def written(client: Client, story: dict[str, Any]) -> bytes:
    """A story's file."""
    answer = client.get(f"{API}/story/{story['api_id']}/export/", params={"format": "pptx"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].endswith(".presentationml.presentation")
    assert answer.headers["content-disposition"].endswith(".pptx")
    return answer.content


def opened(client: Client, story: dict[str, Any]) -> Any:
    return Presentation(io.BytesIO(written(client, story)))


def texts(shown: Any) -> list[str]:
    """What stands on a slide, shape by shape."""
    return [one.text_frame.text for one in shown.shapes if one.has_text_frame]


def runs(shown: Any) -> list[Any]:
    shapes = [one for one in shown.shapes if one.has_text_frame]
    return [run for one in shapes for paragraph in one.text_frame.paragraphs for run in paragraph.runs]


def links(shown: Any) -> set[str]:
    """All addresses that a slide leads to, in texts and in anything else."""
    return {one.target_ref for one in shown.part.rels.values() if one.is_external}


def pictures(shown: Any) -> list[Any]:
    return [one for one in shown.shapes if one.shape_type == PICTURE]


# ---------------------------------------------------------------- the file


def test_a_story_as_slides(people: People, owner: Client, here: Scene) -> None:
    revision = make_revision(owner, image(b"no picture", "svg"), image(png()), figure=here.figure)["api_id"]
    body = "Grows *fast*, **very** fast, see `growth()`\n\n- one\n  1. deep\n- [two](https://ok.example/a?b=1)"
    slides = [slide(title="One & all", body=body, figure_revision=revision, notes="*slowly*\n\n- now"), slide()]
    made = tell(owner, here, description="About **yeast**", slides=slides)
    deck = opened(people("viewer"), made)
    front, first, last = deck.slides
    assert texts(front) == ["Growth of yeast", "About yeast"]
    assert texts(last) == []
    title, text, caption = texts(first)
    assert (title, caption) == ("One & all", "Growth, revision 2")
    assert text == "Grows fast, very fast, see growth()\n•\tone\n1.\tdeep\n•\ttwo"
    looks = {run.text: (run.font.bold, run.font.italic, run.font.name, run.hyperlink.address) for run in runs(first)}
    assert looks["fast"] == (None, True, None, None)
    assert looks["very"] == (True, None, None, None)
    assert looks["growth()"] == (None, None, "Consolas", None)
    assert looks["two"] == (None, None, None, "https://ok.example/a?b=1")
    assert looks[caption][3] == f"{ORIGIN}/revision/{revision}"
    assert first.notes_slide.notes_text_frame.text == "slowly\n• now"
    assert not last.has_notes_slide
    told = deck.core_properties
    assert (told.title, told.author, told.last_modified_by, told.comments) == ("Growth of yeast", "", "", "")


def test_the_picture_is_the_one_that_was_shown(owner: Client, here: Scene) -> None:
    revision = make_revision(owner, image(png()), figure=here.figure)["api_id"]
    _, shown = opened(owner, tell(owner, here, slides=[slide(figure_revision=revision)])).slides
    [picture] = pictures(shown)
    assert picture.click_action.hyperlink.address == f"{ORIGIN}/revision/{revision}"
    assert picture._element.nvPicPr.cNvPr.get("descr") == "Growth, revision 2"
    assert picture.width * 3 == pytest.approx(picture.height * 4, rel=1e-5)
    [mark] = marks_of(picture.image.blob)
    assert mark.revision == revision
    with Image.open(io.BytesIO(picture.image.blob)) as there, Image.open(io.BytesIO(png())) as stored:
        assert (there.size, there.tobytes()) == (stored.size, stored.tobytes())


def test_large_pictures_are_made_smaller(owner: Client, here: Scene) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4000, 1000), "white").save(out, "PNG")
    revision = make_revision(owner, image(out.getvalue()), figure=here.figure)["api_id"]
    _, shown = opened(owner, tell(owner, here, slides=[slide(body="x", figure_revision=revision)])).slides
    assert pictures(shown)[0].image.size == (1920, 480)


@pytest.mark.parametrize("content", [b"no picture", b"", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_cannot_be_read_is_a_caption(owner: Client, here: Scene, content: bytes) -> None:
    revision = make_revision(owner, image(content), image(b"<svg/>", "svg"), figure=here.figure)["api_id"]
    _, shown = opened(owner, tell(owner, here, slides=[slide(figure_revision=revision)])).slides
    assert (texts(shown), pictures(shown)) == (["Growth, revision 2"], [])


def test_what_the_reader_may_not_see_is_not_in_the_file(people: People, owner: Client, here: Scene) -> None:
    stranger = people("stranger")
    secret = make_revision(stranger, image(png("blue")))["api_id"]
    share(stranger, "revision", secret, "owner")
    made = tell(owner, here, slides=[slide(title="t", figure_revision=secret)])
    assert len(pictures(opened(owner, made).slides[1])) == 1
    content = written(people("viewer"), made)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(secret.encode() in archive.read(name) for name in archive.namelist())
        assert not any(name.startswith("ppt/media/") for name in archive.namelist())
    shown = Presentation(io.BytesIO(content)).slides[1]
    assert texts(shown) == ["t", "This figure is not here: it has been deleted, or is not shared with you."]


def test_long_texts_go_on_on_the_next_slide(owner: Client, here: Scene) -> None:
    body = "\n\n".join(f"paragraph {n} " + "word " * 60 for n in range(12))
    made = tell(owner, here, description=body, slides=[slide(title="Long", body=body, notes="n"), slide(title="End")])
    shown = [texts(one) for one in opened(owner, made).slides]
    titles = [one[0] for one in shown]
    assert titles[0] == "Growth of yeast"
    assert titles[1] == "Growth of yeast (2)"
    assert "Long (2)" in titles
    assert titles[-1] == "End"
    for start in ("Growth of yeast", "Long"):
        text = "\n".join(one[1] for one in shown if one[0].startswith(start))
        assert [f"paragraph {n} " in text for n in range(12)] == [True] * 12
        assert text.count("word") == 12 * 60


def test_hostile_texts_make_no_other_file(owner: Client, here: Scene) -> None:
    found(owner.patch(f"{API}/figure/{here.figure}/", json={"name": HOSTILE[2]}))
    nasty = [*HOSTILE[:60], '" onclick="x', "a\x0b\x1fb\ufffe\u202ec", "[x](http://a%zz)", "[x](http://[)", "x" * 3000]
    slides = [slide(title=one, body=one, notes=one, figure_revision=here.revision) for one in nasty]
    made = tell(owner, here, title="Growth of yeast " + HOSTILE[0], description=HOSTILE[2], slides=slides)
    deck = opened(owner, made)
    assert len(deck.slides) >= len(nasty) + 1
    assert all(is_link(one) for shown in deck.slides for one in links(shown))
    assert deck.slides[0].shapes.title.text_frame.text == "Growth of yeast " + HOSTILE[0]


# ---------------------------------------------------------------- texts


def test_markdown_as_paragraphs() -> None:
    text = "# Head\n\n> said\n\n3. three\n\n   more\n4. four\n\n```py\na\tb\nc\n```\n\n|a|b|\n|-|-|\n|1|2|\n\nx  \ny <b>z</b>"
    told = [(one.kind, one.level, one.marker, one.text) for one in outline.paragraphs(text)]
    assert told == [
        ("heading", 0, "", "Head"),
        ("text", 1, "", "said"),
        ("item", 1, "3.", "three"),
        ("text", 1, "", "more"),
        ("item", 1, "4.", "four"),
        ("code", 0, "", "a   b\nc"),
        ("text", 0, "", "a | b"),
        ("text", 0, "", "1 | 2"),
        ("text", 0, "", "x\ny <b>z</b>"),
    ]
    assert outline.paragraphs("") == []
    assert len(outline.paragraphs("line\n\n" * 10_000)) == 10_000
    assert outline.plain("![alt](https://ok.example/x.png)") == "alt"


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("https://ok.example", True),
        ("http://127.0.0.1:51234/revision/x?a=b#c", True),
        ("https://ok.example/%C3%A9", True),
        ("https://ok.example/%zz", False),
        ("https://ok.example/a b", False),
        ("https://ok.example/é", False),
        ("http://[::1", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("mailto:ada@example.org", False),
        ("https://ok.example/" + "x" * 1000, False),
    ],
)
def test_links_of_slides(address: str, is_one: bool) -> None:
    assert is_link(address) is is_one


def test_letters_shrink_before_the_text_goes_on() -> None:
    one = Paragraph((Run("word " * 40),))
    sizes = [fitted([one] * count, BOX, WIDE) for count in range(1, 12)]
    assert [size for size, _ in sizes] == sorted((size for size, _ in sizes), reverse=True)
    assert sizes[0] == (SIZES[0], [[one]])
    assert sizes[-1][0] == SIZES[-1]
    assert len(sizes[-1][1]) > 1
    assert [one for page in sizes[-1][1] for one in page] == [one] * 11
    wide = Paragraph((Run("数" * 300),))
    assert fitted([wide], BOX, WIDE)[0] < fitted([Paragraph((Run("x" * 300),))], BOX, WIDE)[0]


def test_endless_texts_end() -> None:
    _, pages = fitted([Paragraph((Run("word " * 100_000),))], BOX, WIDE)
    assert len(pages) == MOST_PAGES
    assert pages[-1][-1] == REST


def test_a_file_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slideshow, "MOST_SLIDES", 10)
    told = Collected("t", "", [Slide(title="t", body="word " * 20_000) for _ in range(5)], {})
    deck = Presentation(io.BytesIO(b"".join(slideshow.pieces(told, None))))
    assert len(deck.slides) == 10 + 4
    assert all(texts(one)[1].endswith("There is more of this text on the server.") for one in [*deck.slides][-4:])


@given(st.lists(st.text(max_size=2_000), max_size=6), st.booleans())
def test_nothing_is_lost_on_the_way(said: list[str], is_item: bool) -> None:
    paragraphs = [Paragraph((Run(one),), "item" if is_item else "text", 1, "•" if is_item else "") for one in said]
    _, pages = fitted(paragraphs, BOX, WIDE)
    placed = [one for page in pages for one in page]
    assume(REST not in placed)
    assert "".join(one.text for one in placed) == "".join(said)
    assert sum(bool(one.marker) for one in placed) == (len(said) if is_item else 0)


@given(st.text())
def test_clean_text_is_good_xml(text: str) -> None:
    from lxml import etree

    element = etree.Element("t")
    element.text = clean(text)
    assert etree.fromstring(etree.tostring(element)) is not None
