"""Axes of matplotlib and of what draws with it: limits as shown, scales, twins, colour bars, bars cut off."""

from __future__ import annotations

import datetime

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from gofigr_jupyter.capture import matplotlib
from gofigr_jupyter.records import Source
from tests.capture.series import shelf
from tests.capture.series.shelf import limits, span

mpl.use("agg")


def axes(**options):
    return Figure(**options).subplots()


def axes_of(figure):
    source = matplotlib.source(figure)
    assert isinstance(source, Source)
    return shelf.axes_of(source)


def shown(ax):
    return axes_of(ax.figure)


def test_limits_labels_units_and_ends_of_the_values():
    ax = axes()
    ax.plot([1, 2, 4], [3, 5.5, 4])
    ax.set(title="Springs", xlabel="Length [mm]", ylabel="Force (N)", xlim=(0, 10))
    found = shown(ax)
    assert list(found) == ["x", "y"]
    assert (found["x"].panel, found["x"].label, found["x"].unit) == ("Springs", "Length", "mm")
    assert limits(found["x"]) == ("linear", 0, 10, False)
    assert span(found["x"]) == (1, 4)
    assert span(found["y"]) == (3, 5.5)
    assert found["y"].low == pytest.approx(2.875)
    assert not found["y"].bars


def test_logarithms_and_inverted_axes():
    ax = axes()
    ax.loglog([1, 10], [100, 1000])
    ax.set(xlim=(0.1, 100), ylim=(2000, 50))
    found = shown(ax)
    assert limits(found["x"]) == ("log", 0.1, 100, False)
    assert limits(found["y"]) == ("log", 50, 2000, True)
    ax = axes()
    ax.plot([1, 2], [-1, 1])
    ax.set_yscale("symlog")
    assert shown(ax)["y"].scale == "symlog"


def test_a_twin_is_a_second_scale_over_the_same_subplot():
    ax = axes()
    ax.plot([1, 2], [3, 4])
    ax.set(title="Weather", ylabel="Rain (mm)", ylim=(0, 5))
    other = ax.twinx()
    other.plot([0, 3], [300, 400])
    other.set(ylabel="Temperature (K)", ylim=(250, 450))
    found = shown(ax)
    assert list(found) == ["x", "y", "y twin"]
    assert {one.panel for one in found.values()} == {"Weather"}
    assert (found["y twin"].twin_of, found["y twin"].label) == (0, "Temperature")
    assert limits(found["y twin"]) == ("linear", 250, 450, False)
    assert span(found["y"]) == (3, 4)
    assert span(found["y twin"]) == (300, 400)
    assert span(found["x"]) == (0, 3), "of both, since they share it"
    flat = axes()
    flat.plot([1, 2], [3, 4])
    flat.twiny().plot([10, 20], [3, 4])
    assert list(shown(flat)) == ["x", "x twin", "y"]


def test_a_twin_of_nothing_is_no_second_scale():
    ax = axes()
    ax.twinx().plot([1, 2], [3, 4])
    assert list(shown(ax)) == ["1 x", "1 y"]


def test_bars_on_an_axis_that_is_cut_off():
    ax = axes()
    ax.bar(["a", "b"], [95, 98])
    whole = shown(ax)
    assert whole["y"].bars
    assert not whole["y"].is_truncated
    assert limits(whole["x"]) == ("category", None, None, False)
    assert not whole["x"].bars
    ax.set_ylim(90, 100)
    cut = shown(ax)["y"]
    assert cut.is_truncated
    assert limits(cut) == ("linear", 90, 100, False)
    assert span(cut) == (95, 98)
    flat = axes()
    flat.barh(["a", "b"], [95, 98])
    flat.set_xlim(90, 100)
    assert {name: one.is_truncated for name, one in shown(flat).items()} == {"x": True, "y": False}


@pytest.mark.parametrize(
    ("draw", "is_bar"),
    [
        (lambda ax: ax.hist([1, 2, 2, 3], bins=3), True),
        (lambda ax: ax.hist([1, 2, 2, 3], bins=3, histtype="step"), True),
        (lambda ax: ax.stairs([1, 2], [0, 1, 2], fill=True), True),
        (lambda ax: ax.fill_between([1, 2], [3, 4]), True),
        (lambda ax: ax.stackplot([1, 2], [3, 4], [1, 2]), True),
        (lambda ax: ax.bar([1, 2], [5, 5], bottom=[0, 3]), True),
        (lambda ax: ax.bar([1, 2], [5, 5], bottom=50), True),
        (lambda ax: ax.fill_between([1, 2], [3, 4], [5, 6]), False),
        (lambda ax: ax.bar([1, 2], [5, 5], bottom=[2, 3]), False),
        (lambda ax: ax.scatter([1, 2], [5, 5]), False),
    ],
)
def test_what_starts_from_one_line_is_told_from_what_does_not(draw, is_bar):
    ax = axes()
    draw(ax)
    assert shown(ax)["y"].bars is is_bar
    assert shown(ax)["x"].bars is False


