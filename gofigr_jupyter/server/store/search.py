"""Search by words: which objects have all of them in their texts, the best first, in one query for all kinds.

With an index a word is found in any text, in the code of figures and in documents, and the last one may go on. Without,
and where the index knows nothing, parts of words are found: everywhere, or in names alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
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

from gofigr_jupyter.server.store import pictures, targets, wordindex, words
from gofigr_jupyter.server.store.database import INDEXED, Transaction
from gofigr_jupyter.server.store.dialect import is_sqlite
from gofigr_jupyter.server.store.pictures import Picture
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.tables import (
    Analysis,
    Asset,
    AssetRevision,
    Comment,
    DataItem,
    Figure,
    Revision,
    Story,
)

Found = Analysis | Figure | Asset | Story | Comment
Key = tuple[float, str, str]
OF_CONTENT = 0.25  # what a word in code or in a document counts beside one in the object's own texts
EXCERPT = 20_000  # letters of a document that are looked through for a line to show


@dataclass(frozen=True)
class Place:
    """Where one kind of object is searched: its texts with their weights, the heaviest first, and which are names."""

    table: type[Found]
    texts: Mapping[str, int]
    reach: Callable[[Reach], ColumnElement[bool]]
    names: Sequence[str] = ("name",)


PLACES = {
    "figure": Place(
        Figure, {"name": 8, "ai_title": 5, "description": 3, "ai_description": 2}, Reach.figures, ("name", "ai_title")
    ),
    "analysis": Place(Analysis, {"name": 8, "description": 3}, Reach.analyses),
    "asset": Place(Asset, {"name": 8, "description": 3}, Reach.assets),
    "story": Place(Story, {"title": 8, "description": 3, "words": 1}, Reach.stories, ("title",)),
    "comment": Place(Comment, {"content": 2}, Reach.comments, ()),
}


class Match(NamedTuple):
    """What was found, without the object itself."""

    score: float
    type: str
    id: str


class Question(NamedTuple):
    """What is searched for, and where: the words, the kinds of objects, and what the asker may see."""

    words: Sequence[str]
    kinds: Sequence[str]
    reach: Reach


def by_words(db: Transaction, asked: Question, *, after: Key | None, limit: int) -> list[Match]:
    """What has all words, the best first; equal ones by kind and id, so that pages do not overlap."""
    if not db.info.get(INDEXED):
        return _page(db, _by_parts(asked, everywhere=True), after, limit)
    found = _by_index(db, asked)
    return [] if found is None else _page(db, found, after, limit)


def by_parts_of_names(db: Transaction, asked: Question, *, after: Key | None, limit: int) -> list[Match]:
    """What has all of these letters somewhere in its name: for words that nothing has in it as such."""
    return _page(db, _by_parts(asked, everywhere=False), after, limit)


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


def texts_of(row: Found, kind: str) -> list[str]:
    """An object's own texts, the weightiest first."""
    return [getattr(row, name) or "" for name in PLACES[kind].texts]


def contents(db: Transaction, asked: Question, kind: str, ids: Sequence[str]) -> dict[str, str]:
    """The beginning of a document with one of the words for each of some figures, or assets: the newest of them."""
    wanted = wordindex.any_of(asked.words, sqlite=is_sqlite(db))
    if not (ids and wanted and db.info.get(INDEXED)):
        return {}
    found = wordindex.matches("any", wanted, sqlite=is_sqlite(db))
    owner, query = _of_content(kind, found)
    query = query.add_columns(owner, func.max(found.c.id))
    rows: Any = db.execute(query.where(owner.in_(ids)).group_by(owner))
    chosen: dict[str, int] = dict(tuple(row) for row in rows)
    texts = words.texts_by_id(db, chosen.values(), EXCERPT)
    return {api_id: texts.get(number, "") for api_id, number in chosen.items()}


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


def _page(db: Transaction, found: Any, after: Key | None, limit: int) -> list[Match]:
    parts = found.subquery()
    onward = true() if after is None else _after(parts.c.score, parts.c.type, parts.c.id, after)
    query = select(parts.c.score, parts.c.type, parts.c.id).where(onward)
    rows = db.execute(query.order_by(parts.c.score.desc(), parts.c.type, parts.c.id).limit(limit))
    return [Match(*row) for row in rows]


