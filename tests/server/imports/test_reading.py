"""Strangers' files, read in a real child: what is in them comes out as it is; bombs and nonsense cost the child."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest

from gofigr_jupyter.server.child import Frame, Unreadable, frames
from gofigr_jupyter.server.imports.drawn import Origin, drawn
from gofigr_jupyter.server.imports.notebooks import title_of
from tests.server.documents import archive, cell, notebook, png, presentation, shown, text_document, with_code

NOTEBOOKS = "gofigr_jupyter.server.imports.notebooks"
DOCUMENTS = "gofigr_jupyter.server.imports.documents"


def read(tmp_path: Path, module: str, content: str | bytes) -> list[Frame]:
    """What the child finds."""
    path = tmp_path / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(frames(module, path, lambda: None))


# ---------------------------------------------------------------- notebooks


def test_pictures_are_as_they_were(tmp_path: Path) -> None:
    plotly = {"data": [{"y": [1, 2]}], "layout": {}}
    found = read(
        tmp_path,
        NOTEBOOKS,
        notebook(
            {"cell_type": "markdown", "source": "# Title", "attachments": {"a.png": shown(png())}},
            cell("plt.plot(x)\nplt.title('Growth')", shown(png("red")), cell_id="c0ffee"),
            cell(
                ["a = 1\n", "b"],
                shown(png("blue"), lines=False),
                {"text/plain": "7"},
                {"image/svg+xml": ["<svg>", "</svg>"]},
            ),
            cell("fig.show()", {"application/vnd.plotly.v1+json": plotly, "text/html": "<div>"}),
            cell("print(1)"),
        ),
    )
    assert [(one["cell"], one["id"], one["position"], one["title"], one["mimes"]) for one, _ in found] == [
        (1, "c0ffee", 0, "Growth", ["image/png"]),
        (2, None, 0, None, ["image/png"]),
        (2, None, 1, None, ["image/svg+xml"]),
        (3, None, 0, None, ["application/vnd.plotly.v1+json"]),
    ]
    assert found[0][1] == [b"plt.plot(x)\nplt.title('Growth')", png("red")]
    assert found[1][1] == [b"a = 1\nb", png("blue")]
    assert found[2][1][1] == b"<svg></svg>"
    assert json.loads(found[3][1][1]) == plotly
    assert found[0][0]["count"] == 3
    assert found[0][0]["language"] == "Python"


@pytest.mark.parametrize(
    "data",
    [
        {"image/png": "not base64!"},
        {"image/png": base64.b64encode(b"<html>").decode()},
        {"image/png": 7},
        {"image/jpeg": base64.b64encode(png()).decode()},
        {"image/svg+xml": "<html>"},
        {"text/html": "<img>"},
        {"application/vnd.plotly.v1+json": "text"},
        [],
        None,
    ],
)
def test_what_is_no_picture(tmp_path: Path, data: Any) -> None:
    one = cell("x")
    one["outputs"] = [{"output_type": "display_data", "data": data}, {"output_type": "stream", "text": "x"}, 7]
    assert read(tmp_path, NOTEBOOKS, notebook(one)) == []


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "null", '{"nbformat": 3, "worksheets": []}', '{"cells": {}}', "[" * 100_000, b"\xff\xfe\x00", "{"],
)
def test_what_is_no_notebook(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, NOTEBOOKS, content)


@pytest.mark.parametrize("one", [7, None, {}, {"cell_type": "code"}, {"cell_type": "code", "outputs": {}, "source": 7}])
def test_odd_cells(tmp_path: Path, one: Any) -> None:
    assert read(tmp_path, NOTEBOOKS, notebook(one)) == []


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("plt.title('A')", "A"),
        ("ax.set_title('A'); fig.suptitle('B')", "B"),
        ("ax[0].set_title('A'); ax[1].set_title('B')", None),
        ("px.scatter(df, title='A')", "A"),
        ("fig.update_layout(title_text=' A ')", "A"),
        ("plt.title(f'{x}')", None),
        ("plt.title(name)", None),
        ("%matplotlib inline\nplt.title('A')", None),
        ("plt.title('')", None),
        ("plt.title('A\\n\\0B\\ud800 C')", "A B C"),
        ("def broken(", None),
        ("(" * 3000, None),
        ("x = '\0'", None),
    ],
)
def test_titles(code: str, title: str | None) -> None:
    assert title_of(code) == title


def test_names_tell_figures_apart_and_secrets_stay_out(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        NOTEBOOKS,
        notebook(
            cell("plt.title('A')", shown(png("red"))),
            cell("plt.title('A')", shown(png("blue"))),
            cell("x", shown(png("red")), shown(png("blue")), cell_id="ab-12"),
            cell("password = 'hunter2-hunter2'", shown(png("red"))),
        ),
    )
    figures = list(drawn(iter(found), Origin("deep/growth.ipynb", {"imported": {}}, ("Ada", "ada@example.org"))))
    assert [one.name for one in figures] == [
        "deep/growth: A",
        "deep/growth: A (2)",
        "deep/growth: cell ab-12",
        "deep/growth: cell ab-12, 2",
        "deep/growth: cell 4",
    ]
    code = figures[-1].drafts[-1]
    assert (code.type, b"hunter2" in bytes(code.data or b"")) == ("code", False)
    assert figures[-1].metadata["secrets_masked"] == 1
    assert figures[0].metadata["notebook_name"] == "growth.ipynb"
    assert figures[0].metadata["missing"] == {}
    assert figures[0].drafts[0].data == png("red")
    assert len({one.hashes for one in figures}) == 5


def test_texts_that_no_database_holds(tmp_path: Path) -> None:
    odd = cell("x = '\ud800\0'", shown(png()), cell_id="a\0\ud800b", execution_count=[])
    [(header, blobs)] = read(tmp_path, NOTEBOOKS, notebook(odd))
    assert (header["id"], header["count"], blobs[0]) == ("a b", None, b"x = '?\0'")


def test_very_long_cells_and_very_many_figures(tmp_path: Path) -> None:
    found = read(tmp_path, NOTEBOOKS, notebook(cell("x" * 200_001, shown(png())), cell("y", *[shown(png())] * 1001)))
    assert (len(found), len(found[0][1][0])) == (1000, 200_000)


def test_a_figure_without_picture_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, NOTEBOOKS, notebook(cell("x", {"application/vnd.plotly.v1+json": {"data": []}})))
    [figure] = drawn(iter(found), Origin("a.ipynb", {}))
    assert figure.metadata["kind"] == "plotly"
    assert set(figure.metadata["missing"]) == {"picture"}
    assert figure.author is None


# ---------------------------------------------------------------- documents


def test_a_presentation(tmp_path: Path) -> None:
    media = {"image1.png": png("red"), "image2.png": with_code("http://x/r/abc"), "image3.jpeg": b"\xff\xd8nonsense"}
    found = read(tmp_path, DOCUMENTS, presentation([[], ["image2.png"], ["image1.png", "image2.png"]], media))
    assert [(one["name"], one["places"], one["codes"]) for one, _ in found] == [
        ("image3.jpeg", [], []),
        ("image2.png", [2, 3], ["http://x/r/abc"]),
        ("image1.png", [3], []),
    ]
    assert [blobs for _, blobs in found] == [[media["image3.jpeg"]], [media["image2.png"]], [media["image1.png"]]]


def test_a_text(tmp_path: Path) -> None:
    found = read(tmp_path, DOCUMENTS, text_document({"image1.png": png(), "image2.emf": b"x", "../../evil.png": png()}))
    assert [one["name"] for one, _ in found] == ["image1.png"]


def test_codes_on_transparent_ground(tmp_path: Path) -> None:
    import segno

    out = io.BytesIO()
    segno.make("http://x/r/abc").save(out, kind="png", scale=3, light=None)
    found = read(tmp_path, DOCUMENTS, text_document({"image1.png": out.getvalue()}))
    assert found[0][0]["codes"] == ["http://x/r/abc"]


@pytest.mark.parametrize("link", ["http://127.0.0.1:51234/r/abcdEFGH0", f"https://gofigr.example/r/{'8' * 36}"])
@pytest.mark.parametrize("size", [(320, 240), (1000, 800)])
def test_the_strip_that_our_own_worker_puts_under_figures(tmp_path: Path, link: str, size: tuple[int, int]) -> None:
    """Also after the kind of loss that a slide brings: made smaller and a JPEG."""
    from PIL import Image

    from gofigr_jupyter.capture.pictures import watermarked

    plain, slide = io.BytesIO(), io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(plain, "PNG")
    marked = watermarked(plain.getvalue(), link)
    with Image.open(io.BytesIO(marked)) as picture:
        small = picture.convert("RGB").resize((picture.width * 3 // 4, picture.height * 3 // 4))
        small.save(slide, "JPEG", quality=80)
    found = read(tmp_path, DOCUMENTS, text_document({"image1.png": marked, "image2.jpeg": slide.getvalue()}))
    assert [one["codes"] for one, _ in found] == [[link], [link]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 and nothing",
        archive({"x": "y"}),
        text_document({"image1.png": png()})[:-30],
        archive({"word/document.xml": "x"} | {f"x/{number}": "" for number in range(20_001)}),
    ],
)
def test_what_is_no_document(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, DOCUMENTS, content)


def test_a_locked_document(tmp_path: Path) -> None:
    content = bytearray(text_document({"image1.png": png()}))
    for at in range(len(content) - 4):  # the flag that says that a part is encrypted
        if content[at : at + 4] == b"PK\x03\x04":
            content[at + 6] |= 1
        elif content[at : at + 4] == b"PK\x01\x02":
            content[at + 8] |= 1
    assert read(tmp_path, DOCUMENTS, bytes(content)) == []


def test_bombs(tmp_path: Path) -> None:
    """A picture of 65 MB that is a few KB in the archive, and XML that doubles itself."""
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
    parts = {"word/document.xml": "x", "word/media/image1.png": bytes(65 << 20), "word/media/image2.png": png()}
    assert [one["name"] for one, _ in read(tmp_path, DOCUMENTS, archive(parts))] == ["image2.png"]
    slides = {"ppt/presentation.xml": laughs, "ppt/slides/slide1.xml": "x", "ppt/media/image1.png": png()}
    slides["ppt/slides/_rels/slide1.xml.rels"] = laughs
    assert [one["places"] for one, _ in read(tmp_path, DOCUMENTS, archive(slides))] == [[]]


def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(out, "PNG")
    found = read(tmp_path, DOCUMENTS, text_document({"image1.png": out.getvalue()}))
    assert (found[0][0]["codes"], found[0][1]) == ([], [out.getvalue()])
