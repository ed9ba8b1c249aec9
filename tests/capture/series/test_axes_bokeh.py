"""Axes of bokeh's plots: given ranges, scales, further ranges beside them, colour bars, bars."""

from __future__ import annotations

import datetime

import pytest

from tests.capture.series import shelf
from tests.capture.series.shelf import limits, span

bokeh = pytest.importorskip("bokeh")


def axes_of(model):
    import bokeh.embed.notebook  # as show() loads it

    from gofigr_jupyter.capture import bokeh as capture

    assert bokeh.embed.notebook
    return shelf.axes_of(capture.source(capture.document_of(model)))


def figure(**options):
    from bokeh.plotting import figure as make

    return make(**options)


def test_given_ranges_labels_and_values():
    plot = figure(title="Springs", x_axis_label="Length [mm]", y_axis_label="Force (N)", x_range=(0, 10))
    plot.line([1, 2], [3.5, 4])
    found = axes_of(plot)
    assert list(found) == ["x", "y"]
    assert (found["x"].panel, found["x"].label, found["x"].unit) == ("Springs", "Length", "mm")
    assert limits(found["x"]) == ("linear", 0, 10, False)
    assert limits(found["y"]) == ("linear", None, None, False), "BokehJS works it out"
    assert span(found["y"]) == (3.5, 4)


def test_logarithms_and_inverted_axes():
    plot = figure(x_axis_type="log", y_range=(5, 0), x_range=(0.1, 100))
    plot.scatter([1, 10], [1, 2])
    found = axes_of(plot)
    assert limits(found["x"]) == ("log", 0.1, 100, False)
    assert limits(found["y"]) == ("linear", 0, 5, True)
    flipped = figure()
    flipped.scatter([1], [2])
    flipped.y_range.flipped = True
    assert axes_of(flipped)["y"].is_inverted


def test_times_and_categories():
    first, second, third, last = (datetime.datetime(2020, 1, day) for day in (1, 2, 3, 31))  # noqa: DTZ001
    plot = figure(x_axis_type="datetime", x_range=(first, last))
    plot.line([second, third], [1, 2])
    found = axes_of(plot)["x"]
    assert limits(found) == ("time", "2020-01-01T00:00:00", "2020-01-31T00:00:00", False)
    assert span(found) == ("2020-01-02T00:00:00", "2020-01-03T00:00:00")
    words = figure(x_range=["a", "b"])
    words.vbar(x=["a", "b"], top=[1, 2])
    assert limits(axes_of(words)["x"]) == ("category", None, None, False)


def test_bars_that_are_cut_off():
    cut = figure(x_range=["a", "b"], y_range=(90, 100))
    cut.vbar(x=["a", "b"], top=[95, 98], width=0.5)
    found = axes_of(cut)
    assert found["y"].is_truncated
    assert not found["x"].bars
    assert span(found["y"]) == (95, 98)
    flat = figure(y_range=["a", "b"], x_range=(90, 100))
    flat.hbar(y=["a", "b"], right=[95, 98], height=0.5)
    assert {name: one.is_truncated for name, one in axes_of(flat).items()} == {"x": True, "y": False}
    counted = figure()
    counted.quad(left=[0, 1], right=[1, 2], bottom=0, top=[5, 6])
    assert {name: one.bars for name, one in axes_of(counted).items()} == {"x": False, "y": True}
    stacked = figure()
    stacked.vbar_stack(["p", "q"], x="x", source={"x": [1, 2], "p": [3, 4], "q": [5, 6]})
    assert axes_of(stacked)["y"].bars
    floating = figure()
    floating.quad(left=[0, 1], right=[1, 2], bottom=[3, 4], top=[5, 6])
    assert not axes_of(floating)["y"].bars


def test_further_ranges_are_second_scales():
    from bokeh.models import LinearAxis, Range1d

    plot = figure(y_axis_label="Rain (mm)", y_range=(0, 5))
    plot.line([1, 2], [3, 4])
    plot.extra_y_ranges = {"sun": Range1d(start=0, end=24)}
    plot.add_layout(LinearAxis(y_range_name="sun", axis_label="Sun (h)"), "right")
    plot.line([0, 5], [6, 8], y_range_name="sun")
    found = axes_of(plot)
    assert list(found) == ["x", "y", "y twin"]
    assert (found["y twin"].label, limits(found["y twin"])) == ("Sun", ("linear", 0, 24, False))
    assert (span(found["y"]), span(found["y twin"]), span(found["x"])) == ((3, 4), (6, 8), (0, 5))


def test_values_on_a_second_scale_bear_its_label():
    from bokeh.models import LinearAxis, Range1d

    plot = figure(y_axis_label="Rain (mm)")
    plot.line("x", "rain", source={"x": [1, 2], "rain": [3, 4]})
    plot.extra_y_ranges = {"sun": Range1d(start=0, end=24)}
    plot.add_layout(LinearAxis(y_range_name="sun", axis_label="Sun (h)"), "right")
    plot.line("x", "sun", source={"x": [1, 2], "sun": [6, 8]}, y_range_name="sun")
    from gofigr_jupyter.capture import bokeh as capture

    made = shelf.opened(capture.source(capture.document_of(plot)))
    told = {name: shelf.facts(one, name)[:2] for one in made.values() for name in one.column_names if name != "x"}
    assert told == {"rain": ("Rain", "mm"), "sun": ("Sun", "h")}


def test_colour_bars():
    from bokeh.models import ColorBar, LinearColorMapper

    plot = figure()
    mapper = LinearColorMapper(palette="Viridis256", low=0, high=20)
    data = {"x": [1, 2], "y": [3, 4], "heat": [5, 9]}
    plot.scatter("x", "y", source=data, color={"field": "heat", "transform": mapper})
    plot.add_layout(ColorBar(color_mapper=mapper, title="Heat (K)"), "right")
    found = axes_of(plot)["colour"]
    assert (found.label, found.unit, limits(found), span(found)) == ("Heat", "K", ("linear", 0, 20, False), (5, 9))


def test_several_plots():
    from bokeh.layouts import row

    left, right = figure(title="L"), figure(title="R", y_axis_type="log")
    left.line([1], [2])
    right.line([3], [4])
    found = axes_of(row(left, right))
    assert list(found) == ["x", "y", "1 x", "1 y"]
    assert (found["1 y"].panel, found["1 y"].scale) == ("R", "log")


def test_documents_of_any_shape_are_survived():
    from gofigr_jupyter.capture.series.axes import Found
    from gofigr_jupyter.capture.series.bokeh import series_of

    glyph = {"id": "3", "name": "VBar"}
    renderer = {"id": "2", "name": "GlyphRenderer", "attributes": {"data_source": 1, "glyph": glyph}}
    attributes = {
        "renderers": [renderer, None],
        "left": [{"id": "4", "name": "LinearAxis", "attributes": {"axis_label": 3}}, 7],
        "y_range": 3,
        "extra_y_ranges": [],
        "right": [{"id": "5", "name": "ColorBar", "attributes": {"color_mapper": 3}}],
    }
    found = Found()
    list(series_of({"roots": [{"id": "1", "name": "Figure", "attributes": attributes}]}, [], found))
    assert [one.direction for one in found.axes.values()] == ["y"]
