"""Where axes run in a picture: told by what the picture shows, a dot at a known point, found among its pixels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.pylabtools import print_figure

from gofigr_jupyter.capture import matplotlib, pictures
from gofigr_jupyter.capture.series import axes, bundle, reading
from gofigr_jupyter.capture.series.axes import Axis
from gofigr_jupyter.records import Displayed, Source
from tests.capture.dots import DOT, red

DAY = dt.datetime(2024, 5, 2, 12, tzinfo=dt.UTC)


def shown(figure: Any, form: str = "png", **options: Any) -> Displayed:
    """What a notebook shows of a figure."""
    data = print_figure(figure, form, **options)
    is_text = isinstance(data, str)
    return Displayed("image/svg+xml" if is_text else "image/png", data.encode() if is_text else data)


def axes_in(figure: Any, picture: Displayed) -> tuple[Axis, ...]:
    """The axes on their whole way to whoever reads them."""
    source = matplotlib.source(figure)
    assert isinstance(source, Source)
    sent = bundle.unpack(bundle.pack(reading.read(source, pictures.size([picture])))).axes
    return axes.read(axes.as_json(sent))


def at(axis: Axis, number: float) -> float:
    """Where a number of an axis is, in the picture."""
    run = axis.run
    assert run is not None
    first, last = run.first, run.last
    if axis.scale == "log":
        first, last, number = np.log10([first, last, number])
    return run.start + (number - first) / (last - first) * (run.end - run.start)


def line() -> tuple[Any, Any, float, float]:
    figure, ax = plt.subplots()
    ax.plot([1, 2, 3], [10, 20, 15])
    ax.set(xlabel="Time (s)", ylabel="Voltage (V)", title="A title that is\nof two lines")
    return figure, ax, 2.5, 12.0


def logarithmic() -> tuple[Any, Any, float, float]:
    figure, ax = plt.subplots(figsize=(4, 6))
    ax.loglog([1, 1000], [1e-6, 1])
    return figure, ax, 30.0, 2e-4


def upside_down() -> tuple[Any, Any, float, float]:
    figure, ax = plt.subplots(facecolor="#ddd")
    ax.imshow(np.zeros((4, 9)), cmap="gray")
    figure.colorbar(ax.images[0])
    return figure, ax, 6.0, 1.0


def days() -> tuple[Any, Any, float, float]:
    figure, ax = plt.subplots(layout="constrained")
    ax.plot([DAY - dt.timedelta(days=9), DAY + dt.timedelta(days=3)], [1, 2])
    return figure, ax, DAY.timestamp(), 1.25


def categories() -> tuple[Any, Any, float, float]:
    figure, ax = plt.subplots()
    ax.bar(["low", "middle", "high"], [1, 5, 2])
    ax.legend(["a legend outside"], loc="upper left", bbox_to_anchor=(1, 1))
    return figure, ax, 2.0, 4.0


def equal() -> tuple[Any, Any, float, float]:
    figure, ax = plt.subplots(figsize=(9, 3))
    ax.plot([0, 1, 2], [0, 1, 0])
    ax.set_aspect("equal", adjustable="datalim")
    return figure, ax, 1.0, 0.25


MADE = [line, logarithmic, upside_down, days, categories, equal]
HOW: dict[str, tuple[str, dict[str, Any]]] = {
    "as notebooks do": ("png", {}),
    "sharp": ("retina", {}),
    "not cut": ("png", {"bbox_inches": None}),
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("made", MADE, ids=lambda one: one.__name__)
def test_points_of_the_data_are_where_the_picture_shows_them(made: Callable[[], Any], how: str) -> None:
    figure, ax, x, y = made()
    ax.plot([dt.datetime.fromtimestamp(x, dt.UTC) if made is days else x], [y], scalex=False, scaley=False, **DOT)
    form, options = HOW[how]
    data = print_figure(figure, form, **options)
    picture = Displayed("image/png", data[0] if isinstance(data, tuple) else data)
    found = {one.direction: one for one in axes_in(figure, picture) if one.direction in "xy"}
    size = np.array(pictures.size([picture]))
    off = (np.array([at(found["x"], x), at(found["y"], y)]) - red(picture.data)) * size
    assert np.abs(off).max() < 2 * size[0] / 500 + 1, off  # pixels
    plt.close(figure)


def test_each_subplot_and_each_twin_runs_where_it_is() -> None:
    figure, ((a, b), (c, d)) = plt.subplots(2, 2)
    for number, ax in enumerate((a, b, c, d)):
        ax.plot([0, 10], [0, number + 1])
    twin = d.twinx()
    twin.plot([0, 10], [100, 200])
    twin.plot([5], [150], **DOT)
    picture = shown(figure)
    found = axes_in(figure, picture)
    assert len(found) == 9
    assert all(one.run for one in found)
    x = next(one for one in found if (one.index, one.direction) == (3, "x"))
    y = next(one for one in found if one.twin_of == 3)
    assert (at(x, 5), at(y, 150)) == pytest.approx(red(picture.data), abs=0.004)
    plt.close(figure)


def test_a_drawing_without_pixels_has_the_same_fractions() -> None:
    figure, *_ = line()
    as_png, as_svg = axes_in(figure, shown(figure)), axes_in(figure, shown(figure, "svg"))
    assert as_png == as_svg
    assert as_png[0].run is not None
    plt.close(figure)


def test_what_has_another_size_is_not_guessed_at() -> None:
    figure, *_ = line()
    for options in ({"dpi": 33}, {"pad_inches": 1.0}):
        assert [one.run for one in axes_in(figure, shown(figure, **options))] == [None, None]
    source = matplotlib.source(figure)
    assert isinstance(source, Source)
    assert [one.run for one in reading.read(source).axes] == [None, None]
    plt.close(figure)


@pytest.mark.parametrize("kind", ["polar", "symlog", "3d"])
def test_what_is_bent_or_not_even_has_no_run(kind: str) -> None:
    figure, ax = plt.subplots(subplot_kw={"projection": None if kind == "symlog" else kind})
    ax.plot([1, 2], [1, 2])
    if kind == "symlog":
        ax.set_yscale("symlog")
    found = {one.direction: one.run for one in axes_in(figure, shown(figure))}
    assert found.pop("y") is None
    assert kind == "symlog" or not any(found.values())
    plt.close(figure)


def test_runs_that_make_no_sense_cost_the_axis_nothing() -> None:
    sound = {"panel": "", "index": 0, "direction": "x", "scale": "log", "low": 1.0, "high": 9.0}
    run = {"start": 0.1, "end": 0.9, "first": 1.0, "last": 9.0}
    bad: list[Any] = [{}, [], "x", 1, run | {"start": 0.9}, run | {"first": -1.0}, run | {"last": float("nan")}]
    bad += [run | {"end": 1e9}, run | {"end": "1"}, run | {"end": True}, {"start": 0.1}]
    assert axes.of([sound | {"run": run}])[0].run is not None
    for one in bad:
        (axis,) = axes.of([sound | {"run": one}])
        assert axis.run is None, one
    assert axes.of([sound | {"direction": "colour", "run": run}])[0].run is None


@pytest.mark.parametrize(
    ("svg", "size"),
    [
        (b'<?xml version="1.0"?><svg xmlns="x" width="460.8pt" height="345.6pt" viewBox="0 0 1 1">', (460.8, 345.6)),
        (b"<svg width='100' height='50px'>", (100.0, 50.0)),
        (b'<svg viewBox="0 0 4 3">', None),
        (b'<svg width="100%" height="50">', None),
        (b'<svg width="1.2.3" height="50">', None),
        (b"<svg " + b"a" * 100_000, None),
        (b"", None),
    ],
)
def test_the_size_of_a_drawing_is_what_it_says(svg: bytes, size: tuple[float, float] | None) -> None:
    assert pictures.size([Displayed("image/svg+xml", svg)]) == size
