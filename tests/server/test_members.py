"""Members of workspaces and organizations: who may let in, change and put out whom, and what it opens and closes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.schema.golden import assert_shape
from tests.server.conftest import API, Client, found, make_analysis
from tests.server.crowd import (
    ORG_ROLES,
    ROLES,
    STRANGER,
    make_organization,
    make_workspace,
    members,
    staffed_organization,
    staffed_workspace,
)
from tests.server.people import People

MANAGERS = {"owner", "admin", "org_admin"}


def send(client: Client, kind: str, place: dict[str, Any], what: str, name: str, role: str | None = None) -> Any:
    """A request that changes the members."""
    body = {"username": name, "membership_type": role}
    return client.post(f"{API}/{kind}/{place['api_id']}/members/{what}/", json=body)


@pytest.fixture(params=["workspace", "organization"])
def kind(request: pytest.FixtureRequest) -> str:
    """Either kind of place."""
    return request.param


def staffed(people: People, kind: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A place with one member a role, and the roles."""
    if kind == "workspace":
        return staffed_workspace(people), ROLES
    return staffed_organization(people), ORG_ROLES


def test_a_new_place_has_one_member_who_is_in_charge(people: People, kind: str) -> None:
    make = make_workspace if kind == "workspace" else make_organization
    place = make(people("ada"))
    assert members(people("ada"), kind, place) == {"ada": "owner" if kind == "workspace" else "org_admin"}
    assert members(people("ada"), "workspace", found(people("ada").get(f"{API}/workspace/"))[0]) == {"ada": "owner"}


def test_all_members_and_nobody_else_see_the_members(people: People, kind: str) -> None:
    place, roles = staffed(people, kind)
    for name in roles:
        assert members(people(name), kind, place) == {role: role for role in roles}
    listed = found(people(roles[0]).get(f"{API}/{kind}/{place['api_id']}/members/"))
    assert_shape("member", listed[0])
    for outsider in (people(STRANGER), people.key(STRANGER)):
        assert outsider.get(f"{API}/{kind}/{place['api_id']}/members/").status_code == 403


def test_only_managers_add_change_and_remove(people: People, kind: str) -> None:
    place, roles = staffed(people, kind)
    low, lower = roles[2], roles[3]
    people("new")
    for name in (*roles, STRANGER):
        if name in MANAGERS:
            continue
        assert send(people(name), kind, place, "add", "new", low).status_code == 403
        assert send(people(name), kind, place, "change", low, lower).status_code == 403
        assert send(people(name), kind, place, "remove", low).status_code == 403
    assert members(people(roles[0]), kind, place) == {role: role for role in roles}
    for name in MANAGERS & set(roles):
        assert send(people(name), kind, place, "add", "new", low).status_code == 200
        assert found(send(people(name), kind, place, "change", "new", lower))["membership_type"] == lower
        removed = found(send(people(name), kind, place, "remove", "new"))
        assert_shape("member_removed", removed)
        assert removed == {"username": "new", "membership_type": None}
    assert (
        send(people("owner"), kind, {"api_id": "00000000-0000-4000-8000-000000000000"}, "add", "new", low).status_code
        == 404
    )


def test_each_role_can_be_given_changed_to_and_taken(people: People, kind: str) -> None:
    place, roles = staffed(people, kind)
    boss = people(roles[0])
    people("new")
    for role in roles:
        if role == "owner":
            continue
        for other in roles:
            if other == "owner":
                continue
            assert found(send(boss, kind, place, "add", "new", role)) == {"username": "new", "membership_type": role}
            assert members(boss, kind, place)["new"] == role
            assert found(send(boss, kind, place, "change", "new", other))["membership_type"] == other
            assert members(boss, kind, place)["new"] == other
            found(send(boss, kind, place, "remove", "new"))
            assert "new" not in members(boss, kind, place)


def test_what_is_no_role_or_no_user_adds_nobody(people: People, kind: str) -> None:
    place, roles = staffed(people, kind)
    boss, before = people(roles[0]), members(people(roles[0]), kind, place)
    people("new")
    people("gone")
    people.disable("gone")
    foreign = "creator" if kind == "organization" else "workspace_creator"
    for role in ("invalid", "", None, foreign, "owner"):
        refused = send(boss, kind, place, "add", "new", role)
        assert (refused.status_code, list(refused.json())) == (400, ["membership_type"])
        refused = send(boss, kind, place, "change", roles[3], role)
        assert (refused.status_code, list(refused.json())) == (400, ["membership_type"])
    for name in ("nobody", "", "gone"):
        refused = send(boss, kind, place, "add", name, roles[2])
        assert (refused.status_code, list(refused.json())) == (400, ["username"])
    for what in ("change", "remove"):
        refused = send(boss, kind, place, what, "new", roles[2])  # is not a member
        assert (refused.status_code, list(refused.json())) == (400, ["username"])
    assert boss.post(f"{API}/{kind}/{place['api_id']}/members/add/", json={}).json().keys() == {"username"}
    assert members(boss, kind, place) == before


