"""Facts of how series and categories differ, and how measured columns go together."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import combinations

from gofigr_jupyter.server.insight.facts import Fact, Topic, in_table, words_of
from gofigr_jupyter.server.insight.record import Plotted, Record
from gofigr_jupyter.server.insight.wording import cell, label, listed, measured, name, number
from gofigr_jupyter.server.tables.profile import Group, PairOfColumns, Profile, Told

MOST_PAIRS = 15
_UNNAMED = re.compile(r"(lines|points|bars|steps|stems|areas|segments|boxes|marks|arrows) \d+")  # what nobody has named
MOST_GROUPS = 12
WORDS = ((0.9, "very strongly"), (0.7, "strongly"), (0.4, "moderately"), (0.1, "weakly"), (0.0, "hardly"))


def facts(record: Record) -> Iterator[Fact]:
    """Table by table."""
    for table in record.tables:
        if table.profile is not None:
            yield from _series(table, table.profile)
            yield from _categories(table, table.profile)
            for pair in table.profile.pairs:
                yield _pair(table, table.profile, pair)


# ---------------------------------------------------------------- groups


def _series(table: Plotted, profile: Profile) -> Iterator[Fact]:
    """The means of the series, in order, and by how much each two differ."""
    across = profile.column(profile.across)
    if across is None or len(profile.groups) < 3:
        return
    named = [one for one in profile.groups[1:] if not _UNNAMED.fullmatch(one.name)]
    told = [(one, it) for one in named if (it := one.columns.get(across.name)) and it.mean is not None]
    told.sort(key=lambda one: -_mean(one[1]))
    if len(told) < 2:
        return
    means = listed((f"{name(one.name)} {number(_mean(it))}" for one, it in told), MOST_GROUPS)
    names = words_of(table.name, across.label, across.name, *(one.name for one, _ in told))
    value = {one.name: it.mean for one, it in told[:MOST_GROUPS]}
    text = f"By their means of {label(across)}, from the highest: {means}."
    yield Fact(Topic.GROUP, text, in_table(table, value=value), names)
    for (one, first), (other, second) in list(combinations(told, 2))[:MOST_PAIRS]:
        yield _difference(table, label(across), (one, first), (other, second))


def _difference(table: Plotted, what: str, one: tuple[Group, Told], other: tuple[Group, Told]) -> Fact:
    (high, first), (low, second) = one, other
    gap = _mean(first) - _mean(second)
    far = f"{number(gap)} above" if gap else "the same as"
    text = f"The mean {what} of {name(high.name)} is {far} that of {name(low.name)} "
    text += f"({number(_mean(first))} against {number(_mean(second))}"
    text += f", {number(_mean(first) / _mean(second))} times as much" if _mean(second) > 0 else ""
    effect = _effect(first, second)
    text += f"; {number(effect)} pooled standard deviations)." if effect is not None else ")."
    return Fact(Topic.GROUP, text, in_table(table, high.name, gap), words_of(high.name, low.name))


def _effect(one: Told, other: Told) -> float | None:
    """Cohen's d."""
    if one.count < 2 or other.count < 2 or one.spread is None or other.spread is None:
        return None
    variance = (one.count - 1) * one.spread**2 + (other.count - 1) * other.spread**2
    pooled = math.sqrt(variance / (one.count + other.count - 2))
    return (_mean(one) - _mean(other)) / pooled if pooled > 0 else None


def _mean(told: Told) -> float:
    return told.mean or 0.0


def _categories(table: Plotted, profile: Profile) -> Iterator[Fact]:
    """The values of bars and the like, where the first rows are all that there is."""
    along, across = profile.column(profile.along), profile.column(profile.across)
    head = table.head
    if along is None or across is None or head is None or head.total > len(head.rows):
        return
    places = {one.name: at for at, one in enumerate(head.columns)}
    if along.type not in {"text", "yes or no"} or along.name not in places or across.name not in places:
        return
    key = places.get(profile.key or "")
    at, of = places[along.name], places[across.name]
    rows = [(row[at], row[of], row[key] if key is not None else "") for row in head.rows]
    values = [(place, value, series) for place, value, series in rows if isinstance(value, int | float)]
    values = [one for one in values if math.isfinite(one[1])]
    for place, value, series in values:
        whose = f" of {name(series)}" if series else ""
        text = f"{label(across)}{whose} at {cell(place)} is {measured(value, across)}."
        names = words_of(place) | (words_of(series) if series else frozenset())
        yield Fact(Topic.VALUE, text, in_table(table, str(series), value), names)
    if len(values) > 1:
        yield _extent(table, label(across), sorted(values, key=lambda one: -one[1]))


def _extent(table: Plotted, what: str, values: list[tuple[object, float, object]]) -> Fact:
    (most, high, high_of), (least, low, low_of) = values[0], values[-1]
    ends = [f"{cell(place)}{f' of {name(of)}' if of else ''}" for place, of in ((most, high_of), (least, low_of))]
    text = f"{what} is highest at {ends[0]} ({number(high)}) and lowest at {ends[1]} ({number(low)})"
    text += f": {number(high / low)} times as much." if low > 0 else f": {number(high - low)} more."
    return Fact(Topic.GROUP, text, in_table(table, value=[high, low]), words_of(table.name, what))


# ---------------------------------------------------------------- columns


def _pair(table: Plotted, profile: Profile, pair: PairOfColumns) -> Fact:
    one, other = (profile.column(name) for name in pair.of)
    labels = [label(column) if column else name(of) for column, of in zip((one, other), pair.of, strict=True)]
    strength = next(word for least, word in WORDS if abs(pair.r) >= least)
    way = "" if strength == "hardly" else " positively" if pair.r > 0 else " negatively"
    rank = f", Spearman {number(pair.rho)}" if pair.rho is not None else ""
    text = f"{labels[1]} and {labels[0]} are {strength}{way} correlated over {number(pair.count)} rows "
    text += f"(Pearson {number(pair.r)}{rank})."
    names = words_of(*pair.of, *(column.label for column in (one, other) if column))
    return Fact(Topic.CORRELATION, text, in_table(table, value={"r": pair.r, "rho": pair.rho}), names)
