"""What stored pictures look like, by their hashes: rows that wait until somebody looks, and those to compare with.

Nothing is decoded here. What such a row speaks of may have gone; it is swept in quiet hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import undefer

from gofigr_jupyter.capture.look import Look
from gofigr_jupyter.server.store import pictures
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.dialect import insert
from gofigr_jupyter.server.store.pictures import Picture
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.tables import Analysis, DataItem, Figure, Revision, Seen

BITS = 32  # bytes
NOT_SHOWN = ("proof", "thumbnail", "watermark")
AT_A_TIME = 500


@dataclass(frozen=True)
class Known:
    """A picture to compare with: its row, its hash, and the bits of its look."""

    id: int
    hash: str
    bits: int


def note(db: Transaction, digests: Iterable[str]) -> None:
    """These pictures are there now; those that are known stay as they are."""
    rows = [{"hash": one, "is_read": False} for one in dict.fromkeys(digests)]
    if rows:
        db.connection().execute(insert(db, Seen).on_conflict_do_nothing(index_elements=["hash"]), rows)


def is_shown(kind: str, metadata: Mapping[str, object]) -> bool:
    """Whether a data object is a picture with pixels that was displayed, or drawn from what was."""
    is_raster = kind == "image" and str(metadata.get("format", "")).lower() in pictures.RASTERS
    return is_raster and metadata.get("role") not in NOT_SHOWN


def waiting(db: Transaction, limit: int) -> list[Picture]:
    """Pictures that nobody has looked at yet, the newest first."""
    ids = select(Seen.hash).where(Seen.is_read.is_(False)).order_by(Seen.id.desc()).limit(limit).subquery()
    query = select(DataItem).join(ids, ids.c.hash == DataItem.hash).options(undefer(DataItem.chunks))
    found = {one.hash: pictures.of(one) for one in db.scalars(query)}
    return list(found.values())


def keep(db: Transaction, looks: Mapping[str, Look | None]) -> None:
    """What pictures look like, by their hashes; None where there is nothing to see."""
    for digest, look in looks.items():
        seen = {"bits": look.bits.to_bytes(BITS), "sketch": look.sketch} if look else {}
        db.execute(update(Seen).where(Seen.hash == digest).values(is_read=True, **seen))


def within(db: Transaction, reach: Reach) -> list[Known]:
    """All pictures of revisions that somebody may see."""
    mine = select(DataItem.hash).join(Revision, Revision.id == DataItem.revision_id)
    mine = mine.join(Figure, Figure.id == Revision.figure_id).join(Analysis, Analysis.id == Figure.analysis_id)
    mine = mine.where(DataItem.type == "image", reach.revisions())
    query = select(Seen.id, Seen.hash, Seen.bits).where(Seen.bits.is_not(None), Seen.hash.in_(mine))
    return [Known(number, digest, int.from_bytes(bits or b"")) for number, digest, bits in db.execute(query)]


def sketches(db: Transaction, ids: Iterable[int]) -> dict[int, bytes]:
    """The sketches of some pictures."""
    wanted = list(dict.fromkeys(ids))
    found: dict[int, bytes] = {}
    for start in range(0, len(wanted), AT_A_TIME):
        query = select(Seen.id, Seen.sketch).where(Seen.id.in_(wanted[start : start + AT_A_TIME]))
        found |= {number: sketch for number, sketch in db.execute(query) if sketch}
    return found


def showing(
    db: Transaction, reach: Reach, digests: Sequence[str], limit: int
) -> dict[str, list[tuple[Revision, Picture]]]:
    """For each of some pictures the revisions that show it, of all that somebody may see, the newest first."""
    query = select(Revision, DataItem).join(DataItem, DataItem.revision_id == Revision.id)
    query = query.join(Figure, Figure.id == Revision.figure_id).join(Analysis, Analysis.id == Figure.analysis_id)
    query = query.where(DataItem.hash.in_(digests), DataItem.type == "image", reach.revisions())
    query = query.options(undefer(DataItem.chunks))
    found: dict[str, dict[str, tuple[Revision, Picture]]] = {}
    for row, item in db.execute(query.order_by(Revision.created_on.desc(), Revision.id, DataItem.position)):
        of_this = found.setdefault(item.hash, {})
        if len(of_this) < limit:
            of_this.setdefault(row.id, (row, pictures.of(item)))
    return {digest: list(rows.values()) for digest, rows in found.items()}


def sweep(db: Transaction) -> int:
    """Forget pictures that have gone; how many."""
    there = select(DataItem.id).where(DataItem.hash == Seen.hash).exists()
    return int(db.connection().execute(delete(Seen).where(~there)).rowcount)
