"""Organizations: their rows, and their shape, which has one form only.

Deleting one leaves its workspaces to their members.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from gofigr_jupyter.schema.organizations import Organization as OrganizationShape
from gofigr_jupyter.server.store import activity, memberships, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import Organization, Workspace


def create(db: Transaction, user_id: int, username: str, values: Mapping[str, Any]) -> Organization:
    """A new organization, with its maker as admin."""
    row = Organization(id=tree.new_id(), created_by=username, created_on=now(), **values)
    db.add(row)
    db.flush()
    memberships.enroll(db, row, user_id, memberships.ADMIN)
    activity.note(db, row, "create", username, row.created_on)
    return row


def update(db: Transaction, row: Organization, changes: Mapping[str, Any], username: str, *, silent: bool) -> None:
    """Set what is given; `silent` leaves no line in the log."""
    for name, value in changes.items():
        setattr(row, name, value)
    db.flush()
    if not silent:
        activity.note(db, row, "update", username, now())


def remove(db: Transaction, row: Organization) -> None:
    """Delete it with its log; its workspaces stay, in no organization."""
    db.execute(delete(Organization).where(Organization.id == row.id))
    db.expunge(row)


def shape(db: Transaction, row: Organization) -> OrganizationShape:
    """One organization."""
    return _shape(row, _workspaces(db, [row.id]).get(row.id, []))


def shapes(db: Transaction, ids: list[str]) -> list[OrganizationShape]:
    """Organizations by their ids, oldest first."""
    inside = _workspaces(db, ids)
    query = select(Organization).where(Organization.id.in_(ids)).order_by(Organization.created_on, Organization.id)
    return [_shape(row, inside.get(row.id, [])) for row in db.scalars(query)]


def _workspaces(db: Transaction, ids: list[str]) -> dict[str | None, list[str]]:
    query = select(Workspace.organization_id, Workspace.id).where(Workspace.organization_id.in_(ids))
    found: dict[str | None, list[str]] = {}
    for organization_id, workspace_id in db.execute(query.order_by(Workspace.created_on, Workspace.id)):
        found.setdefault(organization_id, []).append(workspace_id)
    return found


def _shape(row: Organization, workspaces: list[str]) -> OrganizationShape:
    return OrganizationShape(
        api_id=row.id,
        name=row.name,
        email=row.email,
        description=row.description,
        allow_per_workspace_storage_settings=row.allow_per_workspace_storage_settings,
        logo=row.logo,
        workspaces=list(workspaces),
    )
