"""The axes of Vega-Lite charts as facts: scales, domains that were given, layers with scales of their own, bars.

In: marks and their views. Out: axes by the names that their series bear. Domains that only Vega works out are None, but
for those of bars.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from gofigr_jupyter.capture.series import units, values
from gofigr_jupyter.capture.series.axes import Axis, Found, Limit
from gofigr_jupyter.capture.series.spans import instants, ordered
from gofigr_jupyter.capture.series.table import array
from gofigr_jupyter.capture.series.vega_domains import Domain, of_bars
from gofigr_jupyter.capture.series.vega_views import View, title_of

Mark = tuple[Any, View]
_SCALES = {"utc": "time", "band": "category", "point": "category", "ordinal": "category"}
_BY_TYPE = {"quantitative": "linear", "temporal": "time", "nominal": "category", "ordinal": "category"}
_COLOURS = ("color", "fill", "stroke")
_SPLITS = (*_COLOURS, "detail", "opacity", "order")  # channels by which bars are stacked
_FACETS = frozenset(("row", "column", "facet"))


def names_of(view: View) -> tuple[str, ...]:
    """The names of the axes that a view draws on, if it has them."""
    return tuple(view.name(direction) for direction in ("x", "y", "colour"))


def axes_of(views: Sequence[Mark], told: Found) -> Iterator[tuple[str, Axis]]:
    """The axes of all views; `told` learns whose values are not those of the data and whose limits follow from them."""
    panels = list(dict.fromkeys(view.panel for _, view in views))
    drawn = Counter(view.name(direction) for _, view in views for direction in "xy" if _is_drawn(view, direction))
    found: dict[str, Axis] = {}
    for mark, view in views:
        for direction in ("x", "y", "colour"):
            with suppress(Exception):  # JSON of anybody: what fails costs its own axis
                one = _axis(mark, view, direction, panels.index(view.panel))
                name = view.name(direction)
                if one is None:
                    continue
                if _is_computed(mark, view, direction) or (direction == "colour" and len(panels) > 1):
                    told.unknown.add(name)
                domain = _domain(view, one) if drawn[name] == 1 else None
                if domain is not None:
                    told.automatic[name] = domain
                found[name] = _together(found[name], one) if name in found else _beside(found, one)
    yield from found.items()


def _domain(view: View, axis: Axis) -> Domain | None:
    """How the limits follow from the lengths of bars, where one view alone has a say."""
    if not axis.bars or axis.scale != "linear" or not _FACETS.isdisjoint(view.encoding):
        return None
    return of_bars(_channel(view, axis.direction).get("scale", {}))


def _is_drawn(view: View, direction: str) -> bool:
    """Whether something of a view lies along an axis; what stands at a place on the paper does not."""
    given = view.encoding.get(direction)
    return isinstance(given, Mapping) and "value" not in given


def _axis(mark: Any, view: View, direction: str, index: int) -> Axis | None:
    """One axis; None where a view has none of its own in a direction, and for colours that are no numbers."""
    given = _channel(view, direction)
    scale = given.get("scale", {})
    if isinstance(given.get("field"), Mapping) or not (given.get("field") or _is_count(given)):
        return None
    if not isinstance(scale, Mapping) or (direction == "colour" and _type_of(given) != "quantitative"):
        return None
    label, unit = units.split(_label(given))
    kind = str(scale.get("type") or _BY_TYPE.get(_type_of(given), ""))
    kind = _SCALES.get(kind, kind)
    low, high, is_inverted = _limits(given, scale, kind)
    return Axis(
        panel=view.title,
        index=index,
        direction=direction,
        label=label,
        unit=unit,
        scale=kind,
        low=low,
        high=high,
        is_inverted=is_inverted,
        bars=_bars(mark, view) == direction,
    )


def _together(one: Axis, other: Axis) -> Axis:
    """One axis for the layers that share it."""
    low = other.low if one.low is None else one.low
    high = other.high if one.high is None else one.high
    return replace(one, bars=one.bars or other.bars, low=low, high=high)


def _beside(found: Mapping[str, Axis], one: Axis) -> Axis:
    """A further axis of a subplot is a twin of the first."""
    is_twin = any((other.index, other.direction) == (one.index, one.direction) for other in found.values())
    return replace(one, twin_of=one.index) if is_twin else one


def _channel(view: View, direction: str) -> Mapping[str, Any]:
    channels = _COLOURS if direction == "colour" else (direction,)
    found = (view.encoding.get(name) for name in channels)
    return next((one for one in found if isinstance(one, Mapping) and (one.get("field") or _is_count(one))), {})


def _is_count(given: Mapping[str, Any]) -> bool:
    return bool(given.get("aggregate") == "count")


def _type_of(given: Mapping[str, Any]) -> str:
    """The type of an encoding, as Vega-Lite takes it where nobody said any."""
    if given.get("type"):
        return str(given["type"])
    if given.get("aggregate") or given.get("bin"):
        return "quantitative"
    return "temporal" if given.get("timeUnit") else "nominal"


def _label(given: Mapping[str, Any]) -> str:
    """The words at the axis; those that tables bear, too."""
    inner = [given.get(name) for name in ("axis", "legend")]
    holders = [given, *(one for one in inner if isinstance(one, Mapping))]
    own = next((title_of(one["title"]) for one in holders if one.get("title")), "")
    if own or not given.get("aggregate"):
        return own or str(given.get("field") or "")
    statistic = given["aggregate"]
    statistic = str(next(iter(statistic), "") if isinstance(statistic, Mapping) else statistic)
    return f"{statistic.capitalize()} of {given['field']}" if given.get("field") else "Count of records"


def _limits(given: Mapping[str, Any], scale: Mapping[str, Any], kind: str) -> tuple[Limit, Limit, bool]:
    """The ends of a given domain, the lesser first; and whether it runs the other way."""
    is_reversed = scale.get("reverse") is True or (kind != "category" and given.get("sort") == "descending")
    if kind == "category":
        return None, None, is_reversed
    domain = scale.get("domain")
    ends = [domain[0], domain[-1]] if isinstance(domain, list) and len(domain) > 1 else [None, None]
    ends = [scale.get("domainMin", ends[0]), scale.get("domainMax", ends[1])]
    low, high, is_inverted = ordered(*(_end(one, kind) for one in ends))
    return low, high, is_inverted != is_reversed


def _end(value: Any, kind: str) -> Limit:
    if kind != "time":
        return _number(value)
    if isinstance(value, str):
        moments = values.times(array([value]))
    else:
        number = _number(value)
        moments = None if number is None else values.from_milliseconds(array([number]))
    return None if moments is None else instants(moments)[0]


def _number(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value)


def _bars(mark: Any, view: View) -> str:
    """In which direction bars or areas start from one line; "" where none do, as between two positions."""
    kind = mark.get("type") if isinstance(mark, Mapping) else mark
    if kind not in {"bar", "area"} or "x2" in view.encoding or "y2" in view.encoding:
        return ""
    measured = [direction for direction in ("x", "y") if _is_measured(_channel(view, direction))]
    if len(measured) < 2:
        return next(iter(measured), "")
    orient = mark.get("orient") if isinstance(mark, Mapping) else None
    summed = [direction for direction in measured if _channel(view, direction).get("aggregate")]
    return "x" if orient == "horizontal" or summed == ["x"] else "y"


def _is_measured(given: Mapping[str, Any]) -> bool:
    return bool(given) and _type_of(given) == "quantitative" and not given.get("bin")


def _is_computed(mark: Any, view: View, direction: str) -> bool:
    """Whether Vega draws other values than there are in the data: bins, units of time, sums of what is stacked."""
    given = _channel(view, direction)
    if given.get("bin") or given.get("timeUnit") or given.get("impute"):
        return True
    is_stacked = any(isinstance(view.encoding.get(name), Mapping) for name in _SPLITS)
    return _bars(mark, view) == direction and is_stacked and given.get("stack", True) not in {None, False}
