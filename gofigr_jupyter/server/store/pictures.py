"""Which stored picture stands for an analysis, a figure, an asset or a revision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import undefer

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, DataItem, Figure, Revision

RASTERS = frozenset({"png", "jpeg", "jpg", "webp", "gif"})
NEWEST = 4  # revisions that are looked through for one with a picture


@dataclass(frozen=True)
class Picture:
    """Where a picture's bytes lie, and the revision of a figure that it shows, if it is of one."""

    hash: str
    size_bytes: int
    chunks: list[str]
    bucket_id: str | None
    revision_id: str | None = None


@dataclass(frozen=True)
class Shown:
    """A revision as its pictures name it."""

    id: str
    short_id: str | None
    figure: str


def newest(db: Transaction, row: Analysis | Figure | Revision | Asset | AssetRevision) -> list[Picture]:
    """The pictures to try, best first: of the newest revision, made as a thumbnail, without watermark."""
    of_asset = isinstance(row, Asset | AssetRevision)
    owner = DataItem.asset_revision_id if of_asset else DataItem.revision_id
    ids = list(db.scalars(_versions(row).limit(NEWEST)))
    query = select(DataItem).where(owner.in_(ids), DataItem.type == "image").options(undefer(DataItem.chunks))
    items = [item for item in db.scalars(query) if _is_raster(item)]
    items.sort(key=lambda item: (ids.index(item.asset_revision_id or item.revision_id or ""), *_rank(item)))
    return [of(item) for item in items]


def best(db: Transaction, revisions: Iterable[str]) -> dict[str, Picture]:
    """The picture of each of several revisions, by their ids: one as large as was published, without watermark."""
    query = select(DataItem).where(DataItem.revision_id.in_(list(revisions)), DataItem.type == "image")
    items = [one for one in db.scalars(query.options(undefer(DataItem.chunks))) if _is_raster(one)]
    items.sort(key=lambda one: (one.meta.get("role") == "thumbnail", *_rank(one)))
    found: dict[str, Picture] = {}
    for one in items:
        found.setdefault(one.revision_id or "", of(one))
    return found


def of(item: DataItem) -> Picture:
    """Where the bytes of a data object lie."""
    return Picture(item.hash, item.size_bytes, item.chunks, item.bucket_id, item.revision_id)


def shown_in(db: Transaction, found: Iterable[Picture]) -> dict[str, Shown]:
    """The revisions that pictures show, by their ids."""
    ids = {one.revision_id for one in found if one.revision_id is not None}
    if not ids:
        return {}
    query = select(Revision.id, Revision.short_id, Figure.name).join(Figure).where(Revision.id.in_(ids))
    return {row.id: Shown(row.id, row.short_id, row.name) for row in db.execute(query)}


def _is_raster(item: DataItem) -> bool:
    is_marked = item.meta.get("role") == "proof"  # shows where a figure differs, not the figure
    return not is_marked and str(item.meta.get("format", "")).lower() in RASTERS


def _versions(row: Analysis | Figure | Revision | Asset | AssetRevision) -> Select[str]:
    """The revisions in a row that have pictures, newest first."""
    if isinstance(row, Asset | AssetRevision):
        mine = AssetRevision.asset_id if isinstance(row, Asset) else AssetRevision.id
        pictured = select(DataItem.id).where(DataItem.asset_revision_id == AssetRevision.id, DataItem.type == "image")
        versions = select(AssetRevision.id).where(mine == row.id, pictured.exists())
        return versions.order_by(AssetRevision.created_on.desc(), AssetRevision.id)
    pictured = select(DataItem.id).where(DataItem.revision_id == Revision.id, DataItem.type == "image")
    query = select(Revision.id).join(Figure).where(pictured.exists())
    match row:
        case Analysis():
            query = query.where(Figure.analysis_id == row.id)
        case Figure():
            query = query.where(Revision.figure_id == row.id)
        case Revision():
            query = query.where(Revision.id == row.id)
    return query.order_by(Revision.created_on.desc(), Revision.id)


def _rank(item: DataItem) -> tuple[bool, bool, int]:
    return item.meta.get("role") != "thumbnail", bool(item.meta.get("is_watermarked")), item.position
