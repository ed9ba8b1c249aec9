"""plotly figures: their title and JSON from objects, bundles and HTML; pages and pictures of them."""

from __future__ import annotations

import json
import re

import plotly.graph_objects as go
import plotly.io as pio
import pytest

from gofigr_jupyter.capture import plotly as capture
from gofigr_jupyter.capture.mime import PLOTLY_MIME
from gofigr_jupyter.records import Missing, Rendition, Source


def walk() -> go.Figure:
    figure = go.Figure(go.Scatter(x=[1, 2, 3], y=[2, 1, 3], text=["</script>", "<!--", "ok"]))
    return figure.update_layout(title="<b>Steps</b><br>of a walk &amp; more")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<b>Rain</b> in <i>May</i>", "Rain in May"),
        ("one<br>two<BR/>three", "one two three"),
        ("a < b and c > d", "a < b and c > d"),
        ("5 &lt; 6", "5 < 6"),
        ("<span style='color:red'>", None),
    ],
)
def test_titles_lose_their_markup(text, line):
    assert capture.title(go.Figure(layout={"title": {"text": text}})) == line
    assert capture.title({"data": [], "layout": {"title": text}}) == line


@pytest.mark.parametrize("figure", [go.Figure(), {}, {"layout": None}, {"layout": {"title": 3}}, None, 7])
def test_no_title_is_none(figure):
    assert capture.title(figure) is None


def test_the_source_is_the_same_figure_again():
    figure = walk()
    for given in (figure, json.loads(figure.to_json()), figure.to_json().encode()):
        source = capture.source(given)
        assert isinstance(source, Source)
        assert pio.from_json(source.data.decode()) == figure
    assert isinstance(capture.source({"data": [object()]}), Missing)


def test_a_bundle_holds_the_figure():
    bundle = {
        PLOTLY_MIME: {"data": [], "layout": {"title": {"text": "T"}}, "config": {"x": 1}},
        "text/html": "<p>",
    }
    assert capture.from_bundle(bundle) == bundle[PLOTLY_MIME]
    assert capture.from_bundle({PLOTLY_MIME: json.dumps(bundle[PLOTLY_MIME])}) == bundle[PLOTLY_MIME]
    assert capture.from_bundle({"text/html": "<table>", "image/png": b"x"}) is None
    assert capture.from_bundle({PLOTLY_MIME: "broken"}) is None


@pytest.mark.parametrize("include", [False, True])
@pytest.mark.parametrize("full", [False, True])
def test_html_outputs_hold_the_figure(include, full):
    figure = walk()
    figure.frames = [go.Frame(data=[go.Scatter(y=[1, 2, 3])], name="f")]
    page = pio.to_html(figure, include_plotlyjs=include, full_html=full, config={"scrollZoom": True})
    found = capture.from_bundle({"text/html": page})
    assert found is not None
    assert capture.title(found) == "Steps of a walk & more"
    assert found["config"]["scrollZoom"] is True
    assert found["frames"][0]["name"] == "f"
    assert go.Figure(data=found["data"], layout=found["layout"]) == go.Figure(walk().to_dict())


@pytest.mark.parametrize("page", ["", "Plotly.newPlot(", "Plotly.newPlot('a', [", "Plotly.newPlot('a', 3, {})"])
def test_html_that_only_looks_like_plotly_is_none(page):
    assert capture.from_html(page) is None


def made(figure: go.Figure, *formats: str) -> list[Rendition]:
    source = capture.source(figure)
    assert isinstance(source, Source)
    return list(capture.render(source, formats))


def test_pages_share_their_beginning_and_name_no_network():
    first, second = made(walk(), "html")[0].data, made(go.Figure(go.Bar(y=[1])), "html")[0].data
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    start = first.rindex(b'<script type="application/json"')
    assert first[:start] == second[:start]
    tail = first[start:].decode()
    assert tail.count("</script>") == 1  # the figure's own text cannot end the element
    assert "<!--" not in tail
    assert not re.search(rb"<(script|link|img)[^>]+(src|href)=", first)


def test_json_is_clean():
    data = made(walk(), "json")[0].data
    assert isinstance(data, bytes)
    assert pio.from_json(data.decode()) == walk()
    assert "config" not in json.loads(capture.clean_json({"data": [], "config": {"a": 1}}))


def test_what_is_no_figure_is_missing_in_every_format():
    for data in (b"", b"[]", b"\xff", b"{}", b"[" * 100_000):
        renditions = list(capture.render(Source("plotly", data), ["html", "json"]))
        assert [item.format for item in renditions] == ["html", "json"]
        assert all(isinstance(item.data, Missing) for item in renditions)


def test_without_kaleido_the_picture_is_missing_with_advice(monkeypatch):
    monkeypatch.setattr(capture, "_studio", _no_kaleido)
    picture = made(walk(), "png")[0].data
    assert isinstance(picture, Missing)
    assert "pip install" in picture.reason


def _no_kaleido():
    raise ImportError("No module named 'kaleido'")
