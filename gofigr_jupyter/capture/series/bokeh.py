"""Bokeh's documents to series: the data sources of their glyphs, under the labels of their axes and legends."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import units
from gofigr_jupyter.capture.series.axes import Found
from gofigr_jupyter.capture.series.bokeh_axes import axes_of, axis_of, names_of, range_of
from gofigr_jupyter.capture.series.bokeh_objects import Objects, attributes_of, field_of, name_of
from gofigr_jupyter.capture.series.bokeh_values import column, grid, is_nested, length, moments, plain
from gofigr_jupyter.capture.series.bundle import MAX_ROWS
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.table import Column, array
from gofigr_jupyter.errors import CaptureError

_DIRECTIONS = {"x": "x", "y": "y", "xs": "x", "ys": "y", "left": "x", "right": "x", "top": "y", "bottom": "y"}
_DIRECTIONS |= {"x0": "x", "x1": "x", "y0": "y", "y1": "y", "width": "x", "height": "y"}
_ROLES = {
    "fill_color": "colour",
    "line_color": "colour",
    "color": "colour",
    "size": "size",
    "radius": "size",
    "text": "label",
}
_STYLE = (
    "alpha",
    "dash",
    "hatch",
    "line_width",
    "line_join",
    "line_cap",
    "font",
    "angle_units",
    "offset",
    "align",
    "baseline",
)
_COLOURED = ("ImageRGBA", "ImageURL")  # whose values are colours
_SHARE = "Share of the whole"
_ENDS = (" from", " to")
_SIDES = {"left": "right", "bottom": "top", "x0": "x1", "y0": "y1"}


def series_of(document: Mapping[str, Any], left_out: list[str], axes: Found) -> Iterator[Series]:
    """All glyphs of all plots of a document's JSON, in any of the forms in which pages carry it."""
    number = 0
    for one in _documents(document):
        objects = Objects(one)
        reader = _Reader(objects, left_out)
        for plot in objects.plots():
            axes.note(partial(axes_of, objects, plot, number))
            yield from reader.plot(plot, number)
            number += 1
        yield from reader.tables()


