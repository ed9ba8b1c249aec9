"""What the pages of assets list: their revisions, and what was made from each; never a byte of the data.

In: a transaction and rows that policy lets the reader see. Out: frozen rows, in the order of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from gofigr_jupyter.server.store import find
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.store.tables import Asset, AssetRevision, CdnFile, DataItem, Link, Revision


@dataclass(frozen=True, slots=True)
class AssetEntry:
    """An asset in a list, with its last change."""

    id: str
    name: str
    revisions: int
    size_bytes: int
    changed_on: datetime


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A revision of an asset in a list, with its files; `index` counts from 0."""

    id: str
    index: int
    created_by: str
    created_on: datetime
    size_bytes: int
    files: tuple[Item, ...]


def assets(db: Transaction, workspace_id: str) -> list[AssetEntry]:
    """The assets of a workspace, last changed first; those that are files of the media library are listed there."""
    published = select(AssetRevision.asset_id).join(DataItem, DataItem.asset_revision_id == AssetRevision.id)
    published = published.join(CdnFile, CdnFile.data_id == DataItem.id).where(AssetRevision.asset_id == Asset.id)
    counted = select(func.count()).select_from(AssetRevision).where(AssetRevision.asset_id == Asset.id)
    changed = func.coalesce(Asset.child_updated_on, Asset.created_on)
    query = select(Asset.id, Asset.name, counted.correlate(Asset).scalar_subquery(), Asset.size_bytes, changed)
    query = query.where(Asset.workspace_id == workspace_id, ~published.correlate(Asset).exists())
    rows = db.execute(query.order_by(changed.desc(), Asset.id))
    return [AssetEntry(*row) for row in rows]


def versions(db: Transaction, asset_id: str, *, offset: int = 0, limit: int = 60) -> tuple[list[VersionEntry], int]:
    """One page of an asset's revisions, newest first, and how many there are in all."""
    row = AssetRevision
    total = db.scalar(select(func.count()).select_from(row).where(row.asset_id == asset_id)) or 0
    query = select(row.id, row.revision_index, row.created_by, row.created_on, row.size_bytes)
    query = query.where(row.asset_id == asset_id).order_by(row.revision_index.desc()).offset(offset).limit(limit)
    rows = list(db.execute(query))
    files: dict[str, list[Item]] = {}
    for item in items(db, [one for one, *_ in rows]):
        files.setdefault(item.revision_id, []).append(item)
    return [VersionEntry(*one, tuple(files.get(one[0], ()))) for one in rows], total


def items(db: Transaction, asset_revision_ids: Sequence[str]) -> list[Item]:
    """The data objects of these asset revisions, in their own order."""
    row = DataItem
    query = select(row.id, row.asset_revision_id, row.name, row.type, row.hash, row.size_bytes, row.meta)
    query = query.where(row.asset_revision_id.in_(asset_revision_ids))
    return [Item(*values) for values in db.execute(query.order_by(row.asset_revision_id, row.position))]


def made_from(db: Transaction, version: AssetRevision, limit: int) -> list[Revision]:
    """The newest revisions of figures that were made from this one, with all that they lie in, newest first."""
    query = select(Revision).join(Link, Link.revision_id == Revision.id).where(Link.asset_revision_id == version.id)
    newest = query.order_by(Revision.created_on.desc(), Revision.id).limit(limit)
    return list(db.scalars(newest.options(find.ABOVE_REVISION)))


def newest_of(db: Transaction, versions: Sequence[AssetRevision]) -> dict[str, int]:
    """The index of the last revision of each asset that these are of."""
    row = AssetRevision
    if not versions:
        return {}
    query = select(row.asset_id, func.max(row.revision_index)).group_by(row.asset_id)
    found = db.execute(query.where(row.asset_id.in_({one.asset_id for one in versions})))
    return {asset_id: index for asset_id, index in found}  # noqa: C416 - mypy reads rows so


def sources_of(db: Transaction, revision: Revision) -> list[AssetRevision]:
    """The revisions of assets that this one was made from, with all that they lie in, by name."""
    row = AssetRevision
    query = select(row).join(Link, Link.asset_revision_id == row.id).where(Link.revision_id == revision.id)
    query = query.join(Asset, Asset.id == row.asset_id).order_by(Asset.name, row.revision_index)
    return list(db.scalars(query.options(find.ABOVE_ASSET_REVISION)))
