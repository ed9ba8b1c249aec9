"""What people talk about: an object of the tree by the wire's word for it, and rows of tables about such objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm.interfaces import ORMOption

from gofigr_jupyter.server.store import find
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, Figure, Revision, Targeted

Kind = TypeVar("Kind", bound=Target)
COLUMNS = {
    "analysis": "analysis_id",
    "figure": "figure_id",
    "figure_revision": "revision_id",
    "asset": "asset_id",
    "asset_revision": "asset_revision_id",
}
WORDS: dict[type[Target], str] = {
    Analysis: "analysis",
    Figure: "figure",
    Revision: "figure_revision",
    Asset: "asset",
    AssetRevision: "asset_revision",
}
ABOVE: dict[type[Any], ORMOption] = {
    Analysis: find.ABOVE_ANALYSIS,
    Figure: find.ABOVE_FIGURE,
    Revision: find.ABOVE_REVISION,
    Asset: find.ABOVE_ASSET,
    AssetRevision: find.ABOVE_ASSET_REVISION,
}


def column(table: type[Targeted], kind: type[Target]) -> ColumnElement[str | None]:
    """The column of a table in which objects of this kind stand."""
    found: ColumnElement[str | None] = getattr(table, COLUMNS[WORDS[kind]])
    return found


def about(table: type[Targeted], target: Target) -> ColumnElement[bool]:
    """The condition for rows about exactly this object."""
    return column(table, type(target)) == target.id


def naming(target: Target) -> dict[str, str]:
    """The value with which a new row names its object."""
    return {COLUMNS[WORDS[type(target)]]: target.id}


def place_of(row: Targeted) -> tuple[str, str]:
    """The word and the id of the object that a row is about."""
    (place,) = [(word, value) for word, name in COLUMNS.items() if (value := getattr(row, name)) is not None]
    return place


def of(db: Transaction, row: Targeted) -> Target:
    """The object that a row is about."""
    word, api_id = place_of(row)
    return find.FINDERS[word](db, api_id)


def of_all(db: Transaction, rows: Sequence[Targeted]) -> dict[str, Target]:
    """The objects that many rows are about, by id: one query a kind, with all that they lie in."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        word, api_id = place_of(row)
        wanted.setdefault(word, set()).add(api_id)
    found: dict[str, Target] = {}
    for kind, word in WORDS.items():
        if ids := wanted.get(word):
            found |= {one.id: one for one in by_ids(db, kind, ids)}
    return found


def by_ids(db: Transaction, kind: type[Kind], ids: Iterable[str]) -> list[Kind]:
    """The objects of one kind with these ids that are there, with all that they lie in."""
    query: Select[Any] = select(kind).where(kind.id.in_({one.lower() for one in ids})).options(ABOVE[kind])
    return list(db.scalars(query))