def _documents(found: Any) -> Iterator[Mapping[str, Any]]:
    """Documents are what has roots."""
    if isinstance(found, Mapping):
        if "roots" in found:
            yield found
            return
        for inner in found.values():
            yield from _documents(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from _documents(inner)


class _Reader:
    """What the objects of one document show."""

    def __init__(self, objects: Objects, left_out: list[str]) -> None:
        self._objects = objects
        self._left_out = left_out

    def plot(self, plot: Mapping[str, Any], number: int) -> Iterator[Series]:
        """The glyphs of a plot, which is the `number`-th."""
        title = one_line(attributes_of(self._objects.get(plot, "title")).get("text")) or ""
        legends = self._legends(plot)
        colours = self._colours(plot)
        for renderer in self._objects.all(plot, "renderers"):
            if "data_source" not in attributes_of(renderer) or attributes_of(renderer).get("visible") is False:
                continue
            glyph = self._objects.get(renderer, "glyph")
            kind = name_of(glyph).lower()
            try:
                label = legends.get(str(renderer.get("id")), "")
                labels = {direction: self._axis_label(plot, renderer, direction) for direction in "xy"}
                columns = tuple(self._columns(renderer, glyph, labels, colours))
                drawn_on = tuple(names_of(self._objects, renderer, number).values())
                yield Series(title, _KINDS.get(kind, kind), label, columns, drawn_on=drawn_on)
            except Exception as error:  # noqa: BLE001 -- JSON of anybody; what fails costs its own data
                reason = (
                    str(error)
                    if isinstance(error, CaptureError)
                    else f"cannot be read ({type(error).__name__}: {error})"
                )
                self._left_out.append(f"{kind}: {reason}")

    def tables(self) -> Iterator[Series]:
        """Tables that stand beside plots."""
        for table in self._objects.every():
            if name_of(table) != "DataTable":
                continue
            data = self._data(self._objects.get(table, "source"))
            columns = []
            for one in self._objects.all(table, "columns"):
                field = str(attributes_of(one).get("field"))
                if field in data:
                    label, unit = units.split(str(attributes_of(one).get("title") or ""))
                    columns.append(Column(field, column(data[field]), label, unit, "column"))
            yield Series("", "table", "", tuple(columns))

    def _columns(
        self,
        renderer: Mapping[str, Any],
        glyph: Mapping[str, Any],
        labels: Mapping[str, Any],
        colours: Mapping[str, str],
    ) -> Iterator[Column]:
        data = self._data(self._objects.get(renderer, "data_source"))
        if name_of(glyph) in _COLOURED:
            raise CaptureError("a picture of colours, which stand for no values")
        if name_of(glyph) == "Image":
            yield from self._images(data, attributes_of(glyph), labels)
            return
        if angle := self._summed_up(glyph):
            painted = {field_of(attributes_of(glyph).get(name)) for name in ("fill_color", "line_color")}
            yield from _parts_of_pie({name: one for name, one in data.items() if name not in painted}, angle)
            return
        shown: dict[str, list[str]] = {}
        for attribute, given in attributes_of(glyph).items():
            field = field_of(given)
            if field in data and not attribute.endswith(_STYLE) and not any(part in attribute for part in _STYLE):
                shown.setdefault(field, []).append(attribute)
        if any(
            isinstance(data[field], list) and any(isinstance(one, list | Mapping) for one in data[field])
            for field in shown
        ):
            yield from self._parts(data, shown, labels)
            return
        for field, attributes in shown.items():
            attribute = attributes[0]
            direction = _DIRECTIONS.get(attribute)
            text, kind = labels.get(direction, ("", "")) if direction else (colours.get(field, ""), "")
            label, unit = units.split(text)
            label = label and label + _which_side(attribute, shown.values())
            found = column(data[field])
            if (
                kind == "DatetimeAxis"
                and attribute not in {"width", "height"}
                and not pa.types.is_timestamp(found.type)
            ):
                found = moments(found)
            yield Column(field, found, label, unit, _ROLES.get(attribute, attribute))

    def _images(self, data: Mapping[str, Any], glyph: Mapping[str, Any], labels: Mapping[str, Any]) -> Iterator[Column]:
        """Images of values: a row for each cell, with its middle."""
        found: dict[str, list[Any]] = {"x": [], "y": [], "value": []}
        cells = data[field_of(glyph["image"])]
        sides = {name: self._each(glyph.get(name), data, len(cells)) for name in ("x", "y", "dw", "dh")}
        for number, cell in enumerate(cells):
            rows, columns, content = grid(cell)
            if rows * columns > MAX_ROWS:
                raise CaptureError(f"{rows} × {columns} values, more than {MAX_ROWS:,}")
            left, bottom, width, height = (sides[name][number] for name in ("x", "y", "dw", "dh"))
            found["x"] += [left + (i + 0.5) * width / columns for _ in range(rows) for i in range(columns)]
            found["y"] += [bottom + (i + 0.5) * height / rows for i in range(rows) for _ in range(columns)]
            found["value"] += content
        for name, part in found.items():
            label, unit = units.split(labels.get(name, ("", ""))[0])
            yield Column(name, array(part), label, unit, "colour" if name == "value" else name)

    def _each(self, given: Any, data: Mapping[str, Any], count: int) -> list[Any]:
        """The value of an attribute for each row: a field's, or the same for all."""
        field = field_of(given)
        if field in data:
            return list(column(data[field]).to_pylist())
        return [given.get("value") if isinstance(given, Mapping) else given] * count

    def _parts(
        self, data: Mapping[str, Any], shown: Mapping[str, Sequence[str]], labels: Mapping[str, Any]
    ) -> Iterator[Column]:
        """Lines and patches with lists in cells, or grids: a row for each of their points."""
        nested = {field: [plain(one) for one in data[field]] for field in shown if is_nested(data[field])}
        if len({tuple(map(length, cells)) for cells in nested.values()}) != 1:
            raise CaptureError("its lists are not of one length")
        counts = [length(one) for one in next(iter(nested.values()))]
        yield Column("part", array([i for i, count in enumerate(counts, 1) for _ in range(count)]), role="part")
        for field, attributes in shown.items():
            label, unit = units.split(labels.get(_DIRECTIONS.get(attributes[0], ""), ("", ""))[0])
            if field in nested:
                found = array([one for cell in nested[field] for one in (cell if isinstance(cell, list) else [cell])])
            else:
                rows = column(data[field]).to_pylist()
                found = array([rows[i] for i, count in enumerate(counts) for _ in range(count)])
            yield Column(
                field, found, label, unit, _ROLES.get(attributes[0], _DIRECTIONS.get(attributes[0], attributes[0]))
            )

    def _summed_up(self, glyph: Mapping[str, Any]) -> str:
        """The field by which the parts of a pie follow one another; "" for other glyphs."""
        given = attributes_of(glyph).get("end_angle")
        if not isinstance(given, Mapping) or "expr" not in given:
            return ""
        return str(attributes_of(self._objects.resolved(given["expr"])).get("field") or "")

    def _axis_label(self, plot: Mapping[str, Any], renderer: Mapping[str, Any], direction: str) -> tuple[str, str]:
        """The label and kind of the axis that a renderer is drawn on."""
        one = axis_of(self._objects, plot, direction, range_of(renderer, direction))
        words = attributes_of(one).get("axis_label") if one is not None else None
        return one_line(words) or "" if isinstance(words, str) else "", name_of(one or {})

    def _legends(self, plot: Mapping[str, Any]) -> dict[str, str]:
        """Labels of renderers by their ids."""
        found: dict[str, str] = {}
        for legend in self._objects.at(plot, "center", "left", "right", "above", "below"):
            for entry in self._objects.all(legend, "items"):
                label = attributes_of(entry).get("label")
                words = label.get("value") if isinstance(label, Mapping) else label
                for renderer in self._objects.all(entry, "renderers"):
                    if isinstance(words, str):
                        found[str(renderer.get("id"))] = one_line(words) or ""
        return found

    def _colours(self, plot: Mapping[str, Any]) -> dict[str, str]:
        """Titles of colour bars, by the field whose colours they explain; "" for the only one."""
        bars = self._objects.at(plot, "right", "left", "above", "below", "center")
        titles = [attributes_of(one).get("title") for one in bars if name_of(one) == "ColorBar"]
        words = [one_line(one) or "" for one in titles if isinstance(one, str)]
        if len(words) != 1:
            return {}
        mapped = [
            field
            for renderer in self._objects.all(plot, "renderers")
            for given in attributes_of(self._objects.get(renderer, "glyph")).values()
            if isinstance(given, Mapping) and given.get("transform") is not None and (field := field_of(given))
        ]
        return dict.fromkeys(mapped, words[0])

    def _data(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a data source."""
        given = attributes_of(source).get("data")
        if isinstance(given, Mapping) and given.get("type") == "map":
            return {str(name): values_ for name, values_ in given.get("entries") or ()}
        return dict(given) if isinstance(given, Mapping) else {}


_KINDS = {
    "line": "lines",
    "scatter": "points",
    "circle": "points",
    "vbar": "bars",
    "hbar": "bars",
    "quad": "rectangles",
}
_KINDS |= {"varea": "areas", "harea": "areas", "multiline": "lines in parts", "patches": "polygons", "wedge": "pie"}
_KINDS |= {"annularwedge": "pie", "rect": "grid", "segment": "line segments", "step": "lines", "hextile": "hexagons"}


def _which_side(attribute: str, shown: Iterable[Sequence[str]]) -> str:
    """What tells the two sides of a rectangle or the two ends of a line apart."""
    every = {one for attributes in shown for one in attributes}
    ends = {one: end for pair in _SIDES.items() if every.issuperset(pair) for one, end in zip(pair, _ENDS, strict=True)}
    return ends.get(attribute, "")


def _parts_of_pie(data: Mapping[str, Any], angle: str) -> Iterator[Column]:
    """All that is known of each part, and its share."""
    for name, given in data.items():
        if name != "index" and not is_nested(given):
            found = column(given)
            is_text = pa.types.is_string(found.type)
            yield Column(name, found, role="label" if is_text else "value")
    turned = [None if one is None else one / math.tau for one in column(data[angle]).to_pylist()]
    yield Column("share", pa.array(turned, pa.float64()), _SHARE, role="share")
