"""Search by words: which objects have all of them in their texts, the best first, in one query for all kinds.

A word counts more in a name than in a description; the sum over the words is the score.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from gofigr_jupyter.server.store import pictures, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.pictures import Picture
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.tables import Analysis, Asset, Comment, DataItem, Figure, Revision, Story

Found = Analysis | Figure | Asset | Story | Comment
Key = tuple[float, str, str]


@dataclass(frozen=True)
class Place:
    """Where one kind of object is searched: its texts with their weights, the heaviest first."""

    table: type[Found]
    texts: Mapping[str, int]
    reach: Callable[[Reach], ColumnElement[bool]]


PLACES = {
    "figure": Place(Figure, {"name": 8, "ai_title": 5, "description": 3, "ai_description": 2}, Reach.figures),
    "analysis": Place(Analysis, {"name": 8, "description": 3}, Reach.analyses),
    "asset": Place(Asset, {"name": 8, "description": 3}, Reach.assets),
    "story": Place(Story, {"title": 8, "description": 3, "words": 1}, Reach.stories),
    "comment": Place(Comment, {"content": 2}, Reach.comments),
}


class Match(NamedTuple):
    """What was found, without the object itself."""

    score: float
    type: str
    id: str


def by_words(
    db: Transaction, reach: Reach, words: Sequence[str], kinds: Sequence[str], *, after: Key | None, limit: int
) -> list[Match]:
    """What has all words, the best first; equal ones by kind and id, so that pages do not overlap."""
    parts = union_all(*(_matches(reach, words, kind) for kind in kinds)).subquery()
    onward = true() if after is None else _after(parts.c.score, parts.c.type, parts.c.id, after)
    query = select(parts.c.score, parts.c.type, parts.c.id).where(onward)
    found = db.execute(query.order_by(parts.c.score.desc(), parts.c.type, parts.c.id).limit(limit))
    return [Match(*row) for row in found]


def objects(db: Transaction, matches: Sequence[Match]) -> dict[str, Found]:
    """The objects themselves, with all that they lie in: one query a kind."""
    found: dict[str, Found] = {}
    for kind, place in PLACES.items():
        ids = [one.id for one in matches if one.type == kind]
        if not ids:
            continue
        if place.table is Story or place.table is Comment:
            rows: Any = db.scalars(select(place.table).where(place.table.id.in_(ids)))
        else:
            rows = targets.by_ids(db, place.table, ids)
        found |= {row.id: row for row in rows}
    return found


def text_of(row: Found, kind: str, words: Sequence[str]) -> str:
    """The weightiest of an object's texts in which one of the words is."""
    texts = [getattr(row, name) or "" for name in PLACES[kind].texts]
    return next((one for one in texts if any(word in one.lower() for word in words)), texts[0])


def with_picture(db: Transaction, reach: Reach, digest: str, limit: int) -> list[tuple[Revision, Picture]]:
    """The revisions that were published with exactly this picture, newest first."""
    query = select(Revision, DataItem).join(DataItem, DataItem.revision_id == Revision.id)
    query = query.join(Figure, Figure.id == Revision.figure_id).join(Analysis, Analysis.id == Figure.analysis_id)
    query = query.where(DataItem.hash == digest, DataItem.type == "image", reach.revisions())
    found: dict[str, tuple[Revision, Picture]] = {}
    for row, item in db.execute(query.order_by(Revision.created_on.desc(), Revision.id, DataItem.position)):
        found.setdefault(row.id, (row, pictures.of(item)))
        if len(found) == limit:
            break
    return list(found.values())


def _matches(reach: Reach, words: Sequence[str], kind: str) -> Select[str, str, int]:
    place = PLACES[kind]
    texts = [(getattr(place.table, name), weight) for name, weight in place.texts.items()]
    everywhere = and_(*(or_(*(_has(text, word) for text, _ in texts)) for word in words))
    score = sum((_score(text, word, weight) for text, weight in texts for word in words), literal(0))
    query = select(literal(kind).label("type"), place.table.id.label("id"), score.label("score"))
    if place.table is Figure:
        query = query.join(Analysis, Analysis.id == Figure.analysis_id)
    if place.table is Comment:
        query = query.where(Comment.is_deleted.is_(False))
    return query.where(everywhere, place.reach(reach))


def _has(text: Any, word: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.coalesce(text, "").icontains(word, autoescape=True)
    return found


def _score(text: Any, word: str, weight: int) -> ColumnElement[int]:
    return case((_has(text, word), weight), else_=0)


def _after(score: Any, kind: Any, api_id: Any, key: Key) -> ColumnElement[bool]:
    later = or_(kind > key[1], and_(kind == key[1], api_id > key[2]), false())
    return or_(score < key[0], and_(score == key[0], later))
