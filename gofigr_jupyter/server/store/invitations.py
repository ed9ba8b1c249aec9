"""Invitations: a random token, kept as its digest only, that is good for one attempt to get in."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import QueryableAttribute

from gofigr_jupyter.schema.invitations import Invitation as InvitationShape
from gofigr_jupyter.schema.invitations import OrganizationInvitationDraft, WorkspaceInvitationDraft
from gofigr_jupyter.server.store import tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.memberships import Place
from gofigr_jupyter.server.store.people import digest, now
from gofigr_jupyter.server.store.tables import Invitation, Organization, Workspace

Draft = WorkspaceInvitationDraft | OrganizationInvitationDraft
LIFE = timedelta(days=30)  # of one that was made without an end


def create(db: Transaction, place: Place, draft: Draft, initiator: str) -> tuple[Invitation, str]:
    """A new invitation, and its token, which is never to be seen again."""
    token, at = secrets.token_urlsafe(32), now()
    row = Invitation(
        id=tree.new_id(),
        digest=digest(token),
        workspace_id=place.id if isinstance(place, Workspace) else None,
        organization_id=place.id if isinstance(place, Organization) else None,
        email=draft.email,
        initiator=initiator,
        membership_type=draft.membership_type,
        status="pending",
        created=at,
        expiry=draft.expiry or at + LIFE,
    )
    db.add(row)
    db.flush()
    return row, token


def to(db: Transaction, place: Place) -> list[Invitation]:
    """The invitations to a place that nobody has tried to accept, oldest first."""
    here = _column(type(place)) == place.id
    return list(db.scalars(select(Invitation).where(here).order_by(Invitation.created, Invitation.id)))


def by_token(db: Transaction, kind: type[Place], token: str) -> Invitation | None:
    """The invitation to a workspace, or to an organization, that a token belongs to."""
    return db.scalar(select(Invitation).where(Invitation.digest == digest(token), _column(kind).is_not(None)))


def by_id(db: Transaction, kind: type[Place], api_id: str) -> Invitation | None:
    """An invitation to a workspace, or to an organization, by its id."""
    return db.scalar(select(Invitation).where(Invitation.id == api_id.lower(), _column(kind).is_not(None)))


def place_of(db: Transaction, row: Invitation) -> Place:
    """Where an invitation leads."""
    if row.workspace_id is not None:
        return db.get_one(Workspace, row.workspace_id)
    return db.get_one(Organization, row.organization_id)


def is_over(row: Invitation) -> bool:
    """Whether its time has passed."""
    return row.expiry is not None and row.expiry <= now()


def consume(db: Transaction, row: Invitation) -> bool:
    """Delete it; False when somebody else did at the same moment."""
    gone = db.scalar(delete(Invitation).where(Invitation.id == row.id).returning(Invitation.id))
    db.expunge(row)
    return gone is not None


def shape(row: Invitation, token: str | None = None, status: str | None = None) -> InvitationShape:
    """An invitation; `token` only in the answer that made it."""
    return InvitationShape(
        api_id=row.id,
        email=row.email,
        initiator=row.initiator,
        token=token,
        status=status or ("expired" if is_over(row) else row.status),
        created=row.created,
        expiry=row.expiry,
        membership_type=row.membership_type,
        workspace=row.workspace_id,
        organization=row.organization_id,
    )


def _column(kind: type[Place]) -> QueryableAttribute[str | None]:
    return Invitation.workspace_id if kind is Workspace else Invitation.organization_id