def test_times_are_iso():
    ax = axes()
    ax.plot([datetime.datetime(2020, 5, 1, 6), datetime.datetime(2020, 5, 2)], [1, 2])  # noqa: DTZ001
    ax.set_xlim(datetime.date(2020, 5, 1), datetime.date(2020, 5, 3))
    found = shown(ax)["x"]
    assert limits(found) == ("time", "2020-05-01T00:00:00", "2020-05-03T00:00:00", False)
    assert span(found) == ("2020-05-01T06:00:00", "2020-05-02T00:00:00")


def test_subplots_have_numbers_and_share_what_they_share():
    figure = Figure()
    left, right = figure.subplots(1, 2, sharey=True)
    left.plot([1, 2], [3, 4])
    right.plot([1, 2], [30, 40])
    left.set(title="L", ylabel="Force (N)")
    right.set(title="R", xscale="log")
    found = axes_of(figure)
    assert list(found) == ["x", "y", "1 x", "1 y"]
    assert (found["1 y"].panel, found["1 y"].label, found["1 x"].scale) == ("R", "Force", "log")
    assert limits(found["y"]) == limits(found["1 y"])
    assert span(found["y"]) == (3, 4)
    assert all(one.twin_of is None for one in found.values())


def test_colour_bars():
    ax = axes()
    drawn = ax.imshow(np.array([[1.0, 10.0], [100.0, 50.0]]), norm=LogNorm(0.5, 200))
    ax.figure.colorbar(drawn, label="Counts (Hz)")
    found = shown(ax)
    assert list(found) == ["x", "y", "colour"]
    assert limits(found["colour"]) == ("log", 0.5, 200, False)
    assert span(found["colour"]) == (1, 100)
    assert (found["colour"].label, found["colour"].unit) == ("Counts", "Hz")
    assert found["y"].is_inverted, "rows of an image count downwards"


def test_what_has_no_axes_to_read_off_has_none():
    pie = axes()
    pie.pie([1, 2])
    assert shown(pie) == {}
    hidden = axes()
    hidden.plot([1, 2], [3, 4])
    hidden.axis("off")
    assert shown(hidden) == {}
    assert shown(axes()) == {}


def test_three_dimensions():
    figure = Figure()
    ax = figure.add_subplot(projection="3d")
    ax.scatter([1, 2], [3, 4], [5, 6])
    ax.set(zlabel="Height (m)", zlim=(0, 10))
    found = axes_of(figure)
    assert list(found) == ["x", "y", "z"]
    assert limits(found["z"]) == ("linear", 0, 10, False)
    assert (found["z"].label, span(found["z"])) == ("Height", (5, 6))
    ax.set_axis_off()
    assert axes_of(figure) == {}


def test_boxes_tell_no_ends_since_not_all_values_are_known():
    ax = axes()
    ax.boxplot([[1, 2, 3, 4, 100], [2, 3, 4, 5, 6]])
    assert span(shown(ax)["y"]) == (None, None)


def test_pandas_and_seaborn():
    pandas, seaborn = pytest.importorskip("pandas"), pytest.importorskip("seaborn")
    frame = pandas.DataFrame({"who": ["ann", "bob"], "mass_kg": [60.0, 70.0], "height": [160.0, 190.0]})
    ax = axes()
    seaborn.barplot(frame, x="who", y="mass_kg", ax=ax)
    ax.set_ylim(50, 75)
    found = shown(ax)
    assert found["y"].is_truncated
    assert (found["y"].label, found["y"].unit) == ("mass", "kg")
    assert found["x"].scale == "category"
    bars = shown(frame.plot.bar(x="who", y="mass_kg", ax=axes()))
    assert (bars["x"].scale, bars["y"].bars, bars["y"].low) == ("category", True, 0)
    dual = shown(frame.plot(y=["mass_kg", "height"], secondary_y=["height"], ax=axes()))
    assert list(dual) == ["x", "y", "y twin"]
    assert span(dual["y twin"]) == (160, 190)


def test_an_axis_of_another_sort_costs_itself_only():
    from gofigr_jupyter.capture.series.axes import Found
    from gofigr_jupyter.capture.series.matplotlib.figure import series_of

    ax = axes()
    ax.plot([1, 2], [3, 4])
    ax.set(xlim=(0, 5), ylim=(0, 5))

    def fail():
        raise RuntimeError("no limits today")

    ax.get_ylim = fail
    found = Found()
    assert len(list(series_of(ax.figure, [], found))) == 1
    assert [one.direction for one in found.axes.values()] == ["x"]
