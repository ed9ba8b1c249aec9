"""From rows to the wire's shapes. Child lists stand in full forms only; elsewhere they are null, never a false `[]`.

All sizes of a list come with the rows in one query; nothing here decides who may see them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from gofigr_jupyter.schema.accounts import ApiKey as ApiKeyShape
from gofigr_jupyter.schema.accounts import User as UserShape
from gofigr_jupyter.schema.figures import Analysis as AnalysisShape
from gofigr_jupyter.schema.figures import DataObject
from gofigr_jupyter.schema.figures import Figure as FigureShape
from gofigr_jupyter.schema.figures import Revision as RevisionShape
from gofigr_jupyter.schema.workspaces import LogEntry
from gofigr_jupyter.schema.workspaces import Workspace as WorkspaceShape
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import (
    Activity,
    Analysis,
    ApiKey,
    DataItem,
    Figure,
    Revision,
    User,
    Workspace,
)

Condition = ColumnElement[bool]
SIZE = func.coalesce(func.sum(Revision.size_bytes), 0)


# ---------------------------------------------------------------- the tree


def workspaces(db: Transaction, ids: list[str], *, full: bool = False) -> list[WorkspaceShape]:
    """Workspaces by their ids, oldest first."""
    query = select(Workspace, SIZE).select_from(Workspace).outerjoin(Analysis).outerjoin(Figure).outerjoin(Revision)
    query = query.where(Workspace.id.in_(ids)).group_by(Workspace.id).order_by(Workspace.created_on, Workspace.id)
    return [_workspace(db, row, size, full=full) for row, size in db.execute(query)]


def workspace(db: Transaction, row: Workspace) -> WorkspaceShape:
    """A workspace in full."""
    return workspaces(db, [row.id], full=True)[0]


def analyses(db: Transaction, where: Condition) -> list[AnalysisShape]:
    """Analyses without their figures, oldest first."""
    query = select(Analysis, SIZE).select_from(Analysis).outerjoin(Figure).outerjoin(Revision).where(where)
    query = query.group_by(Analysis.id).order_by(Analysis.created_on, Analysis.id)
    return [_analysis(row, size) for row, size in db.execute(query)]


def analysis(db: Transaction, row: Analysis) -> AnalysisShape:
    """An analysis in full."""
    shape = analyses(db, Analysis.id == row.id)[0]
    shape.figures = figures(db, Figure.analysis_id == row.id)
    return shape


def figures(db: Transaction, where: Condition) -> list[FigureShape]:
    """Figures without their revisions, oldest first."""
    query = select(Figure, SIZE).select_from(Figure).join(Analysis).outerjoin(Revision).where(where)
    query = query.group_by(Figure.id).order_by(Figure.created_on, Figure.id)
    return [_figure(row, size) for row, size in db.execute(query)]


def figure(db: Transaction, row: Figure) -> FigureShape:
    """A figure in full: with all its revisions, which come without data."""
    shape = figures(db, Figure.id == row.id)[0]
    shape.revisions = revisions(db, Revision.figure_id == row.id)
    return shape


def revisions(db: Transaction, where: Condition) -> list[RevisionShape]:
    """Revisions without their data, oldest first."""
    query = select(Revision, Figure.name).select_from(Revision).join(Figure).join(Analysis).where(where)
    query = query.order_by(Revision.figure_id, Revision.revision_index)
    return [_revision(row, name) for row, name in db.execute(query)]


def revision(db: Transaction, row: Revision) -> RevisionShape:
    """A revision in full: with its data objects, which come without bytes."""
    shape = _revision(row, row.figure.name)
    shape.data = [data_object(item) for item in items_of(db, row.id)]
    shape.assets = []
    return shape


def items_of(db: Transaction, revision_id: str) -> list[DataItem]:
    """The data rows of a revision, in their order."""
    query = select(DataItem).where(DataItem.revision_id == revision_id).order_by(DataItem.position, DataItem.id)
    return list(db.scalars(query))


def in_workspaces(ids: list[str]) -> Condition:
    """The condition for lists: what lies in one of these workspaces."""
    return Analysis.workspace_id.in_(ids)


def recent(db: Transaction, workspace_id: str, limit: int) -> tuple[list[AnalysisShape], list[FigureShape]]:
    """The analyses and figures that were last made or changed, newest first."""
    one = (
        select(Analysis, SIZE)
        .select_from(Analysis)
        .outerjoin(Figure)
        .outerjoin(Revision)
        .where(Analysis.workspace_id == workspace_id)
    )
    one = one.group_by(Analysis.id).order_by(
        func.coalesce(Analysis.updated_on, Analysis.created_on).desc(), Analysis.id
    )
    two = (
        select(Figure, SIZE)
        .select_from(Figure)
        .join(Analysis)
        .outerjoin(Revision)
        .where(Analysis.workspace_id == workspace_id)
    )
    two = two.group_by(Figure.id).order_by(func.coalesce(Figure.updated_on, Figure.created_on).desc(), Figure.id)
    return (
        [_analysis(row, size) for row, size in db.execute(one.limit(limit))],
        [_figure(row, size) for row, size in db.execute(two.limit(limit))],
    )


def data_object(row: DataItem, content: bytes | None = None) -> DataObject:
    """A data object, with or without its bytes."""
    return DataObject(
        api_id=row.id,
        name=row.name,
        type=row.type,
        hash=row.hash,
        size_bytes=row.size_bytes,
        is_clean_room=row.is_clean_room,
        metadata=row.meta,
        data=content,
    )


def _authored(row: Workspace | Analysis | Figure | Revision) -> dict[str, Any]:
    names = ["created_by", "created_on", "updated_by", "updated_on"]
    if not isinstance(row, Revision):
        names += ["child_updated_by", "child_updated_on"]
    return {"api_id": row.id} | {name: getattr(row, name) for name in names}


def _workspace(db: Transaction, row: Workspace, size: int, *, full: bool) -> WorkspaceShape:
    shape = WorkspaceShape(
        name=row.name,
        description=row.description,
        workspace_type=row.workspace_type,
        size_bytes=size,
        **_authored(row),
    )
    if full:
        shape.analyses = analyses(db, Analysis.workspace_id == row.id)
        shape.assets = []
    return shape


def _analysis(row: Analysis, size: int) -> AnalysisShape:
    return AnalysisShape(
        name=row.name,
        description=row.description,
        size_bytes=size,
        workspace=row.workspace_id,
        **_authored(row),
    )


def _figure(row: Figure, size: int) -> FigureShape:
    return FigureShape(
        name=row.name,
        description=row.description,
        size_bytes=size,
        analysis=row.analysis_id,
        **_authored(row),
    )


def _revision(row: Revision, figure_name: str) -> RevisionShape:
    return RevisionShape(
        figure=row.figure_id,
        metadata=row.meta,
        revision_index=row.revision_index,
        size_bytes=row.size_bytes,
        is_clean_room=row.is_clean_room,
        short_id=row.short_id,
        client_id=row.client_id,
        figure_metadata={"name": figure_name},
        **_authored(row),
    )


# ---------------------------------------------------------------- people and the log


def user(row: User) -> UserShape:
    """A user, as its owner sees it."""
    return UserShape(
        username=row.username,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        date_joined=row.date_joined,
        is_active=row.is_active,
        is_staff=row.is_staff,
        user_profile=row.user_profile,
        avatar=row.avatar,
    )


def api_key(row: ApiKey, token: str | None = None) -> ApiKeyShape:
    """An API key; `token` only in the answer that made it."""
    return ApiKeyShape(
        api_id=row.id,
        name=row.name,
        token=token,
        created=row.created,
        last_used=row.last_used,
        expiry=row.expiry,
        workspace=row.workspace_id,
    )


def log_entry(row: Activity) -> LogEntry:
    """A line of the log."""
    return LogEntry(
        api_id=row.id,
        username=row.username,
        timestamp=row.timestamp,
        action=row.action,
        target_id=row.target_id,
        target_type=row.target_type,
        target_name=row.target_name,
        deleted=row.deleted,
        deleted_sentinel=row.target_name if row.deleted else None,
        analysis_id=row.analysis_id,
        analysis_name=row.analysis_name,
    )
