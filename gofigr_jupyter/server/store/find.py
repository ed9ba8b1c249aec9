"""Objects by id, with all they lie in, in one query; what does not exist is refused with 404.

Whether the caller may see it is asked afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import (
    Activity,
    Analysis,
    Asset,
    AssetRevision,
    Base,
    DataItem,
    Figure,
    Organization,
    Revision,
    Workspace,
)

Row = TypeVar("Row", bound=Base)
Target = Analysis | Figure | Revision | Asset | AssetRevision
ABOVE_ANALYSIS = joinedload(Analysis.workspace)
ABOVE_FIGURE = joinedload(Figure.analysis).joinedload(Analysis.workspace)
ABOVE_REVISION = joinedload(Revision.figure).joinedload(Figure.analysis).joinedload(Analysis.workspace)
ABOVE_ASSET = joinedload(Asset.workspace)
ABOVE_ASSET_REVISION = joinedload(AssetRevision.asset).joinedload(Asset.workspace)
ABOVE_DATA = (
    joinedload(DataItem.revision)
    .joinedload(Revision.figure)
    .joinedload(Figure.analysis)
    .joinedload(Analysis.workspace),
    joinedload(DataItem.asset_revision).joinedload(AssetRevision.asset).joinedload(Asset.workspace),
)


def by_id(db: Transaction, kind: type[Row], api_id: str, *options: ORMOption) -> Row:
    """A row of any table; refuses (404) what does not exist."""
    row = db.get(kind, api_id.lower(), options=options)
    if row is None:
        raise not_found()
    return row


def organization(db: Transaction, api_id: str) -> Organization:
    """An organization."""
    return by_id(db, Organization, api_id)


def workspace(db: Transaction, api_id: str) -> Workspace:
    """A workspace."""
    return by_id(db, Workspace, api_id)


def analysis(db: Transaction, api_id: str) -> Analysis:
    """An analysis."""
    return by_id(db, Analysis, api_id, ABOVE_ANALYSIS)


def figure(db: Transaction, api_id: str) -> Figure:
    """A figure."""
    return by_id(db, Figure, api_id, ABOVE_FIGURE)


def revision(db: Transaction, api_id: str) -> Revision:
    """A revision of a figure, by its id or by its short id, as it stands in links."""
    row = db.get(Revision, api_id.lower(), options=[ABOVE_REVISION])
    if row is None:
        row = db.scalar(select(Revision).where(Revision.short_id == api_id).options(ABOVE_REVISION))
    if row is None:
        raise not_found()
    return row


def asset(db: Transaction, api_id: str) -> Asset:
    """An asset."""
    return by_id(db, Asset, api_id, ABOVE_ASSET)


def asset_revision(db: Transaction, api_id: str) -> AssetRevision:
    """A revision of an asset."""
    return by_id(db, AssetRevision, api_id, ABOVE_ASSET_REVISION)


def asset_revisions(db: Transaction, ids: Collection[str]) -> list[AssetRevision]:
    """Many revisions of assets in one query; refuses (404) when one of them does not exist."""
    if not ids:
        return []
    query = select(AssetRevision).where(AssetRevision.id.in_(ids)).options(ABOVE_ASSET_REVISION)
    rows = list(db.scalars(query))
    if len(rows) < len(ids):
        raise not_found()
    return rows


def data_item(db: Transaction, api_id: str) -> DataItem:
    """A data object."""
    return by_id(db, DataItem, api_id, *ABOVE_DATA)


def owner_of(row: DataItem) -> Revision | AssetRevision:
    """The revision that a data object belongs to."""
    owner = row.revision or row.asset_revision
    if owner is None:
        raise not_found()
    return owner


def log_line(db: Transaction, api_id: str) -> Activity:
    """A line of a log."""
    return by_id(db, Activity, api_id)


# By the words that the wire has for them.
FINDERS: dict[str, Callable[[Transaction, str], Target]] = {
    "analysis": analysis,
    "figure": figure,
    "revision": revision,
    "figure_revision": revision,
    "asset": asset,
    "asset_revision": asset_revision,
}
