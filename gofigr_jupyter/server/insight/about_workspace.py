"""Facts of a workspace: how much there is, what is new, and the figures that a question mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gofigr_jupyter.schema.insight import Evidence, EvidenceRef
from gofigr_jupyter.server.insight.facts import Fact, Topic, words_of
from gofigr_jupyter.server.insight.wording import counted, listed, name
from gofigr_jupyter.server.store import gallery, overview, search
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.gallery import FigureEntry
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.tables import Workspace

MOST_WORDS = 6
MOST_FOUND = 5
NEWEST = 10
_COMMON = frozenset(
    "what which where when about figure figures plot plots chart show shows have does with from that this there their "
    "many much list find tell were been made latest newest recent data workspace revision revisions".split()
)


def facts(db: Transaction, place: Workspace, reach: Reach, query: str) -> Iterator[Fact]:
    """In a transaction; `reach` is what the reader may see there."""
    told = overview.of(db, place)
    numbers = [
        counted(told.analyses, "analysis", "analyses"),
        counted(told.figures, "figure"),
        counted(told.revisions, "revision"),
        counted(told.assets, "asset"),
        counted(told.stories, "story", "stories"),
        counted(told.comments, "comment"),
        counted(told.members, "member"),
    ]
    here = Evidence(kind="metadata", label=place.name[:200], ref=EvidenceRef(), value=told.figures)
    for topic in (Topic.COUNT, Topic.WHAT):
        yield Fact(topic, f"The workspace {name(place.name)} has {listed(numbers)}.", here)
    entries = gallery.figures(db, [place.id], limit=NEWEST)[0]
    for one in entries:
        yield from _figure(one)
    shown = {one.id for one in entries}
    for word in _words(query):
        asked = search.Question([word], ["figure"], reach)
        for match in search.by_words(db, asked, after=None, limit=MOST_FOUND):
            if match.id not in shown:
                shown.add(match.id)
                for one in gallery.by_ids(db, [match.id]):
                    yield from _figure(one)


def _figure(one: FigureEntry) -> Iterator[Fact]:
    where = f"The figure {name(one.name)} of the analysis {name(one.analysis_name)}"
    text = f"{where} has {counted(one.revisions, 'revision')}"
    ref = EvidenceRef()
    if one.latest is not None:
        ref = EvidenceRef(revision=one.latest.id)
        text += f"; the newest was published by {name(one.latest.created_by)} on {one.latest.created_on:%Y-%m-%d}"
    place = Evidence(kind="revision", label=one.name[:200], ref=ref, value=one.revisions)
    names = words_of(one.name, one.analysis_name, *one.name.split())
    for topic in (Topic.WHAT, Topic.ORIGIN):
        yield Fact(topic, f"{text}.", place, names)


def _words(query: str) -> list[str]:
    """The words of a question that may be part of a figure's name."""
    found = (word for word in re.findall(r"\w{4,40}", query.lower()) if word not in _COMMON)
    return list(dict.fromkeys(found))[:MOST_WORDS]
