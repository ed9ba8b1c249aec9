"""What stands over the columns: no two of a table say the same, and units are apart."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.capture.series.shelf import facts, of_json, only, tables_of

mpl.use("agg")


def headings(table) -> list[str]:
    """Label and unit of each column, as a page and CSV show them."""
    told = [facts(table, name) for name in table.column_names]
    return [f"{label} ({unit})" if unit else label for label, unit, _ in told]


def drawn(draw, **words) -> list[str]:
    ax = Figure().subplots()
    draw(ax)
    ax.set(**words)
    return headings(only(tables_of(ax.figure)))


@pytest.mark.parametrize("words", ["Flipper length (mm)", "Flipper length [mm]", "Flipper length mm"])
def test_the_edges_of_bins(words):
    found = drawn(lambda ax: ax.hist([1, 2, 2], bins=2), xlabel=words, ylabel="Count")
    assert found == ["Flipper length from (mm)", "Flipper length to (mm)", "Count"]


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda ax: ax.errorbar([1, 2], [3, 4], yerr=1), ["X", "Y (N)", "Y, lower end (N)", "Y, upper end (N)"]),
        (lambda ax: ax.fill_between([1, 2], [3, 4]), ["X", "Y, edge 1 (N)", "Y, edge 2 (N)"]),
        (lambda ax: ax.vlines([1, 2], 0, [3, 4]), ["X", "Y from (N)", "Y to (N)"]),
        (lambda ax: ax.bar([1, 3], [3, 4], bottom=1), ["X", "Y (N)", "Y, base (N)"]),
        (lambda ax: ax.axvspan(1, 2), ["X from", "X to"]),
        (lambda ax: ax.pcolormesh([0, 1, 2], [0, 1], [[1, 2]]), ["X", "Y (N)", "X from", "X to", "Y from (N)", "Y to (N)", ""]),
        (lambda ax: ax.axline((0, 0), (1, 1)), ["X", "Y (N)", "X, second point", "Y, second point (N)"]),
    ],
)  # fmt: skip
def test_each_column_says_what_it_is(draw, expected):
    assert drawn(draw, xlabel="X", ylabel="Y (N)") == expected


def test_plotly():
    layout = {"xaxis": {"title": {"text": "X"}}, "yaxis": {"title": {"text": "Y (N)"}}}
    bars = {"type": "bar", "x": [1], "y": [2], "base": [3], "error_y": {"array": [1], "arrayminus": [2]}}
    found = headings(only(of_json("plotly", {"data": [bars], "layout": layout})))
    assert found == ["X", "Y (N)", "Y, base (N)", "Y, error (N)", "Y, error below (N)"]
    grid = {"type": "heatmap", "x": [0, 1, 2], "z": [[1, 2]]}
    found = headings(only(of_json("plotly", {"data": [grid], "layout": layout})))
    assert found == ["X from", "X to", "Y (N)", ""]


def test_twin_axes_logarithms_and_dates():
    ax = Figure().subplots()
    ax.semilogy(np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"), [1, 100])
    ax.set(xlabel="Day", ylabel="Cells")
    twin = ax.twinx()
    twin.plot(np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"), [20, 21], label="heat")
    twin.set_ylabel("Temperature (°C)")
    found = tables_of(ax.figure)
    assert headings(found["Lines"]) == ["Day", "Cells"]
    assert headings(found["heat"]) == ["Day", "Temperature (°C)"]
    assert [str(one)[:10] for one in found["heat"]["x"].to_pylist()] == ["2020-01-01", "2020-01-02"]


def test_the_title_of_a_legend_says_what_the_series_are():
    ax = Figure().subplots()
    for name in "ab":
        ax.plot([1, 2], [3, 4], label=name)
    ax.legend(title="Species")
    assert headings(only(tables_of(ax.figure))) == ["Species", "", ""]
    traces = [{"x": [1], "y": [2], "name": name} for name in "ab"]
    layout = {"legend": {"title": {"text": "Species"}}}
    assert headings(only(of_json("plotly", {"data": traces, "layout": layout}))) == ["Species", "", ""]
