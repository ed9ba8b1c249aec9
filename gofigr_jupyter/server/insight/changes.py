"""What differs between two revisions, computed: code, inputs, packages, plotted data. Pixels are counted elsewhere.

In: two records, the older one first. Out: Changes as they go over the wire. Says nothing about reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from gofigr_jupyter.proof.recorded import Code
from gofigr_jupyter.records import Environment
from gofigr_jupyter.schema.insight import Changes, PictureChange
from gofigr_jupyter.server.insight.record import Plotted, Record
from gofigr_jupyter.server.tables.profile import Group, Profile, Told

MOST_LINES = 4_000
MOST_HUNKS = 100
MOST_CHANGES = 300
NOTABLE = 1e-9  # of the larger one: what is less is rounding
STATISTICS = ("count", "least", "greatest", "mean")


def between(before: Record, after: Record, picture: PictureChange | None) -> Changes:
    """All that differs."""
    return Changes(
        code=list(_code(_text(before), _text(after)))[:MOST_HUNKS],
        inputs=list(_compared(_inputs(before), _inputs(after), "path"))[:MOST_CHANGES],
        packages=list(_compared(_packages(before), _packages(after), "name"))[:MOST_CHANGES],
        data=list(_data(before, after))[:MOST_CHANGES],
        picture=picture,
    )


def is_none(changes: Changes) -> bool:
    """Whether nothing differs, as far as was looked."""
    pixels = changes.picture.differing_pixels if changes.picture else 0
    return not (changes.code or changes.inputs or changes.packages or changes.data or pixels)


# ---------------------------------------------------------------- code, inputs, packages


def _text(record: Record) -> list[str]:
    """Of a whole session only the last cell: it is what showed the figure."""
    code = record.made.code
    if not isinstance(code, Code):
        return []
    text = code.cells[-1].source if code.kind == "history" and code.cells else code.text
    return text.splitlines()[:MOST_LINES]


def _code(before: list[str], after: list[str]) -> Iterator[dict[str, Any]]:
    """What stands for what, by lines; `lines` are those of the newer code, from 1."""
    for tag, i, j, m, n in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            kind = {"replace": "changed", "delete": "removed", "insert": "added"}[tag]
            yield {"change": kind, "before": before[i:j], "after": after[m:n], "lines": [m + 1, max(m + 1, n)]}


def _inputs(record: Record) -> dict[str, str]:
    return {one.path: one.digest or (f"{one.size} bytes" if one.size is not None else "") for one in record.made.inputs}


def _packages(record: Record) -> dict[str, str]:
    around = record.made.environment
    if not isinstance(around, Environment):
        return {}
    return {"Python": around.python} | {one.name: one.origin or one.version for one in around.packages}


def _compared(before: Mapping[str, str], after: Mapping[str, str], key: str) -> Iterator[dict[str, Any]]:
    for name in sorted({*before, *after}, key=str.casefold):
        was, now = before.get(name), after.get(name)
        if was != now:
            kind = "added" if was is None else "removed" if now is None else "changed"
            yield {key: name, "change": kind, "before": was, "after": now}


# ---------------------------------------------------------------- plotted data


def _data(before: Record, after: Record) -> Iterator[dict[str, Any]]:
    pairs = dict(_paired(before.tables, after.tables))
    matched = {one.id for one in pairs.values()}
    for one in before.tables:
        if one.id not in pairs:
            yield {"table": one.name, "change": "removed"}
    for other in after.tables:
        if other.id not in matched:
            yield {"table": other.name, "change": "added", "rows": other.profile.rows if other.profile else None}
    for one in before.tables:
        there = pairs.get(one.id)
        if there is not None and there.hash != one.hash:
            yield from _table(one, there)


def _paired(before: tuple[Plotted, ...], after: tuple[Plotted, ...]) -> Iterator[tuple[str, Plotted]]:
    """By name; where each has one table only, these two."""
    if len(before) == len(after) == 1:
        yield before[0].id, after[0]
        return
    by_name = {one.name: one for one in reversed(after)}
    for one in before:
        found = by_name.pop(one.name, None)
        if found is not None:
            yield one.id, found


def _table(one: Plotted, other: Plotted) -> Iterator[dict[str, Any]]:
    if one.profile is None or other.profile is None:
        yield {"table": other.name, "change": "changed"}
        return
    found = list(_profiles(other.name, one.profile, other.profile))
    yield from found or [{"table": other.name, "change": "changed", "what": "single values or their order"}]


def _profiles(table: str, before: Profile, after: Profile) -> Iterator[dict[str, Any]]:
    if before.rows != after.rows:
        yield {"table": table, "change": "changed", "what": "rows", "before": before.rows, "after": after.rows}
    were = {one.name: one for one in before.parts}
    are = {one.name: one for one in after.parts}
    if len(were) == len(are) == 1:  # a series alone: its name may be another one now
        were = dict.fromkeys(are, next(iter(were.values())))
    for name in [*were, *(one for one in are if one not in were)]:
        if name not in are:
            yield {"table": table, "series": name, "change": "removed"}
        elif name not in were:
            yield {"table": table, "series": name, "change": "added", "rows": are[name].rows}
        else:
            yield from _groups(table, were[name], are[name])


def _groups(table: str, before: Group, after: Group) -> Iterator[dict[str, Any]]:
    for column, told in after.columns.items():
        was = before.columns.get(column)
        if was is None:
            yield {"table": table, "series": after.name, "column": column, "change": "added"}
            continue
        for what in STATISTICS:
            old, new = _value(was, what), _value(told, what)
            if old != new and not _is_rounding(old, new):
                place = {"table": table, "series": after.name, "column": column, "change": "changed"}
                yield place | {"what": what, "before": old, "after": new}
    for column in before.columns:
        if column not in after.columns:
            yield {"table": table, "series": after.name, "column": column, "change": "removed"}


def _value(told: Told, what: str) -> Any:
    if what in {"least", "greatest"} and isinstance(cell := getattr(told, f"{what}_cell"), str):
        return cell  # a time, as people read it
    return getattr(told, what)


def _is_rounding(old: Any, new: Any) -> bool:
    if not (isinstance(old, int | float) and isinstance(new, int | float)):
        return False
    return abs(old - new) <= NOTABLE * max(abs(old), abs(new))