def _after(score: Any, kind: Any, api_id: Any, key: Key) -> ColumnElement[bool]:
    later = or_(kind > key[1], and_(kind == key[1], api_id > key[2]), false())
    return or_(score < key[0], and_(score == key[0], later))


# ---------------------------------------------------------------- with the index


def _by_index(db: Transaction, asked: Question) -> Select[Any] | None:
    """Each object that has all words: for each word its best text counts. None where there are mere signs."""
    last = asked.words[-1]
    wanted = [wordindex.asked(one, is_last=one is last, sqlite=is_sqlite(db)) for one in asked.words]
    places = [
        query.add_columns(literal(number).label("word"))
        for number, one in enumerate(filter(None, wanted))
        for query in _places(asked, wordindex.matches(f"w{number}", one, sqlite=is_sqlite(db)))
    ]
    if not places:
        return None
    hits = union_all(*places).subquery()
    best = select(hits.c.type, hits.c.id, func.max(hits.c.rank).label("rank"))
    best_ = best.group_by(hits.c.type, hits.c.id, hits.c.word).subquery()
    whole = select(best_.c.type, best_.c.id, func.sum(best_.c.rank).label("score"))
    count = sum(one is not None for one in wanted)
    return whole.group_by(best_.c.type, best_.c.id).having(func.count() == count)


def _places(asked: Question, found: CTE) -> Iterator[Select[Any]]:
    """Where a word may stand: in an object's own texts, or in its code and its documents."""
    for kind in asked.kinds:
        place = PLACES[kind]
        query = select(literal(kind).label("type"), place.table.id.label("id"), found.c.rank)
        query = query.select_from(found).join(place.table, and_(found.c.kind == kind, place.table.id == found.c.key))
        yield _reached(query, kind, asked.reach)
        if kind in {"figure", "asset"}:
            rank = (found.c.rank * OF_CONTENT).label("rank")
            columns = (literal(kind).label("type"), place.table.id.label("id"), rank)
            owner, query = _of_content(kind, found, *columns)
            yield _reached(query.join(place.table, place.table.id == owner), kind, asked.reach)


def _of_content(kind: str, found: CTE, *columns: Any) -> tuple[Any, Select[Any]]:
    """A query over the code of figures' revisions, or the documents of assets'; and the column of whose they are."""
    version: Any = Revision if kind == "figure" else AssetRevision
    owner: Any = Revision.figure_id if kind == "figure" else AssetRevision.asset_id
    item: Any = DataItem.revision_id if kind == "figure" else DataItem.asset_revision_id
    query: Any = select(*columns).select_from(found)
    query = query.join(DataItem, and_(found.c.kind == words.DATA, DataItem.hash == found.c.key))
    return owner, query.join(version, version.id == item)


def _reached(query: Select[Any], kind: str, reach: Reach) -> Select[Any]:
    if kind == "figure":
        query = query.join(Analysis, Analysis.id == Figure.analysis_id)
    if kind == "comment":
        query = query.where(Comment.is_deleted.is_(False))
    return query.where(PLACES[kind].reach(reach))


# ---------------------------------------------------------------- without it


def _by_parts(asked: Question, *, everywhere: bool) -> Any:
    kinds = [kind for kind in asked.kinds if everywhere or PLACES[kind].names] or ["figure"]
    return union_all(*(_matches(asked, kind, everywhere=everywhere) for kind in kinds))


def _matches(asked: Question, kind: str, *, everywhere: bool) -> Select[Any]:
    place = PLACES[kind]
    names = [name for name in place.texts if everywhere or name in place.names]
    texts = [(getattr(place.table, name), place.texts[name]) for name in names]
    all_words = and_(*(or_(*(_has(text, word) for text, _ in texts)) for word in asked.words))
    score = sum((_score(text, word, weight) for text, weight in texts for word in asked.words), literal(0))
    query: Any = select(literal(kind).label("type"), place.table.id.label("id"), score.label("score"))
    return _reached(query.where(all_words), kind, asked.reach)


def _has(text: Any, word: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.coalesce(text, "").icontains(word, autoescape=True)
    return found


def _score(text: Any, word: str, weight: int) -> ColumnElement[int]:
    return case((_has(text, word), weight), else_=0)
