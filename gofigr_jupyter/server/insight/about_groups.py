"""Facts of how series differ, and how measured columns go together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

from gofigr_jupyter.server.insight.about_data import MARKS
from gofigr_jupyter.server.insight.facts import Fact, Topic, in_table, words_of
from gofigr_jupyter.server.insight.record import Plotted, Record
from gofigr_jupyter.server.insight.wording import label, listed, name, number
from gofigr_jupyter.server.tables.profile import Group, PairOfColumns, Profile, Told

MOST_PAIRS = 15
MOST_GROUPS = 12
LEAST = 3  # rows of a correlation
WORDS = ((0.9, "very strongly"), (0.7, "strongly"), (0.4, "moderately"), (0.1, "weakly"), (0.0, "hardly"))


def facts(record: Record) -> Iterator[Fact]:
    """Table by table."""
    for table in record.tables:
        if table.profile is not None:
            yield from _series(table, table.profile)
            for pair in table.profile.pairs:
                yield _pair(table, table.profile, pair)
            yield from _within(table, table.profile)


# ---------------------------------------------------------------- groups


def _series(table: Plotted, profile: Profile) -> Iterator[Fact]:
    """The means of the series, in order, and by how much each two differ."""
    across = profile.column(profile.across)
    if across is None or len(profile.groups) < 3:
        return
    named = [one for one in profile.groups[1:] if not MARKS.fullmatch(one.name)]
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


# ---------------------------------------------------------------- columns


def _pair(table: Plotted, profile: Profile, pair: PairOfColumns) -> Fact:
    one, other = (profile.column(name) for name in pair.of)
    labels = [label(column) if column else name(of) for column, of in zip((one, other), pair.of, strict=True)]
    text = f"{labels[1]} and {labels[0]} are {_together(pair.r, pair.rho, pair.count)}."
    names = words_of(*pair.of, *(column.label for column in (one, other) if column))
    return Fact(Topic.CORRELATION, text, in_table(table, value={"r": pair.r, "rho": pair.rho}), names)


def _within(table: Plotted, profile: Profile) -> Iterator[Fact]:
    """The same within each series: among all rows together the opposite may hold."""
    along, across = profile.column(profile.along), profile.column(profile.across)
    if along is None or across is None:
        return
    for group in profile.groups[1 : MOST_GROUPS + 1]:
        line = group.trend
        if line is not None and line.r is not None and line.count >= LEAST:
            text = f"Within {name(group.name)}, {label(across)} and {label(along)} are "
            text += f"{_together(line.r, line.rho, line.count)}."
            names = words_of(group.name, along.label, along.name, across.label, across.name)
            value = {"r": line.r, "rho": line.rho}
            yield Fact(Topic.CORRELATION, text, in_table(table, group.name, value), names)


def _together(r: float, rho: float | None, count: int) -> str:
    strength = next(word for least, word in WORDS if abs(r) >= least)
    way = "" if strength == "hardly" else " positively" if r > 0 else " negatively"
    rank = f", Spearman {number(rho)}" if rho is not None else ""
    return f"{strength}{way} correlated over {number(count)} rows (Pearson {number(r)}{rank})"
