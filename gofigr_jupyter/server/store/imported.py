"""What imports look up, so that the same thing brought twice is there once: by name, and by the hashes of its bytes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import ABOVE_REVISION
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, DataItem, Figure, Revision, Workspace

Hashes = frozenset[tuple[str, str]]  # type and hash of data objects


def analysis_named(db: Transaction, place: Workspace, name: str) -> Analysis | None:
    """The first analysis of a workspace that has exactly this name."""
    query = select(Analysis).where(Analysis.workspace_id == place.id, Analysis.name == name)
    return db.scalar(query.order_by(Analysis.created_on, Analysis.id).limit(1))


def revision_holding(db: Transaction, figure: Figure, wanted: Hashes) -> Revision | None:
    """The newest revision of a figure that has all of these data."""
    some_type, some_hash = min(wanted)
    candidates = (
        select(Revision)
        .join(DataItem, DataItem.revision_id == Revision.id)
        .where(Revision.figure_id == figure.id, DataItem.type == some_type, DataItem.hash == some_hash)
        .order_by(Revision.revision_index.desc())
    )
    for row in db.scalars(candidates).unique():
        items = select(DataItem.type, DataItem.hash).where(DataItem.revision_id == row.id)
        if wanted <= {(kind, digest) for kind, digest in db.execute(items)}:
            return row
    return None


def revision_with_picture(db: Transaction, digest: str, workspaces: Collection[str], first: str) -> Revision | None:
    """The newest revision in some workspaces, `first` before the others, that has a picture of exactly these bytes."""
    query = (
        select(Revision)
        .join(DataItem, DataItem.revision_id == Revision.id)
        .join(Figure, Figure.id == Revision.figure_id)
        .join(Analysis, Analysis.id == Figure.analysis_id)
        .where(DataItem.hash == digest, DataItem.type == "image", Analysis.workspace_id.in_(workspaces))
        .order_by((Analysis.workspace_id == first).desc(), Revision.created_on.desc(), Revision.id)
        .options(ABOVE_REVISION)
        .limit(1)
    )
    return db.scalar(query)


def asset_named(db: Transaction, place: Workspace, analysis_id: str | None, name: str) -> Asset | None:
    """The first asset of exactly this name in a workspace, for this analysis alone or for none."""
    query = select(Asset).where(Asset.workspace_id == place.id, Asset.name == name, Asset.analysis_id == analysis_id)
    return db.scalar(query.order_by(Asset.created_on, Asset.id).limit(1))


def asset_revision_holding(db: Transaction, asset: Asset, digest: str) -> AssetRevision | None:
    """The newest revision of an asset that has exactly these bytes."""
    query = (
        select(AssetRevision)
        .join(DataItem, DataItem.asset_revision_id == AssetRevision.id)
        .where(AssetRevision.asset_id == asset.id, DataItem.hash == digest)
        .order_by(AssetRevision.revision_index.desc())
        .limit(1)
    )
    return db.scalar(query)
