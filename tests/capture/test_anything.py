"""Whatever shows a picture: objects asked by their classes' own methods, bundles as they are."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from IPython.core.display import HTML, SVG
from IPython.core.display import Image as Shown
from PIL import Image

from gofigr_jupyter.capture import anything as capture
from gofigr_jupyter.records import Missing

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="80"><rect width="9" height="9"/></svg>'


def picture() -> Image.Image:
    return Image.new("RGB", (90, 80), "navy")


def png() -> bytes:
    stream = io.BytesIO()
    picture().save(stream, "PNG")
    return stream.getvalue()


class Graph:
    """As graphviz and networkx extensions draw themselves."""

    def _repr_svg_(self) -> str:
        return DRAWING


class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": base64.b64encode(png()).decode(), "text/plain": "x"}, {"image/png": {"width": 9}}


class Obliging:
    """Answers every name, as mocks and proxies do."""

    def __getattr__(self, name):
        return lambda *_, **__: "data:image/png"


class Refusing:
    def __getattribute__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize(
    ("shown", "mime_types"),
    [
        (picture(), ["image/png", "image/jpeg"]),
        (Graph(), ["image/svg+xml"]),
        (Bundle(), ["image/png"]),
        (SVG(DRAWING), ["image/svg+xml"]),
        (Shown(data=png()), ["image/png"]),
        (HTML(f"<p>{DRAWING}</p>"), ["text/html"]),
    ],
    ids=["PIL", "graph", "bundle", "SVG", "Image", "HTML"],
)
def test_publish_takes_what_shows_a_picture(shown, mime_types):
    seen = capture.asked(shown)
    assert [item.mime_type for item in seen.displayed] == mime_types


@pytest.mark.parametrize("shown", [42, "text", None, Obliging(), HTML("<b>x</b>"), Graph], ids=lambda s: type(s).__name__)
def test_what_shows_none_is_none(shown):
    assert capture.asked(shown) is None
    assert capture.title(shown) is None


def test_an_object_that_refuses_everything_is_none():
    shown = Refusing()
    assert capture.asked(shown) is None
    assert capture.title(shown) is None


def test_pictures_are_called_after_their_files(tmp_path: Path):
    path = tmp_path / "Rain in May.png"
    path.write_bytes(png())
    assert capture.title(Shown(filename=str(path))) == "Rain in May.png"
    with Image.open(path) as opened:
        assert capture.title(opened) == "Rain in May.png"
    assert capture.title(picture()) is None
    assert capture.title(Shown(data=png())) is None


def test_a_bundle_is_kept_as_it_is():
    data = {"image/png": base64.b64encode(png()).decode(), "image/svg+xml": DRAWING, "text/html": "<img>"}
    seen = capture.see(None, data, {"image/png": {"width": 45}})
    assert [(item.mime_type, item.data) for item in seen.displayed] == [("image/png", png()), ("image/svg+xml", DRAWING.encode())]
    assert seen.displayed[0].metadata == {"width": 45}
    assert isinstance(seen.source, Missing)
    assert capture.see(None, {"text/plain": "x"}, {}) is None
