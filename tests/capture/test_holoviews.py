"""HoloViews: the picture, document or figure behind each backend's display; the kind stays HoloViews'."""

from __future__ import annotations

import json
import warnings

import pytest

with warnings.catch_warnings():  # its own imports of older names
    warnings.simplefilter("ignore")
    import holoviews as hv
    import holoviews.plotting.bokeh
    import holoviews.plotting.mpl
    import holoviews.plotting.plotly

import pickle

from gofigr_jupyter.capture import holoviews as capture
from gofigr_jupyter.capture import libraries, renditions
from gofigr_jupyter.records import Capture, Missing, Source

pytestmark = pytest.mark.filterwarnings("ignore")  # the library's own, of three backends


def curve():
    return hv.Curve([1, 3, 2], label="Walk")


def shown(obj, backend):
    """The bundle that the display hook makes, without a notebook around it."""
    hv.Store.set_current_backend(backend)
    return hv.Store.renderers[backend].components(obj)


def test_elements_are_known_by_their_class():
    for obj in (curve(), curve() * curve(), curve() + curve(), hv.HoloMap({1: curve()})):
        assert libraries.of_object(obj).kind == "holoviews"


def test_drawn_by_matplotlib_the_picture_is_the_one_in_the_html():
    obj = curve()
    data, metadata = shown(obj, "matplotlib")
    seen = capture.see(obj, data, metadata)
    assert (seen.kind, seen.title) == ("holoviews", "Walk")
    assert [one.mime_type for one in seen.displayed] == ["image/png"]
    assert seen.displayed[0].data.startswith(b"\x89PNG")
    assert seen.reference() is obj
    assert isinstance(seen.source, Source)
    assert type(pickle.loads(seen.source.data)["figure"]).__name__ == "Figure"  # noqa: S301 - made here


def test_drawn_by_bokeh_the_source_is_the_document():
    hv.Store.set_current_backend("bokeh")
    obj = curve().opts(title="Steps")
    seen = capture.see(obj, *shown(obj, "bokeh"))
    assert (seen.kind, seen.title, seen.displayed, seen.source.format) == ("holoviews", "Steps", (), "bokeh")
    assert json.loads(seen.source.data)["roots"]


@pytest.mark.parametrize("backend", ["bokeh", "matplotlib"])
def test_a_map_is_not_called_by_the_place_of_its_slider(backend):
    for label, title in (("", None), ("Walk", "Walk")):
        obj = hv.HoloMap({n: hv.Curve([n, 1], label=label) for n in range(2)}, kdims="year")
        assert capture.see(obj, *shown(obj, backend)).title == title


def test_drawn_by_plotly_the_source_is_the_figure():
    obj = curve()
    seen = capture.see(obj, *shown(obj, "plotly"))
    assert (seen.kind, seen.title, seen.source.format) == ("holoviews", "Walk", "plotly")
    assert [trace["type"] for trace in json.loads(seen.source.data)["data"]] == ["scatter"]


def test_the_same_element_gives_the_same_bytes_at_each_run():
    first, second = (capture.see(obj, *shown(obj, "bokeh")).source.data for obj in (curve(), curve()))
    assert first == second


def test_texts_and_errors_are_no_figures():
    assert capture.see(curve(), {"text/plain": ":Curve   [x]   (y)"}, {}) is None
    assert capture.see(curve(), {"text/html": "<details>error</details>"}, {}) is None
    assert capture.see(curve(), {"text/html": "<img src='data:image/png;base64,A'>"}, {}) is None


@pytest.mark.parametrize(
    ("backend", "forms"), [("matplotlib", "svg pdf"), ("bokeh", "html json"), ("plotly", "html json")]
)
def test_further_forms_are_those_of_the_backend(backend, forms):
    obj = curve()
    seen = capture.see(obj, *shown(obj, backend))
    wanted = renditions.plan(Capture(seen.kind, None, seen.displayed, seen.source), ("svg", "pdf", "html", "json"))
    assert [item.format for item in wanted if item.role == "picture" and item.format != "png"] == forms.split()
    for made in capture.render(seen.source, forms.split()):
        assert not isinstance(made.data, Missing), made


@pytest.mark.parametrize("backend", ["matplotlib", "bokeh", "plotly"])
def test_given_to_publish_an_element_is_drawn_by_its_backend(backend):
    hv.Store.set_current_backend(backend)
    seen = capture.asked(curve())
    assert seen.title == "Walk"
    assert bool(seen.displayed) == (backend == "matplotlib")
    assert isinstance(seen.source, Source)


def test_a_source_that_no_library_draws_is_missing():
    (made,) = capture.render(Source("else", b""), ["html"])
    assert isinstance(made.data, Missing)
