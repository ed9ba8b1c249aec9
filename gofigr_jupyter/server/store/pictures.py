"""Which stored picture stands for an analysis, a figure or a revision."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import undefer

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Analysis, DataItem, Figure, Revision

RASTERS = frozenset({"png", "jpeg", "jpg", "webp", "gif"})
NEWEST = 4  # revisions that are looked through for one with a picture


@dataclass(frozen=True)
class Picture:
    """Where a picture's bytes lie."""

    hash: str
    size_bytes: int
    chunks: list[str]


def newest(db: Transaction, row: Analysis | Figure | Revision) -> list[Picture]:
    """The pictures to try, best first: of the newest revision, made as a thumbnail, without watermark."""
    revisions = select(Revision.id).join(Figure)
    match row:
        case Analysis():
            revisions = revisions.where(Figure.analysis_id == row.id)
        case Figure():
            revisions = revisions.where(Revision.figure_id == row.id)
        case Revision():
            revisions = revisions.where(Revision.id == row.id)
    with_pictures = revisions.where(
        select(DataItem.id).where(DataItem.revision_id == Revision.id, DataItem.type == "image").exists()
    )
    ids = list(db.scalars(with_pictures.order_by(Revision.created_on.desc(), Revision.id).limit(NEWEST)))
    query = (
        select(DataItem)
        .where(DataItem.revision_id.in_(ids), DataItem.type == "image")
        .options(undefer(DataItem.chunks))
    )
    items = [item for item in db.scalars(query) if str(item.meta.get("format", "")).lower() in RASTERS]
    items.sort(key=lambda item: (ids.index(item.revision_id), *_rank(item)))
    return [Picture(item.hash, item.size_bytes, item.chunks) for item in items]


def _rank(item: DataItem) -> tuple[bool, bool, int]:
    return item.meta.get("role") != "thumbnail", bool(item.meta.get("is_watermarked")), item.position
