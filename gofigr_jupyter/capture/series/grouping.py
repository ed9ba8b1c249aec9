"""Series to tables: those of one place and one kind go into one table, with a column that says which row is whose.

In: what artists and traces show, in order. Out: tables with names of their own. Knows no plotting library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from gofigr_jupyter.capture.series.table import Column, Table, constant

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Series:
    """What one artist or trace shows: `place` is its axes' title, `kind` such as `lines`, `label` as in the legend.

    `legend` is the title over such labels, `drawn_on` are the names of its axes in `axes.Found`.
    """

    place: str
    kind: str
    label: str
    columns: tuple[Column, ...]
    legend: str = ""
    drawn_on: tuple[str, ...] = ()

    def under(self, legend: str, drawn_on: tuple[str, ...] = ()) -> Series:
        """The same with its axes, and the title of its legend, which columns that tell labels bear, too."""
        columns = (replace(one, label=one.label or legend) if one.role == "series" else one for one in self.columns)
        return replace(self, columns=tuple(columns), legend=legend, drawn_on=drawn_on)


def tables(found: Iterable[Series]) -> list[Table]:
    """One table for all series of a place, kind and shape; nothing for those without rows."""
    groups: dict[tuple[object, ...], list[Series]] = {}
    for one in found:
        if one.columns and len(one.columns[0].values):
            groups.setdefault((one.place, one.kind, _shape(one.columns)), []).append(one)
    joined = [part for group in groups.values() for part in _joined(group)]
    names = _names(joined)
    return [Table(name, tuple(_told_apart(columns))) for name, (_, columns) in zip(names, joined, strict=True)]


def _joined(group: Sequence[Series]) -> list[tuple[Series, tuple[Column, ...]]]:
    """The group in one piece, or, where its types have no common one that keeps every value, each for itself."""
    if len(group) == 1:
        return [(group[0], group[0].columns)]
    try:
        columns = tuple(_stacked([one.columns[i] for one in group]) for i in range(len(group[0].columns)))
    except pa.ArrowException:
        return [(one, one.columns) for one in group]
    together = replace(group[0], label="")
    tell_themselves = any(one.name == "series" for one in columns)
    if tell_themselves and not any(one.label for one in group):
        return [(together, columns)]
    whose = _repeated(_labels(group), [len(one.columns[0].values) for one in group])
    name, legend = ("group", "") if tell_themselves else ("series", group[0].legend)
    return [(together, (Column(name, whose, legend, role="series"), *columns))]


def _told_apart(columns: Iterable[Column]) -> Iterator[Column]:
    """No two columns of a table have one name."""
    names: list[str] = []
    for one in columns:
        names.append(_unused(one.name, names))
        yield one if one.name == names[-1] else replace(one, name=names[-1])


def _labels(group: Sequence[Series]) -> list[str]:
    """Every series has a label, and no two the same."""
    taken: dict[str, int] = {}
    labels = []
    for number, one in enumerate(group, 1):
        label = one.label or f"{one.kind} {number}"
        taken[label] = taken.get(label, 0) + 1
        labels.append(label if taken[label] == 1 else f"{label} ({taken[label]})")
    return labels


def _repeated(labels: Sequence[str], counts: Sequence[int]) -> pa.Array:
    parts = [constant(label, count).cast(pa.string()) for label, count in zip(labels, counts, strict=True)]
    return pa.concat_arrays(parts).dictionary_encode()


def _stacked(columns: Sequence[Column]) -> Column:
    types = {column.values.type for column in columns}
    arrays = [column.values for column in columns]
    if len(types) > 1 or any(pa.types.is_dictionary(one) for one in types):
        common = _common(types)
        arrays = [one.cast(common) for one in arrays]  # safely: raises where a value would change
        if common == pa.string() and any(pa.types.is_dictionary(one) for one in types):
            return replace(columns[0], values=pa.concat_arrays(arrays).dictionary_encode())
    return replace(columns[0], values=pa.concat_arrays(arrays))


def _common(types: set[pa.DataType]) -> pa.DataType:
    kind = _class_of(next(iter(types)))
    if kind == "number":
        return pa.int64() if all(map(pa.types.is_signed_integer, types)) else pa.float64()
    if kind.startswith("time"):
        return pa.timestamp("ns" if any(one.unit == "ns" for one in types) else "us", next(iter(types)).tz)
    return pa.string() if kind == "text" else next(iter(types))


def _shape(columns: Sequence[Column]) -> tuple[tuple[str, ...], ...]:
    return tuple((one.name, one.label, one.unit, one.role, _class_of(one.values.type)) for one in columns)


def _class_of(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "number"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return "text"
    return f"time {kind.tz}" if pa.types.is_timestamp(kind) else str(kind)


def _names(joined: Sequence[tuple[Series, tuple[Column, ...]]]) -> list[str]:
    """The place's name, with label or kind where that is needed; no name twice."""
    in_place: dict[str, int] = {}
    for one, _ in joined:
        in_place[one.place] = in_place.get(one.place, 0) + 1
    names: list[str] = []
    for one, _ in joined:
        what = one.label or one.kind
        needs = bool(one.label) or in_place[one.place] > 1 or not one.place
        name = ": ".join(filter(None, (one.place, what))) if needs else one.place
        name = name[0].upper() + name[1:] if name and not one.label and not one.place else name
        names.append(_unused(name[:LONGEST_NAME] or "Table", names))
    return names


def _unused(name: str, names: Sequence[str]) -> str:
    if name not in names:
        return name
    number = 2
    while f"{name} ({number})" in names:
        number += 1
    return f"{name} ({number})"
