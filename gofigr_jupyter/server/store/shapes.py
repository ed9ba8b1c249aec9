"""From rows to the wire's shapes. Child lists stand in full forms only; elsewhere they are null, never a false `[]`.

A list is one query, however many rows it has; nothing here decides who may see them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from gofigr_jupyter.schema.assets import Asset as AssetShape
from gofigr_jupyter.schema.assets import AssetRevision as AssetRevisionShape
from gofigr_jupyter.schema.base import Wire
from gofigr_jupyter.schema.figures import Analysis as AnalysisShape
from gofigr_jupyter.schema.figures import DataObject
from gofigr_jupyter.schema.figures import Figure as FigureShape
from gofigr_jupyter.schema.figures import Link as LinkShape
from gofigr_jupyter.schema.figures import Revision as RevisionShape
from gofigr_jupyter.schema.workspaces import Recent
from gofigr_jupyter.schema.workspaces import Workspace as WorkspaceShape
from gofigr_jupyter.server.store import links
from gofigr_jupyter.server.store.content import items_of
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import (
    Analysis,
    Asset,
    AssetRevision,
    DataItem,
    Figure,
    Link,
    Revision,
    Workspace,
)

Node = Workspace | Analysis | Figure | Revision | Asset | AssetRevision
Listed = Analysis | Figure | Revision | Asset | AssetRevision
Condition = ColumnElement[bool]
Child = TypeVar("Child")

AUTHORED = ("created_by", "created_on", "updated_by", "updated_on")
ATTRIBUTED = ("created_on_behalf", "created_on_behalf_name", "created_on_behalf_email")
DESCRIBED = ("ai_title", "ai_description")
PARENT = ("name", "description", "size_bytes", "child_updated_by", "child_updated_on", *AUTHORED)
# Oldest first; a figure's revisions by their numbers.
ORDER: dict[type[Listed], tuple[Any, ...]] = {
    Analysis: (Analysis.created_on, Analysis.id),
    Figure: (Figure.created_on, Figure.id),
    Revision: (Revision.figure_id, Revision.revision_index),
    Asset: (Asset.created_on, Asset.id),
    AssetRevision: (AssetRevision.created_on, AssetRevision.id),
}
VERSION = ("revision_index", "size_bytes", *AUTHORED, *ATTRIBUTED)


# ---------------------------------------------------------------- one object


def full(db: Transaction, row: Node) -> Wire:
    """An object with its children, as POST, PUT, PATCH and GET of one object answer."""
    match row:
        case Workspace():
            return workspace(db, row)
        case Analysis():
            return analysis(db, row)
        case Figure():
            return figure(db, row)
        case Revision():
            return revision(db, row)
        case Asset():
            return asset(db, row)
    return asset_revision(db, row)


def small(row: Node) -> Wire:
    """An object without its children, as it stands in lists."""
    match row:
        case Workspace():
            return _workspace(row)
        case Analysis():
            return _analysis(row)
        case Figure():
            return _figure(row)
        case Revision():
            return _revision(row)
        case Asset():
            return _asset(row)
    return _asset_revision(row)


def workspace(db: Transaction, row: Workspace) -> WorkspaceShape:
    """A workspace with its analyses and assets."""
    shape = _workspace(row)
    shape.analyses = analyses(db, Analysis.workspace_id == row.id)
    shape.assets = assets(db, Asset.workspace_id == row.id)
    return shape


def analysis(db: Transaction, row: Analysis) -> AnalysisShape:
    """An analysis with its figures."""
    shape = _analysis(row)
    shape.figures = figures(db, Figure.analysis_id == row.id)
    return shape


def figure(db: Transaction, row: Figure) -> FigureShape:
    """A figure with all its revisions, which come without data."""
    shape = _figure(row)
    shape.revisions = revisions(db, Revision.figure_id == row.id)
    return shape


def revision(db: Transaction, row: Revision) -> RevisionShape:
    """A revision with its data objects, which come without bytes, and what it was made from."""
    shape = _revision(row)
    shape.data = [data_object(item) for item in items_of(db, row)]
    shape.assets = [_link(one) for one in links.of(db, row)]
    return shape


def asset(db: Transaction, row: Asset) -> AssetShape:
    """An asset with all its revisions, which come without data."""
    shape = _asset(row)
    shape.revisions = asset_revisions(db, AssetRevision.asset_id == row.id)
    return shape


def asset_revision(db: Transaction, row: AssetRevision) -> AssetRevisionShape:
    """A revision of an asset with its data objects, which come without bytes, and what was made from it."""
    shape = _asset_revision(row)
    shape.data = [data_object(item) for item in items_of(db, row)]
    shape.figure_revisions = [_link(one) for one in links.of(db, row)]
    return shape


# ---------------------------------------------------------------- lists, oldest first


def workspaces(db: Transaction, ids: list[str], *, full: bool = False) -> list[WorkspaceShape]:
    """Workspaces by their ids; `full` is for clients up to v1.3."""
    query = select(Workspace).where(Workspace.id.in_(ids)).order_by(Workspace.created_on, Workspace.id)
    shapes = [_workspace(row) for row in db.scalars(query)]
    if full:
        folders = _by(analyses(db, Analysis.workspace_id.in_(ids)), lambda one: one.workspace)
        files = _by(assets(db, Asset.workspace_id.in_(ids)), lambda one: one.workspace)
        for shape in shapes:
            shape.analyses, shape.assets = folders.get(shape.api_id, []), files.get(shape.api_id, [])
    return shapes


def _by(children: Iterable[Child], parent: Callable[[Child], str | None]) -> dict[str | None, list[Child]]:
    ordered = sorted(children, key=lambda one: parent(one) or "")
    return {above: list(below) for above, below in groupby(ordered, parent)}


def ids_within(db: Transaction, kind: type[Listed], workspace_ids: list[str]) -> list[str]:
    """The ids of all objects of a kind in these workspaces, in the order of their list."""
    return list(db.scalars(select(kind.id).where(_within(kind, workspace_ids)).order_by(*ORDER[kind])))


def among(kind: type[Listed], ids: Collection[str]) -> Condition:
    """The condition for lists: one of these."""
    return kind.id.in_(ids)


def analyses(db: Transaction, where: Condition) -> list[AnalysisShape]:
    """Analyses without their figures."""
    query = select(Analysis).where(where).order_by(*ORDER[Analysis])
    return [_analysis(row) for row in db.scalars(query)]


def figures(db: Transaction, where: Condition) -> list[FigureShape]:
    """Figures without their revisions."""
    query = select(Figure).where(where).order_by(*ORDER[Figure])
    return [_figure(row) for row in db.scalars(query)]


def revisions(db: Transaction, where: Condition) -> list[RevisionShape]:
    """Revisions without their data."""
    query = select(Revision).where(where).order_by(*ORDER[Revision])
    return [_revision(row) for row in db.scalars(query.options(joinedload(Revision.figure)))]


def assets(db: Transaction, where: Condition) -> list[AssetShape]:
    """Assets without their revisions."""
    query = select(Asset).where(where).order_by(*ORDER[Asset])
    return [_asset(row) for row in db.scalars(query)]


def asset_revisions(db: Transaction, where: Condition) -> list[AssetRevisionShape]:
    """Revisions of assets without their data."""
    query = select(AssetRevision).where(where).order_by(*ORDER[AssetRevision])
    return [_asset_revision(row) for row in db.scalars(query)]


def _within(kind: type[Listed], workspace_ids: list[str]) -> Condition:
    folders = select(Analysis.id).where(Analysis.workspace_id.in_(workspace_ids))
    if kind is Figure:
        return Figure.analysis_id.in_(folders)
    if kind is Revision:
        return Revision.figure_id.in_(select(Figure.id).where(Figure.analysis_id.in_(folders)))
    if kind is AssetRevision:
        return AssetRevision.asset_id.in_(select(Asset.id).where(Asset.workspace_id.in_(workspace_ids)))
    return (Asset if kind is Asset else Analysis).workspace_id.in_(workspace_ids)


def recent(db: Transaction, workspace_id: str, limit: int) -> Recent:
    """The analyses, figures and assets that were last made or changed, newest first."""
    here = select(Analysis.id).where(Analysis.workspace_id == workspace_id)
    one = select(Analysis).where(Analysis.workspace_id == workspace_id)
    two = select(Figure).where(Figure.analysis_id.in_(here))
    three = select(Asset).where(Asset.workspace_id == workspace_id)
    return Recent(
        analyses=[_analysis(row) for row in db.scalars(one.order_by(*_newest(Analysis)).limit(limit))],
        figures=[_figure(row) for row in db.scalars(two.order_by(*_newest(Figure)).limit(limit))],
        assets=[_asset(row) for row in db.scalars(three.order_by(*_newest(Asset)).limit(limit))],
    )


def _newest(kind: type[Analysis | Figure | Asset]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return func.coalesce(kind.updated_on, kind.created_on).desc(), kind.id.expression


# ---------------------------------------------------------------- the shapes themselves


def data_object(row: DataItem, content: bytes | None = None) -> DataObject:
    """A data object, with or without its bytes."""
    names = ("name", "type", "hash", "size_bytes", "is_clean_room")
    return DataObject(metadata=row.meta, data=content, **_copied(row, names))


def _copied(row: Node | DataItem, names: Iterable[str]) -> dict[str, Any]:
    return {"api_id": row.id} | {name: getattr(row, name) for name in names}


def _workspace(row: Workspace) -> WorkspaceShape:
    return WorkspaceShape(organization=row.organization_id, **_copied(row, (*PARENT, "workspace_type")))


def _analysis(row: Analysis) -> AnalysisShape:
    return AnalysisShape(workspace=row.workspace_id, **_copied(row, PARENT))


def _figure(row: Figure) -> FigureShape:
    return FigureShape(analysis=row.analysis_id, **_copied(row, (*PARENT, *ATTRIBUTED, *DESCRIBED)))


def _revision(row: Revision) -> RevisionShape:
    names = (*VERSION, *DESCRIBED, "is_clean_room", "short_id", "client_id")
    naming = {"name": row.figure.name}
    return RevisionShape(figure=row.figure_id, metadata=row.meta, figure_metadata=naming, **_copied(row, names))


def _asset(row: Asset) -> AssetShape:
    return AssetShape(workspace=row.workspace_id, analysis=row.analysis_id, **_copied(row, (*PARENT, *ATTRIBUTED)))


def _asset_revision(row: AssetRevision) -> AssetRevisionShape:
    return AssetRevisionShape(asset=row.asset_id, metadata=row.meta, **_copied(row, VERSION))


def _link(row: Link) -> LinkShape:
    # Ids are shown to all readers alike: who is not let into the other end learns nothing by its id.
    return LinkShape(figure_revision=row.revision_id, asset_revision=row.asset_revision_id, use_type=row.use_type)
