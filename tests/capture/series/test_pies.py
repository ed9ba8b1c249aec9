"""Pies in every library: labels, shares, and values where these are known."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from tests.capture.series.shelf import of_json, only, opened, tables_of, values

mpl.use("agg")
DATA = [15, 30, 67, 10]
SHARES = [pytest.approx(one / sum(DATA), rel=1e-12) for one in DATA]


def shown(ax) -> dict:
    return values(only(tables_of(ax.figure)))


def test_labels_and_shares():
    ax = Figure().subplots()
    ax.pie([15, 30, 45, 10], labels=["a", "b", "c", "d"], autopct="%d%%")
    assert shown(ax) == {"label": ["a", "b", "c", "d"], "share": [0.15, 0.3, 0.45, 0.1]}


def test_labels_of_the_legend_alone():
    ax = Figure().subplots()
    ax.pie(DATA)
    ax.legend(ax.patches, ["a", "b", "c", "d"])
    assert shown(ax) == {"label": ["a", "b", "c", "d"], "share": SHARES}


@pytest.mark.parametrize("startangle", [0, 77.7])
def test_values_that_stand_in_the_parts(startangle):
    ax = Figure().subplots()
    ax.pie(
        DATA,
        labels=list("abcd"),
        startangle=startangle,
        explode=[0, 0.1, 0, 0],
        counterclock=False,
        autopct=lambda share: f"{share * sum(DATA) / 100:.0f}\n({share:.1f} %)",
    )
    assert shown(ax) == {"label": ["a", "b", "c", "d"], "value": DATA, "share": SHARES}


def test_values_in_labels():
    ax = Figure().subplots()
    ax.pie([1200.5, 800.25], labels=["a (1,200.5 kg)", "b (800.3 kg)"])
    assert shown(ax)["value"] == [1200.5, 800.3]


@pytest.mark.parametrize("words", [["2019", "2020", "2021", "2022"], ["1st", "2nd", "3rd", "4th"], ["", "", "", ""]])
def test_other_numbers_are_no_values(words):
    ax = Figure().subplots()
    ax.pie(DATA, labels=words)
    assert "value" not in shown(ax)


def test_percentages_are_no_values():
    for form in ("%.1f%%", "%.1f", "%d"):
        ax = Figure().subplots()
        ax.pie(DATA, autopct=form)
        assert "value" not in shown(ax), form


def test_rings_have_a_radius():
    ax = Figure().subplots()
    ax.pie([1, 1], radius=1, labels=["a", "b"])
    ax.pie([1, 3], radius=0.5, labels=["c", "d"])
    assert shown(ax) == {"label": ["a", "b", "c", "d"], "share": [0.5, 0.5, 0.25, 0.75], "radius": [1, 1, 0.5, 0.5]}


def test_plotly():
    pie = {"type": "pie", "labels": ["a", "b"], "values": [1, 3]}
    assert values(only(of_json("plotly", {"data": [pie]}))) == {
        "labels": ["a", "b"], "values": [1, 3], "share": [0.25, 0.75],
    }  # fmt: skip
    counted = {"type": "pie", "labels": ["a", "b", "a", "a"]}
    assert values(only(of_json("plotly", {"data": [counted]}))) == {
        "labels": ["a", "b"], "values": [3, 1], "share": [0.75, 0.25],
    }  # fmt: skip
    negative = {"type": "pie", "labels": ["a", "b"], "values": [-1, 3]}
    assert "share" not in values(only(of_json("plotly", {"data": [negative]})))


def test_vega():
    encoding = {"theta": {"field": "n", "type": "quantitative"}, "color": {"field": "who"}}
    spec = {"data": {"values": [{"who": "a", "n": 1}, {"who": "b", "n": 3}]}, "mark": "arc", "encoding": encoding}
    assert values(only(of_json("vega-lite", spec))) == {"n": [1, 3], "who": ["a", "b"], "share": [0.25, 0.75]}
    encoding["theta"]["aggregate"] = "sum"
    assert values(only(of_json("vega-lite", spec)))["share"] == [0.25, 0.75]


def test_bokeh():
    pytest.importorskip("bokeh")
    import math

    from bokeh.models import ColumnDataSource
    from bokeh.plotting import figure
    from bokeh.transform import cumsum

    from gofigr_jupyter.capture import bokeh as capture

    data = {"who": ["a", "b"], "n": [1, 3], "angle": [math.tau / 4, 3 * math.tau / 4], "colour": ["red", "blue"]}
    plot = figure()
    plot.wedge(
        x=0, y=0, radius=1, fill_color="colour", legend_field="who", source=ColumnDataSource(data),
        start_angle=cumsum("angle", include_zero=True), end_angle=cumsum("angle"),
    )  # fmt: skip
    found = values(only(opened(capture.source(capture.document_of(plot)))))
    assert (found["who"], found["n"], found["share"]) == (["a", "b"], [1, 3], [0.25, 0.75])
    assert "colour" not in found
