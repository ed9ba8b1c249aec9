"""Bundles of Jupyter messages become the bytes that the front end got."""

from __future__ import annotations

import base64
import json

import pytest

from gofigr_jupyter.capture import mime
from gofigr_jupyter.records import Displayed

PNG = b"\x89PNG\r\n\x1a\n and more"


@pytest.mark.parametrize("value", [PNG, base64.b64encode(PNG).decode(), base64.encodebytes(PNG).decode()])
def test_a_png_is_found_as_bytes_and_as_base64(value):
    bundle = {"text/plain": "<Figure>", "image/png": value}
    assert mime.displayed(bundle) == (Displayed("image/png", PNG),)


def test_svg_is_text_and_keeps_every_byte():
    svg = "<svg>\n  <text>Größe – 温度</text>\r\n</svg>\n"
    assert mime.displayed({"image/svg+xml": svg})[0].data == svg.encode()


def test_lines_as_notebooks_keep_them_are_joined():
    encoded = base64.b64encode(PNG).decode()
    assert mime.displayed({"image/png": [encoded[:8], encoded[8:]]})[0].data == PNG


def test_specifications_stay_json_and_never_hold_nan():
    plotly = {"data": [{"y": [1.0, float("nan"), float("inf")]}], "layout": {}}
    found = mime.displayed({mime.PLOTLY_MIME: plotly, "application/vnd.vegalite.v5+json": {"mark": "bar"}})
    assert [json.loads(item.data) for item in found] == [
        {"data": [{"y": [1.0, None, None]}], "layout": {}},
        {"mark": "bar"},
    ]


def test_the_order_of_the_bundle_is_kept():
    found = mime.displayed({"application/pdf": PNG, "image/svg+xml": "<svg/>", "image/png": PNG})
    assert [item.mime_type for item in found] == ["application/pdf", "image/svg+xml", "image/png"]


@pytest.mark.parametrize("value", [None, 3, "not base64!", "a", object()])
def test_what_is_no_picture_is_left_out(value):
    assert mime.displayed({"image/png": value}) == ()


def test_text_and_html_are_no_pictures():
    assert mime.displayed({"text/html": "<img>", "text/plain": "x", "application/json": {}}) == ()
    assert not mime.has_picture({"text/html": "<img>"})
    assert mime.has_picture({"image/svg+xml": ""})


def test_metadata_of_the_mime_type_wins_over_the_common_entries():
    metadata = {
        "image/png": {"width": 320, "dim": 2},
        "image/jpeg": {"width": 1},
        "dim": 1,
        "needs_background": "light",
    }
    found = mime.displayed({"image/png": PNG}, metadata)
    assert found[0].metadata == {"width": 320, "dim": 2, "needs_background": "light"}


def test_formats_have_the_names_of_the_wire():
    assert mime.format_of("image/jpeg") == "jpeg"
    assert mime.format_of(mime.PLOTLY_MIME) == "json"
    assert mime.format_of("text/html") is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Rain\n in\tMay ", "Rain in May"),
        ("", None),
        (" \n", None),
        (None, None),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("Größe 温度 😀", "Größe 温度 😀"),
    ],
)
def test_titles_are_one_line(text, line):
    assert mime.one_line(text) == line


def test_long_titles_are_cut():
    cut = mime.one_line("word " * 100)
    assert cut is not None
    assert len(cut) <= 200
    assert cut.endswith("…")
