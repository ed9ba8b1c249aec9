"""Lines as they were given to `plot`, `step` and `stem`, and lines across the whole axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib.place import Place
from gofigr_jupyter.capture.series.table import Column, array

_TIMES = {"datetime", "date", "Timestamp", "datetime64", "time"}


def line(place: Place, artist: Any, reach: tuple[Column, ...] = ()) -> Series | None:
    """A line, perhaps with error bars at its points; one that spans the axes has one coordinate only."""
    if type(artist).__name__ == "AxLine":
        return _endless(place, artist)
    in_x, in_y = place.is_data(artist)
    label = place.name_of(artist, artist.get_color())
    if in_x and in_y:
        kind = "points" if artist.get_linestyle() in {"None", "none", " ", ""} else "lines"
        given = points(place, artist)
        is_one_each = {len(one.values) for one in reach} == {len(given[0].values)}
        return Series(place.title, kind, label, (*given, *reach) if is_one_each else given)
    for is_data, direction, kind in ((in_x, "x", "vertical lines"), (in_y, "y", "horizontal lines")):
        if is_data:
            drawn = getattr(artist, f"get_{direction}data")(orig=False)
            return Series(place.title, kind, label, place.columns(direction, np.unique(drawn)))
    return None


def points(place: Place, artist: Any) -> tuple[Column, ...]:
    """The coordinates of a line, as given where they still are, else back from their positions."""
    drawn = {direction: getattr(artist, f"get_{direction}data")(orig=False) for direction in "xy"}
    return tuple(
        column
        for direction in "xy"
        for column in _coordinates(
            place, direction, getattr(artist, f"get_{direction}data")(orig=True), drawn[direction]
        )
    )


def _coordinates(place: Place, direction: str, given: Any, drawn: Any) -> tuple[Column, ...]:
    values = _as_given(given)
    if values is None or len(values) != len(drawn):
        return place.columns(direction, drawn)
    is_number = getattr(getattr(values, "dtype", None), "kind", "-") in "biuf"
    stands_for_more = place.categories(direction) is not None or place.values(direction, drawn) is not drawn
    if is_number and stands_for_more:  # a time or a category
        return place.columns(direction, drawn)
    return (place.column(direction, values),)


def _as_given(given: Any) -> Any | None:
    """The values in a form of which every library can be asked the type; None for what is no plain sequence."""
    if type(given).__name__ in {"PeriodIndex", "PeriodArray"}:
        return given.to_timestamp()
    if getattr(getattr(given, "dtype", None), "tz", None) is not None:
        return given  # pandas knows the zone, numpy would not
    values = np.ma.asarray(given) if isinstance(given, np.ma.MaskedArray) else _array(given)
    if values is None or values.ndim != 1 or values.dtype.kind not in "biufMmUSO":
        return None
    if values.dtype.kind != "O":
        return values
    first = next((one for one in values if one is not None and one == one), None)  # noqa: PLR0124 -- NaN is not
    if type(first).__name__ == "Period":
        return [one.to_timestamp() for one in values]
    return list(values) if isinstance(first, str | bytes) or type(first).__name__ in _TIMES else None


def _array(given: Any) -> Any | None:
    try:
        return np.asarray(given)
    except (ValueError, TypeError):
        return None


def _endless(place: Place, artist: Any) -> Series:
    """A line through a point with a slope, or through two points."""
    x, y = np.atleast_1d(np.asarray(artist.get_xy1(), dtype=float))
    columns = [*place.columns("x", [x]), *place.columns("y", [y])]
    if artist.get_slope() is not None:
        columns.append(Column("slope", array([float(artist.get_slope())]), role="slope"))
    else:
        second = artist.get_xy2()
        columns += [
            *place.columns("x", [second[0]], suffix="_second"),
            *place.columns("y", [second[1]], suffix="_second"),
        ]
    return Series(place.title, "endless lines", place.name_of(artist, artist.get_color()), tuple(columns))
