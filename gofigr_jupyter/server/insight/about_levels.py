"""Facts of whether series level off: at what value and from where, or that they go on, or that it cannot be told."""

from __future__ import annotations

from collections.abc import Iterator

from gofigr_jupyter.server.insight.about_courses import Course, courses, pace_of
from gofigr_jupyter.server.insight.facts import Fact, Topic
from gofigr_jupyter.server.insight.record import Record
from gofigr_jupyter.server.insight.wording import counted, located, measured, name, number
from gofigr_jupyter.server.tables.profile import Level

SLOWER = 0.5  # of the slope at first
UNTOLD = {
    "few": "there are too few points: it has {points}, and four at places of their own are needed in each third",
    "constant": "it does not change at all",
    "scattered": "over its last third its values scatter or swing too much",
    "no course": "it ends where it began, so that there is no rise or fall that could",
}


def facts(record: Record) -> Iterator[Fact]:
    """Of each series that has numbers along numbers or times."""
    for course in courses(record):
        level = course.group.level
        if level is not None:
            yield course.fact(Topic.LEVEL, f"{_said(course, level)}.", level.value)


def _said(course: Course, level: Level) -> str:
    if level.verdict in UNTOLD:
        why = UNTOLD[level.verdict].format(points=counted(course.group.rows, "point"))
        return f"Whether {course.subject} levels off cannot be told: {why}"
    if level.verdict == "levels" and level.value is not None:
        value, begin = measured(level.value, course.across), located(level.at, course.along)
        return f"{course.subject} levels off at about {value}, from about {begin} on: {_rests(course, level)}"
    way = "rises" if (level.change or 0.0) > 0 else "falls"
    slower = ", though it slows down" if abs(level.last or 0.0) < SLOWER * abs(level.first or 0.0) else ""
    return f"{course.subject} does not level off{slower}: it still {way}; {_rests(course, level)}"


def _rests(course: Course, level: Level) -> str:
    """The numbers: change over the last third, and slopes."""
    change, reach, first, last = (one or 0.0 for one in (level.change, level.range, level.first, level.last))
    pace, seconds = pace_of(course)
    per = pace or name(course.along.unit)
    unit = "".join((f" {name(course.across.unit)}" if course.across.unit else "", f" per {per}" if per else ""))
    share = number(round(100 * abs(change) / reach, 2)) if reach else "0"
    return (
        f"over the last third of its points it changes by {measured(change, course.across)}, {share} % of its range, "
        f"with a slope of {number(last * seconds)}{unit} there against {number(first * seconds)}{unit} in the first"
    )
