"""Families workspaces and organizations: their members. Both have the same requests, and roles of their own."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.organizations import OrganizationMemberChange
from gofigr_jupyter.schema.workspaces import Member, MemberChange
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import LOOK_INSIDE, MANAGE
from gofigr_jupyter.server.store import find, memberships, tables
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.web import answer, body_of

family = Family("members")
Place = tables.Workspace | tables.Organization
Change = MemberChange | OrganizationMemberChange
Roles = type[MemberChange] | type[OrganizationMemberChange]


def _serve(word: str, kind: str, find_one: Callable[[Transaction, str], Place], roles: Roles) -> None:
    """`kind` stands in the names of the operations, where it is not taken for granted."""
    path = f"/{word}/{{api_id}}/members"
    taken = Depends(body_of(roles))

    @family.get(path, LOOK_INSIDE, answers=list[Member], name=f"list_{kind}members")
    def list_members(api_id: str, gate: GateOf, store: StoreOf) -> Response:
        """The direct members; who is in a workspace by way of an organization is not among them."""
        with store.reading() as db:
            return answer(memberships.members(db, gate.admit(db, find_one(db, api_id))))

    @family.post(f"{path}/add", MANAGE, answers=Member, takes=roles, name=f"add_{kind}member")
    def add(api_id: str, gate: GateOf, store: StoreOf, body: Change = taken) -> Response:
        """Let a user in, in any role; a workspace has one owner and takes no other."""
        with store.writing() as db:
            place = gate.admit(db, find_one(db, api_id))
            return answer(memberships.add(db, place, body.username, body.membership_type))

    @family.post(f"{path}/change", MANAGE, answers=Member, takes=roles, name=f"change_{kind}member")
    def change(api_id: str, gate: GateOf, store: StoreOf, body: Change = taken) -> Response:
        """Give a member another role; a workspace's owner stays it, and so does an organization's last admin."""
        with store.writing() as db:
            place = gate.admit(db, find_one(db, api_id))
            return answer(memberships.change(db, place, body.username, body.membership_type))

    @family.post(f"{path}/remove", MANAGE, answers=Member, takes=roles, name=f"remove_{kind}member")
    def remove(api_id: str, gate: GateOf, store: StoreOf, body: Change = taken) -> Response:
        """Put a member out, at once: of an organization's workspaces, too, but their own; never owner or last admin."""
        with store.writing() as db:
            place = gate.admit(db, find_one(db, api_id))
            return answer(memberships.remove(db, place, body.username))


_serve("workspace", "", find.workspace, MemberChange)
_serve("organization", "organization_", find.organization, OrganizationMemberChange)
