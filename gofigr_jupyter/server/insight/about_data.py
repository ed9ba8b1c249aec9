"""Facts of what a figure shows: its tables and series, their ranges, units, counts, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gofigr_jupyter.server.insight.facts import Fact, Topic, in_metadata, in_table, words_of
from gofigr_jupyter.server.insight.record import Plotted, Record
from gofigr_jupyter.server.insight.wording import (
    counted,
    is_year,
    label,
    labelled,
    listed,
    located,
    measured,
    name,
    number,
    whose,
)
from gofigr_jupyter.server.tables.profile import ColumnFacts, Group, Profile, Told

MOST_SERIES = 12
# What nobody has named is called by its marks: `lines 2`.
MARKS = re.compile(
    r"(lines|points|bars|histogram|error bars|steps|stems|areas|segments|boxes|violins|marks|arrows|pie|mesh)"
    r"( \d+)?"
)


def facts(record: Record) -> Iterator[Fact]:
    """In the order of the tables; of a figure without plotted data only what it is called."""
    yield _figure(record)
    for table in record.tables:
        if table.profile is None:
            text = f"The data of {name(table.name)} are kept, but cannot be read here."
            yield Fact(Topic.WHAT, text, in_table(table), words_of(table.name))
            continue
        yield _what(table, table.profile)
        yield from _units(table, table.profile)
        yield from _counts(table, table.profile)
        yield from _missing(table, table.profile)
        yield from _ranges(record, table, table.profile)
    if record.tables and not any(_has_unit(table) for table in record.tables):
        text = "No unit is named on any axis of the figure."
        yield Fact(Topic.UNIT, text, in_metadata(record, "Plotted data"))


def key_of(record: Record, table: Plotted, profile: Profile, group: Group) -> tuple[str, frozenset[str]]:
    """What a group is called in a sentence, and the names by which a question may mean it."""
    series = group.name or profile.only or _part(record, table)
    names = words_of(series, table.name) if series else words_of(table.name)
    return series, names


def _part(record: Record, table: Plotted) -> str:
    """What a table is called among those of the same axes: `limit` of `Nitrate: limit`; not its kind of marks."""
    axes, _, part = table.name.rpartition(": ")
    others = [one for one in record.tables if one is not table and one.name.startswith(f"{axes}: ")]
    return part if axes and others and not MARKS.fullmatch(part) else ""


def _figure(record: Record) -> Fact:
    shown = len(record.tables) + record.untold
    about = record.made.about
    told = f"The figure is called {name(record.made.title or about.figure)}; this is its revision {about.number}."
    missing = dict(record.facts.missing).get("Plotted data", "")
    kept = f"{counted(shown, 'table')} of plotted data {'is' if shown == 1 else 'are'} kept with it."
    if not shown:
        kept = f"No plotted data are kept with it{f': {name(missing)}' if missing else ''}."
    return Fact(Topic.WHAT, f"{told} {kept}", in_metadata(record, "Figure", about.number))


def _what(table: Plotted, profile: Profile) -> Fact:
    across, along = profile.column(profile.across), profile.column(profile.along)
    columns = [one for one in profile.columns if one.name != profile.key]
    subject = listed(labelled(one) for one in columns)
    if across is not None and along is not None:
        others = [one for one in columns if one not in (across, along) and one.role not in {along.role, across.role}]
        subject = f"{labelled(across)} against {labelled(along)}"
        subject += f", with {listed(labelled(one) for one in others)}" if others else ""
    text = f"{name(table.name)} shows {subject}: {counted(profile.rows, 'row')}"
    if len(profile.groups) > 1:
        told = listed((name(one.name) for one in profile.groups[1:]), 8)
        text += f" in {counted(profile.series, 'series', 'series')} ({told})"
    elif profile.only:
        text += f", all of {name(profile.only)}"
    return Fact(Topic.WHAT, f"{text}.", in_table(table, value=profile.rows), words_of(table.name))


def _has_unit(table: Plotted) -> bool:
    return table.profile is None or any(one.unit for one in table.profile.columns)


def _units(table: Plotted, profile: Profile) -> Iterator[Fact]:
    for one in profile.columns:
        if one.unit:
            text = f"{label(one)} is given in {name(one.unit)}."
            yield Fact(Topic.UNIT, text, in_table(table, value=one.unit), words_of(one.label, one.name))


def _counts(table: Plotted, profile: Profile) -> Iterator[Fact]:
    text = f"{name(table.name)} has {counted(profile.rows, 'row')}"
    if len(profile.groups) > 1:
        parts = listed(f"{number(one.rows)} in {name(one.name)}" for one in profile.groups[1 : MOST_SERIES + 1])
        text += f" in {counted(profile.series, 'series', 'series')}: {parts}"
    yield Fact(Topic.COUNT, f"{text}.", in_table(table, value=profile.rows), words_of(table.name))
    for one in profile.columns:
        told = profile.whole.columns.get(one.name)
        if told is None or not told.words or one.name == profile.key:
            continue
        commonest = listed((f"{name(word)} ({number(count)})" for word, count in told.words), 6)
        is_each_once = told.words[0][1] == 1
        said = listed((name(word) for word, _ in told.words), 12) if is_each_once else commonest
        text = f"{label(one)} has {counted(told.distinct, 'value')}: {said}."
        yield Fact(Topic.COUNT, text, in_table(table, value=told.distinct), words_of(one.label, one.name))


def _missing(table: Plotted, profile: Profile) -> Iterator[Fact]:
    gaps = [(one, told) for one in profile.columns if (told := profile.whole.columns.get(one.name)) and told.missing]
    if not gaps:
        text = f"Nothing is missing in {name(table.name)}: all {counted(profile.rows, 'row')} have every value."
        yield Fact(Topic.MISSING, text, in_table(table, value=0), words_of(table.name))
    for one, told in gaps:
        share = number(100 * told.missing / profile.rows)
        text = f"{label(one)} is missing in {number(told.missing)} of {counted(profile.rows, 'row')} ({share} %)"
        parts = [part for part in profile.groups[1:] if (it := part.columns.get(one.name)) and it.missing]
        if parts:
            text += ": " + listed(f"{number(part.columns[one.name].missing)} in {name(part.name)}" for part in parts)
        yield Fact(Topic.MISSING, f"{text}.", in_table(table, value=told.missing), words_of(one.label, one.name))


def _ranges(record: Record, table: Plotted, profile: Profile) -> Iterator[Fact]:
    for group in profile.parts[:MOST_SERIES]:
        series, names = key_of(record, table, profile, group)
        bins = _bins(profile, group)
        if bins is not None:
            yield Fact(Topic.RANGE, bins, in_table(table, series), names)
        for one in profile.columns:
            told = group.columns.get(one.name)
            if told is None or not told.count or (bins and one.name in _edges(profile)) or _is_mark(one, profile):
                continue
            text = _range(one, told, profile, group, series)
            known = names | words_of(one.label, one.name)
            yield Fact(Topic.RANGE, text, in_table(table, series, [told.least, told.greatest]), known)


def _is_mark(one: ColumnFacts, profile: Profile) -> bool:
    """Whether a column holds where marks lie, and no data: bars of a group beside their place, a violin's outline."""
    is_outline = one.role in {"x1", "x2"} and any(other.role == "y" for other in profile.columns)
    return one.role.endswith("_position") or is_outline


