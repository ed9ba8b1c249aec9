"""Vega and Vega-Lite: specifications from charts, bundles and pages; offline pages and pictures of them."""

from __future__ import annotations

import json
import re

import altair as alt
import pandas as pd
import pytest

from gofigr_jupyter.capture import libraries, vega_drawing
from gofigr_jupyter.capture import vega as capture
from gofigr_jupyter.records import Missing, Rendition, Source

LITE = "https://vega.github.io/schema/vega-lite/v6.1.0.json"
BARS = {"$schema": LITE, "data": {"values": [{"a": 1}, {"a": 3}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
RECTANGLE = {
    "$schema": "https://vega.github.io/schema/vega/v6.json",
    "width": 80,
    "height": 60,
    "marks": [{"type": "rect", "encode": {"enter": {"width": {"value": 40}, "height": {"value": 30}}}}],
}


def chart(title: object = "Two bars") -> alt.Chart:
    data = pd.DataFrame({"a": [1, 3], "text": ["</script>", "})({ <!--"]})
    return alt.Chart(data, title=title).mark_bar().encode(x="a:Q", y="text:N")


def shown(obj: object, renderer: str, **options: object) -> tuple[dict, dict]:
    with alt.renderers.enable(renderer, **options):
        bundle = obj._repr_mimebundle_()
    return bundle if isinstance(bundle, tuple) else (bundle, {})


@pytest.fixture(autouse=True)
def _renderer():
    before = alt.renderers.active
    yield
    alt.renderers.enable(before)


@pytest.mark.parametrize("renderer", ["default", "mimetype", "colab", "png", "svg", "jupyterlab"])
def test_each_renderer_gives_the_same_specification(renderer):
    made = chart()
    data, metadata = shown(made, renderer)
    seen = capture.see(made, data, metadata)
    assert seen is not None
    assert (seen.kind, seen.title) == ("vega", "Two bars")
    assert seen.source == Source("vega-lite", seen.source.data)
    assert json.loads(seen.source.data) == made.to_dict()
    assert seen.reference() is made
    assert len(seen.displayed) == 1
    if "text/html" in data:
        assert seen.displayed[0].data == data["text/html"].encode()


@pytest.mark.parametrize("template", ["standard", "universal", "inline"])
def test_pages_hold_the_specification_and_its_options(template):
    page = chart().to_html(template=template, embed_options={"actions": False, "theme": "dark"})
    spec, source = capture.from_html(page)
    assert spec["usermeta"]["embedOptions"] == {"actions": False, "theme": "dark"}
    assert json.loads(source.data) == spec
    assert {k: v for k, v in spec.items() if k != "usermeta"} == chart().to_dict()


def test_a_bundle_without_object_is_enough():
    bundle = {"application/vnd.vegalite.v6+json": {"mark": "bar", "encoding": {}}, "text/plain": "x"}
    seen = capture.see(None, bundle, {"application/vnd.vegalite.v6+json": {"embed_options": {"theme": "dark"}}})
    spec = json.loads(seen.source.data)
    assert spec["$schema"].endswith("vega-lite/v6.json")
    assert spec["usermeta"] == {"embedOptions": {"theme": "dark"}}
    assert [item.mime_type for item in seen.displayed] == list(bundle)[:1]
    assert capture.see(None, {"application/vnd.vega.v5+json": RECTANGLE}, {}).source.format == "vega"


@pytest.mark.parametrize(
    "data",
    [
        {"text/plain": "alt.Chart(...)"},
        {"text/html": "vegaEmbed('#vis', spec)"},
        {"text/html": "<script>(function(spec){})({\"x\": 1}, {})</script> vega"},
        {"application/vnd.vegalite.v6+json": "broken"},
        {"application/vnd.vegalite.v6+json": 7},
        {"application/vnd.vegalite+json": BARS},
    ],
)
def test_what_shows_no_chart_is_none(data):
    assert capture.see(None, data, {}) is None
    assert capture.see(chart(), data, {}) is None


def test_displayed_bytes_are_not_written_twice():
    data, metadata = shown(chart(), "mimetype")
    seen = capture.see(None, data, metadata)
    assert seen.source.data is seen.displayed[0].data


@pytest.mark.parametrize(
    ("spec", "title"),
    [
        ({"title": "One"}, "One"),
        ({"title": ["Two", "lines"]}, "Two lines"),
        ({"title": {"text": ["In", "a dict"], "subtitle": "no"}}, "In a dict"),
        ({"title": {"expr": "1"}}, None),
        ({"hconcat": [{"title": "A"}, {"layer": [{"title": "B"}]}]}, "A · B"),
        ({"spec": {"title": "Inner"}, "facet": {}}, "Inner"),
        ({"hconcat": [{"title": text} for text in "ABCD"]}, None),
        ({"layer": 3, "title": 4, "spec": []}, None),
    ],
)
def test_titles(spec, title):
    assert capture.title(spec) == title


def test_a_widget_stands_for_its_chart():
    made = chart()
    widget = alt.JupyterChart(made)
    assert libraries.of_object(widget).kind == "vega"
    assert capture.figure_of(widget) is made
    seen = capture.see(widget, {"application/vnd.jupyter.widget-view+json": {}, "text/plain": ""}, {})
    assert json.loads(seen.source.data) == made.to_dict()
    assert seen.reference() is made
    widget.close()


def test_given_to_publish_it_is_its_specification():
    seen = capture.asked(chart())
    assert seen.displayed == ()
    assert json.loads(seen.source.data) == chart().to_dict()
    with pytest.raises(alt.MaxRowsError):
        capture.asked(alt.Chart(pd.DataFrame({"a": range(6000)})).mark_point().encode(x="a:Q"))


def test_a_chart_that_refuses_keeps_its_picture():
    broken = chart()
    broken.encoding.x = object()
    seen = capture.see(broken, {"image/png": "iVBORw0KGgo=", "text/plain": ""}, {})
    assert isinstance(seen.source, Missing)
    assert seen.displayed[0].mime_type == "image/png"


# ---------------------------------------------------------------- drawing


def made(spec: dict, *formats: str) -> dict[str, bytes | Missing]:
    source = Source(vega_drawing.language_of(spec), json.dumps(spec).encode())
    renditions: list[Rendition] = list(capture.render(source, formats))
    assert [item.format for item in renditions] == list(formats)
    return {item.format: item.data for item in renditions}


@pytest.mark.parametrize("spec", [BARS, RECTANGLE], ids=["vega-lite", "vega"])
def test_every_form_is_made(spec):
    data = made(spec, "png", "html", "json", "svg", "pdf")
    assert data["png"].startswith(b"\x89PNG")
    assert data["svg"].startswith(b"<svg")
    assert data["pdf"].startswith(b"%PDF")
    assert json.loads(data["json"]) == spec
    assert b"vegaEmbed" in data["html"]


def test_pages_share_their_beginning_and_name_no_network():
    first, second = (made(chart(title).to_dict(), "html")["html"] for title in ("One", "Another"))
    start = first.rindex(b'<script type="application/json"')
    assert first[:start] == second[:start]
    tail = first[start:].decode()
    assert tail.count("</script>") == 1
    assert "<!--" not in tail
    assert not re.search(rb"<(script|link)[^>]+(src|href)=", first)


def test_data_beside_the_notebook_come_along(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text("a\n1\n3\n")
    (tmp_path / "data.json").write_text('[{"a": 1}]')
    for name, kind in (("data.csv", "csv"), ("data.json", "json")):
        spec = {**BARS, "data": {"url": name}}
        data = made(spec, "json", "png")
        assert json.loads(data["json"])["data"]["format"] == {"type": kind}
        assert isinstance(data["png"], bytes)
        assert data["png"] != made({**BARS, "data": {"values": []}}, "png")["png"]


@pytest.mark.parametrize(
    "url", ["https://example.org/cars.json", "../outside.json", "/etc/hostname", "gone.csv", "file:///etc/passwd"]
)
def test_data_from_elsewhere_are_not_fetched(url, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "outside.json").write_text("[]")
    monkeypatch.chdir(tmp_path / "here")
    data = made({**BARS, "data": {"url": url}}, "png", "html", "json")
    assert url in data["png"].reason
    assert url in data["html"].reason
    assert json.loads(data["json"])["data"] == {"url": url}


def test_old_generations_are_missing_with_the_reason():
    data = made({**BARS, "$schema": "https://vega.github.io/schema/vega-lite/v2.json"}, "png", "json")
    assert "Vega-Lite 2" in data["png"].reason
    assert isinstance(data["json"], bytes)


def test_without_vl_convert_the_reason_says_what_to_install(monkeypatch):
    def gone():
        raise ImportError("No module named 'vl_convert'")

    monkeypatch.setattr(vega_drawing, "_converter", gone)
    vega_drawing._script.cache_clear()
    data = made(BARS, "png", "html", "json")
    assert "pip install" in data["png"].reason
    assert "pip install" in data["html"].reason
    assert isinstance(data["json"], bytes)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_specification_is_missing_in_every_format(data):
    renditions = list(capture.render(Source("vega-lite", data), ["html", "png"]))
    assert [item.format for item in renditions] == ["html", "png"]
    assert all(isinstance(item.data, Missing) for item in renditions)


def test_any_svg_becomes_a_picture():
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="9" height="9"/></svg>'
    assert vega_drawing.picture_of_svg(svg).startswith(b"\x89PNG")
    assert isinstance(vega_drawing.picture_of_svg(b"no svg"), Missing)
