"""Families workspaces and organizations: their members. Both have the same requests, and roles of their own."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.organizations import OrganizationMemberChange
from gofigr_jupyter.schema.workspaces import Member, MemberChange
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import LOOK_INSIDE, MANAGE
from gofigr_jupyter.server.store import find, memberships
from gofigr_jupyter.server.web import answer, body_of

family = Family("members")
Change = Annotated[MemberChange, Depends(body_of(MemberChange))]
OrganizationChange = Annotated[OrganizationMemberChange, Depends(body_of(OrganizationMemberChange))]


# ---------------------------------------------------------------- of a workspace


@family.get("/workspace/{api_id}/members", LOOK_INSIDE, answers=list[Member])
def list_members(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """The direct members; who is there by way of an organization is not among them."""
    with store.reading() as db:
        return answer(memberships.members(db, gate.admit(db, find.workspace(db, api_id))))


@family.post("/workspace/{api_id}/members/add", MANAGE, answers=Member, takes=MemberChange)
def add_member(api_id: str, gate: GateOf, store: StoreOf, body: Change) -> Response:
    """Let a user in, in any role but owner."""
    with store.writing() as db:
        place = gate.admit(db, find.workspace(db, api_id))
        return answer(memberships.add(db, place, body.username, body.membership_type))


@family.post("/workspace/{api_id}/members/change", MANAGE, answers=Member, takes=MemberChange)
def change_member(api_id: str, gate: GateOf, store: StoreOf, body: Change) -> Response:
    """Give a member another role; nobody becomes owner, and the owner stays it."""
    with store.writing() as db:
        place = gate.admit(db, find.workspace(db, api_id))
        return answer(memberships.change(db, place, body.username, body.membership_type))


@family.post("/workspace/{api_id}/members/remove", MANAGE, answers=Member, takes=MemberChange)
def remove_member(api_id: str, gate: GateOf, store: StoreOf, body: Change) -> Response:
    """Put a member out, at once; never the owner."""
    with store.writing() as db:
        place = gate.admit(db, find.workspace(db, api_id))
        return answer(memberships.remove(db, place, body.username))


# ---------------------------------------------------------------- of an organization


@family.get("/organization/{api_id}/members", LOOK_INSIDE, answers=list[Member])
def list_organization_members(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """The members."""
    with store.reading() as db:
        return answer(memberships.members(db, gate.admit(db, find.organization(db, api_id))))


@family.post("/organization/{api_id}/members/add", MANAGE, answers=Member, takes=OrganizationMemberChange)
def add_organization_member(api_id: str, gate: GateOf, store: StoreOf, body: OrganizationChange) -> Response:
    """Let a user in, in any role."""
    with store.writing() as db:
        place = gate.admit(db, find.organization(db, api_id))
        return answer(memberships.add(db, place, body.username, body.membership_type))


@family.post("/organization/{api_id}/members/change", MANAGE, answers=Member, takes=OrganizationMemberChange)
def change_organization_member(api_id: str, gate: GateOf, store: StoreOf, body: OrganizationChange) -> Response:
    """Give a member another role; the last admin stays one."""
    with store.writing() as db:
        place = gate.admit(db, find.organization(db, api_id))
        return answer(memberships.change(db, place, body.username, body.membership_type))


@family.post("/organization/{api_id}/members/remove", MANAGE, answers=Member, takes=OrganizationMemberChange)
def remove_organization_member(api_id: str, gate: GateOf, store: StoreOf, body: OrganizationChange) -> Response:
    """Put a member out, at once, of all its workspaces too but their own; never the last admin."""
    with store.writing() as db:
        place = gate.admit(db, find.organization(db, api_id))
        return answer(memberships.remove(db, place, body.username))
