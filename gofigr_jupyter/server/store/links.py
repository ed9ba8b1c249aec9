"""Which revision of a figure was made with which revision of an asset. Who may link what was decided before."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import AssetRevision, Link, Revision


def of(db: Transaction, row: Revision | AssetRevision) -> list[Link]:
    """The links of a revision, seen from either side."""
    mine = Link.revision_id if isinstance(row, Revision) else Link.asset_revision_id
    return list(db.scalars(select(Link).where(mine == row.id).order_by(Link.revision_id, Link.asset_revision_id)))


def replace(db: Transaction, row: Revision, uses: Mapping[str, str]) -> None:
    """Make these the links of a revision: from the asset revision's id to how it was used."""
    present = {link.asset_revision_id: link for link in of(db, row)}
    for asset_revision_id, use_type in uses.items():
        link = present.pop(asset_revision_id, None)
        if link is None:
            db.add(Link(revision_id=row.id, asset_revision_id=asset_revision_id, use_type=use_type))
        else:
            link.use_type = use_type
    if present:
        leftover = Link.asset_revision_id.in_(list(present))
        db.execute(delete(Link).where(Link.revision_id == row.id, leftover))
    db.flush()


def remove(db: Transaction, row: Revision, asset_revision: AssetRevision) -> bool:
    """Take one link away; whether there was one."""
    which = (Link.revision_id == row.id) & (Link.asset_revision_id == asset_revision.id)
    gone = db.execute(delete(Link).where(which).returning(Link.revision_id)).all()
    return bool(gone)
