"""Facts of single places: what bars, boxes, wedges and rows of few points show there, and which of them is highest.

A place of words is told of always; one on an axis of numbers or times only where the question names it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gofigr_jupyter.server.insight.facts import Fact, Topic, in_table, words_of
from gofigr_jupyter.server.insight.record import Plotted, Record
from gofigr_jupyter.server.insight.wording import (
    cell,
    counted,
    label,
    listed,
    located,
    measured,
    name,
    number,
    whose,
)
from gofigr_jupyter.server.tables.profile import ColumnFacts, Profile

WORDS = frozenset({"text", "yes or no"})
PLACES = frozenset({"x", "y", "label", "labels"})  # roles of what tells where a row stands
_NUMBER = r"-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?"
_DAY = r"\d{{4}}-\d\d-\d\d"
# `in` is said of years only: people write of values `in 3 groups`
_NAMED = rf"(?<!\w)(?:at|on|in(?=\s+\d{{{{4}}}}\b)|=|{{label}})\s*=?\s*({_DAY}|{_NUMBER})(?![\w%]|\s%)"
ERRORS = ("error", "errors", "error bars", "uncertainty", "uncertainties")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a row shows at a place: the numbers of its columns, the measured one first."""

    place: Any
    series: str
    cells: dict[ColumnFacts, Any]

    @property
    def values(self) -> dict[ColumnFacts, float]:
        """Those that there are; a bar's base only where it does not stand on zero."""
        there = {one: value for one, value in self.cells.items() if _is_number(value)}
        return {one: value for one, value in there.items() if value or "base" not in one.name}


def facts(record: Record, query: str) -> Iterator[Fact]:
    """Table by table, where the first rows are all that there is."""
    for table in record.tables:
        if table.profile is not None and table.head is not None and table.head.total <= len(table.head.rows):
            yield from _places(table, table.profile, table.head.rows, query)


def _places(table: Plotted, profile: Profile, rows: Sequence[Sequence[Any]], query: str) -> Iterator[Fact]:
    along = profile.column(profile.along)
    if along is None and profile.along is not None:
        yield from _grid(table, profile)
        return
    if along is None:
        along = next((one for one in profile.columns if one.type in WORDS and one.role in PLACES), None)
    at = {one.name: n for n, one in enumerate(table.head.columns)} if table.head else {}
    if along is None or along.name not in at:
        return
    told = [one for one in profile.columns if one.name in at and _is_value(one, along, profile)]
    told.sort(key=lambda one: one.name != profile.across)
    key = at.get(profile.key or "")
    found = [(row[at[along.name]], str(row[key]) if key is not None else "", row) for row in rows]
    marks = [Mark(place, series, {one: row[at[one.name]] for one in told}) for place, series, row in found]
    if table.name.endswith(": outliers"):
        yield from _outliers(table, along, marks)
        return
    is_named = along.type in WORDS
    for mark in marks:
        word = str(mark.place) if is_named else _meant(query, mark.place, along)
        if word and mark.values:
            yield _value(table, along, mark, word)
    yield from _errors(table, profile, marks)
    for one in told if is_named else ():
        if profile.across in (None, one.name):
            yield from _extent(table, one, marks)


def _grid(table: Plotted, profile: Profile) -> Iterator[Fact]:
    """The ends of a map of coloured cells, whose places are pairs; there are too many cells to be told one by one."""
    across = profile.column(profile.across)
    told = profile.whole.columns.get(across.name) if across else None
    if across is None or told is None or told.least is None or told.greatest is None or told.distinct < 2:
        return
    ends = [
        f"{end} at {cell(profile.whole.extremes.get(at))} ({measured(value, across)})"
        for end, at, value in (("highest", "greatest", told.greatest), ("lowest", "least", told.least))
    ]
    text = f"{label(across)} is {ends[0]} and {ends[1]}."
    value = [told.greatest, told.least]
    yield Fact(Topic.GROUP, text, in_table(table, value=value), words_of(table.name, across.label, across.name))


