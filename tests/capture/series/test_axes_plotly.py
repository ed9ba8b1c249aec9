"""Axes of plotly's JSON: what was given is a fact, and what only plotly.js works out is not known."""

from __future__ import annotations

import json

import numpy as np
import plotly.express as px
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from tests.capture.series.shelf import axes_of_json, limits, span


def axes_of(figure):
    return axes_of_json("plotly", json.loads(figure.to_json()))


def shown(*traces, **layout):
    return axes_of(go.Figure(list(traces), layout))


def test_given_ranges_labels_and_values():
    found = shown(
        go.Scatter(x=[1, 2], y=np.array([3.5, 5])),
        title="Springs",
        xaxis={"title": "Length [mm]", "range": [0, 10]},
        yaxis={"title": {"text": "Force (N)"}},
    )
    assert list(found) == ["x", "y"]
    assert (found["x"].panel, found["x"].label, found["x"].unit) == ("Springs", "Length", "mm")
    assert limits(found["x"]) == ("linear", 0, 10, False)
    assert limits(found["y"]) == ("linear", None, None, False)
    assert span(found["y"]) == (3.5, 5)


def test_ranges_of_logarithms_are_exponents():
    found = shown(go.Scatter(x=[1, 10], y=[1, 10]), xaxis={"type": "log", "range": [-1, 2]}, yaxis={"type": "log"})
    assert limits(found["x"]) == ("log", 0.1, 100, False)
    assert limits(found["y"]) == ("log", None, None, False)
    assert limits(shown(go.Scatter(y=[1]), yaxis={"type": "log", "range": [0, 1e9]})["y"])[1:3] == (1, None)


def test_inverted_axes():
    given = shown(go.Scatter(x=[1, 2], y=[1, 2]), xaxis={"range": [5, 0]}, yaxis={"autorange": "reversed"})
    assert limits(given["x"]) == ("linear", 0, 5, True)
    assert limits(given["y"]) == ("linear", None, None, True)


def test_times_and_categories():
    points = go.Scatter(x=["2020-01-01", "2020-01-03 05:00"], y=["a", "b"])
    found = shown(points, xaxis={"range": ["2020-01-01", "2020-02-01 12:00"]})
    assert limits(found["x"]) == ("time", "2020-01-01T00:00:00", "2020-02-01T12:00:00", False)
    assert span(found["x"]) == ("2020-01-01T00:00:00", "2020-01-03T05:00:00")
    assert limits(found["y"]) == ("category", None, None, False)
    assert shown(go.Bar(x=["a", "b"], y=[1, 2]), xaxis={"range": [-0.5, 1.5]})["x"].low is None


def test_bars_that_are_cut_off():
    bars = go.Bar(x=["a", "b"], y=[95, 98])
    assert shown(bars)["y"].bars
    assert not shown(bars)["y"].is_truncated
    cut = shown(bars, yaxis={"range": [90, 100]})
    assert cut["y"].is_truncated
    assert not cut["x"].bars
    flat = shown(go.Bar(y=["a", "b"], x=[95, 98], orientation="h"), xaxis={"range": [90, 100]})
    assert flat["x"].is_truncated
    assert not flat["y"].bars
    assert shown(go.Histogram(x=[1, 2, 2]), yaxis={"range": [1, 3]})["y"].is_truncated
    assert shown(go.Scatter(y=[5, 6], fill="tozeroy"), yaxis={"range": [4, 7]})["y"].is_truncated
    assert shown(go.Scatter(y=[5, 6], stackgroup="a"))["y"].bars
    assert not shown(go.Scatter(y=[5, 6], fill="tonexty"))["y"].bars
    assert not shown(go.Bar(y=["a", "b"], x=[2, 3], base=[5, 7], orientation="h"))["x"].bars


def test_a_histogram_counts_what_is_not_in_its_table():
    found = shown(go.Histogram(x=[1, 2, 2, 7]))
    assert span(found["x"]) == (1, 7)
    assert limits(found["y"]) == ("linear", None, None, False)
    assert span(found["y"]) == (None, None)


