"""PyVista plots: the picture with facts about camera and meshes; scenes of the interactive backends as pages."""

from __future__ import annotations

import json

import pytest

pyvista = pytest.importorskip("pyvista")

from gofigr_jupyter.capture import libraries  # noqa: E402 - after the look for the library
from gofigr_jupyter.capture import pyvista as capture  # noqa: E402
from gofigr_jupyter.capture.mime import WIDGET_VIEW  # noqa: E402
from gofigr_jupyter.records import Missing, Source  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # VTK's and PyVista's own
PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<PIL.Image>"}


class Widget:
    """What the `html` backend displays: a widget whose value is a frame with the whole scene in it."""

    value = '<iframe srcdoc="&lt;html&gt;&lt;canvas&gt;&quot;scene&quot;" class="pyvista"></iframe>'


@pytest.fixture(scope="module")
def plotter():
    made = pyvista.Plotter(off_screen=True, window_size=[200, 150])
    made.add_mesh(pyvista.Sphere(), name="ball")
    made.add_title("A ball")
    made.screenshot(return_img=True)
    yield made
    made.close()


def test_a_picture_comes_with_facts(plotter):
    assert libraries.of_object(plotter).kind == "pyvista"
    seen = capture.see(plotter, PICTURE, {})
    assert (seen.kind, seen.title) == ("pyvista", "A ball")
    assert [one.mime_type for one in seen.displayed] == ["image/png"]
    assert seen.reference() is plotter
    facts = json.loads(seen.source.data)
    assert facts["window"] == [200, 150]
    (scene,) = facts["scenes"]
    assert len(scene["camera"]["position"]) == 3
    ball = next(mesh for mesh in scene["meshes"] if mesh["name"] == "ball")
    assert (ball["type"], ball["points"]) == ("PolyData", pyvista.Sphere().n_points)


def test_a_name_that_is_printed_is_no_figure(plotter):
    assert capture.see(plotter, {"text/plain": "<Plotter>"}, {}) is None


def test_given_to_publish_its_picture_is_taken(plotter):
    assert capture.asked(plotter).displayed[0].data.startswith(b"\x89PNG")


def test_where_a_server_shows_the_scene_the_plotters_own_picture_serves(plotter):
    plotter.last_image = plotter.screenshot(return_img=True)
    seen = capture.see(plotter, {WIDGET_VIEW: {}, "text/plain": "EmbeddableWidget()"}, {})
    assert seen.displayed == ()
    png, facts = capture.render(seen.source, ["png", "json"])
    assert png.data.startswith(b"\x89PNG")
    assert json.loads(facts.data).keys() == {"library", "window", "scenes"}
    plotter.last_image = None
    (none,) = capture.render(capture.see(plotter, {WIDGET_VIEW: {}}, {}).source, ["png"])
    assert isinstance(none.data, Missing)


def test_a_scene_in_a_widget_is_a_page():
    seen = capture.see(Widget(), {WIDGET_VIEW: {}, "text/plain": "EmbeddableWidget()"}, {})
    assert seen.source == Source("html", b'<html><canvas>"scene"')
    page, text = capture.render(seen.source, ["html", "json"])
    assert page.data == seen.source.data
    assert isinstance(text.data, Missing)


def test_a_widget_that_a_plotter_shows_is_found_by_its_id(plotter):
    ipywidgets = pytest.importorskip("ipywidgets")
    widget = ipywidgets.HTML(Widget.value)
    seen = capture.see(plotter, {WIDGET_VIEW: {"model_id": widget.model_id}}, {})
    assert (seen.kind, seen.title, seen.source.format) == ("pyvista", "A ball", "html")
    widget.close()


def test_facts_are_json_and_no_page(plotter):
    source = capture.see(plotter, PICTURE, {}).source
    text, page = capture.render(source, ["json", "html"])
    assert json.loads(text.data)["library"] == "pyvista"
    assert isinstance(page.data, Missing)