def _is_value(one: ColumnFacts, along: ColumnFacts, profile: Profile) -> bool:
    """Whether a column holds what is shown at a place, and not the place itself."""
    if one.name == profile.across:
        return True
    is_beside = not one.role.endswith("_position") and not one.role.startswith(along.role or "x")
    return is_beside and one.name != along.name and one.type.endswith("number")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _meant(query: str, place: Any, along: ColumnFacts) -> str:
    """The words by which a question names a place: `in 2008`, `at 3 mm`, `energy 3`, `on 2026-03-12`; "" where none."""
    pattern = _NAMED.format(label=re.escape(along.label or along.name))
    for found in re.findall(pattern, query, re.IGNORECASE):
        if isinstance(place, str):
            is_it = along.is_time and place.startswith(found)
        else:
            is_it = _is_number(place) and "-" not in found[1:] and math.isclose(_read(found), place, rel_tol=1e-9)
        if is_it:
            return str(found)
    return ""


def _read(number: str) -> float:
    return float(number.replace(",", ""))


def _value(table: Plotted, along: ColumnFacts, mark: Mark, word: str) -> Fact:
    where = cell(mark.place) if along.type in WORDS else located(mark.place, along)
    (first, height), *rest = mark.values.items()
    text = f"{whose(first, mark.series)} at {where} is {measured(height, first)}"
    reach = [(one, value) for one, value in rest if one.role in {f"{first.role}_low", f"{first.role}_high"}]
    if len(reach) == 2:
        low, high = (value for _, value in reach)
        text += f", with an error bar from {measured(low, first)} to {measured(high, first)}"
        text += f" ({number(height - low)} below, {number(high - height)} above)"
    others = [f"{label(one)} {measured(value, one)}" for one, value in rest if (one, value) not in reach]
    text += f", {listed(others)}" if others else ""
    names = words_of(word, mark.series, *(one.label for one in mark.values))
    value: Any = {one.name: value for one, value in mark.values.items()} if rest else height
    return Fact(Topic.VALUE, f"{text}.", in_table(table, mark.series, value), names, words_of(word))


def _errors(table: Plotted, profile: Profile, marks: Sequence[Mark]) -> Iterator[Fact]:
    """How far error bars reach below and above."""
    ends = [profile.column(f"{profile.across}_{end}") for end in ("low", "high")]
    across, (low, high) = profile.column(profile.across), ends
    if across is None or low is None or high is None:
        return
    whole = [mark.values for mark in marks if {across, low, high} <= mark.values.keys()]
    below, above = ([abs(one[end] - one[across]) for one in whole] for end in (low, high))
    if below:
        ends_of = [[measured(end(one), across) for end in (min, max)] for one in (below, above)]
        spans = [" to ".join(dict.fromkeys(one)) for one in ends_of]
        text = f"The error bars of {label(across)} reach {spans[0]} below its values and {spans[1]} above them."
        names = words_of(*ERRORS, across.label, across.name)
        yield Fact(Topic.RANGE, text, in_table(table, value=[below[0], above[0]]), names)


def _outliers(table: Plotted, along: ColumnFacts, marks: Sequence[Mark]) -> Iterator[Fact]:
    """What lies beyond the whiskers of boxes, as they were drawn."""
    found = [(mark, *item) for mark in marks for item in list(mark.values.items())[:1]]
    if found:
        told = listed(f"{measured(value, one)} at {located(mark.place, along)}" for mark, one, value in found)
        text = f"{label(found[0][1])} has {counted(len(found), 'value')} beyond the whiskers of its boxes: {told}."
        names = words_of(table.name, found[0][1].label, *(mark.place for mark, *_ in found))
        yield Fact(Topic.OUTLIER, text, in_table(table, value=[value for *_, value in found]), names)


def _extent(table: Plotted, one: ColumnFacts, marks: Sequence[Mark]) -> Iterator[Fact]:
    """Where a column is highest and lowest."""
    found = sorted((mark for mark in marks if one in mark.values), key=lambda mark: -mark.values[one])
    if len(found) < 2:
        return
    high, low = found[0].values[one], found[-1].values[one]
    ends = [
        f"{cell(mark.place)}{f' of {name(mark.series)}' if mark.series else ''} ({measured(mark.values[one], one)})"
        for mark in (found[0], found[-1])
    ]
    text = f"{label(one)} is highest at {ends[0]} and lowest at {ends[1]}"
    text += f": {number(high / low)} times as much." if low > 0 else f": {number(high - low)} more."
    yield Fact(Topic.GROUP, text, in_table(table, value=[high, low]), words_of(table.name, one.label, one.role))
