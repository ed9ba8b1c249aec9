"""The tree: workspaces, analyses, figures, revisions. Finding, creating, changing and deleting its rows.

Every change moves the clocks of all ancestors (`_touch`) and writes one line of the log, in the same transaction.
Who may do it was decided before; data bytes are `content`'s.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, select

from gofigr_jupyter.server.store import activity
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.sweep import note_garbage
from gofigr_jupyter.server.store.tables import Analysis, Figure, Member, Revision, User, Workspace

Node = Workspace | Analysis | Figure | Revision
Container = Workspace | Analysis | Figure
Row = TypeVar("Row", Analysis, Figure, Revision)


def new_id() -> str:
    """A fresh, unguessable id."""
    return str(uuid.uuid4())


# ---------------------------------------------------------------- finding


def parent_of(node: Node) -> Container | None:
    """The row above."""
    match node:
        case Revision():
            return node.figure
        case Figure():
            return node.analysis
        case Analysis():
            return node.workspace
    return None


def workspace_id_of(node: Node) -> str:
    """The workspace in which a row lies."""
    match node:
        case Workspace():
            return node.id
        case Analysis():
            return node.workspace_id
        case Figure():
            return node.analysis.workspace_id
    return node.figure.analysis.workspace_id


def by_short_id(db: Transaction, short_id: str) -> Revision | None:
    """The revision that a short id names."""
    return db.scalar(select(Revision).where(Revision.short_id == short_id))


def role_in(db: Transaction, user_id: int, workspace_id: str) -> str | None:
    """A user's membership type in a workspace."""
    row = db.get(Member, (workspace_id, user_id))
    return None if row is None else row.membership_type


def workspaces_of(db: Transaction, user_id: int) -> list[str]:
    """The ids of the workspaces that a user is a member of."""
    return list(db.scalars(select(Member.workspace_id).where(Member.user_id == user_id)))


def members(db: Transaction, workspace_id: str) -> list[tuple[str, str]]:
    """User name and membership type of each direct member, in the order they came."""
    query = select(User.username, Member.membership_type).join(User, User.id == Member.user_id)
    rows = db.execute(query.where(Member.workspace_id == workspace_id).order_by(Member.added_on, User.id))
    return [(name, kind) for name, kind in rows]


# ---------------------------------------------------------------- creating


def create_workspace(db: Transaction, user_id: int, username: str, name: str, description: str | None) -> Workspace:
    """A new secondary workspace, owned by its maker."""
    at = now()
    row = Workspace(
        id=new_id(),
        name=name,
        description=description,
        workspace_type="secondary",
        created_by=username,
        created_on=at,
        child_updated_by=username,  # set from the start: clients compare workspaces before and after a first child
        child_updated_on=at,
    )
    db.add(row)
    db.flush()
    db.add(Member(workspace_id=row.id, user_id=user_id, membership_type="owner", added_on=at))
    activity.note(db, row, "create", username, at)
    return row


def create_analysis(db: Transaction, parent: Workspace, values: Mapping[str, Any], username: str) -> Analysis:
    """A new analysis; `values` has its id, name and description."""
    return _created(db, Analysis(**values, workspace=parent), username)


def create_figure(db: Transaction, parent: Analysis, values: Mapping[str, Any], username: str) -> Figure:
    """A new figure; `values` has its id, name and description."""
    return _created(db, Figure(**values, analysis=parent, next_index=0), username)


def create_revision(db: Transaction, parent: Figure, values: Mapping[str, Any], username: str) -> Revision:
    """A new revision without data, with the figure's next number."""
    row = Revision(**values, figure=parent, revision_index=parent.next_index, size_bytes=0)
    parent.next_index += 1
    return _created(db, row, username)


def _created(db: Transaction, row: Row, username: str) -> Row:
    row.created_by, row.created_on = username, now()
    db.add(row)
    _touch(row, username, row.created_on)
    db.flush()
    activity.note(db, row, "create", username, row.created_on)
    return row


# ---------------------------------------------------------------- changing


def update(db: Transaction, row: Node, changes: Mapping[str, Any], username: str, *, silent: bool = False) -> None:
    """Set what is given; `silent` leaves no line in the log."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.updated_by, row.updated_on = username, now()
    _touch(row, username, row.updated_on)
    db.flush()
    if not silent:
        activity.note(db, row, "update", username, row.updated_on)


def move(db: Transaction, row: Analysis | Figure | Revision, target: Container, username: str) -> None:
    """Hang a row under another parent; its log goes with it. The change itself is noted by `update`."""
    _touch(row, username, now())
    match row, target:
        case Analysis(), Workspace():
            row.workspace = target
        case Figure(), Analysis():
            row.analysis = target
        case Revision(), Figure():
            row.figure, row.revision_index = target, target.next_index
            target.next_index += 1
    db.flush()
    activity.follow(db, row)


def remove(db: Transaction, row: Node, username: str) -> None:
    """Delete a row and all below it."""
    at = now()
    _touch(row, username, at)
    activity.bury(db, row)
    if not isinstance(row, Workspace):
        activity.note(db, row, "delete", username, at, deleted=True)
    db.flush()
    db.execute(delete(type(row)).where(type(row).id == row.id))
    db.expunge(row)
    note_garbage(db)


def _touch(row: Node, username: str, at: datetime) -> None:
    above = parent_of(row)
    while above is not None:
        above.child_updated_by, above.child_updated_on = username, at
        above = parent_of(above)
