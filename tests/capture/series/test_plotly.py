"""plotly's traces as tables: every sort of trace, typed arrays, titles of axes, times."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from gofigr_jupyter.capture.series.axes import Found
from tests.capture.series.shelf import facts, of_json, only, values


def tables_of(figure: go.Figure, left_out: int = 0):
    return of_json("plotly", json.loads(figure.to_json()), left_out)


def shown(*traces, **layout):
    return values(only(tables_of(go.Figure(list(traces), layout))))


def test_typed_arrays_are_exact():
    x = np.array([0.1, 1 / 3, np.pi, np.nan])
    found = only(tables_of(go.Figure(go.Scatter(x=x, y=np.array([1, 2, 3, 4], "int16")))))
    assert [repr(one) for one in values(found)["x"]] == [repr(float(one)) for one in x]
    assert str(found.schema.field("y").type) == "int16"
    assert str(found.schema.field("x").type) == "double"


def test_labels_units_names_and_title():
    figure = go.Figure([go.Scatter(y=[1, 2], name="a"), go.Scatter(y=[3, 4], name="b")])
    figure.update_layout(title="<b>Springs</b>", xaxis_title="Length [mm]", yaxis_title="Force (N)")
    found = tables_of(figure)
    assert values(found["Springs"]) == {"series": ["a", "a", "b", "b"], "x": [0, 1, 0, 1], "y": [1, 2, 3, 4]}
    assert facts(found["Springs"], "y") == ("Force", "N", "y")
    assert facts(found["Springs"], "x") == ("Length", "mm", "x")


def test_express_figures():
    import plotly.express as px

    found = tables_of(
        px.scatter(px.data.iris(), x="sepal_width", y="sepal_length", color="species", size="petal_length")
    )
    table = values(only(found))
    assert set(table["series"]) == {"setosa", "versicolor", "virginica"}
    assert len(table["x"]) == 150
    assert table["size"][:2] == [1.4, 1.4]
    assert facts(only(found), "x")[0] == "sepal_width"
    parts = tables_of(px.scatter(px.data.tips(), x="total_bill", y="tip", facet_col="smoker"))
    assert set(parts) == {"Smoker=No", "Smoker=Yes"}
    moving = px.scatter(px.data.gapminder().query("year > 1995"), x="gdpPercap", y="lifeExp", animation_frame="year")
    assert len(values(only(tables_of(moving, left_out=1)))["x"]) == 142


def test_times_and_categories():
    assert [str(one) for one in shown(go.Scatter(x=["2020-01-01", "2020-01-02 05:00"], y=[1, 2]))["x"]] == [
        "2020-01-01 00:00:00",
        "2020-01-02 05:00:00",
    ]
    assert shown(go.Bar(x=["2020-01-01"], y=[1]), xaxis_type="category")["x"] == ["2020-01-01"]
    aware = shown(go.Scatter(x=["2020-01-01T12:00:00+02:00"], y=[1]))["x"][0]
    assert aware.isoformat() == "2020-01-01T12:00:00+02:00"
    assert shown(go.Bar(x=[["A", "A"], ["p", "q"]], y=[1, 2])) == {"x_group": ["A", "A"], "x": ["p", "q"], "y": [1, 2]}


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (go.Pie(labels=["a", "b"], values=[1, 3]), {"labels": ["a", "b"], "values": [1, 3], "share": [0.25, 0.75]}),
        (go.Histogram(x=[1, 2, 2]), {"x": [1, 2, 2]}),
        (go.Box(y=[1, 2, 9], name="n"), {"y": [1, 2, 9]}),
        (go.Scattergeo(lat=[47.4], lon=[8.5]), {"lat": [47.4], "lon": [8.5]}),
        (go.Choropleth(locations=["CHE"], z=[8.7]), {"z": [8.7], "locations": ["CHE"]}),
        (go.Scatter3d(x=[1], y=[2], z=[3]), {"x": [1], "y": [2], "z": [3]}),
        (go.Scatterpolar(r=[1, 2], theta=[0, 90]), {"r": [1, 2], "theta": [0, 90]}),
        (go.Scatterternary(a=[1], b=[2], c=[3]), {"a": [1], "b": [2], "c": [3]}),
        (go.Candlestick(x=[1], open=[2], high=[5], low=[1], close=[3]), {"x": [1], "open": [2], "high": [5], "low": [1], "close": [3]}),
        (go.Waterfall(x=["a"], y=[2], measure=["total"]), {"x": ["a"], "y": [2], "measure": ["total"]}),
        (go.Sankey(node={"label": ["p", "q"]}, link={"source": [0], "target": [1], "value": [7]}), {"source": ["p"], "target": ["q"], "value": [7]}),
        (go.Table(header={"values": ["A", "B"]}, cells={"values": [[1, 2], ["x", "y"]]}), {"column 1": [1, 2], "column 2": ["x", "y"]}),
        (go.Parcoords(dimensions=[{"label": "u (m)", "values": [1, 2]}]), {"dimension 1": [1, 2]}),
        (go.Indicator(value=5, mode="number"), {"value": [5]}),
        (go.Treemap(labels=["a", "b"], parents=["", "a"], values=[2, 1]), {"labels": ["a", "b"], "parents": ["", "a"], "values": [2, 1]}),
        (go.Cone(x=[1], y=[2], z=[3], u=[4], v=[5], w=[6]), {"x": [1], "y": [2], "z": [3], "u": [4], "v": [5], "w": [6]}),
        (
            go.Scatter(x=[1, 2], y=[3, 4], error_y={"array": [0.5, 1]}, marker={"color": [7, 8], "size": [1, 2]}),
            {"x": [1, 2], "y": [3, 4], "size": [1, 2], "colour": [7, 8], "y_error": [0.5, 1]},
        ),
    ],
    ids=lambda one: one.type if hasattr(one, "type") else "",
)  # fmt: skip
def test_sorts_of_traces(trace, expected):
    assert shown(trace) == expected


def test_grids():
    z = np.arange(6.0).reshape(2, 3)
    grid = {"x": [0, 1, 2, 0, 1, 2], "y": [0, 0, 0, 1, 1, 1], "z": [0, 1, 2, 3, 4, 5]}
    assert shown(go.Heatmap(z=z)) == grid
    assert shown(go.Heatmap(z=z.tolist())) == grid
    assert shown(go.Heatmap(z=z, x=["a", "b", "c"], y=[5, 6]))["x"][:3] == ["a", "b", "c"]
    edges = shown(go.Heatmap(z=z, x=[0, 1, 3, 7]))
    assert (edges["x_low"][:3], edges["x_high"][:3]) == ([0, 1, 3], [1, 3, 7])
    assert shown(go.Contour(z=z, x0=10, dx=2))["x"][:3] == [10, 12, 14]
    surface = shown(go.Surface(z=z, x=np.tile([1.0, 2, 3], (2, 1)), y=[4, 5]))
    assert surface["x"] == [1, 2, 3, 1, 2, 3]
    assert surface["z"] == list(range(6))
    figure = go.Figure(go.Heatmap(z=z, colorbar={"title": {"text": "Depth (m)"}}))
    assert facts(only(tables_of(figure)), "z") == ("Depth", "m", "colour")


def test_parts_bear_the_titles_over_them():
    figure = make_subplots(1, 2, subplot_titles=("Rain", "Sun"))
    figure.add_scatter(y=[1, 2], row=1, col=1)
    figure.add_bar(y=[3], row=1, col=2)
    figure.update_layout(title="Weather", xaxis2_title="Month")
    found = tables_of(figure)
    assert set(found) == {"Weather: Rain", "Weather: Sun"}
    assert facts(found["Weather: Sun"], "x")[0] == "Month"


def test_meshes_give_corners_and_triangles():
    found = tables_of(go.Figure(go.Mesh3d(x=[0, 1, 0], y=[0, 0, 1], z=[0, 0, 0], i=[0], j=[1], k=[2])))
    assert values(found["Triangles"]) == {"i": [0], "j": [1], "k": [2]}


def test_the_shorter_coordinate_counts_and_hidden_traces_do_not():
    assert shown(go.Scatter(x=[1, 2, 3], y=[4, 5])) == {"x": [1, 2], "y": [4, 5]}
    assert tables_of(go.Figure(go.Scatter(y=[1], visible=False))) == {}
    assert len(tables_of(go.Figure(go.Scatter(y=[1], visible="legendonly")))) == 1
    assert tables_of(go.Figure(go.Image(z=[[[1, 2, 3]]])), left_out=1) == {}
    assert tables_of(go.Figure()) == {}


@pytest.mark.parametrize(
    "data",
    [
        [3, None, "x"],
        [{"type": "scatter", "x": {"dtype": "f8", "bdata": "AAA"}, "y": [1]}],
        [{"type": "scatter", "x": {"dtype": "c16", "bdata": "AAAA"}, "y": [1]}],
        [{"type": "heatmap", "z": [[1], "no"]}],
        [{"type": "table", "cells": 7}],
        [{"type": 3, "y": {"a": 1}}],
        [{"type": "scatter", "y": [[1, 2], [3]], "xaxis": 5}],
    ],
)
def test_json_of_any_shape_is_survived(data):
    from gofigr_jupyter.capture.series.plotly import series_of

    left_out: list[str] = []
    list(series_of({"data": data, "layout": {"xaxis": 3, "annotations": [None, {}]}}, left_out, Found()))
    assert len(left_out) <= 1
