"""Charts of Vega-Lite and Vega to series: the inline data of each mark, by the fields that its encodings name.

What Vega computes itself - transforms, bins, most statistics - is said to be missing; sums and means are computed here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import units, values
from gofigr_jupyter.capture.series.axes import Found
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.table import Column, array, shares
from gofigr_jupyter.capture.series.vega_axes import Mark, axes_of, names_of
from gofigr_jupyter.capture.series.vega_views import View, title_of, views_of

_ROLES = {
    "color": "colour",
    "fill": "colour",
    "stroke": "colour",
    "detail": "series",
    "row": "facet",
    "column": "facet",
}
_ROLES |= {"xOffset": "x_offset", "yOffset": "y_offset", "latitude": "lat", "longitude": "lon", "facet": "facet"}
_KINDS = {"point": "points", "circle": "points", "square": "points", "line": "lines", "bar": "bars", "area": "areas"}
_KINDS |= {"tick": "ticks", "rect": "grid", "arc": "pie", "trail": "lines", "rule": "lines across"}
_SUMS = {
    "count": "count",
    "sum": "sum",
    "mean": "mean",
    "average": "mean",
    "min": "min",
    "max": "max",
    "distinct": "count_distinct",
}
_ORDER = {name: place for place, name in enumerate("row column facet x x2 y y2 longitude latitude theta".split())}
_COMPUTED = ("bin", "timeUnit", "impute", "stack")


@dataclass(frozen=True)
class _Field:
    """One encoded field: its column, and the statistic that is drawn of it."""

    name: str
    channel: str
    kind: str
    label: str
    statistic: str = ""


def series_of(spec: Mapping[str, Any], left_out: list[str], axes: Found) -> Iterator[Series]:
    """All marks of a chart; `left_out` is told what is not among their data."""
    if (
        "spec" in spec
        and isinstance(spec["spec"], Mapping)
        and "mark" not in spec
        and "facet" not in spec
        and "repeat" not in spec
    ):
        spec = spec["spec"]
    reader = _Reader(spec.get("datasets") or {}, left_out)
    if "marks" in spec and "mark" not in spec:
        yield from reader.plain_data(spec)
    else:
        views = list(views_of(spec))
        axes.note(lambda: axes_of(views, axes))
        yield from reader.views(views, axes.unknown)


class _Reader:
    """What the marks of a chart show; knows its named data."""

    def __init__(self, datasets: Mapping[str, Any], left_out: list[str]) -> None:
        self._datasets = datasets
        self._left_out = left_out

    def views(self, views: Iterable[Mark], unknown: set[str]) -> Iterator[Series]:
        """The marks of a chart and of its parts; `unknown` is told of the axes of what Vega computes."""
        for mark, view in views:
            told = len(self._left_out)
            for one in self._guarded(mark, view):
                yield one.under("", names_of(view))
            if len(self._left_out) > told:
                unknown.update(names_of(view))

    def plain_data(self, spec: Mapping[str, Any]) -> Iterator[Series]:
        """Vega proper: its data sets as they are, since its marks may use them in any way."""
        for one in spec.get("data") or ():
            if not isinstance(one, Mapping):
                continue
            if one.get("transform") or "source" in one:
                self._left_out.append(f"{one.get('name')}: Vega computes it")
            rows = self._rows(one) if "source" not in one else None
            if rows:
                columns = (Column(name, _array(rows, name), role="") for name in _names(rows))
                yield Series(title_of(spec.get("title")), str(one.get("name") or "data"), "", tuple(columns))

    def _guarded(self, mark: Any, view: View) -> Iterator[Series]:
        kind = str(mark.get("type") if isinstance(mark, Mapping) else mark)
        try:
            yield from self._mark(kind, view)
        except Exception as error:  # noqa: BLE001 -- JSON of anybody; what fails costs its own data
            self._left_out.append(f"{kind}: cannot be read ({type(error).__name__}: {error})")

    def _mark(self, kind: str, view: View) -> Iterator[Series]:
        rows = self._rows(view.data)
        if not rows:
            return
        fields = list(_fields(view))
        for one in view.transforms:
            self._left_out.append(f"{kind}: Vega computes it ({one}); these are the data before")
        names = _names(rows)
        known = [one for one in fields if one.name in names or _path(rows[0], one.name) is not None]
        title, words = view.title, _KINDS.get(kind, kind)
        if any(one.statistic for one in fields) and not view.transforms:
            if all(one.statistic in {"", *_SUMS} for one in fields) and not any(
                one.kind == "computed" for one in fields
            ):
                yield Series(title, words, "", _with_shares(kind, _summed(rows, fields)))
                return
            told = sorted(
                {one.statistic for one in fields if one.statistic}
                | {"bins" for one in fields if one.kind == "computed"}
            )
            self._left_out.append(f"{kind}: Vega computes it ({', '.join(told)}); these are the data before")
        if not known and not fields:
            known = [_Field(name, "", "", "") for name in names]
        columns: dict[str, Column] = {}
        for field in known:  # a field that is encoded twice is one column
            columns.setdefault(field.name, _column(rows, field))
        if columns:
            yield Series(title, words, "", _with_shares(kind, columns.values()))

    def _rows(self, data: Any) -> list[Mapping[str, Any]]:
        """Inline data as records; what comes from elsewhere is said."""
        if not isinstance(data, Mapping):
            return []
        found = data.get("values")
        if found is None and "name" in data:
            found = self._datasets.get(data["name"])
        if found is None and isinstance(data.get("sequence"), Mapping):
            found = _sequence(data["sequence"])
        if found is None:
            if "url" in data:
                self._left_out.append(f"data from {one_line(str(data['url']), 120)}, which is not in the chart")
            return []
        if isinstance(found, str):
            delimiter = {"tsv": "\t"}.get(str((data.get("format") or {}).get("type")), ",")
            return [_numbered(row) for row in csv.DictReader(io.StringIO(found), delimiter=delimiter)]
        if isinstance(found, Mapping):  # GeoJSON, or columns
            found = found.get("features", [found])
        return [_record(one) for one in found]


def _fields(view: View) -> Iterator[_Field]:
    """The fields of all channels; one that is repeated stands for several."""
    for channel in sorted(view.encoding, key=lambda one: _ORDER.get(one, len(_ORDER))):
        given = view.encoding[channel]
        for one in given if isinstance(given, list) else [given]:
            if not isinstance(one, Mapping):
                continue
            condition = one.get("condition")
            inner = condition if isinstance(condition, Mapping) and "field" in condition else None
            definition = inner if inner is not None and "field" not in one else one
            yield from _field(channel, definition, view)


def _field(channel: str, one: Mapping[str, Any], view: View) -> Iterator[_Field]:
    field, statistic = one.get("field"), one.get("aggregate")
    if isinstance(statistic, Mapping):
        statistic = next(iter(statistic), "")
    names = view.repeated.get(str(field.get("repeat")), ()) if isinstance(field, Mapping) else [field]
    is_computed = any(one.get(name) for name in _COMPUTED[:3])
    for name in names:
        if name is None and statistic != "count":
            continue
        axis, legend = one.get("axis"), one.get("legend")
        holders = [one, axis if isinstance(axis, Mapping) else {}, legend if isinstance(legend, Mapping) else {}]
        label = next((title_of(holder["title"]) for holder in holders if holder.get("title")), "")
        kind = "computed" if is_computed else str(one.get("type") or "")
        yield _Field(str(name or "*"), channel, kind, label, str(statistic or ""))


def _column(rows: Sequence[Mapping[str, Any]], field: _Field) -> Column:
    found = _array(rows, field.name)
    if field.kind == "temporal":
        found = _moments(found)
    label, unit = units.split(field.label or field.name)
    return Column(field.name, found, label, unit, _ROLES.get(field.channel, field.channel))


def _with_shares(kind: str, given: Iterable[Column]) -> tuple[Column, ...]:
    """The parts of a pie also as shares; of several pies beside one another the whole is not known here."""
    columns = tuple(given)
    angles = [one for one in columns if one.role == "theta"]
    part = shares(angles[0].values) if kind == "arc" and len(angles) == 1 else None
    if part is None or any(one.role == "facet" for one in columns):
        return columns
    return (*columns, Column("share", part, "Share of the whole", role="share"))


def _summed(rows: Sequence[Mapping[str, Any]], fields: Sequence[_Field]) -> Iterator[Column]:
    """Sums, means and counts by the fields that are not summed."""
    keys = [one for one in fields if not one.statistic]
    sums = [one for one in fields if one.statistic]
    names = list(dict.fromkeys(one.name for one in (*keys, *sums) if one.name != "*"))
    content = pa.table({name: _array(rows, name) for name in names} | {"*": pa.array([1] * len(rows))})
    by = list(dict.fromkeys(one.name for one in keys))
    asked = [(one.name, _SUMS[one.statistic]) for one in sums]
    asked = [("*", "sum") if name == "*" else (name, how) for name, how in asked]
    found = content.group_by(by, use_threads=False).aggregate(list(dict.fromkeys(asked)))
    for one in keys:
        column = found.column(one.name).combine_chunks()
        column = _moments(column) if one.kind == "temporal" else column
        label, unit = units.split(one.label or one.name)
        yield Column(one.name, column, label, unit, _ROLES.get(one.channel, one.channel))
    for one, (name, how) in zip(sums, asked, strict=True):
        words = "Count of records" if name == "*" else f"{one.statistic.capitalize()} of {one.name}"
        label, unit = units.split(one.label or words)
        column = found.column(f"{name}_{how}").combine_chunks()
        title = "count" if name == "*" else f"{one.statistic}_{one.name}"
        yield Column(title, column, label, unit, _ROLES.get(one.channel, one.channel))


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(str(name) for row in rows for name in row))


def _array(rows: Sequence[Mapping[str, Any]], name: str) -> pa.Array:
    return array([_path(row, name) for row in rows])


def _path(row: Mapping[str, Any], name: str) -> Any:
    """A field by its name, in which dots lead to fields of fields unless a backslash stands before them."""
    if name in row:
        return row[name]
    whole = name.replace("\\.", ".").replace("\\[", "[").replace("\\]", "]")
    if whole in row:
        return row[whole]
    found: Any = row
    for part in name.replace("['", ".").replace("']", "").split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _moments(found: pa.Array) -> pa.Array:
    if pa.types.is_integer(found.type) or pa.types.is_floating(found.type):
        return values.from_milliseconds(found)
    moments = values.times(found)
    return found if moments is None else moments


def _sequence(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`start`, `stop`, `step` as records; as many as there may be rows."""
    start, stop, step = (given.get(name, default) for name, default in (("start", 0), ("stop", 0), ("step", 1)))
    count = max(0, min(int(-(-(stop - start) // step)), 1_000_000)) if step else 0
    return [{str(given.get("as") or "data"): start + i * step} for i in range(count)]


def _record(one: Any) -> Mapping[str, Any]:
    if not isinstance(one, Mapping):
        return {"data": one}
    inner = one.get("properties")
    if one.get("type") == "Feature" and isinstance(inner, Mapping):
        return {**{name: value for name, value in one.items() if name in {"id"}}, **inner, "properties": inner}
    return one


def _numbered(row: Mapping[str, str | None]) -> dict[str, Any]:
    """Numbers in CSV text, as Vega reads them."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        try:
            found[str(name)] = float(value) if value not in {None, ""} else None
        except ValueError:
            found[str(name)] = value
    return found
