"""Workspaces and organizations full of people: one of each role, and one of none."""

from __future__ import annotations

from typing import Any

from tests.server.conftest import API, Client, created, found
from tests.server.people import People

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
    made = make_workspace(people("owner"), **fields)
    for role in ROLES[1:]:
        join(people, "workspace", made, role, role)
    return made


def staffed_organization(people: People, **fields: Any) -> dict[str, Any]:
    """An organization with one member a role, each named like their role."""
    made = make_organization(people("org_admin"), **fields)
    for role in ORG_ROLES[1:]:
        join(people, "organization", made, role, role)
    return made


def join(people: People, kind: str, place: dict[str, Any], name: str, role: str) -> None:
    """Let somebody into a place."""
    people(name)
    boss = people("owner" if kind == "workspace" else "org_admin")
    body = {"username": name, "membership_type": role}
    assert found(boss.post(f"{API}/{kind}/{place['api_id']}/members/add/", json=body)) == body


def members(client: Client, kind: str, place: dict[str, Any]) -> dict[str, str]:
    """Who is a member, as what."""
    listed = found(client.get(f"{API}/{kind}/{place['api_id']}/members/"))
    return {one["username"]: one["membership_type"] for one in listed}
