"""How much there is in a workspace, and what is new there; each figure a subquery of one statement."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, select

from gofigr_jupyter.schema.workspaces import Overview
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import (
    Analysis,
    Asset,
    AssetRevision,
    Comment,
    Figure,
    Member,
    Revision,
    Story,
    Workspace,
)

Counted = ColumnElement[int]


def of(db: Transaction, row: Workspace) -> Overview:
    """The numbers of a workspace."""
    figures = Analysis.workspace_id == row.id
    assets = Asset.workspace_id == row.id
    counts: dict[str, Counted] = {
        "analyses": _number(_all(Analysis).where(figures)),
        "figures": _number(_all(Figure).join(Analysis).where(figures)),
        "revisions": _number(_all(Revision).join(Figure).join(Analysis).where(figures)),
        "assets": _number(_all(Asset).where(assets)),
        "asset_revisions": _number(_all(AssetRevision).join(Asset).where(assets)),
        "stories": _number(_all(Story).where(Story.workspace_id == row.id)),
        "comments": _comments(figures, assets),
        "members": _number(_all(Member).where(Member.workspace_id == row.id)),
    }
    names, columns = zip(*counts.items(), strict=True)
    numbers = db.execute(select(*columns)).one()
    return Overview(size_bytes=row.size_bytes, **dict(zip(names, numbers, strict=True)))


def _comments(figures: ColumnElement[bool], assets: ColumnElement[bool]) -> Counted:
    """Comments hang on four kinds of objects; deleted ones, which stand only for their replies, don't count."""
    written = _all(Comment).where(Comment.is_deleted.is_(False))
    on_figures = written.join(Figure, Figure.id == Comment.figure_id).join(Analysis).where(figures)
    on_revisions = written.join(Revision, Revision.id == Comment.revision_id).join(Figure).join(Analysis).where(figures)
    on_assets = written.join(Asset, Asset.id == Comment.asset_id).where(assets)
    versions = written.join(AssetRevision, AssetRevision.id == Comment.asset_revision_id).join(Asset).where(assets)
    return _number(on_figures) + _number(on_revisions) + _number(on_assets) + _number(versions)


def _all(table: type[Analysis | Figure | Revision | Asset | AssetRevision | Comment | Member | Story]) -> Select[int]:
    return select(func.count()).select_from(table)


def _number(query: Select[int]) -> Counted:
    return query.scalar_subquery()
