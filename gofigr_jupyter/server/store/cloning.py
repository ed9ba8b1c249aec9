"""Data of one revision in another, without moving a byte: both name the same chunks."""

from __future__ import annotations

from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import undefer

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import DataItem, Revision
from gofigr_jupyter.server.store.tree import new_id, resize

PLOTTED = "series"  # the role of tables that tell what the old picture shows, which is not what the new one will


def copy_clean_room(db: Transaction, source: Revision, target: Revision) -> None:
    """Give a new revision the data frames of another, and its clean room: the code and the manifest."""
    wanted = or_(DataItem.type == "dataframe", DataItem.is_clean_room)
    query = select(DataItem).where(DataItem.revision_id == source.id, wanted).order_by(DataItem.position, DataItem.id)
    found = db.scalars(query.options(undefer(DataItem.chunks)))
    items = [item for item in found if item.is_clean_room or item.meta.get("role") != PLOTTED]
    names = [column.key for column in inspect(DataItem).column_attrs]
    for position, item in enumerate(items):
        values = {name: getattr(item, name) for name in names}
        db.add(DataItem(**values | {"id": new_id(), "revision_id": target.id, "position": position}))
    db.flush()
    resize(db, target, sum(item.size_bytes for item in items))
