"""The log of a workspace or an organization: who created, changed and deleted what. Reading leaves no line."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import (
    Activity,
    Analysis,
    Asset,
    AssetRevision,
    Figure,
    Organization,
    Revision,
    Workspace,
)

Node = Workspace | Analysis | Figure | Revision | Asset | AssetRevision
Movable = Analysis | Figure | Revision | Asset | AssetRevision
KINDS: dict[type[Node | Organization], str] = {
    Organization: "organization",
    Workspace: "workspace",
    Analysis: "analysis",
    Figure: "figure",
    Revision: "figure_revision",
    Asset: "asset",
    AssetRevision: "asset_revision",
}


def note(
    db: Transaction, row: Node | Organization, action: str, username: str, at: datetime, *, deleted: bool = False
) -> None:
    """Write one line."""
    analysis = _analysis_of(row)
    db.add(
        Activity(
            id=str(uuid.uuid4()),
            workspace_id=_workspace_id(row),
            organization_id=row.id if isinstance(row, Organization) else None,
            analysis_id=analysis.id if analysis else None,
            analysis_name=analysis.name if analysis else None,
            username=username,
            timestamp=at,
            action=action,
            target_type=KINDS[type(row)],
            target_id=row.id,
            target_name=_name(row),
            deleted=deleted,
        )
    )
    db.flush()


def of_workspace(
    db: Transaction, workspace_id: str, limit: int | None = None, *, exclude_deleted: bool = False
) -> list[Activity]:
    """The lines of a workspace, newest first; on demand without those about what is no longer there."""
    which = Activity.workspace_id == workspace_id
    return _lines(db, which & Activity.deleted.is_(False) if exclude_deleted else which, limit)


def of_analysis(db: Transaction, analysis_id: str) -> list[Activity]:
    """All lines of an analysis and what is below it, newest first."""
    return _lines(db, Activity.analysis_id == analysis_id)


def of_organization(db: Transaction, organization_id: str) -> list[Activity]:
    """All lines of an organization and of the workspaces that are in it now, newest first."""
    inside = select(Workspace.id).where(Workspace.organization_id == organization_id)
    return _lines(db, or_(Activity.organization_id == organization_id, Activity.workspace_id.in_(inside)))


def line(db: Transaction, line_id: str) -> Activity | None:
    """One line."""
    return db.get(Activity, line_id)


def bury(db: Transaction, row: Node) -> None:
    """Mark the lines about a row, and about all below it, as lines about something deleted."""
    db.execute(
        update(Activity).where(_about(row)).values(deleted=True),
        execution_options={"synchronize_session": False},
    )


def follow(db: Transaction, row: Movable) -> None:
    """After a move: the lines about a row, and about all below it, belong to its new place."""
    analysis = _analysis_of(row)
    place = {"workspace_id": _workspace_id(row)}
    if analysis is not None:
        place |= {"analysis_id": analysis.id, "analysis_name": analysis.name}
    db.execute(update(Activity).where(_about(row)).values(place), execution_options={"synchronize_session": False})


def _about(row: Node) -> ColumnElement[bool]:
    match row:
        case Workspace():
            return Activity.workspace_id == row.id
        case Analysis():
            return Activity.analysis_id == row.id
        case Figure():
            below = select(Revision.id).where(Revision.figure_id == row.id)
            return or_(Activity.target_id == row.id, Activity.target_id.in_(below))
        case Asset():
            versions = select(AssetRevision.id).where(AssetRevision.asset_id == row.id)
            return or_(Activity.target_id == row.id, Activity.target_id.in_(versions))
    return Activity.target_id == row.id


def _lines(db: Transaction, which: ColumnElement[bool], limit: int | None = None) -> list[Activity]:
    newest_first = select(Activity).where(which).order_by(Activity.timestamp.desc(), Activity.id)
    return list(db.scalars(newest_first.limit(limit)))


def _analysis_of(row: Node | Organization) -> Analysis | None:
    match row:
        case Analysis():
            return row
        case Figure():
            return row.analysis
        case Revision():
            return row.figure.analysis
    return None


def _workspace_id(row: Node | Organization) -> str | None:
    match row:
        case Workspace():
            return row.id
        case Analysis() | Asset():
            return row.workspace.id
        case Figure():
            return row.analysis.workspace_id
        case Revision():
            return row.figure.analysis.workspace_id
        case AssetRevision():
            return row.asset.workspace_id
    return None


def _name(row: Node | Organization) -> str | None:
    match row:
        case Revision():
            return row.figure.name
        case AssetRevision():
            return row.asset.name
    return row.name
