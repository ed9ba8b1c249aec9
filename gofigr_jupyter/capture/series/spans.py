"""What the tables of a figure tell of its axes: the ends of the values along each, its scale, bars from zero.

In: axes as the readers found them, and the series that are drawn on them. Out: the same axes, complete.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pyarrow as pa
from pyarrow import compute

from gofigr_jupyter.capture.series.axes import MOST, Axis, Found, Limit
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.table import Column

# The roles of columns whose values lie along an axis.
_ALONG = {
    "x": frozenset("x x1 x2 xs x0 x_low x_high x_start x_end left right".split()),
    "y": frozenset("y y1 y2 ys y0 y_low y_high y_start y_end top bottom open high low close".split()),
    "z": frozenset("z z_low z_high z_start z_end".split()),
    "colour": frozenset(("colour",)),
}
# What has no value of its own in one direction, and what is summed up.
_ACROSS = frozenset(("vertical lines", "horizontal lines", "vertical spans", "horizontal spans", "endless lines"))
_SUMMED_UP = frozenset(("boxes", "violins"))
_IN_ORDER = {"x": 0, "y": 1, "z": 2, "colour": 3}


def completed(found: Found, series: Sequence[Series]) -> tuple[Axis, ...]:
    """The axes, subplot by subplot; twins come after those that they stand beside."""
    drawn: dict[str, list[Series]] = {name: [] for name in found.axes}
    for one in series:
        for name in one.drawn_on:
            drawn.setdefault(name, []).append(one)
    axes = [_completed(axis, drawn[name], found, name) for name, axis in found.axes.items()]
    axes.sort(key=lambda one: (one.index, _IN_ORDER[one.direction], one.twin_of is not None))
    return tuple(axes[:MOST])


def instants(found: pa.Array) -> list[str | None]:
    """Times as ISO 8601, to the microsecond."""
    moments = found.cast(pa.timestamp("us", found.type.tz), safe=False).to_pylist()
    return [None if one is None else one.isoformat() for one in moments]


def ordered(first: Limit, last: Limit) -> tuple[Limit, Limit, bool]:
    """Two limits with the lesser first, and whether they came the other way round; what is not finite is None."""
    ends = [None if isinstance(one, float) and not math.isfinite(one) else one for one in (first, last)]
    if all(isinstance(one, float) for one in ends) or all(isinstance(one, str) for one in ends):
        low, high = sorted(ends)  # type: ignore[type-var]  # of one kind, as was asked just now
        return low, high, low != ends[0]
    return ends[0], ends[1], False


def _completed(axis: Axis, series: Sequence[Series], found: Found, name: str) -> Axis:
    columns = [_along(one, axis.direction) for one in series if one.kind not in _ACROSS]
    every = [column.values for some in columns for column in some]
    axis = _scaled(axis, every)
    if any(_stands_on(one, axis.direction) for one in series):
        axis = replace(axis, bars=True)
    has_all = every and all(columns) and not any(one.kind in _SUMMED_UP for one in series)
    if not has_all or axis.scale == "category" or name in found.unknown:
        return axis
    low, high = _ends(axis, every)
    return _limited(replace(axis, values_low=low, values_high=high), found, name)


def _limited(axis: Axis, found: Found, name: str) -> Axis:
    """With the limits that the viewer makes of the values, where nobody has set any."""
    low, high = axis.values_low, axis.values_high
    if not isinstance(low, float) or not isinstance(high, float):
        return axis
    if name in found.automatic:
        low, high = found.automatic[name](low, high)
    elif axis.direction != "colour" or axis.scale not in {"linear", "log"}:  # colours reach as far as values
        return axis
    return replace(axis, low=low if axis.low is None else axis.low, high=high if axis.high is None else axis.high)


def _along(series: Series, direction: str) -> list[Column]:
    return [one for one in series.columns if one.role in _ALONG[direction]]


def _scaled(axis: Axis, every: Sequence[pa.Array]) -> Axis:
    """With the scale that its values have where nobody said any; limits of another sort than it has are gone."""
    kinds = {_sort(one) for one in every}
    scale = axis.scale
    if kinds == {"category"} and scale in {"", "linear"}:
        scale = "category"
    elif not scale and len(kinds) == 1:
        scale = kinds.pop()
    wanted: Any = () if scale == "category" else str if scale == "time" else float
    low, high = (one if isinstance(one, wanted) else None for one in (axis.low, axis.high))
    return replace(axis, scale=scale, low=low, high=high)


def _sort(values: pa.Array) -> str:
    if pa.types.is_timestamp(values.type):
        return "time"
    return "linear" if pa.types.is_integer(values.type) or pa.types.is_floating(values.type) else "category"


def _ends(axis: Axis, every: Iterable[pa.Array]) -> tuple[Limit, Limit]:
    """The least and the greatest value; None where these are of several sorts."""
    lows: list[Any] = []
    highs: list[Any] = []
    with suppress(ValueError, TypeError, OverflowError, pa.ArrowException):
        for one in every:
            if (_sort(one) == "time") != (axis.scale == "time") or _sort(one) == "category":
                return None, None
            ends = compute.min_max(one).as_py() if axis.scale != "time" else _first_and_last(one)
            lows.append(ends["min"])
            highs.append(ends["max"])
        if axis.scale != "time":
            lows, highs = ([float(one) for one in ends if one is not None] for ends in (lows, highs))
        low, high = (min(filter(_is_there, lows), default=None), max(filter(_is_there, highs), default=None))
        return (low, high) if _is_there(low) and _is_there(high) else (None, None)
    return None, None


def _first_and_last(values: pa.Array) -> dict[str, str | None]:
    found = compute.min_max(values)
    ends = [pa.array([found[name].as_py()], values.type) for name in ("min", "max")]
    return dict(zip(("min", "max"), (instants(one)[0] for one in ends), strict=True))


def _is_there(value: Any) -> bool:
    return value is not None and (not isinstance(value, float) or math.isfinite(value))


def _stands_on(series: Series, direction: str) -> bool:
    """Whether a series is a histogram's bars, or an area that starts from zero, in this direction."""
    if series.kind == "histogram":
        return any(one.role == direction for one in series.columns)
    if series.kind != "areas":
        return False
    sides = [one.values for one in series.columns if one.role in {f"{direction}1", f"{direction}2"}]
    return any(len(one) and _sort(one) == "linear" and compute.all(compute.equal(one, 0)).as_py() for one in sides)
