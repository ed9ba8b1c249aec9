"""The axes of bokeh's plots as facts: ranges that were given, scales, further ranges beside them, colours, bars.

In: a plot and the objects of its document. Out: axes by the names that their series bear. Ranges that only BokehJS
works out are None.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import units
from gofigr_jupyter.capture.series.axes import Axis, Limit
from gofigr_jupyter.capture.series.bokeh_objects import Objects, attributes_of, name_of
from gofigr_jupyter.capture.series.bokeh_values import moments, plain
from gofigr_jupyter.capture.series.spans import instants, ordered
from gofigr_jupyter.capture.series.table import array

_SIDES = {"x": ("below", "above"), "y": ("left", "right")}
_SCALES = {"DatetimeAxis": "time", "LogAxis": "log", "CategoricalAxis": "category", "MercatorAxis": "mercator"}
_SCALES |= {"LogScale": "log", "CategoricalScale": "category", "LinearColorMapper": "linear", "LogColorMapper": "log"}
# The attribute of a glyph that tells where its bars or areas begin, and in which direction they reach from there.
_BASES = {"VBar": (("bottom", "y"),), "HBar": (("left", "x"),), "Quad": (("bottom", "y"), ("left", "x"))}
_BASES |= {"VArea": (("y1", "y"),), "HArea": (("x1", "x"),), "VAreaStep": (("y1", "y"),), "HAreaStep": (("x1", "x"),)}


def names_of(objects: Objects, renderer: Mapping[str, Any], number: int) -> dict[str, str]:
    """The names of the axes that a renderer of the `number`-th plot draws on, by direction."""
    found = {direction: f"{number}.{direction}.{range_of(renderer, direction)}" for direction in "xy"}
    glyph = attributes_of(objects.get(renderer, "glyph"))
    painted = [one for name in ("fill_color", "line_color") if isinstance(one := glyph.get(name), Mapping)]
    mappers = [glyph.get("color_mapper"), *(one.get("transform") for one in painted)]
    ids = [str(one["id"]) for one in mappers if isinstance(one, Mapping) and "id" in one]
    return found | ({"colour": f"{number}.colour.{ids[0]}"} if ids else {})


def axes_of(objects: Objects, plot: Mapping[str, Any], number: int) -> Iterator[tuple[str, Axis]]:
    """The axes of the `number`-th plot, as far as something is drawn on them, and its colours."""
    drawn = [one for one in objects.all(plot, "renderers") if "data_source" in attributes_of(one)]
    drawn = [one for one in drawn if attributes_of(one).get("visible") is not False]
    title = one_line(attributes_of(objects.get(plot, "title")).get("text")) or ""
    for direction in "xy":
        ranges = sorted({range_of(one, direction) for one in drawn}, key=lambda name: (name != "default", name))
        for place, name in enumerate(ranges):
            shown = axis_of(objects, plot, direction, name)
            if shown is not None:
                on_it = [one for one in drawn if range_of(one, direction) == name]
                bare = Axis(
                    panel=title,
                    index=number,
                    direction=direction,
                    twin_of=number if place else None,
                    bars=any(_has_bars(objects, one, direction) for one in on_it),
                )
                yield f"{number}.{direction}.{name}", _ruled(bare, objects, plot, name, shown)
    yield from _colours(objects, plot, title, number)


def range_of(renderer: Mapping[str, Any], direction: str) -> str:
    """The name of the range along which a renderer draws."""
    return str(attributes_of(renderer).get(f"{direction}_range_name") or "default")


def axis_of(objects: Objects, plot: Mapping[str, Any], direction: str, name: str) -> Mapping[str, Any] | None:
    """The axis that shows a range; None where none does."""
    found = [one for one in objects.at(plot, *_SIDES[direction]) if name_of(one).endswith("Axis")]
    return next((one for one in found if range_of(one, direction) == name), None)


def _ruled(axis: Axis, objects: Objects, plot: Mapping[str, Any], name: str, shown: Mapping[str, Any]) -> Axis:
    """The axis with label, scale and limits."""
    direction = axis.direction
    words = attributes_of(shown).get("axis_label")
    label, unit = units.split(one_line(words) or "" if isinstance(words, str) else "")
    ruler, scale = (_of_range(objects, plot, direction, name, sort) for sort in ("range", "scale"))
    kind = _SCALES.get(name_of(shown)) or _SCALES.get(name_of(scale), "linear")
    low, high, is_inverted = _limits(ruler, kind)
    return replace(axis, label=label, unit=unit, scale=kind, low=low, high=high, is_inverted=is_inverted)


def _of_range(objects: Objects, plot: Mapping[str, Any], direction: str, name: str, sort: str) -> Mapping[str, Any]:
    """The range or the scale of that name."""
    if name == "default":
        return objects.get(plot, f"{direction}_{sort}")
    given = attributes_of(plot).get(f"extra_{direction}_{sort}s")
    if isinstance(given, Mapping) and given.get("type") == "map":
        given = dict(given.get("entries") or ())
    return objects.resolved(given.get(name)) if isinstance(given, Mapping) else {}


def _limits(ruler: Mapping[str, Any], scale: str) -> tuple[Limit, Limit, bool]:
    """The ends of a range that was given, the lesser first; and whether it runs the other way."""
    attributes, kind = attributes_of(ruler), name_of(ruler)
    if kind == "FactorRange" or scale == "category":
        return None, None, False
    defaults = (0, 1) if kind == "Range1d" else (None, None)
    ends = [attributes.get(name, default) for name, default in zip(("start", "end"), defaults, strict=True)]
    low, high, is_inverted = ordered(*(_end(one, scale) for one in ends))
    return low, high, is_inverted or attributes.get("flipped") is True


def _end(value: Any, scale: str) -> Limit:
    number = _number(plain(value))
    if number is None or scale != "time":
        return number
    return instants(moments(array([number])))[0]  # milliseconds, as JavaScript counts


def _number(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value)


def _has_bars(objects: Objects, renderer: Mapping[str, Any], direction: str) -> bool:
    """Whether bars or areas start from one line: at one value for all, or stacked on one another."""
    glyph = objects.get(renderer, "glyph")
    for attribute, reaches in _BASES.get(name_of(glyph), ()):
        # where nothing is said, bars begin at zero, and all others at values of their own
        given = attributes_of(glyph).get(attribute, 0 if name_of(glyph) in {"VBar", "HBar"} else None)
        is_stack = isinstance(given, Mapping) and "expr" in given
        value = given.get("value") if isinstance(given, Mapping) else given
        if reaches == direction and (is_stack or _number(value) is not None):
            return True
    return False


def _colours(objects: Objects, plot: Mapping[str, Any], title: str, number: int) -> Iterator[tuple[str, Axis]]:
    """What the colours of the bars beside a plot stand for."""
    for bar in objects.at(plot, "right", "left", "above", "below", "center"):
        mapper = objects.get(bar, "color_mapper")
        if name_of(bar) != "ColorBar" or name_of(mapper) not in _SCALES:
            continue
        words = attributes_of(bar).get("title")
        label, unit = units.split(one_line(words) or "" if isinstance(words, str) else "")
        ends = (_number(plain(attributes_of(mapper).get(name))) for name in ("low", "high"))
        low, high, is_inverted = ordered(*ends)
        yield f"{number}.colour.{mapper.get('id')}", Axis(
            panel=title,
            index=number,
            direction="colour",
            label=label,
            unit=unit,
            scale=_SCALES[name_of(mapper)],
            low=low,
            high=high,
            is_inverted=is_inverted,
        )
