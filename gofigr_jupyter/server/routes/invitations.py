"""Family invitations: a place in a workspace or an organization, for whoever brings the token first.

A path ends in the token, which is a right of its own, or in the invitation's id, which is good for those who manage
the place.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path
from starlette.responses import Response

from gofigr_jupyter.schema.invitations import Invitation, OrganizationInvitationDraft, WorkspaceInvitationDraft
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import Actor, StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import INVITED, JOINING, MANAGE, Act, Gate
from gofigr_jupyter.server.refusal import Refusal, invalid, not_found
from gofigr_jupyter.server.store import find, invitations, memberships, people, tables
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.memberships import Place
from gofigr_jupyter.server.web import answer, body_of, nothing

family = Family("invitations")
KINDS: dict[str, type[Place]] = {"workspace": tables.Workspace, "organization": tables.Organization}
Kind = Annotated[str, Path(description="workspace or organization", json_schema_extra={"enum": list(KINDS)})]
ToWorkspace = Annotated[WorkspaceInvitationDraft, Depends(body_of(WorkspaceInvitationDraft))]
ToOrganization = Annotated[OrganizationInvitationDraft, Depends(body_of(OrganizationInvitationDraft))]


@family.post("/invitations/workspace", MANAGE, answers=Invitation, status=201, takes=WorkspaceInvitationDraft)
def invite_to_workspace(gate: GateOf, store: StoreOf, body: ToWorkspace) -> Response:
    """A new invitation; its token is shown here and never again."""
    memberships.refuse_owner(body.membership_type)
    with store.writing() as db:
        place = gate.admit(db, find.workspace(db, body.workspace))
        row, token = invitations.create(db, place, body, gate.actor.username)
        return answer(invitations.shape(row, token), 201)


@family.post("/invitations/organization", MANAGE, answers=Invitation, status=201, takes=OrganizationInvitationDraft)
def invite_to_organization(gate: GateOf, store: StoreOf, body: ToOrganization) -> Response:
    """A new invitation; its token is shown here and never again."""
    with store.writing() as db:
        place = gate.admit(db, find.organization(db, body.organization))
        row, token = invitations.create(db, place, body, gate.actor.username)
        return answer(invitations.shape(row, token), 201)


@family.get("/workspace/{api_id}/invitations", MANAGE, answers=list[Invitation])
def list_workspace_invitations(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Those that nobody has tried to accept, without their tokens."""
    with store.reading() as db:
        place = gate.admit(db, find.workspace(db, api_id))
        return answer([invitations.shape(row) for row in invitations.to(db, place)])


@family.get("/organization/{api_id}/invitations", MANAGE, answers=list[Invitation])
def list_organization_invitations(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Those that nobody has tried to accept, without their tokens."""
    with store.reading() as db:
        place = gate.admit(db, find.organization(db, api_id))
        return answer([invitations.shape(row) for row in invitations.to(db, place)])


@family.get("/invitations/{kind}/{token_or_id}", INVITED, answers=Invitation)
def read_invitation(kind: Kind, token_or_id: str, gate: GateOf, store: StoreOf) -> Response:
    """What somebody is invited to."""
    with store.reading() as db:
        return answer(invitations.shape(_located(db, gate, kind, token_or_id)))


@family.delete("/invitations/{kind}/{token_or_id}", INVITED)
def delete_invitation(kind: Kind, token_or_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Take an invitation back, or decline it."""
    with store.writing() as db:
        invitations.consume(db, _located(db, gate, kind, token_or_id))
    return nothing()


@family.post("/invitations/{kind}/{token}/accept", JOINING, answers=Invitation)
def accept_invitation(kind: Kind, token: str, gate: GateOf, store: StoreOf) -> Response:
    """Become a member; whether or not it can be, the invitation is used up."""
    with store.writing() as db:
        row = invitations.by_token(db, _kind(kind), token)
        if row is None:
            raise not_found()
        place = invitations.place_of(db, row)
        problem = _problem(db, gate.actor, row, place)
        if not invitations.consume(db, row):
            raise not_found()
        if problem is None:
            memberships.enroll(db, place, gate.actor.user_id, row.membership_type)
    if problem is not None:  # not before the invitation is gone
        raise problem
    return answer(invitations.shape(row, status="accepted"))


def _located(db: Transaction, gate: Gate, kind: str, token_or_id: str) -> tables.Invitation:
    by_token = invitations.by_token(db, _kind(kind), token_or_id)
    if by_token is not None:
        return by_token
    row = invitations.by_id(db, _kind(kind), token_or_id)
    if row is None:
        raise not_found()
    gate.admit(db, invitations.place_of(db, row), Act.MANAGE)
    return row


def _kind(name: str) -> type[Place]:
    if name not in KINDS:
        raise not_found()
    return KINDS[name]


def _problem(db: Transaction, actor: Actor, row: tables.Invitation, place: Place) -> Refusal | None:
    """Why this invitation lets nobody in. One outlives neither its time nor the rights of who made it."""
    host = people.user_named(db, row.initiator)
    if host is None or not host.is_active:
        return not_found()
    if not policy.allows(db, Actor(host.id, host.username, "invitation"), Act.MANAGE, place):
        return not_found()
    if invitations.is_over(row):
        return not_found()
    if memberships.of(db, place, actor.user_id) is not None:
        return invalid("detail", "You are a member already.")
    return None
