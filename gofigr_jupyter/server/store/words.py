"""The words of all that can be searched, written down in the transaction that changes them.

In: rows as they are flushed, data objects as they come. Out: rows of `texts`, which `wordindex` makes quick to search.
What such a row speaks of may have gone; then it is not found, and swept in quiet hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Delete, and_, delete, inspect, select
from sqlalchemy.orm import Session, undefer

from gofigr_jupyter.server.store.dialect import insert, is_sqlite
from gofigr_jupyter.server.store.tables import (
    Analysis,
    Asset,
    Base,
    Comment,
    DataItem,
    Figure,
    Indexed,
    Story,
)
from gofigr_jupyter.server.store.wordindex import COLUMNS, document
from gofigr_jupyter.server.wording import LONGEST, parts, without_numbers

DATA = "data"
UNREAD = "unread"  # instead of DATA: these bytes wait to be read; an older server kept them, or they were too many
MOST_BYTES = 200 << 10  # of one data object that are read
# Which text of an object is its name, its title, its description and so on.
TEXTS: dict[type[Base], tuple[str, dict[str, str]]] = {
    Figure: (
        "figure",
        {"name": "name", "title": "ai_title", "description": "description", "words": "ai_description"},
    ),
    Analysis: ("analysis", {"name": "name", "description": "description"}),
    Asset: ("asset", {"name": "name", "description": "description"}),
    Story: ("story", {"name": "title", "description": "description", "words": "words"}),
    Comment: ("comment", {"words": "content"}),
}
ROLES = ("cell", "slice")  # of code; other clients give it none


# ---------------------------------------------------------------- objects


def follow(db: Session, _context: object) -> None:
    """To be called after a flush: write down the words of what is new, and of what has other words now."""
    changed = [row for row in db.new if type(row) in TEXTS]
    changed += [row for row in db.dirty if type(row) in TEXTS and _has_other_words(row)]
    if changed:
        _put(db, [_of(row) for row in changed])


def _has_other_words(row: Any) -> bool:
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in TEXTS[type(row)][1].values())


def _of(row: Any) -> dict[str, str]:
    kind, names = TEXTS[type(row)]
    texts = {column: (getattr(row, name) or "")[:LONGEST] for column, name in names.items()}
    return _values(kind, row.id, **texts)


# ---------------------------------------------------------------- data objects


def text_in(content: bytes) -> str | None:
    """The beginning of a data object as text to be searched; None where it is none."""
    if b"\0" in content:
        return None
    try:
        text = content[:MOST_BYTES].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(content[:MOST_BYTES]) - 3:
            return None
        text = content[: error.start].decode("utf-8")  # cut in the middle of a letter
    return searched(text)


def searched(text: str) -> str:
    """What of a text is written down."""
    return without_numbers(text[:LONGEST])


def is_bound(beginning: bytes) -> bool:
    """Whether bytes that begin so may be PDF, Word or PowerPoint, whose text has to be taken out of them."""
    return beginning.startswith((b"%PDF-", b"PK\x03\x04"))


def may_be_text(kind: str, metadata: Mapping[str, Any]) -> bool:
    """Whether a data object has perhaps a text worth searching; if it is no code, then only in an asset."""
    role = metadata.get("role")
    return role in (None, "", *ROLES) if kind == "code" else kind in {"text", "file"} and role is None


def keep(db: Session, texts: Mapping[str, str | None]) -> None:
    """Write down the texts of data objects, by their hashes; those that are known stay."""
    rows = [_values(DATA, digest, words=text) for digest, text in texts.items() if text]
    if rows:
        _put(db, rows, is_known_good=True)


def put_off(db: Session, digests: Sequence[str]) -> None:
    """The texts of these data objects are to be read in quiet hours."""
    if digests:
        _put(db, [_values(UNREAD, digest) for digest in dict.fromkeys(digests)], is_known_good=True)


def unread(db: Session, limit: int) -> list[DataItem]:
    """Data objects whose texts wait to be read; of the same bytes there may be several."""
    query = select(DataItem).join(Indexed, and_(Indexed.kind == UNREAD, Indexed.key == DataItem.hash))
    return list(db.scalars(query.options(undefer(DataItem.chunks)).limit(limit)))


def mark_read(db: Session, digests: Iterable[str]) -> None:
    """These have been read."""
    db.execute(delete(Indexed).where(Indexed.kind == UNREAD, Indexed.key.in_(list(digests))))


# ---------------------------------------------------------------- rows


def _values(kind: str, key: str, **texts: str) -> dict[str, str]:
    told = {column: texts.get(column, "") for column in COLUMNS[:-1]}
    return {"kind": kind, "key": key, **told, "parts": parts(" ".join(texts.values()))}


def _put(db: Session, rows: Sequence[dict[str, str]], *, is_known_good: bool = False) -> None:
    """Insert, or replace what is there; `is_known_good` says that the same key means the same words."""
    statement, simple = insert(db, Indexed), is_sqlite(db)
    values: list[dict[str, Any]] = [{**row} if simple else {**row, "document": document(row)} for row in rows]
    if is_known_good:
        statement = statement.on_conflict_do_nothing(index_elements=["kind", "key"])
    else:
        fresh = {name: statement.excluded[name] for name in (*COLUMNS, *(() if simple else ("document",)))}
        statement = statement.on_conflict_do_update(index_elements=["kind", "key"], set_=fresh)
    db.connection().execute(statement, values)


def sweep(db: Session) -> int:
    """Forget the words of what has gone; how many rows."""
    return sum(db.connection().execute(one).rowcount for one in _leftovers())


def _leftovers() -> Iterator[Delete]:
    for table, (kind, _) in TEXTS.items():
        there: Any = table
        yield _without(kind, select(there.id).where(there.id == Indexed.key).exists())
    there = select(DataItem.id).where(DataItem.hash == Indexed.key).exists()
    yield _without(DATA, there)
    yield _without(UNREAD, there)


def _without(kind: str, is_there: ColumnElement[bool]) -> Delete:
    return delete(Indexed).where(Indexed.kind == kind, ~is_there)


def texts_by_id(db: Session, ids: Iterable[int], most: int) -> dict[int, str]:
    """The beginnings of some texts."""
    wanted = list(ids)
    if not wanted:
        return {}
    from_ = select(Indexed.id, Indexed.words).where(Indexed.id.in_(wanted))
    return {number: words[:most] for number, words in db.execute(from_)}
