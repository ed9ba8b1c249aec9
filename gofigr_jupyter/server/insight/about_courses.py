"""Facts of how series run: trends with their fit, peaks, outliers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from gofigr_jupyter.server.insight.about_data import MOST_SERIES, key_of
from gofigr_jupyter.server.insight.facts import Fact, Topic, in_table, words_of
from gofigr_jupyter.server.insight.record import Plotted, Record
from gofigr_jupyter.server.insight.wording import counted, label, listed, located, name, number, point, whose
from gofigr_jupyter.server.tables.profile import ColumnFacts, Curve, Group, Profile, Trend

DAY = 86_400.0
# Spans of time, the longest first: what a slope counts in, and from how many seconds on.
PACES = (("year", 365.25 * DAY, 3 * 365.25 * DAY), ("day", DAY, 3 * DAY), ("hour", 3600.0, 3 * 3600.0))
NO_TREND = 0.1  # below this, a correlation is no direction
WEAK, STRONG = 0.3, 0.7
BETTER = 0.02  # of R²: by so much a curve must fit better than a line
FITS = 0.8
LEAST = 3  # points of a trend


@dataclass(frozen=True, slots=True)
class Course:
    """A series with the columns that it runs along and across."""

    table: Plotted
    group: Group
    series: str
    names: frozenset[str]
    along: ColumnFacts
    across: ColumnFacts

    @property
    def subject(self) -> str:
        """`Force of control`."""
        return whose(self.across, self.series)

    def fact(self, topic: Topic, text: str, value: object) -> Fact:
        """A fact that rests on this series."""
        return Fact(topic, text, in_table(self.table, self.series, value), self.names)


def facts(record: Record) -> Iterator[Fact]:
    """Of each series that has numbers along numbers or times."""
    for course in courses(record):
        yield from _trend(course)
        yield from _peaks(course)
        yield from _outliers(course)
        yield from _hole(course)


def courses(record: Record) -> Iterator[Course]:
    """The series that have numbers along numbers or times."""
    for table in record.tables:
        if table.profile is not None:
            yield from _courses(record, table, table.profile)


def _courses(record: Record, table: Plotted, profile: Profile) -> Iterator[Course]:
    along, across = profile.column(profile.along), profile.column(profile.across)
    if along is None or across is None:
        return
    for group in profile.parts[:MOST_SERIES]:
        series, names = key_of(record, table, profile, group)
        if group.first is not None:
            known = names | words_of(across.label, across.name)
            yield Course(table, group, series, known, along, across)


# ---------------------------------------------------------------- trends


def _trend(course: Course) -> Iterator[Fact]:
    line = course.group.trend
    if line is None or line.count < LEAST:
        return
    pace, seconds = pace_of(course)
    slope = line.slope * seconds
    r = line.r
    if r is None:
        told = course.group.columns.get(course.across.name)
        if told is not None and told.distinct == 1:
            text = f"{course.subject} does not change along {label(course.along)}."
            yield course.fact(Topic.TREND, text, 0)
        return
    unit = f" {name(course.across.unit)}" if course.across.unit else ""
    per = pace or (f"{name(course.along.unit)} of {label(course.along)}" if course.along.unit else "")
    per = per or f"unit of {label(course.along)}"
    if abs(r) < NO_TREND:
        said = f"shows no linear trend along {label(course.along)} (slope {number(slope)}{unit} per {per}"
    else:
        strength = "clearly " if abs(r) >= STRONG else "weakly " if abs(r) < WEAK else ""
        way = "rises" if slope > 0 else "falls"
        said = f"{strength}{way} along {label(course.along)}: by {number(abs(slope))}{unit} per {per} ("
        said += f"slope {number(slope)}"
    fit = f", R² {number(line.r2)}" if line.r2 is not None else ""
    rank = f", Spearman {number(line.rho)}" if line.rho is not None else ""
    how = f"least squares over {counted(line.count, 'point')}{fit}, Pearson {number(r)}{rank}"
    text = f"{course.subject} {said}, {how})."
    yield course.fact(Topic.TREND, text, {"slope": slope, "r2": line.r2, "r": r})
    if not course.along.is_time:
        yield from _intercept(course, line)
    yield from _curve(course, line, pace, seconds)
    yield from _ends(course)


def _intercept(course: Course, line: Trend) -> Iterator[Fact]:
    text = f"The straight line through {course.subject} is {number(line.slope)} · {label(course.along)} "
    text += f"{'+' if line.intercept >= 0 else '−'} {number(abs(line.intercept))} "
    text += f"(slope {number(line.slope)}, intercept {number(line.intercept)})."
    yield course.fact(Topic.TREND, text, {"slope": line.slope, "intercept": line.intercept})


def _ends(course: Course) -> Iterator[Fact]:
    first, last = course.group.first, course.group.last
    if first is None or last is None or not course.group.is_course:
        return
    change = last[1] - first[1]
    share = f" ({number(100 * change / abs(first[1]))} %)" if first[1] else ""
    begin, end = (point(one, course.along, course.across) for one in (first, last))
    text = f"{course.subject} begins with {begin} and ends with {end}: a change of {number(change)}{share}."
    yield course.fact(Topic.TREND, text, change)


def pace_of(course: Course) -> tuple[str, float]:
    """What a slope counts in, and how many of the x axis's own units that is."""
    told = course.group.columns.get(course.along.name)
    if not course.along.is_time or told is None or told.least is None or told.greatest is None:
        return "", 1.0
    span = told.greatest - told.least
    return next(((word, unit) for word, unit, least in PACES if span >= least), ("second", 1.0))


