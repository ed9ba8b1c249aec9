"""The tree: workspaces, analyses, figures, assets and their revisions. Finding, creating, changing, deleting rows.

Every change moves the clocks and sizes of all ancestors and writes one line of the log, in the same transaction.
Who may do it was decided before; data bytes are `content`'s.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, or_, select

from gofigr_jupyter.server.store import activity, events
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.sweep import note_garbage
from gofigr_jupyter.server.store.tables import (
    Analysis,
    Asset,
    AssetRevision,
    Figure,
    Member,
    OrganizationMember,
    Revision,
    Workspace,
)

Node = Workspace | Analysis | Figure | Revision | Asset | AssetRevision
Container = Workspace | Analysis | Figure | Asset
Movable = Analysis | Figure | Revision | Asset | AssetRevision
Row = TypeVar("Row", Analysis, Figure, Revision, Asset, AssetRevision)


def new_id() -> str:
    """A fresh, unguessable id."""
    return str(uuid.uuid4())


# ---------------------------------------------------------------- finding


def parent_of(node: Node) -> Container | None:
    """The row above."""
    match node:
        case Revision():
            return node.figure
        case AssetRevision():
            return node.asset
        case Figure():
            return node.analysis
        case Analysis() | Asset():
            return node.workspace
    return None


def ancestors(node: Node) -> Iterator[Container]:
    """The rows above, nearest first."""
    above = parent_of(node)
    while above is not None:
        yield above
        above = parent_of(above)


def workspace_of(node: Node) -> Workspace:
    """The workspace in which a row lies, or which it is."""
    if isinstance(node, Workspace):
        return node
    *_, top = ancestors(node)
    assert isinstance(top, Workspace)  # noqa: S101 - what stands at the top of every chain
    return top


def by_short_id(db: Transaction, short_id: str) -> Revision | None:
    """The revision that a short id names."""
    return db.scalar(select(Revision).where(Revision.short_id == short_id))


def figure_named(db: Transaction, analysis: Analysis, name: str) -> Figure | None:
    """The first figure of an analysis that has exactly this name."""
    query = select(Figure).where(Figure.analysis_id == analysis.id, Figure.name == name)
    return db.scalar(query.order_by(Figure.created_on, Figure.id).limit(1))


def role_in(db: Transaction, user_id: int, workspace_id: str) -> str | None:
    """A user's membership type in a workspace."""
    row = db.get(Member, (workspace_id, user_id))
    return None if row is None else row.membership_type


def role_in_organization(db: Transaction, user_id: int, organization_id: str) -> str | None:
    """A user's membership type in an organization."""
    row = db.get(OrganizationMember, (organization_id, user_id))
    return None if row is None else row.membership_type


def organizations_of(db: Transaction, user_id: int) -> list[str]:
    """The ids of the organizations that a user belongs to."""
    query = select(OrganizationMember.organization_id).where(OrganizationMember.user_id == user_id)
    return list(db.scalars(query))


def workspaces_of(db: Transaction, user_id: int) -> list[str]:
    """The ids of the workspaces that a user may see: as their member, or as one of their organization's."""
    mine = select(Member.workspace_id).where(Member.user_id == user_id)
    ours = select(OrganizationMember.organization_id).where(OrganizationMember.user_id == user_id)
    query = select(Workspace.id).where(or_(Workspace.id.in_(mine), Workspace.organization_id.in_(ours)))
    return list(db.scalars(query))


# ---------------------------------------------------------------- creating


def create_workspace(db: Transaction, user_id: int, username: str, values: Mapping[str, Any]) -> Workspace:
    """A new secondary workspace, owned by its maker; `values` has its name and what else was given."""
    at = now()
    row = Workspace(
        id=new_id(),
        workspace_type="secondary",
        created_by=username,
        created_on=at,
        child_updated_by=username,  # set from the start: clients compare workspaces before and after a first child
        child_updated_on=at,
        size_bytes=0,
        **values,
    )
    db.add(row)
    db.flush()
    db.add(Member(workspace_id=row.id, user_id=user_id, membership_type="owner", added_on=at))
    activity.note(db, row, "create", username, at)
    return row


