"""From rows to the wire's shapes. Child lists stand in full forms only; elsewhere they are null, never a false `[]`.

A list is one query, however many rows it has; nothing here decides who may see them.
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
from gofigr_jupyter.server.store.content import items_of
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


# ---------------------------------------------------------------- the tree


def workspaces(db: Transaction, ids: list[str], *, full: bool = False) -> list[WorkspaceShape]:
    """Workspaces by their ids, oldest first; `full` is for clients up to v1.3 and costs a query each."""
    query = select(Workspace).where(Workspace.id.in_(ids)).order_by(Workspace.created_on, Workspace.id)
    return [workspace(db, row) if full else _workspace(row) for row in db.scalars(query)]


def workspace(db: Transaction, row: Workspace) -> WorkspaceShape:
    """A workspace in full."""
    shape = _workspace(row)
    shape.analyses = analyses(db, Analysis.workspace_id == row.id)
    shape.assets = []
    return shape


def analyses(db: Transaction, where: Condition) -> list[AnalysisShape]:
    """Analyses without their figures, oldest first."""
    query = select(Analysis).where(where).order_by(Analysis.created_on, Analysis.id)
    return [_analysis(row) for row in db.scalars(query)]


def analysis(db: Transaction, row: Analysis) -> AnalysisShape:
    """An analysis in full."""
    shape = _analysis(row)
    shape.figures = figures(db, Figure.analysis_id == row.id)
    return shape


def figures(db: Transaction, where: Condition) -> list[FigureShape]:
    """Figures without their revisions, oldest first."""
    query = select(Figure).join(Analysis).where(where).order_by(Figure.created_on, Figure.id)
    return [_figure(row) for row in db.scalars(query)]


def figure(db: Transaction, row: Figure) -> FigureShape:
    """A figure in full: with all its revisions, which come without data."""
    shape = _figure(row)
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
    shape.data = [data_object(item) for item in items_of(db, row)]
    shape.assets = []
    return shape


def in_workspaces(ids: list[str]) -> Condition:
    """The condition for lists: what lies in one of these workspaces."""
    return Analysis.workspace_id.in_(ids)


def recent(db: Transaction, workspace_id: str, limit: int) -> tuple[list[AnalysisShape], list[FigureShape]]:
    """The analyses and figures that were last made or changed, newest first."""
    here = Analysis.workspace_id == workspace_id
    one = select(Analysis).where(here).order_by(_changed(Analysis).desc(), Analysis.id).limit(limit)
    two = select(Figure).join(Analysis).where(here).order_by(_changed(Figure).desc(), Figure.id).limit(limit)
    return [_analysis(row) for row in db.scalars(one)], [_figure(row) for row in db.scalars(two)]


def _changed(kind: type[Analysis | Figure]) -> ColumnElement[Any]:
    return func.coalesce(kind.updated_on, kind.created_on)


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


def _workspace(row: Workspace) -> WorkspaceShape:
    return WorkspaceShape(
        name=row.name,
        description=row.description,
        workspace_type=row.workspace_type,
        organization=row.organization_id,
        size_bytes=row.size_bytes,
        **_authored(row),
    )


def _analysis(row: Analysis) -> AnalysisShape:
    return AnalysisShape(
        name=row.name,
        description=row.description,
        size_bytes=row.size_bytes,
        workspace=row.workspace_id,
        **_authored(row),
    )


def _figure(row: Figure) -> FigureShape:
    return FigureShape(
        name=row.name,
        description=row.description,
        size_bytes=row.size_bytes,
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
