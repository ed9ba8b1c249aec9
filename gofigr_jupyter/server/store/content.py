"""The data objects of a revision: bytes first, durably, then the rows that name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.store.blobs import Blobs, Stored
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.shapes import items_of
from gofigr_jupyter.server.store.sweep import note_garbage
from gofigr_jupyter.server.store.tables import DataItem, Revision
from gofigr_jupyter.server.store.tree import new_id


@dataclass(frozen=True)
class Incoming:
    """A data object on its way in; `stored` is None where the request left the bytes as they are."""

    draft: DataDraft
    stored: Stored | None


def keep_bytes(blobs: Blobs, drafts: Sequence[DataDraft]) -> list[Incoming]:
    """Store the bytes of all drafts; to be called before the transaction that names them."""
    stored = iter(blobs.put(draft.data for draft in drafts if draft.data is not None))
    return [Incoming(draft, next(stored) if draft.data is not None else None) for draft in drafts]


def replace(db: Transaction, revision: Revision, incoming: Sequence[Incoming]) -> None:
    """Make these the revision's data: known ids change in place, others are new, what is not named goes."""
    known = {item.id: item for item in items_of(db, revision.id)}
    for position, one in enumerate(incoming):
        row = known.pop(one.draft.api_id or "", None) or _new(db, revision)
        row.position = position
        _fill(row, one)
    for leftover in known.values():
        db.delete(leftover)
    note_garbage(db)
    _count(db, revision)


def append(db: Transaction, revision: Revision, incoming: Sequence[Incoming]) -> int:
    """Add data, leaving out what the revision has already (by `local_id`); returns how many were added."""
    present = items_of(db, revision.id)
    seen = {item.meta.get("local_id") for item in present if item.meta.get("local_id")}
    position = max((item.position for item in present), default=-1)
    added = 0
    for one in incoming:
        local_id = one.draft.metadata.get("local_id")
        if local_id is not None and local_id in seen:
            continue
        seen.add(local_id)
        added += 1
        row = _new(db, revision)
        row.position = position + added
        _fill(row, one)
    _count(db, revision)
    return added


def _new(db: Transaction, revision: Revision) -> DataItem:
    row = DataItem(id=new_id(), revision_id=revision.id)
    _name_bytes(row, Stored.of_nothing())
    db.add(row)
    return row


def _fill(row: DataItem, one: Incoming) -> None:
    if one.stored is not None:
        _name_bytes(row, one.stored)
    row.name, row.type, row.meta = one.draft.name, one.draft.type, one.draft.metadata
    row.is_clean_room = one.draft.is_clean_room


def _name_bytes(row: DataItem, stored: Stored) -> None:
    row.hash, row.size_bytes, row.chunks = stored.hash, stored.size, stored.chunks


def _count(db: Transaction, revision: Revision) -> None:
    db.flush()
    total = select(func.coalesce(func.sum(DataItem.size_bytes), 0)).where(DataItem.revision_id == revision.id)
    revision.size_bytes = db.scalar(total) or 0
    db.flush()