def _curve(course: Course, line: Trend, pace: str, seconds: float) -> Iterator[Fact]:
    kind, best = max(line.curves.items(), key=lambda one: one[1].r2, default=("", None))
    if best is None or best.r2 < FITS or best.r2 < (line.r2 or 0.0) + BETTER:
        return
    if kind == "power":
        said = f"a power law fits better than a line: exponent {number(best.rate)}"
    else:
        said = f"an exponential fits better than a line: {_growth(best, pace, seconds, course.along)}"
    text = f"To {course.subject}, {said} (R² {number(best.r2)})."
    yield course.fact(Topic.TREND, text, {"kind": kind, "rate": best.rate, "r2": best.r2})


def _growth(curve: Curve, pace: str, seconds: float, along: ColumnFacts) -> str:
    if curve.rate == 0:
        return "it stays as it is"
    unit = pace or along.unit
    every = math.log(2) / abs(curve.rate) / seconds
    many = number(every) + (f" {name(unit)}{'s' if pace and every != 1 else ''}" if unit else f" of {label(along)}")
    return f"it {'doubles' if curve.rate > 0 else 'halves'} every {many}"


# ---------------------------------------------------------------- peaks and outliers


def _peaks(course: Course) -> Iterator[Fact]:
    if not course.group.is_course or course.group.rows < LEAST:
        return
    found = course.group.peaks
    if not found:
        text = f"{course.subject} has no local maximum that stands out by a fifth of its range{_highest(course)}."
        yield course.fact(Topic.PEAK, text, [])
        return
    told = listed((point(one, course.along, course.across) for one in found), 8)
    noun = "peak that stands" if len(found) == 1 else "peaks that stand"
    text = f"{course.subject} has {number(len(found))} {noun} out: {told}."
    yield course.fact(Topic.PEAK, text, [list(one) for one in found])


def _highest(course: Course) -> str:
    """What is looked for where there is no peak: the greatest value."""
    told = course.group.columns.get(course.across.name)
    if told is None or told.distinct < 2 or "greatest" not in course.group.extremes:
        return ""
    at = (course.group.extremes["greatest"], told.greatest_cell)
    return f"; its greatest value is {point(at, course.along, course.across)}"


def _outliers(course: Course) -> Iterator[Fact]:
    found = course.group.outliers
    if found is None:
        return
    rule = "further from their line than 1.5 interquartile ranges beyond the quartiles of such distances"
    if not found.from_line:
        low, high = found.fences or (0.0, 0.0)
        rule = f"more than 1.5 interquartile ranges beyond the quartiles, outside {number(low)} to {number(high)}"
    if not found.count:
        yield course.fact(Topic.OUTLIER, f"{course.subject} has no outliers: no values lie {rule}.", 0)
        return
    told = listed((point(one, course.along, course.across) for one in found.points), 8)
    verb = "lies" if found.count == 1 else "lie"
    text = f"{course.subject} has {counted(found.count, 'outlier')}, which {verb} {rule}: {told}."
    yield course.fact(Topic.OUTLIER, text, [list(one) for one in found.points])


def _hole(course: Course) -> Iterator[Fact]:
    """What no cell says is missing: places at which nothing was measured."""
    if course.group.hole is None:
        return
    before, after = (located(one, course.along) for one in course.group.hole)
    text = f"{course.subject} is otherwise evenly spaced, but has a gap: no values lie between {before} and {after}."
    yield course.fact(Topic.MISSING, text, list(course.group.hole))