def create_analysis(db: Transaction, parent: Workspace, values: Mapping[str, Any], username: str) -> Analysis:
    """A new analysis; `values` has its id, name and description."""
    return _created(db, Analysis(**values, workspace=parent, size_bytes=0), username)


def create_figure(db: Transaction, parent: Analysis, values: Mapping[str, Any], username: str) -> Figure:
    """A new figure; `values` has its id, name and description."""
    return _created(db, Figure(**values, analysis=parent, next_index=0, size_bytes=0), username)


def create_revision(db: Transaction, parent: Figure, values: Mapping[str, Any], username: str) -> Revision:
    """A new revision without data, with the figure's next number."""
    row = Revision(**values, figure=parent, revision_index=parent.next_index, size_bytes=0)
    parent.next_index += 1
    return _created(db, row, username)


def create_asset(db: Transaction, parent: Workspace, values: Mapping[str, Any], username: str) -> Asset:
    """A new asset; `values` has its id, name, description and perhaps the one analysis it is for."""
    return _created(db, Asset(**values, workspace=parent, next_index=0, size_bytes=0), username)


def create_asset_revision(db: Transaction, parent: Asset, values: Mapping[str, Any], username: str) -> AssetRevision:
    """A new revision of an asset, without data, with the asset's next number."""
    row = AssetRevision(**values, asset=parent, revision_index=parent.next_index, size_bytes=0)
    parent.next_index += 1
    return _created(db, row, username)


def _created(db: Transaction, row: Row, username: str) -> Row:
    row.created_by, row.created_on = username, now()
    db.add(row)
    _touch(row, username, row.created_on)
    activity.note(db, row, "create", username, row.created_on)
    if isinstance(row, Revision | AssetRevision):
        events.tell_of_revision(db, row, is_new=True)
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
    if isinstance(row, Revision | AssetRevision):
        events.tell_of_revision(db, row)


def move(db: Transaction, row: Movable, target: Container, username: str) -> None:
    """Hang a row under another parent; its log and its size go with it. The change itself is noted by `update`."""
    _touch(row, username, now())
    _grow(row, -row.size_bytes)
    match row, target:
        case ((Analysis() | Asset()), Workspace()):
            row.workspace = target
        case Figure(), Analysis():
            row.analysis = target
        case Revision(), Figure():
            row.figure, row.revision_index = target, target.next_index
            target.next_index += 1
        case AssetRevision(), Asset():
            row.asset, row.revision_index = target, target.next_index
            target.next_index += 1
    _grow(row, row.size_bytes)
    db.flush()
    activity.follow(db, row)
    if isinstance(row, Analysis):  # what is for this analysis alone comes along, or its readers would lose it
        for asset in db.scalars(select(Asset).where(Asset.analysis_id == row.id)):
            move(db, asset, target, username)


def resize(db: Transaction, row: Revision | AssetRevision, size_bytes: int) -> None:
    """Note how many bytes of data a revision has now; everything above it grows by the difference."""
    _grow(row, size_bytes - row.size_bytes)
    row.size_bytes = size_bytes
    db.flush()


def remove(db: Transaction, row: Node, username: str) -> None:
    """Delete a row and all below it."""
    at = now()
    _touch(row, username, at)
    _grow(row, -row.size_bytes)
    activity.bury(db, row)
    if not isinstance(row, Workspace):
        activity.note(db, row, "delete", username, at, deleted=True)
    db.flush()
    db.execute(delete(type(row)).where(type(row).id == row.id))
    db.expunge(row)
    note_garbage(db)


def _touch(row: Node, username: str, at: datetime) -> None:
    for above in ancestors(row):
        above.child_updated_by, above.child_updated_on = username, at


def _grow(row: Node, by: int) -> None:
    for above in ancestors(row) if by else ():
        above.size_bytes += by
