"""The axes of plotly's JSON as facts: ranges and types that were given, axes over one another, colours, bars.

In: traces and their layout. Out: axes by the names that their series bear. Ranges that only plotly.js works out are
None.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from gofigr_jupyter.capture.series import values
from gofigr_jupyter.capture.series.axes import Axis, Limit
from gofigr_jupyter.capture.series.plotly_layout import SPATIAL, Layout, item
from gofigr_jupyter.capture.series.spans import instants, ordered
from gofigr_jupyter.capture.series.table import array

_FLAT = frozenset(
    "scatter scattergl bar box violin histogram histogram2d histogram2dcontour contour heatmap heatmapgl image "
    "candlestick ohlc waterfall funnel".split()
)
_COLOURED = frozenset(
    "heatmap heatmapgl contour histogram2d histogram2dcontour surface choropleth densitymapbox".split()
)
_SCALES = {"date": "time", "multicategory": "category", "-": ""}
_FILLED = {"tozeroy": "y", "tozerox": "x"}


def names_of(trace: Mapping[str, Any], number: int) -> dict[str, str]:
    """The names of the axes of a trace, by direction; `number` is its own."""
    kind = str(trace.get("type") or "scatter")
    found: dict[str, str] = {}
    if kind in _FLAT:
        found = {direction: str(trace.get(f"{direction}axis") or direction) for direction in "xy"}
    elif "3d" in kind or kind in SPATIAL:
        found = {direction: f"{trace.get('scene') or 'scene'}.{direction}" for direction in "xyz"}
    shared = _shared_colours(trace)
    if isinstance(shared, str):
        found["colour"] = shared
    elif _has_own_colours(trace, kind):
        found["colour"] = f"colours of {number}"
    return found


def axes_of(traces: Sequence[tuple[int, Mapping[str, Any]]], layout: Layout) -> Iterator[tuple[str, Axis]]:
    """The axes of numbered traces."""
    used = {name for number, trace in traces for name in names_of(trace, number).values()}
    found: dict[str, Axis] = {}
    for number, trace in traces:
        with suppress(Exception):  # JSON of anybody: what fails costs its own axes
            for direction, name in names_of(trace, number).items():
                if name not in found:
                    is_colour = direction == "colour"
                    found[name] = _colours(trace, layout) if is_colour else _axis(trace, layout, direction, used)
                if direction == _bars(trace):
                    counts = trace.get("type") == "histogram" and not found[name].scale
                    found[name] = replace(found[name], bars=True, scale="linear" if counts else found[name].scale)
    yield from found.items()


def _axis(trace: Mapping[str, Any], layout: Layout, direction: str, used: set[str]) -> Axis:
    label, unit = layout.axis(trace, direction)
    index = layout.number(trace)
    under = layout.definition(trace, direction).get("overlaying")
    kind = str(_given(trace, layout, direction, "type") or "")
    scale = _SCALES.get(kind, kind)
    low, high, is_inverted = _limits(trace, layout, direction, scale)
    return Axis(
        panel=layout.place(trace),
        index=index,
        direction=direction,
        label=label,
        unit=unit,
        scale=scale,
        low=low,
        high=high,
        is_inverted=is_inverted,
        twin_of=index if isinstance(under, str) and under in used else None,
    )


def _limits(trace: Mapping[str, Any], layout: Layout, direction: str, scale: str) -> tuple[Limit, Limit, bool]:
    """The ends of a given range, in values, the lesser first; and whether it runs the other way."""
    automatic = _given(trace, layout, direction, "autorange")
    ends = _given(trace, layout, direction, "range")
    if not isinstance(ends, list) or len(ends) != 2 or automatic is True or automatic == "reversed":
        return None, None, automatic in {"reversed", "min reversed", "max reversed"}
    low, high, is_inverted = ordered(*(_end(one, scale) for one in ends))
    return low, high, is_inverted or automatic in {"min reversed", "max reversed"}


def _given(trace: Mapping[str, Any], layout: Layout, direction: str, name: str) -> Any:
    """What is said of an axis, by itself or by the one whose range it follows."""
    own = layout.definition(trace, direction)
    return own[name] if name in own else layout.followed(own, direction).get(name)


def _end(value: Any, scale: str) -> Limit:
    """One end of a range; texts are times, those of logarithmic axes are exponents."""
    if isinstance(value, str):
        moments = values.times(array([value]))
        return None if moments is None else instants(moments)[0]
    number = _number(value)
    if number is None or scale != "log":
        return number
    return 10.0**number if abs(number) < 300 else None  # what a float can hold


def _colours(trace: Mapping[str, Any], layout: Layout) -> Axis:
    label, unit = layout.colour(trace)
    shared = _shared_colours(trace)
    holder: Any = layout.item(shared) if isinstance(shared, str) else None
    letter = "c"
    if holder is None and str(trace.get("type")) in _COLOURED:
        holder, letter = trace, "c" if trace.get("type") == "surface" else "z"
    elif holder is None:
        holder = trace.get("marker") if isinstance(trace.get("marker"), Mapping) else {}
    has_middle = _number(item(holder, f"{letter}mid")) is not None
    low, high, is_inverted = ordered(*(_number(item(holder, f"{letter}{end}")) for end in ("min", "max")))
    return Axis(
        panel=layout.place(trace),
        index=layout.number(trace),
        direction="colour",
        label=label,
        unit=unit,
        scale="around a middle" if has_middle else "linear",
        low=low,
        high=high,
        is_inverted=is_inverted,
    )


def _shared_colours(trace: Mapping[str, Any]) -> Any:
    return trace.get("coloraxis") or item(trace, "marker.coloraxis") or item(trace, "line.coloraxis")


def _has_own_colours(trace: Mapping[str, Any], kind: str) -> bool:
    if kind in _COLOURED:
        return trace.get("showscale") is not False
    return item(trace, "marker.showscale") is True and isinstance(item(trace, "marker.color"), list | Mapping)


def _bars(trace: Mapping[str, Any]) -> str:
    """In which direction bars or areas of a trace start from one line; "" where none do."""
    kind, is_flat = str(trace.get("type") or "scatter"), trace.get("orientation") == "h"
    if kind == "histogram":
        is_flat = is_flat or ("y" in trace and "x" not in trace)
        return "x" if is_flat else "y"
    if kind in {"bar", "waterfall"}:
        return ("x" if is_flat else "y") if _have_one_base(trace.get("base")) else ""
    if kind in {"scatter", "scattergl"}:
        stacked = "" if not trace.get("stackgroup") else "x" if is_flat else "y"
        return _FILLED.get(str(trace.get("fill")), stacked)
    return ""


def _have_one_base(base: Any) -> bool:
    """Whether bars begin at zero, or all at one value."""
    if not isinstance(base, list | Mapping):
        return True
    found = values.vector(base)
    bases = found.to_pylist() if found is not None else []
    return 0 in bases or len(set(bases)) == 1


def _number(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value)
