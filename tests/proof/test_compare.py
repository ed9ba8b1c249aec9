"""What was shown against what is shown now, for each form of picture."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from gofigr_jupyter.proof import canonical
from gofigr_jupyter.proof.compare import Likeness, Stored, compare, compared, worst
from tests.proof.test_measure import plot

PLOTLY = "application/vnd.plotly.v1+json"
VEGA = "application/vnd.vegalite.v5+json"


def png(image: Image.Image, text: str = "") -> bytes:
    stream, info = io.BytesIO(), PngImagePlugin.PngInfo()
    if text:
        info.add_text("Software", text)
    image.save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


def likeness(kind: str, one: bytes, other: bytes) -> Likeness:
    return compared(Stored(kind, one), other).likeness


def test_bytes_then_pixels() -> None:
    first = png(plot())
    found = compared(Stored("image/png", first), first)
    assert (found.likeness, found.how) == (Likeness.IDENTICAL, "identical bytes")
    found = compared(Stored("image/png", first), png(plot(), "another version"))
    assert (found.likeness, found.how) == (Likeness.IDENTICAL, "identical pixels")


def test_a_difference_is_told_in_words_and_marked() -> None:
    found = compared(Stored("image/png", png(plot())), png(plot(marker=(200, 200))))
    assert found.likeness is Likeness.DIFFERS
    assert "in 1 place" in found.how
    assert found.picture is not None
    assert found.picture.startswith(b"\x89PNG")


def test_another_size_is_told() -> None:
    found = compared(Stored("image/png", png(plot())), png(plot(size=(641, 480))))
    assert found.how == "640 × 480 pixels, 641 × 480 now"
    assert found.likeness is Likeness.DIFFERS


def test_the_nearest_of_several_counts_and_the_worst_form_decides() -> None:
    stored = [Stored("image/png", png(plot())), Stored("image/svg+xml", b"<svg/>")]
    shown = [
        {"image/png": png(plot(marker=(100, 100)))},
        {"image/png": png(plot(), "same"), "image/svg+xml": b"<svg><g/></svg>"},
        {"image/png": png(plot(size=(100, 100)))},
    ]
    found = compare(stored, shown)
    assert [one.likeness for one in found] == [Likeness.IDENTICAL, Likeness.DIFFERS]
    assert worst(found).mime_type == "image/svg+xml"
    assert compare(stored, [{"text/html": b"x"}]) == ()


def test_damaged_and_enormous_pictures_are_no_error() -> None:
    found = compared(Stored("image/png", png(plot())), b"\x89PNG\r\n\x1a\nrubbish")
    assert found.likeness is Likeness.DIFFERS
    assert "cannot be compared" in found.how
    bomb = png(Image.new("1", (8000, 8000)))
    assert "pixels" in compared(Stored("image/png", bomb), png(plot())).how


def test_all_frames_of_an_animation_count() -> None:
    def gif(*levels: int) -> bytes:
        stream = io.BytesIO()
        first, *rest = [Image.new("L", (20, 20), level) for level in levels]
        first.save(stream, "GIF", save_all=True, append_images=rest, duration=100, optimize=False)
        return stream.getvalue()

    assert likeness("image/gif", gif(0, 100, 200), gif(0, 100, 200)) is Likeness.IDENTICAL
    assert likeness("image/gif", gif(0, 100, 200), gif(0, 100, 90)) is Likeness.DIFFERS
    assert likeness("image/gif", gif(0, 100), gif(0, 100, 200)) is Likeness.DIFFERS


def test_an_svg_without_its_date_and_its_drawn_ids() -> None:
    def svg(date: str, name: str, path: str) -> bytes:
        return (
            f'<?xml version="1.0"?><svg><metadata><dc:date>{date}</dc:date></metadata><defs><path id="{name}" d="{path}"/>'
            f'<clipPath id="p{name}"/></defs><use xlink:href="#{name}"/><g clip-path="url(#p{name})"/></svg>'
        ).encode()

    one = svg("2026-11-21", "m3f2b", "M 0 0")
    assert likeness("image/svg+xml", one, svg("2026-11-22", "mab12", "M 0 0")) is Likeness.IDENTICAL
    assert likeness("image/svg+xml", one, svg("2026-11-21", "m3f2b", "M 0 1")) is Likeness.DIFFERS


def test_a_pdf_without_its_dates() -> None:
    one = b"%PDF-1.4 /CreationDate (D:20261121) stream"
    assert likeness("application/pdf", one, one.replace(b"1121", b"1122")) is Likeness.IDENTICAL
    assert likeness("application/pdf", one, one.replace(b"stream", b"steam")) is Likeness.DIFFERS


def test_plotly_by_its_data_and_layout() -> None:
    def figure(y: list[float], **more: object) -> bytes:
        return json.dumps({"data": [{"type": "bar", "y": y, **more}], "layout": {"title": {"text": "t"}}}).encode()

    def told(config: str) -> bytes:
        return json.dumps(json.loads(figure([1, 2], uid="a")) | {"config": {"plotlyServerURL": config}}).encode()

    one = figure([1, 2], uid="a")
    assert compared(Stored(PLOTLY, one), figure([1, 2], uid="b")).how == "identical data"
    assert compared(Stored(PLOTLY, one), told("elsewhere")).how == "identical data"
    found = compared(Stored(PLOTLY, one), figure([1, 3], uid="a"))
    assert (found.likeness, found.places) == (Likeness.DIFFERS, ("data[0].y[1]",))
    assert likeness(PLOTLY, figure([0.1 + 0.2]), figure([0.3])) is Likeness.SIMILAR
    assert likeness(PLOTLY, figure([0.3]), figure([0.3, 1])) is Likeness.DIFFERS


def test_vega_counts_its_views_anew() -> None:
    def chart(number: int, value: int) -> bytes:
        return json.dumps({"name": f"view_{number}", "mark": "bar", "datasets": {"data-1": [{"a": value}]}}).encode()

    assert likeness(VEGA, chart(1, 5), chart(7, 5)) is Likeness.IDENTICAL
    assert likeness(VEGA, chart(1, 5), chart(1, 6)) is Likeness.DIFFERS


def test_a_page_with_ids_drawn_anew() -> None:
    page = '<div id="{0}"></div><script>draw({{"root": "{1}", "y": [{2}]}})</script>'
    ids = "3f2b8a52-0000-4000-8000-000000000001", "9c2b8a52-1111-4000-8000-000000000009"
    one = page.format(ids[0], "p1001", 5).encode()
    assert likeness("text/html", one, page.format(ids[1], "p2002", 5).encode()) is Likeness.IDENTICAL
    assert likeness("text/html", one, page.format(ids[0], "p1001", 6).encode()) is Likeness.DIFFERS


@pytest.mark.parametrize("kind", [PLOTLY, VEGA])
def test_what_is_no_json_is_no_error(kind: str) -> None:
    assert likeness(kind, b"{}", b"{") is Likeness.DIFFERS
    assert likeness(kind, b"[" * 100_000, b"{}") is Likeness.DIFFERS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


@given(JSON)
def test_any_value_equals_itself(value: object) -> None:
    assert canonical.differences(value, json.loads(json.dumps(value))) == ([], 0)


@given(JSON, JSON)
def test_values_that_differ_are_told(one: object, other: object) -> None:
    places, rounded = canonical.differences(one, other)
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert same <= (not places and not rounded)
    if places:
        assert not same
