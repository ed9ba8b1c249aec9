"""Bokeh's documents to series: the data sources of their glyphs, under the labels of their axes and legends."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import units
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
_DEEPEST = 60
_COLOURED = ("ImageRGBA", "ImageURL")  # whose values are colours
_SHARE = "Share of the whole"
_ENDS = (" from", " to")
_SIDES = {"left": "right", "bottom": "top", "x0": "x1", "y0": "y1"}


def series_of(document: Mapping[str, Any], left_out: list[str]) -> Iterator[Series]:
    """All glyphs of all plots of a document's JSON, in any of the forms in which pages carry it."""
    for one in _documents(document):
        objects: dict[str, Mapping[str, Any]] = {}
        _index(one, objects, 0)
        reader = _Reader(objects, left_out)
        for plot in list(objects.values()):
            if _name(plot) in {"Figure", "Plot", "figure"}:
                yield from reader.plot(plot)
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
    """The objects of one document, by their ids."""

    def __init__(self, objects: Mapping[str, Mapping[str, Any]], left_out: list[str]) -> None:
        self._objects = objects
        self._left_out = left_out

    def plot(self, plot: Mapping[str, Any]) -> Iterator[Series]:
        """The glyphs of a plot."""
        title = one_line(_attributes(self._get(plot, "title")).get("text")) or ""
        labels = {"x": self._axis_label(plot, "below", "above"), "y": self._axis_label(plot, "left", "right")}
        legends = self._legends(plot)
        colours = self._colours(plot)
        for renderer in self._all(plot, "renderers"):
            if "data_source" not in _attributes(renderer) or _attributes(renderer).get("visible") is False:
                continue
            glyph = self._get(renderer, "glyph")
            kind = _name(glyph).lower()
            try:
                label = legends.get(str(renderer.get("id")), "")
                yield Series(
                    title, _KINDS.get(kind, kind), label, tuple(self._columns(renderer, glyph, labels, colours))
                )
            except Exception as error:  # noqa: BLE001 -- JSON of anybody; what fails costs its own data
                reason = (
                    str(error)
                    if isinstance(error, CaptureError)
                    else f"cannot be read ({type(error).__name__}: {error})"
                )
                self._left_out.append(f"{kind}: {reason}")

    def tables(self) -> Iterator[Series]:
        """Tables that stand beside plots."""
        for table in self._objects.values():
            if _name(table) != "DataTable":
                continue
            data = self._data(self._get(table, "source"))
            columns = []
            for one in self._all(table, "columns"):
                field = str(_attributes(one).get("field"))
                if field in data:
                    label, unit = units.split(str(_attributes(one).get("title") or ""))
                    columns.append(Column(field, column(data[field]), label, unit, "column"))
            yield Series("", "table", "", tuple(columns))

    def _columns(
        self,
        renderer: Mapping[str, Any],
        glyph: Mapping[str, Any],
        labels: Mapping[str, Any],
        colours: Mapping[str, str],
    ) -> Iterator[Column]:
        data = self._data(self._get(renderer, "data_source"))
        if _name(glyph) in _COLOURED:
            raise CaptureError("a picture of colours, which stand for no values")
        if _name(glyph) == "Image":
            yield from self._images(data, _attributes(glyph), labels)
            return
        if angle := self._summed_up(glyph):
            painted = {self._field(_attributes(glyph).get(name)) for name in ("fill_color", "line_color")}
            yield from _parts_of_pie({name: one for name, one in data.items() if name not in painted}, angle)
            return
        shown: dict[str, list[str]] = {}
        for attribute, given in _attributes(glyph).items():
            field = self._field(given)
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
        cells = data[self._field(glyph["image"])]
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
        field = self._field(given)
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
        given = _attributes(glyph).get("end_angle")
        if not isinstance(given, Mapping) or "expr" not in given:
            return ""
        return str(_attributes(self._resolved(given["expr"])).get("field") or "")

    def _axis_label(self, plot: Mapping[str, Any], *sides: str) -> tuple[str, str]:
        """The label and kind of the first axis at these sides."""
        for side in sides:
            for one in self._all(plot, side):
                if _name(one).endswith("Axis"):
                    words = _attributes(one).get("axis_label")
                    return (one_line(words) or "" if isinstance(words, str) else "", _name(one))
        return "", ""

    def _legends(self, plot: Mapping[str, Any]) -> dict[str, str]:
        """Labels of renderers by their ids."""
        found: dict[str, str] = {}
        legends = [one for side in ("center", "left", "right", "above", "below") for one in self._all(plot, side)]
        for legend in legends:
            for entry in self._all(legend, "items"):
                label = _attributes(entry).get("label")
                words = label.get("value") if isinstance(label, Mapping) else label
                for renderer in self._all(entry, "renderers"):
                    if isinstance(words, str):
                        found[str(renderer.get("id"))] = one_line(words) or ""
        return found

    def _colours(self, plot: Mapping[str, Any]) -> dict[str, str]:
        """Titles of colour bars, by the field whose colours they explain; "" for the only one."""
        bars = [one for side in ("right", "left", "above", "below", "center") for one in self._all(plot, side)]
        titles = [_attributes(one).get("title") for one in bars if _name(one) == "ColorBar"]
        words = [one_line(one) or "" for one in titles if isinstance(one, str)]
        if len(words) != 1:
            return {}
        mapped = [
            field
            for renderer in self._all(plot, "renderers")
            for given in _attributes(self._get(renderer, "glyph")).values()
            if isinstance(given, Mapping) and given.get("transform") is not None and (field := self._field(given))
        ]
        return dict.fromkeys(mapped, words[0])

    def _data(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a data source."""
        given = _attributes(source).get("data")
        if isinstance(given, Mapping) and given.get("type") == "map":
            return {str(name): values_ for name, values_ in given.get("entries") or ()}
        return dict(given) if isinstance(given, Mapping) else {}

    def _field(self, given: Any) -> str:
        return str(given["field"]) if isinstance(given, Mapping) and isinstance(given.get("field"), str) else ""

    def _get(self, holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        return self._resolved(_attributes(holder).get(name))

    def _all(self, holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        found = _attributes(holder).get(name)
        return [self._resolved(one) for one in found] if isinstance(found, list) else []

    def _resolved(self, found: Any) -> Mapping[str, Any]:
        if not isinstance(found, Mapping):
            return {"attributes": {"text": found}}
        return self._objects.get(str(found.get("id")), found)


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


def _index(found: Any, objects: dict[str, Mapping[str, Any]], depth: int) -> None:
    """All objects by their ids: each stands in full where it occurs first."""
    if depth > _DEEPEST:
        return
    if isinstance(found, Mapping):
        if "id" in found and ("attributes" in found or "name" in found):
            objects.setdefault(str(found["id"]), found)
        for inner in found.values():
            _index(inner, objects, depth + 1)
    elif isinstance(found, list):
        for inner in found:
            if isinstance(inner, list | Mapping):
                _index(inner, objects, depth + 1)


def _name(found: Mapping[str, Any]) -> str:
    return str(found.get("name") or found.get("type") or "")


def _attributes(found: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes = found.get("attributes")
    return attributes if isinstance(attributes, Mapping) else {}


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