def test_adding_a_member_again_changes_nothing(people: People, kind: str) -> None:
    place, roles = staffed(people, kind)
    boss = people(roles[0])
    assert send(boss, kind, place, "add", roles[3], roles[3]).status_code == 200
    assert send(boss, kind, place, "add", roles[3], roles[1]).status_code == 400
    assert send(boss, kind, place, "add", roles[0], roles[3]).status_code == 400
    assert members(boss, kind, place) == {role: role for role in roles}


def test_the_owner_of_a_workspace_stays_its_owner(people: People) -> None:
    place = staffed_workspace(people)
    for name in ("owner", "admin"):
        for what, role in (("change", "viewer"), ("change", "owner"), ("remove", None)):
            assert send(people(name), "workspace", place, what, "owner", role).status_code == 400
        assert send(people(name), "workspace", place, "change", "viewer", "owner").status_code == 400
    assert members(people("owner"), "workspace", place)["owner"] == "owner"


def test_an_organization_keeps_an_admin(people: People) -> None:
    place = staffed_organization(people)
    boss = people("org_admin")
    assert send(boss, "organization", place, "remove", "org_admin").status_code == 400
    assert send(boss, "organization", place, "change", "org_admin", "workspace_viewer").status_code == 400
    assert send(boss, "organization", place, "change", "org_admin", "org_admin").status_code == 200
    found(send(boss, "organization", place, "change", "workspace_viewer", "org_admin"))
    found(send(boss, "organization", place, "change", "org_admin", "workspace_viewer"))
    assert send(boss, "organization", place, "add", STRANGER, "workspace_viewer").status_code == 403
    heir = people("workspace_viewer")
    assert send(heir, "organization", place, "remove", "workspace_viewer").status_code == 400
    found(send(heir, "organization", place, "remove", "org_admin"))
    assert boss.get(f"{API}/organization/{place['api_id']}/").status_code == 403


def test_of_two_admins_who_remove_each_other_one_stays(people: People) -> None:
    place = staffed_organization(people)
    found(send(people("org_admin"), "organization", place, "change", "workspace_admin", "org_admin"))
    rivals = {"org_admin": "workspace_admin", "workspace_admin": "org_admin"}
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda one: send(people(one), "organization", place, "remove", rivals[one]), rivals))
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    (winner,) = [name for name, answer in zip(rivals, answers, strict=True) if answer.status_code == 200]
    assert list(members(people(winner), "organization", place).values()).count("org_admin") == 1


def test_an_admin_who_steps_down_has_stepped_down(people: People) -> None:
    place = staffed_workspace(people)
    found(send(people("admin"), "workspace", place, "change", "admin", "viewer"))
    assert send(people("admin"), "workspace", place, "change", "admin", "admin").status_code == 403
    assert people("admin").patch(f"{API}/workspace/{place['api_id']}/", json={"name": "x"}).status_code == 403
    assert people("admin").get(f"{API}/workspace/{place['api_id']}/").status_code == 200


def test_who_is_removed_is_out_at_once_with_all_their_keys(people: People) -> None:
    place = staffed_workspace(people)
    analysis = make_analysis(people("owner"), workspace=place["api_id"])
    paths = [f"workspace/{place['api_id']}/{tail}" for tail in ("", "log/", "members/", "recent/", "overview/")]
    paths += [f"analysis/{analysis['api_id']}/"]
    ways = [people("admin"), people.key("admin"), people.key("admin", place["api_id"])]
    for client in ways:
        assert [client.get(f"{API}/{path}").status_code for path in paths] == [200] * len(paths)
    found(send(people("owner"), "workspace", place, "remove", "admin"))
    for client in ways:
        assert [client.get(f"{API}/{path}").status_code for path in paths] == [403] * len(paths)
        assert place["api_id"] not in [one["api_id"] for one in found(client.get(f"{API}/workspace/"))]
        assert client.patch(f"{API}/analysis/{analysis['api_id']}/", json={"name": "x"}).status_code == 403
        assert client.delete(f"{API}/workspace/{place['api_id']}/").status_code == 403
    found(send(people("owner"), "workspace", place, "add", "admin", "viewer"))
    for client in ways:  # the rights of today, not those of when the key was made
        assert client.get(f"{API}/{paths[0]}").status_code == 200
        assert client.patch(f"{API}/{paths[0]}", json={"name": "x"}).status_code == 403


def test_members_by_way_of_an_organization_are_not_listed(people: People) -> None:
    organization = staffed_organization(people)
    place = make_workspace(people("workspace_creator"), organization=organization["api_id"])
    for name in ORG_ROLES:
        assert members(people(name), "workspace", place) == {"workspace_creator": "owner"}
    refused = send(people("workspace_viewer"), "workspace", place, "add", "org_admin", "viewer")
    assert refused.status_code == 403
    for name in ("org_admin", "workspace_admin"):
        assert send(people(name), "workspace", place, "remove", "workspace_creator").status_code == 400
        found(send(people(name), "workspace", place, "add", "workspace_viewer", "admin"))
        found(send(people(name), "workspace", place, "remove", "workspace_viewer"))
    assert members(people("workspace_creator"), "workspace", place) == {"workspace_creator": "owner"}
