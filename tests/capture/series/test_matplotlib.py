"""What matplotlib shows comes back as it was given: lines, points, bars, areas, statistics, on axes of every sort."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from gofigr_jupyter.capture.series.axes import Found
from tests.capture.series.shelf import facts, only, tables_of, values

mpl.use("agg")
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


def axes(**options):
    return Figure(**options).subplots()


def shown(ax) -> dict:
    """The columns of the only table."""
    return values(only(tables_of(ax.figure)))


# ---------------------------------------------------------------- lines


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=20))
def test_any_line(points):
    ax = axes()
    ax.plot([x for x, _ in points], [y for _, y in points])
    assert shown(ax) == {"x": [x for x, _ in points], "y": [y for _, y in points]}


def test_lines_have_labels_units_and_the_title():
    ax = axes()
    ax.plot([1, 2], [3, 4], label="first")
    ax.plot([1, 2], [5.5, 6], label="second")
    ax.set(title="Springs", xlabel="Length [mm]", ylabel="Force / N")
    found = tables_of(ax.figure)
    assert list(found) == ["Springs"]
    assert values(found["Springs"]) == {
        "series": ["first"] * 2 + ["second"] * 2,
        "x": [1, 2, 1, 2],
        "y": [3, 4, 5.5, 6],
    }
    assert facts(found["Springs"], "x") == ("Length", "mm", "x")
    assert facts(found["Springs"], "y") == ("Force", "N", "y")


def test_integers_stay_integers_and_masked_values_are_null():
    ax = axes()
    ax.plot(np.array([1, 2, 3], "int32"), np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]))
    found = only(tables_of(ax.figure))
    assert str(found.schema.field("x").type) == "int32"
    assert values(found)["y"] == [1.0, None, 3.0]


def test_times_with_and_without_zone():
    naive = [datetime.datetime(2020, 5, 1, h) for h in (1, 2)]  # noqa: DTZ001
    ax = axes()
    ax.plot(naive, [1, 2])
    assert shown(ax)["x"] == naive
    aware = [datetime.datetime(2020, 5, 1, h, tzinfo=ZoneInfo("Europe/Zurich")) for h in (1, 2)]
    ax = axes()
    ax.scatter(aware, [1, 2])
    assert shown(ax)["x"] == aware
    ax = axes()
    ax.bar(np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"), [1, 2])
    assert [str(one) for one in shown(ax)["x"]] == ["2020-01-01 00:00:00", "2020-01-02 00:00:00"]


def test_categories_come_back_as_words():
    for draw in ("plot", "scatter", "bar", "stem"):
        ax = axes()
        getattr(ax, draw)(["pears", "apples"], [2, 1])
        assert shown(ax) == {"x": ["pears", "apples"], "y": [2, 1]}, draw
    ax = axes()
    ax.barh(["pears", "apples"], [2, 1])
    assert shown(ax) == {"y": ["pears", "apples"], "x": [2, 1]}


def test_pandas_and_its_periods():
    pandas = pytest.importorskip("pandas")
    index = pandas.date_range("2021-01-01", periods=3, freq="MS")
    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3, 2, 1]}, index=index)
    found = shown(frame.plot(ax=axes()))
    assert found["series"] == ["a"] * 3 + ["b"] * 3
    assert [str(one)[:10] for one in found["x"][:3]] == ["2021-01-01", "2021-02-01", "2021-03-01"]
    assert found["y"] == [1, 2, 3, 3, 2, 1]
    bars = values(tables_of(pandas.Series([4, 5], index=["p", "q"]).plot.bar(ax=axes()).figure)["Bars"])
    assert bars["x"] == ["p", "q"]
    assert bars["y"] == [4, 5]


def test_lines_across_the_axes_have_one_coordinate():
    ax = axes()
    ax.axhline(3, label="limit")
    ax.axvline(2)
    ax.axvspan(1, 2)
    ax.axline((0, 1), slope=2)
    found = tables_of(ax.figure)
    assert values(found["limit"]) == {"y": [3]}
    assert values(found["Vertical lines"]) == {"x": [2]}
    assert values(found["Vertical spans"]) == {"x_low": [1], "x_high": [2]}
    assert values(found["Endless lines"]) == {"x": [0], "y": [1], "slope": [2]}


def test_logarithms_steps_and_invisible_things():
    ax = axes()
    ax.loglog([1, 10], [100, 1000])
    assert shown(ax) == {"x": [1, 10], "y": [100, 1000]}
    ax = axes()
    ax.step([1, 2], [3, 4], where="mid")
    ax.plot([0], [0], visible=False)
    ax.text(0, 0, "words")
    assert shown(ax) == {"x": [1, 2], "y": [3, 4]}


# ---------------------------------------------------------------- points


def test_scatter_with_values_for_colours_and_sizes():
    ax = axes()
    drawn = ax.scatter([1, 2], [3, 4], c=[0.5, 0.7], s=[10, 20])
    ax.figure.colorbar(drawn, label="Depth (m)")
    found = only(tables_of(ax.figure))
    assert values(found) == {"x": [1, 2], "y": [3, 4], "colour": [0.5, 0.7], "size": [10, 20]}
    assert facts(found, "colour") == ("Depth", "m", "colour")


def test_colours_point_by_point_are_the_legends_words_where_it_has_some():
    ax = axes()
    ax.scatter([1, 2, 3], [3, 4, 5], c=["red", "blue", "red"])
    assert shown(ax)["colour"] == ["#ff0000", "#0000ff", "#ff0000"]
    ax.scatter([], [], c="red", label="hot")
    ax.scatter([], [], c="blue", label="cold")
    ax.legend()
    assert shown(ax)["series"] == ["hot", "cold", "hot"]


def test_seaborn_names_its_series_in_the_legend_alone():
    seaborn, pandas = pytest.importorskip("seaborn"), pytest.importorskip("pandas")
    data = pandas.DataFrame({"x": [1, 2, 1, 2], "y": [1.0, 2.0, 3.0, 4.0], "who": ["ann", "ann", "bob", "bob"]})
    ax = axes()
    seaborn.lineplot(data, x="x", y="y", hue="who", ax=ax)
    assert shown(ax) == {"series": ["ann", "ann", "bob", "bob"], "x": [1, 2, 1, 2], "y": [1, 2, 3, 4]}
    ax = axes()
    seaborn.scatterplot(data, x="x", y="y", hue="who", ax=ax)
    assert shown(ax) == {"x": [1, 2, 1, 2], "y": [1, 2, 3, 4], "series": ["ann", "ann", "bob", "bob"]}
    ax = axes()
    seaborn.heatmap(data.pivot(index="who", columns="x", values="y"), ax=ax)
    assert shown(ax) == {"x": ["1", "2", "1", "2"], "y": ["ann", "ann", "bob", "bob"], "value": [1, 2, 3, 4]}


def test_hexagons_arrows_and_events():
    x, y = np.random.default_rng(0).normal(size=(2, 300))
    ax = axes()
    drawn = ax.hexbin(x, y, gridsize=8)
    found = shown(ax)
    assert found["colour"] == list(drawn.get_array())
    assert np.array_equal(np.column_stack([found["x"], found["y"]]), drawn.get_offsets())
    ax = axes()
    ax.quiver([0, 1], [2, 3], [4, 5], [6, 7])
    assert shown(ax) == {"x": [0, 1], "y": [2, 3], "u": [4, 5], "v": [6, 7]}
    ax = axes()
    ax.eventplot([1, 5, 2])
    assert sorted(shown(ax)["x"]) == [1, 2, 5]
    ax = axes()
    ax.vlines([1, 2], 0, [3, 4])
    assert shown(ax) == {"x": [1, 2], "y_start": [0, 0], "y_end": [3, 4]}


# ---------------------------------------------------------------- bars


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-50, 50), st.decimals(-99, 99, places=2).map(float)),
        min_size=1,
        max_size=9,
        unique_by=lambda p: p[0],
    )
)
def test_any_bars(points):
    ax = axes()
    ax.bar([x / 10 for x, _ in points], [y for _, y in points], width=0.05)
    found = shown(ax)
    assert found["x"] == [x / 10 for x, _ in points]
    assert found["y"] == [y for _, y in points]


def test_stacked_bars_have_a_base_and_names():
    ax = axes()
    ax.bar([0, 1], [1, 2], label="a", tick_label=["here", "there"])
    ax.bar([0, 1], [3, 4], bottom=[1, 2], label="b", yerr=[0.5, 0.25])
    found = tables_of(ax.figure)
    first, second = values(found["a"]), values(found["b"])
    assert (first["x"], first["y_base"]) == (["here", "there"], [0, 0])
    assert (second["y"], second["y_base"]) == ([3, 4], [1, 2])
    assert (second["y_low"], second["y_high"]) == ([3.5, 5.75], [4.5, 6.25])


@pytest.mark.parametrize("histtype", ["bar", "step", "stepfilled"])
def test_histograms_have_edges_and_counts(histtype):
    data = np.random.default_rng(1).normal(size=500).round(3)
    ax = axes()
    counts, edges, _ = ax.hist(data, bins=17, histtype=histtype)
    found = shown(ax)
    assert found["y"] == list(counts)
    assert found["x_low"] == list(edges[:-1])
    assert found["x_high"] == list(edges[1:])


def test_bars_in_groups_bear_the_names_between_them():
    ax = axes()
    ax.bar([0, 1], [1, 2], 0.4, label="a")
    ax.bar([0.4, 1.4], [3, 4], 0.4, label="b")
    ax.set_xticks([0.2, 1.2], ["here", "there"])
    assert shown(ax) == {
        "series": ["a", "a", "b", "b"],
        "x": ["here", "there"] * 2,
        "x_position": [0, 1, 0.4, 1.4],
        "y": [1, 2, 3, 4],
    }
    ax = axes()
    ax.bar([1, 2, 4], [1, 2, 3])
    ax.set_xticks([0, 5], ["low", "high"])
    assert shown(ax)["x"] == [1, 2, 4]


def test_histograms_of_several_data_keep_their_labels():
    data = [np.random.default_rng(seed).normal(size=50) for seed in range(2)]
    ax = axes()
    counts, edges, _ = ax.hist(data, bins=3, stacked=True, label=["a", "b"])
    found = shown(ax)
    assert found["series"] == ["a"] * 3 + ["b"] * 3
    assert found["x_low"] == list(edges[:-1]) * 2
    assert found["y_base"] == [0, 0, 0, *counts[0]]
    ax = axes()
    ax.hist(data, bins=3, label=["a", "b"])
    assert shown(ax)["series"] == ["a"] * 3 + ["b"] * 3


def test_stairs_error_bars_and_stems():
    ax = axes()
    ax.stairs([1, 2], [0, 1, 4])
    assert shown(ax) == {"x_low": [0, 1], "x_high": [1, 4], "y": [1, 2]}
    ax = axes()
    ax.errorbar([1, 2], [3, 4], yerr=[[0.5, 0.25], [1, 2]], xerr=0.125, capsize=3, label="m")
    assert shown(ax) == {
        "x": [1, 2], "y": [3, 4], "x_low": [0.875, 1.875], "x_high": [1.125, 2.125], "y_low": [2.5, 3.75], "y_high": [4, 6],
    }  # fmt: skip
    ax = axes()
    ax.stem([1, 2], [3, 4])
    assert shown(ax) == {"x": [1, 2], "y": [3, 4]}


# ---------------------------------------------------------------- areas and statistics


def test_areas():
    ax = axes()
    ax.fill_between([1, 2, 3], [4, 5, 6], [0, 1, 2], label="band")
    assert shown(ax) == {"x": [1, 2, 3], "y1": [4, 5, 6], "y2": [0, 1, 2]}
    ax = axes()
    ax.stackplot([1, 2], [[1, 2], [3, 4]], labels=["a", "b"])
    found = shown(ax)
    assert found["series"] == ["a", "a", "b", "b"]
    assert sorted([found["y1"][2], found["y2"][2]]) == [1, 4]
    ax = axes()
    ax.fill_betweenx([1, 2, 3], [4, 5, 6])
    assert shown(ax) == {"y": [1, 2, 3], "x1": [4, 5, 6], "x2": [0, 0, 0]}
    ax = axes()
    ax.fill([0, 1, 1], [0, 0, 2])
    assert shown(ax) == {"x": [0, 1, 1], "y": [0, 0, 2]}
    ax = axes()
    ax.broken_barh([(1, 2), (5, 1)], (0, 3), label="busy")
    assert shown(ax) == {"x_low": [1, 5], "x_high": [3, 6], "y_low": [0, 0], "y_high": [3, 3]}


@pytest.mark.parametrize(
    "options", [{}, {"patch_artist": True}, {"showmeans": True}, {"notch": True}, {"showcaps": False}]
)
@pytest.mark.parametrize("orientation", ["vertical", "horizontal"])
def test_box_plots_give_their_statistics(options, orientation):
    data = [np.append(np.random.default_rng(seed).normal(size=50), [9.0, -9.0]) for seed in range(3)]
    ax = axes()
    ax.boxplot(data, orientation=orientation, tick_labels=["a", "b", "c"], **options)
    found = tables_of(ax.figure)
    boxes, outliers = values(found["Boxes"]), values(found["Outliers"])
    along, across = ("x", "y") if orientation == "vertical" else ("y", "x")
    assert boxes[along] == ["a", "b", "c"]
    assert boxes["median"] == [np.median(one) for one in data]
    assert boxes["q1"] == [np.percentile(one, 25) for one in data]
    assert ("mean" in boxes) == ("showmeans" in options)
    assert outliers[across].count(9.0) == 3
    assert set(found) == {"Boxes", "Outliers"}


def test_violins_give_their_statistics():
    data = [np.random.default_rng(seed).normal(size=50) for seed in range(2)]
    ax = axes()
    ax.violinplot(data, showmedians=True, showmeans=True)
    found = values(tables_of(ax.figure)["Violins"])
    assert found["x"] == [1, 2]
    assert found["max"] == [one.max() for one in data]
    assert found["median"] == [np.median(one) for one in data]
    assert found["mean"] == [one.mean() for one in data]


# ---------------------------------------------------------------- grids


def test_images_and_meshes():
    grid = np.arange(6.0).reshape(2, 3)
    ax = axes()
    ax.figure.colorbar(ax.imshow(grid), label="Height [m]")
    found = only(tables_of(ax.figure))
    assert values(found) == {"x": [0, 1, 2, 0, 1, 2], "y": [0, 0, 0, 1, 1, 1], "value": list(range(6))}
    assert facts(found, "value") == ("Height", "m", "colour")
    ax = axes()
    ax.imshow(grid, extent=(0, 3, 10, 14), origin="lower")
    assert shown(ax)["x"][:3] == [0.5, 1.5, 2.5]
    assert shown(ax)["y"][::3] == [11, 13]
    ax = axes()
    ax.pcolormesh([0, 1, 3, 7], [0, 2, 4], grid)
    found = shown(ax)
    assert found["x_low"][:3] == [0, 1, 3]
    assert found["x"][:3] == [0.5, 2, 5]
    assert found["y_high"][::3] == [2, 4]
    assert found["value"] == list(range(6))
    ax = axes()
    counts, *_ = ax.hist2d([1, 2, 2], [3, 4, 4], bins=2)
    assert shown(ax)["value"] == list(counts.T.ravel())


def test_photographs_and_large_images_are_said():
    from gofigr_jupyter.capture import matplotlib
    from gofigr_jupyter.capture.series import reading
    from tests.capture.series.shelf import opened

    ax = axes()
    ax.imshow(np.zeros((4, 5, 3)))
    ax.set_title("Cat")
    found = reading.read(matplotlib.source(ax.figure))
    assert found.tables == ()
    assert found.reason() == "image in 'Cat': 5 × 4 pixels of colours, which are in the picture and stand for no values"
    ax.imshow(np.zeros((1001, 1000)))
    assert opened(matplotlib.source(ax.figure), left_out=2) == {}


def test_contours_have_levels():
    x, y = np.meshgrid(np.linspace(-1, 1, 30), np.linspace(-1, 1, 30))
    ax = axes()
    drawn = ax.contour(x, y, x**2 + y**2, levels=[0.25, 0.5])
    found = shown(ax)
    assert sorted(set(found["level"])) == [0.25, 0.5]
    vertices = np.concatenate([path.vertices for path in drawn.get_paths()])
    assert len(found["x"]) == len(vertices)
    ax = axes()
    ax.contourf(x, y, x**2 + y**2, levels=[0, 0.5, 1], extend="max")
    found = shown(ax)
    assert set(zip(found["level_low"], found["level_high"], strict=True)) >= {(0, 0.5), (0.5, 1)}


# ---------------------------------------------------------------- figures of several axes


def test_axes_are_told_apart_and_colour_bars_left_out():
    figure = Figure()
    left, right = figure.subplots(1, 2, sharex=True)
    left.plot([1], [2])
    left.set(title="Left", xlabel="Time (s)")
    right.plot([3], [4])
    twin = left.twinx()
    twin.plot([1], [9])
    twin.set_ylabel("Mass (kg)")
    found = tables_of(figure)
    assert set(found) == {"Left: lines", "Left: lines (2)", "Axes 2"}
    assert facts(found["Axes 2"], "x") == ("Time", "s", "x")
    right.set_ylabel("Height")
    assert "Axes 2: Height against Time" in tables_of(figure)
    assert facts(found["Left: lines (2)"], "y") == ("Mass", "kg", "y")


def test_subfigures_insets_and_titles_of_the_whole():
    figure = Figure()
    figure.suptitle("All")
    ax = figure.subplots()
    ax.plot([1], [2])
    assert set(tables_of(figure)) == {"All"}
    inset = ax.inset_axes([0.5, 0.5, 0.3, 0.3])
    inset.plot([5], [6])
    inset.set_title("Detail")
    assert "Detail" in tables_of(figure)
    figure = Figure()
    for part, name in zip(figure.subfigures(1, 2), "AB", strict=True):
        part.suptitle(name)
        part.subplots().plot([1], [2])
    assert set(tables_of(figure)) == {"A", "B"}


def test_three_dimensions_and_polar_axes():
    figure = Figure()
    ax = figure.add_subplot(projection="3d")
    ax.plot([1, 2], [3, 4], [5, 6])
    ax.scatter([1, 2], [3, 4], [5, 6], c=[0.1, 0.2])
    x, y = np.meshgrid([0.0, 1.0, 2.0], [0.0, 1.0])
    ax.plot_surface(x, y, x * y)
    ax.set_zlabel("Height (m)")
    found = tables_of(figure)
    assert values(found["Lines"]) == {"x": [1, 2], "y": [3, 4], "z": [5, 6]}
    assert values(found["Points"])["colour"] == [0.1, 0.2]
    assert facts(found["Lines"], "z") == ("Height", "m", "z")
    surface = values(found["Surface"])
    assert set(zip(surface["x"], surface["y"], surface["z"], strict=True)) == {
        (a, b, a * b) for a in (0.0, 1.0, 2.0) for b in (0.0, 1.0)
    }
    figure = Figure()
    figure.add_subplot(projection="polar").plot([0, 1], [2, 3])
    found = only(tables_of(figure))
    assert values(found) == {"theta": [0, 1], "r": [2, 3]}
    assert facts(found, "theta") == ("Angle", "rad", "x")


def test_boxes_and_contours_in_space():
    figure = Figure()
    figure.add_subplot(projection="3d").bar3d([0, 2], [0, 0], [0, 0], 1, 1, [3, 4])
    assert values(only(tables_of(figure))) == {
        "x_low": [0, 2], "x_high": [1, 3], "y_low": [0, 0], "y_high": [1, 1], "z_low": [0, 0], "z_high": [3, 4],
    }  # fmt: skip
    figure = Figure()
    x, y = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9))
    figure.add_subplot(projection="3d").contour(x, y, x + y, levels=[-0.5, 0.5])
    assert set(values(only(tables_of(figure)))["z"]) == {-0.5, 0.5}


def test_tables_that_are_drawn():
    ax = axes()
    ax.table([["1", "2"], ["3", "4"]], colLabels=["a", "b"])
    assert shown(ax) == {"column 0": ["a", "1", "3"], "column 1": ["b", "2", "4"]}


def test_an_artist_that_cannot_be_read_costs_its_own_data_only():
    from matplotlib.lines import Line2D

    from gofigr_jupyter.capture.series.matplotlib.figure import series_of

    class Broken(Line2D):
        def get_xdata(self, orig=True):
            raise RuntimeError("no data today")

    ax = axes()
    ax.add_artist(Broken([0, 1], [0, 1]))
    ax.plot([1, 2], [3, 4])
    left_out: list[str] = []
    assert len(list(series_of(ax.figure, left_out, Found()))) == 1
    assert "no data today" in " ".join(left_out)
