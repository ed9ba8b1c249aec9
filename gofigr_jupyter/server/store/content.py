"""The data objects of a revision: bytes first, durably, then the rows that name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.store.blobs import Blobs, Stored
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.sweep import note_garbage
from gofigr_jupyter.server.store.tables import AssetRevision, DataItem, Revision
from gofigr_jupyter.server.store.tree import new_id, resize

Owner = Revision | AssetRevision


@dataclass(frozen=True)
class Incoming:
    """A data object on its way in; `stored` is None where the request left the bytes as they are."""

    draft: DataDraft
    stored: Stored | None


def keep_bytes(blobs: Blobs, drafts: Sequence[DataDraft]) -> list[Incoming]:
    """Store the bytes of all drafts; to be called before the transaction that names them."""
    stored = iter(blobs.put(draft.data for draft in drafts if draft.data is not None))
    return [Incoming(draft, next(stored) if draft.data is not None else None) for draft in drafts]


def items_of(db: Transaction, owner: Owner) -> list[DataItem]:
    """The data rows of a revision, in their order."""
    return list(db.scalars(select(DataItem).where(_of(owner)).order_by(DataItem.position, DataItem.id)))


def chunks_of(db: Transaction, owner: Owner) -> dict[str, list[str]]:
    """Where the bytes of each of a revision's data objects lie, by their ids."""
    rows = db.execute(select(DataItem.id, DataItem.chunks).where(_of(owner)))
    return {api_id: list(chunks) for api_id, chunks in rows}


def replace(db: Transaction, owner: Owner, incoming: Sequence[Incoming]) -> None:
    """Make these the revision's data: known ids change in place, others are new, what is not named goes."""
    known = {item.id: item for item in items_of(db, owner)}
    for position, one in enumerate(incoming):
        row = known.pop(one.draft.api_id or "", None) or _new(db, owner)
        row.position = position
        _fill(row, one)
    for leftover in known.values():
        db.delete(leftover)
    note_garbage(db)
    _count(db, owner)


def append(db: Transaction, owner: Owner, incoming: Sequence[Incoming]) -> int:
    """Add data, leaving out what the revision has already (by `local_id`); returns how many were added.

    Clean room data takes the place of what was there with its type and name.
    """
    present = items_of(db, owner)
    earlier = {(item.type, item.name): item for item in present if item.is_clean_room}
    seen = {item.meta.get("local_id") for item in present if item.meta.get("local_id")}
    position = max((item.position for item in present), default=-1)
    added = 0
    for one in incoming:
        local_id = one.draft.metadata.get("local_id")
        if local_id is not None and local_id in seen:
            continue
        seen.add(local_id)
        added += 1
        row = _new(db, owner)
        row.position = position + added
        _fill(row, one)
        if row.is_clean_room and (superseded := earlier.pop((row.type, row.name), None)):
            db.delete(superseded)
            note_garbage(db)
    _count(db, owner)
    return added


def _new(db: Transaction, owner: Owner) -> DataItem:
    row = DataItem(id=new_id())
    if isinstance(owner, Revision):
        row.revision_id = owner.id
    else:
        row.asset_revision_id = owner.id
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


def _count(db: Transaction, owner: Owner) -> None:
    db.flush()
    total = select(func.coalesce(func.sum(DataItem.size_bytes), 0)).where(_of(owner))
    resize(db, owner, db.scalar(total) or 0)


def _of(owner: Owner) -> ColumnElement[bool]:
    column = DataItem.revision_id if isinstance(owner, Revision) else DataItem.asset_revision_id
    return column == owner.id