def _edges(profile: Profile) -> tuple[str, str]:
    """The names of the columns that hold the edges of a histogram's bins."""
    return f"{profile.along}_low", f"{profile.along}_high"


def _bins(profile: Profile, group: Group) -> str | None:
    """The extent of a histogram; None where it is none."""
    low, high = (group.columns.get(name) for name in _edges(profile))
    along = profile.column(profile.along)
    if along is None or any(one.name == profile.along for one in profile.columns) or low is None or high is None:
        return None
    ends = f"{measured(low.least_cell, along)} to {measured(high.greatest_cell, along)}"
    return f"{label(along)} is covered from {ends}, in {counted(group.rows, 'bin')}."


def _range(one: ColumnFacts, told: Told, profile: Profile, group: Group, series: str) -> str:
    subject = whose(one, series)
    if told.distinct == 1:
        return f"{subject} is {measured(told.least_cell, one)} throughout."
    low, high = measured(told.least_cell, one), measured(told.greatest_cell, one)
    along = profile.column(profile.along)
    if one.name == profile.across and group.extremes and told.count > 1:
        low += f" (at {located(group.extremes.get('least'), along)})"
        high += f" (at {located(group.extremes.get('greatest'), along)})"
    text = f"{subject} goes from {low} to {high}"
    is_outline = one.role == "y" and any(other.role in {"x1", "x2"} for other in profile.columns)
    if one.is_time or is_year(one) or is_outline or told.mean is None or told.median is None or told.spread is None:
        return f"{text}."
    middle = f"mean {number(told.mean)}, median {number(told.median)}, standard deviation {number(told.spread)}"
    total = f", sum {number(told.sum)}" if told.sum is not None and one.role not in {"x", "colour", "size"} else ""
    return f"{text}; {middle}{total}."
