"""Workspaces and organizations full of people: one of each role, and one of none."""

from __future__ import annotations

from typing import Any

from gofigr_jupyter.server.store import memberships
from gofigr_jupyter.server.store.tables import Organization, Workspace
from tests.server.conftest import API, Client, created, found
from tests.server.people import People, person_named

ROLES = ("owner", "admin", "creator", "viewer")
ORG_ROLES = ("org_admin", "workspace_admin", "workspace_creator", "workspace_viewer")
STRANGER = "stranger"


def make_workspace(client: Client, name: str = "ours", **fields: Any) -> dict[str, Any]:
    """A new secondary workspace."""
    return created(client.post(f"{API}/workspace/", json={"name": name, "organization": None} | fields))


def make_organization(client: Client, name: str = "The Institute", **fields: Any) -> dict[str, Any]:
    """A new organization."""
    return created(client.post(f"{API}/organization/", json={"name": name} | fields))


def staffed_workspace(people: People, **fields: Any) -> dict[str, Any]:
    """A workspace with one member a role, each named like their role."""
    people.meet(*ROLES)
    made = make_workspace(people("owner"), **fields)
    _staff(people, Workspace, made, ROLES[1:])
    return made


def staffed_organization(people: People, **fields: Any) -> dict[str, Any]:
    """An organization with one member a role, each named like their role."""
    people.meet(*ORG_ROLES)
    made = make_organization(people("org_admin"), **fields)
    _staff(people, Organization, made, ORG_ROLES[1:])
    return made


def _staff(people: People, kind: type[Workspace | Organization], made: dict[str, Any], roles: tuple[str, ...]) -> None:
    with people.store.writing() as db:
        place = db.get_one(kind, made["api_id"])
        for role in roles:
            memberships.enroll(db, place, person_named(db, role).id, role)


def members(client: Client, kind: str, place: dict[str, Any]) -> dict[str, str]:
    """Who is a member, as what."""
    listed = found(client.get(f"{API}/{kind}/{place['api_id']}/members/"))
    return {one["username"]: one["membership_type"] for one in listed}
