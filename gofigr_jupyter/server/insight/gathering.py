"""From a record to all facts about it, in the order of their topics."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from gofigr_jupyter.schema.insight import Changes
from gofigr_jupyter.server.insight import (
    about_axes,
    about_courses,
    about_data,
    about_documents,
    about_groups,
    about_levels,
    about_making,
    about_places,
    comparing,
)
from gofigr_jupyter.server.insight.facts import Fact, Topic, in_metadata
from gofigr_jupyter.server.insight.record import Record
from gofigr_jupyter.server.insight.wording import counted

_ORDER = {topic: at for at, topic in enumerate(Topic)}


def facts_of(record: Record, query: str, since: tuple[Changes, Record] | None = None) -> tuple[Fact, ...]:
    """All that can be told of a revision; with what changed since another one where that was computed.

    Of documents, and of places on axes of numbers, it is what has to do with the question.
    """
    found: Iterable[Fact] = chain(
        about_data.facts(record),
        about_courses.facts(record),
        about_levels.facts(record),
        about_places.facts(record, query),
        about_groups.facts(record),
        about_axes.facts(record),
        about_making.facts(record),
        about_documents.facts(record, query),
        comparing.facts(since[0], since[1], record) if since else _history(record),
    )
    return tuple(sorted(found, key=lambda fact: _ORDER[fact.topic]))


def _history(record: Record) -> Iterable[Fact]:
    if record.others:
        verb = "is" if len(record.others) == 1 else "are"
        text = f"There {verb} {counted(len(record.others), 'revision')} before this one; "
        text += f"the last of them is revision {record.others[0].number}, of {record.others[0].created_on[:10]}."
    else:
        text = "No earlier revision of this figure can be seen: there is nothing to compare it with."
    yield Fact(Topic.CHANGES, text, in_metadata(record, "Revisions", len(record.others)))
