"""Bars, histograms, error bars, stems, stairs and rectangles: what comes in containers or as patches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gofigr_jupyter.capture.series import exact
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib.lines import points
from gofigr_jupyter.capture.series.matplotlib.place import Place, plain_numbers
from gofigr_jupyter.capture.series.matplotlib.whiskers import Whiskers, ends
from gofigr_jupyter.capture.series.table import Column, array

_FUZZ = 1e-9  # in widths that are meant to be the same


def bars(place: Place, container: Any, whiskers: Whiskers | None = None) -> Series | None:
    """Bars of `bar` and `barh`: where, how high, from where; those of a histogram by the edges of its bins.

    `whiskers` are lines that may be their error bars.
    """
    rectangles = list(container.patches)
    if not rectangles:
        return None
    along, across = ("y", "x") if container.orientation == "horizontal" else ("x", "y")
    low, width = _sides(rectangles, along)
    base, height = _sides(rectangles, across)
    label = _label(place, container, rectangles)
    edges: Any = None if place.categories(along) is not None or place.tick_names(along) else exact.edges(low, width)
    is_histogram = edges is not None and len(low) > 1
    if is_histogram:
        positions = place.columns(along, edges[:-1], suffix="_low") + place.columns(along, edges[1:], suffix="_high")
    else:
        positions = place.named(along, exact.centres(low, width))
    columns = [*positions, place.column(across, _given_heights(container, height))]
    if _have_bases(place, container.orientation, across):
        columns.append(place.column(across, base, suffix="_base"))
    if not is_histogram and np.ptp(width) > _FUZZ * np.abs(width).max():
        columns.append(Column("width", array(width), "Width of the bar", role="width"))
    if container.errorbar is not None and len(rectangles) == len(_segments(container.errorbar, 0)):
        columns += _reaches(place, container.errorbar, points_only=False)
    elif whiskers is not None:
        columns += whiskers.around(along, low + width / 2, base + height)
    return Series(place.title, "histogram" if is_histogram else "bars", label, tuple(columns))


def error_bars(place: Place, container: Any) -> Series | None:
    """Points with how far their error bars reach."""
    data, _, bar_lines = container.lines
    if not bar_lines:
        return None
    label = place.name_of(container)
    reaches = _reaches(place, container, points_only=data is None)
    rows = len(reaches[0].values) if reaches else 0
    if data is None:
        return Series(place.title, "error bars", label, tuple(reaches))
    given = points(place, data)
    if not reaches or len(given[0].values) != rows:  # errorevery, or points that are missing: they cannot be paired
        return Series(place.title, "points", label or place.name_of(data), given)
    return Series(place.title, "error bars", label or place.name_of(data), (*given, *reaches))


def stems(place: Place, container: Any) -> Series:
    """The heads of stems."""
    return Series(place.title, "stems", place.name_of(container), points(place, container.markerline))


def stairs(place: Place, artist: Any) -> Series:
    """What `stairs` was given: values between edges."""
    values, edges, baseline = artist.get_data()
    along, across = ("y", "x") if artist.orientation == "horizontal" else ("x", "y")
    columns = [
        *place.columns(along, edges[:-1], suffix="_low"),
        *place.columns(along, edges[1:], suffix="_high"),
        place.column(across, values),
    ]
    if baseline is not None and np.ndim(baseline) == 1:
        columns.append(place.column(across, baseline, suffix="_base"))
    return Series(place.title, "histogram", place.name_of(artist, artist.get_facecolor()), tuple(columns))


def rectangles(place: Place, found: Sequence[Any]) -> Iterator[Series]:
    """Rectangles that are no bars; those that span the axes in a direction have sides in the other only."""
    for one in found:
        in_x, in_y = place.is_data(one)
        columns: list[Column] = []
        for is_data, direction in ((in_x, "x"), (in_y, "y")):
            if is_data:
                low, size = _sides([one], direction)
                columns += place.columns(direction, low, suffix="_low")
                columns += place.columns(direction, low + size, suffix="_high")
        kind = "rectangles" if in_x and in_y else "vertical spans" if in_x else "horizontal spans"
        yield Series(place.title, kind, place.name_of(one, one.get_facecolor()), tuple(columns))


def _label(place: Place, container: Any, rectangles: Sequence[Any]) -> str:
    """The label of the bars; that of a histogram is with its first bar."""
    own = place.name_of(container)
    if not own and all(str(one.get_label() or "_").startswith("_") for one in rectangles[1:]):
        own = place.name_of(rectangles[0])
    return own or place.name_of(container, rectangles[0].get_facecolor())


def _have_bases(place: Place, orientation: str, across: str) -> bool:
    """Whether any bars of an axes begin elsewhere than at zero: then all tell where, and stand in one table."""
    others = [one for one in place.axes.containers if getattr(one, "orientation", "") == orientation]
    groups = [list(one.patches) for one in others if getattr(one, "patches", None)]
    return any(np.any(_sides(found, across)[0] != 0) for found in groups)


def _sides(found: Sequence[Any], direction: str) -> tuple[Any, Any]:
    """Lower sides and sizes in a direction."""
    if direction == "x":
        return np.array([one.get_x() for one in found], float), np.array([one.get_width() for one in found], float)
    return np.array([one.get_y() for one in found], float), np.array([one.get_height() for one in found], float)


def _given_heights(container: Any, drawn: Any) -> Any:
    """The heights as they were given, integers as such, where the bars still have them."""
    given = np.ma.asarray(container.datavalues) if container.datavalues is not None else None
    if given is None or given.shape != drawn.shape or given.dtype.kind not in "iuf":
        return drawn
    return given if bool(np.ma.allequal(given, drawn)) else drawn


def _reaches(place: Place, container: Any, *, points_only: bool) -> list[Column]:
    """The ends of the error bars in each direction; `points_only` adds where they stand."""
    columns: list[Column] = []
    number = 0
    for direction, has in (("x", container.has_xerr), ("y", container.has_yerr)):
        if not has:
            continue
        segments = _segments(container, number)
        number += 1
        axis = 0 if direction == "x" else 1
        if len(segments) and points_only and not columns:
            columns += place.columns("y" if direction == "x" else "x", segments[:, 0, 1 - axis])
        if len(segments):
            columns += ends(place, direction, segments[:, 0, axis], segments[:, -1, axis])
    same = {len(one.values) for one in columns}
    return columns if len(same) == 1 else []


def _segments(container: Any, number: int) -> Any:
    lines = container.lines[2]
    if number >= len(lines):
        return np.empty((0, 2, 2))
    found: list[Any] = [plain_numbers(one) for one in lines[number].get_segments()]
    return np.array([one for one in found if one.shape == (2, 2)] or np.empty((0, 2, 2)))


def have_one_base(container: Any, across: str) -> bool:
    """Whether bars begin at zero, or all at one value: then their lengths are compared by eye."""
    rectangles = list(container.patches)
    if not rectangles:
        return False
    base, _ = _sides(rectangles, across)
    return bool(np.any(base == 0) or np.ptp(base) == 0)
