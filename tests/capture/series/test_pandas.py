"""pandas' own plots, each kind."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from tests.capture.series.shelf import only, tables_of, values

mpl.use("agg")
pandas = pytest.importorskip("pandas")
FRAME = pandas.DataFrame({"a": [1.0, 2.0, 4.0], "b": [3.0, 1.0, 2.0]}, index=["p", "q", "r"])


def drawn(kind: str, **options) -> dict:
    ax = Figure().subplots()
    FRAME.plot(kind=kind, ax=ax, **options)
    return tables_of(ax.figure)


@pytest.mark.parametrize(("kind", "along", "across"), [("bar", "x", "y"), ("barh", "y", "x")])
@pytest.mark.parametrize("stacked", [False, True])
def test_bars_bear_the_names_of_their_rows(kind, along, across, stacked):
    found = values(only(drawn(kind, stacked=stacked)))
    assert found["series"] == ["a"] * 3 + ["b"] * 3
    assert found[along] == ["p", "q", "r"] * 2
    assert found[across] == [1, 2, 4, 3, 1, 2]
    assert found.get(f"{across}_base") == ([0, 0, 0, 1, 2, 4] if stacked else None)


def test_boxes():
    found = values(only(drawn("box")))
    assert (found["x"], found["median"]) == (["a", "b"], [2, 2])


def test_a_histogram_of_each_column():
    found = values(only(drawn("hist", bins=3)))
    assert found["series"] == ["a"] * 3 + ["b"] * 3
    assert sum(found["y"]) == 6


def test_lines_and_areas():
    assert values(only(drawn("line")))["y"] == [1, 2, 4, 3, 1, 2]
    found = values(drawn("area")["Areas"])
    assert sorted([found["y1"][3], found["y2"][3]]) == [1, 4]


def test_scatter_and_hexbin():
    assert values(only(drawn("scatter", x="a", y="b"))) == {"x": [1, 2, 4], "y": [3, 1, 2]}
    assert sum(values(only(drawn("hexbin", x="a", y="b", gridsize=3)))["colour"]) == 3


def test_pies():
    ax = Figure().subplots()
    FRAME["a"].plot.pie(ax=ax, autopct="%d%%")
    found = values(only(tables_of(ax.figure)))
    assert found["label"] == ["p", "q", "r"]
    assert found["share"] == pytest.approx([1 / 7, 2 / 7, 4 / 7])


def test_titles_stay_as_they_are():
    figure = Figure()
    FRAME.hist(ax=figure.subplots(1, 2))
    assert set(tables_of(figure)) == {"a", "b"}
