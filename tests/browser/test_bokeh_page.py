"""Offline pages of bokeh, HoloViews and py3Dmol: drawn with the network cut, asking for nothing, as the server shows them."""

from __future__ import annotations

import json
import struct
import warnings

import pytest
from bokeh.layouts import row
from bokeh.models import Slider
from bokeh.plotting import figure

from gofigr_jupyter.capture import bokeh, bokeh_page, chrome, py3dmol
from gofigr_jupyter.capture.mime import WIDGET_VIEW
from gofigr_jupyter.records import Missing
from gofigr_jupyter.server.routes.files import SANDBOX

pytestmark = pytest.mark.browser
DRAWN = "window.Bokeh && Bokeh.documents.length && Bokeh.documents.every((doc) => doc.is_idle)"


def plot(title="Walk", **options):
    made = figure(title=title, width=300, height=200, **options)
    made.line([1, 2, 3], [2, 1, 3])
    return made


def curve():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import holoviews as hv
        import holoviews.plotting.bokeh

        from gofigr_jupyter.capture import holoviews as capture

        hv.Store.set_current_backend("bokeh")
        obj = hv.Curve([1, 3, 2])
        return capture.see(obj, *hv.Store.renderers["bokeh"].components(obj)).source.data


def views():
    """Panel's view of two libraries that bring scripts of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import panel
        import plotly.graph_objects

        bars = plotly.graph_objects.Figure(plotly.graph_objects.Bar(y=[1, 2]))
        chart = {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "data": {"values": [{"a": 1}, {"a": 2}]},
            "mark": "point",
            "encoding": {"x": {"field": "a", "type": "quantitative"}},
        }
        view = panel.Row(panel.pane.Plotly(bars), panel.pane.Vega(chart))
        return bokeh.document_of(view.get_root())


PAGES = {
    "plot": lambda: bokeh.document_of(plot("</script> & <b>co</b>")),
    "maths": lambda: bokeh.document_of(plot("$$x^2$$")),
    "widgets": lambda: bokeh.document_of(row(plot(), Slider(start=0, end=1, value=0.5, title="a"))),
    "holoviews": curve,
    "panel": views,
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_draws_offline_in_the_servers_sandbox(page, tmp_path, name):
    made = bokeh_page.page(json.loads(PAGES[name]()))
    assert isinstance(made, bytes)
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": SANDBOX}
    page.route("http://figure.test/", lambda route: route.fulfill(body=made, headers=headers))
    page.goto("http://figure.test/")
    page.context.set_offline(True)
    page.wait_for_function(DRAWN)
    if name == "panel":
        page.wait_for_selector(".js-plotly-plot .bars path, .plotly .bars path")
        page.wait_for_selector(".vega-embed svg.marks, .vega-embed canvas")
    drawn = page.evaluate("document.querySelector('#figure > * > *').getBoundingClientRect().height")
    assert drawn > 100
    assert [url for url in asked if not url.startswith(("http://figure.test/", "data:", "blob:"))] == []
    assert errors == []


def test_a_picture_is_taken_of_it(chromium, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", chromium)
    made = bokeh_page.picture(json.loads(bokeh.document_of(plot())))
    assert not isinstance(made, Missing), made
    assert made.startswith(b"\x89PNG")
    assert struct.unpack(">II", made[16:24]) == (300, 200)


def test_a_page_that_draws_nothing_is_a_reason_and_the_browser_stays_well(chromium, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", chromium)
    monkeypatch.setattr(chrome, "_DRAW_TIMEOUT", 0.5)
    empty = chrome.picture(b"<html><head></head><body></body></html>", ready="false", place="canvas")
    assert isinstance(empty, Missing)
    assert "not drawn in time" in empty.reason
    page = b"<html><head></head><body><canvas width=70 height=50></canvas></body></html>"
    made = chrome.picture(page, ready="true", place="canvas")
    assert isinstance(made, bytes)
    assert struct.unpack(">II", made[16:24]) == (70, 50)


def test_a_molecule_draws_with_the_script_that_a_package_brings(page, tmp_path, monkeypatch):
    library = (
        "var $3Dmol = {createViewer: (element) => { element.append(document.createElement('canvas'));"
        " return new Proxy({}, {get: () => () => {}}); }};"
    )
    monkeypatch.setattr(py3dmol, "_script", lambda: library)
    import py3Dmol

    made = py3dmol.page((py3Dmol.view().startjs + py3Dmol.view().endjs).replace("UNIQUEID", "0"))
    assert isinstance(made, bytes)
    path = tmp_path / "molecule.html"
    path.write_bytes(made)
    asked = []
    page.context.set_offline(True)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector("[id^='3dmolviewer_'] canvas", state="attached")
    assert [url for url in asked if not url.startswith("file:")] == []


def test_a_scene_of_pyvista_draws_offline_in_the_servers_sandbox(page):
    pytest.importorskip("trame_pyvista")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyvista

        from gofigr_jupyter.capture import pyvista as capture

        plotter = pyvista.Plotter(off_screen=True, notebook=True, window_size=[200, 150])
        plotter.add_mesh(pyvista.Cube())
        widget = plotter.show(jupyter_backend="html", return_viewer=True)
        seen = capture.see(widget, {WIDGET_VIEW: {"model_id": widget.model_id}}, {})
        plotter.close()
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": SANDBOX}
    page.route("http://figure.test/", lambda route: route.fulfill(body=seen.source.data, headers=headers))
    page.goto("http://figure.test/")
    page.context.set_offline(True)
    page.wait_for_selector("canvas", state="attached")
