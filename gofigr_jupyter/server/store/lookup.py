"""Assets found again by name or by their bytes, oldest first; `readable` is what policy lets the caller see."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from gofigr_jupyter.schema.assets import Asset as AssetShape
from gofigr_jupyter.schema.assets import AssetRevision as AssetRevisionShape
from gofigr_jupyter.server.store import shapes
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Asset, AssetRevision, DataItem


def assets_named(
    db: Transaction, readable: ColumnElement[bool], name: str, analysis_id: str | None
) -> list[AssetShape]:
    """The assets of exactly this name; with an analysis, those for it alone."""
    which = readable & (Asset.name == name)
    if analysis_id is not None:
        which &= Asset.analysis_id == analysis_id.lower()
    return shapes.assets(db, which)


def revisions_with(
    db: Transaction, readable: ColumnElement[bool], digest: str, analysis_id: str | None
) -> list[AssetRevisionShape]:
    """The asset revisions with a data object of this hash; with an analysis, those of assets for it alone."""
    which = readable & AssetRevision.id.in_(select(DataItem.asset_revision_id).where(DataItem.hash == digest.lower()))
    if analysis_id is not None:
        which &= AssetRevision.asset_id.in_(select(Asset.id).where(Asset.analysis_id == analysis_id.lower()))
    return shapes.asset_revisions(db, which)