def test_axes_over_one_another():
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    figure.add_scatter(x=[1, 2], y=[3, 4])
    figure.add_scatter(x=[0, 5], y=[300, 400], secondary_y=True)
    figure.update_yaxes(title="Rain (mm)", range=[0, 5])
    figure.update_yaxes(title="Temperature (K)", range=[250, 450], secondary_y=True)
    found = axes_of(figure)
    assert list(found) == ["x", "y", "y twin"]
    assert limits(found["y twin"]) == ("linear", 250, 450, False)
    assert (found["y twin"].label, span(found["y twin"]), span(found["y"])) == ("Temperature", (300, 400), (3, 4))
    assert span(found["x"]) == (0, 5)


def test_a_second_axis_over_one_that_nobody_uses_is_the_only_one():
    found = shown(go.Scatter(y=[1, 2], yaxis="y2"), yaxis2={"overlaying": "y", "side": "right"})
    assert list(found) == ["x", "y"]


def test_parts_follow_one_another():
    figure = px.scatter(px.data.tips(), x="total_bill", y="tip", facet_col="smoker", range_y=[0, 12])
    found = axes_of(figure)
    assert list(found) == ["x", "y", "1 x", "1 y"]
    assert limits(found["1 y"]) == limits(found["y"]) == ("linear", 0, 12, False)
    assert [found[name].panel for name in ("y", "1 y")] == ["Smoker=No", "Smoker=Yes"]
    assert found["1 y"].label == "tip"


def test_colours():
    frame = {"x": [1, 2], "y": [3, 4], "heat": [5.0, 9.0]}
    found = axes_of(px.scatter(frame, x="x", y="y", color="heat"))["colour"]
    assert (found.label, limits(found)) == ("heat", ("linear", 5, 9, False))
    given = axes_of(px.scatter(frame, x="x", y="y", color="heat", range_color=[0, 20]))["colour"]
    assert limits(given) == ("linear", 0, 20, False)
    assert span(given) == (5, 9)
    grid = shown(go.Heatmap(z=[[1, 2], [3, 4]], zmin=0, colorbar={"title": "Depth (m)"}))
    assert limits(grid["colour"]) == ("linear", 0, 4, False)
    assert grid["colour"].unit == "m"
    middle = shown(go.Heatmap(z=[[1, 2], [3, 4]], zmid=0))["colour"]
    assert limits(middle) == ("around a middle", None, None, False)
    assert "colour" not in shown(go.Heatmap(z=[[1]], showscale=False))


def test_three_dimensions():
    found = shown(go.Scatter3d(x=[1], y=[2], z=[3]), scene={"zaxis": {"title": "Height", "range": [0, 5]}})
    assert list(found) == ["x", "y", "z"]
    assert (found["z"].label, limits(found["z"])) == ("Height", ("linear", 0, 5, False))


def test_what_has_no_axes():
    assert shown(go.Pie(values=[1, 2])) == {}
    assert shown(go.Table(cells={"values": [[1]]})) == {}
    assert shown(go.Scatter(y=[1], visible=False)) == {}


@pytest.mark.parametrize(
    "layout",
    [
        {"yaxis": {"range": "no"}},
        {"yaxis": {"range": [{}, []]}},
        {"yaxis": {"range": [None, True], "type": ["log"], "title": 7}},
        {"yaxis": {"autorange": {"a": 1}, "overlaying": ["y"], "matches": {}}},
        {"coloraxis": 3, "yaxis": {"matches": "y99"}},
    ],
)
def test_layouts_of_any_shape_are_survived(layout):
    trace = {"type": "bar", "y": [1, 2], "base": {"a": 1}, "marker": {"coloraxis": "coloraxis", "color": [1, 2]}}
    assert "x" in axes_of_json("plotly", {"data": [trace, {"type": ["bar"]}], "layout": layout})
