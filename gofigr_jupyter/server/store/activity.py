"""The log of a workspace: who created, changed and deleted what. Reading leaves no line."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Activity, Analysis, Figure, Revision, Workspace

Node = Workspace | Analysis | Figure | Revision
KINDS: dict[type[Node], str] = {
    Workspace: "workspace",
    Analysis: "analysis",
    Figure: "figure",
    Revision: "figure_revision",
}


def note(db: Transaction, row: Node, action: str, username: str, at: datetime, *, deleted: bool = False) -> None:
    """Write one line."""
    analysis = _analysis_of(row)
    workspace_id = row.id if isinstance(row, Workspace) else analysis.workspace_id if analysis else ""
    db.add(
        Activity(
            id=str(uuid.uuid4()),
            workspace_id=workspace_id,
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


def of_workspace(db: Transaction, workspace_id: str) -> list[Activity]:
    """All lines of a workspace, newest first."""
    return _lines(db, Activity.workspace_id == workspace_id)


def of_analysis(db: Transaction, analysis_id: str) -> list[Activity]:
    """All lines of an analysis and what is below it, newest first."""
    return _lines(db, Activity.analysis_id == analysis_id)


def line(db: Transaction, line_id: str) -> Activity | None:
    """One line."""
    return db.get(Activity, line_id)


def bury(db: Transaction, row: Node) -> None:
    """Mark the lines about a row, and about all below it, as lines about something deleted."""
    db.execute(
        update(Activity).where(_about(row)).values(deleted=True),
        execution_options={"synchronize_session": False},
    )


def follow(db: Transaction, row: Analysis | Figure | Revision) -> None:
    """After a move: the lines about a row, and about all below it, belong to its new place."""
    analysis = _analysis_of(row)
    if analysis is None:
        return
    place = {
        "workspace_id": analysis.workspace.id,
        "analysis_id": analysis.id,
        "analysis_name": analysis.name,
    }
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
    return Activity.target_id == row.id


def _lines(db: Transaction, which: ColumnElement[bool]) -> list[Activity]:
    return list(db.scalars(select(Activity).where(which).order_by(Activity.timestamp.desc(), Activity.id)))


def _analysis_of(row: Node) -> Analysis | None:
    match row:
        case Analysis():
            return row
        case Figure():
            return row.analysis
        case Revision():
            return row.figure.analysis
    return None


def _name(row: Node) -> str | None:
    return row.figure.name if isinstance(row, Revision) else row.name
