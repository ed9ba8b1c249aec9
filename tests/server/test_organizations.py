"""Organizations: who may do what with them, and what they open in their workspaces."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from fastapi import FastAPI

from tests.schema.golden import assert_shape
from tests.server.conftest import (
    API,
    created,
    found,
    make_analysis,
    make_figure,
    make_revision,
    text,
    workspace_of,
)
from tests.server.counting import statements
from tests.server.crowd import ORG_ROLES, STRANGER, make_organization, make_workspace, staffed_organization
from tests.server.people import People

NOBODY = "00000000-0000-4000-8000-000000000000"


def path_of(organization: dict[str, Any], tail: str = "") -> str:
    """Where an organization is."""
    return f"{API}/organization/{organization['api_id']}/{tail}"


def test_anybody_founds_one_and_sees_only_their_own(people: People, anonymous: Any) -> None:
    made = make_organization(people("ada"), email="", description="", logo=base64.b64encode(b"a picture").decode())
    assert_shape("organization", made)
    assert (made["email"], made["description"], made["workspaces"]) == ("", "", [])
    assert made["allow_per_workspace_storage_settings"] is False
    assert base64.b64decode(made["logo"]) == b"a picture"
    assert found(people("ada").get(path_of(made))) == made
    assert found(people("ada").get(f"{API}/organization/")) == [made]  # one form only
    assert found(people("eve").get(f"{API}/organization/")) == []
    assert people("eve").get(path_of(made)).status_code == 403
    assert anonymous.get(f"{API}/organization/").status_code == 403
    assert anonymous.get(path_of(made)).status_code == 403
    assert anonymous.post(f"{API}/organization/", json={"name": "x"}).status_code == 403


def test_an_organization_has_a_name_and_a_small_logo(people: People) -> None:
    ada = people("ada")
    large = base64.b64encode(bytes((1 << 20) + 1)).decode()
    for body, field in (
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x", "logo": "not base64"}, "logo"),
        ({"name": "x", "logo": large}, "logo"),
        ({"name": "x", "allow_per_workspace_storage_settings": "perhaps"}, "allow_per_workspace_storage_settings"),
    ):
        refused = ada.post(f"{API}/organization/", json=body)
        assert (refused.status_code, list(refused.json())) == (400, [field])
    made = make_organization(ada)
    assert ada.put(path_of(made), json={"name": ""}).status_code == 400
    assert ada.patch(path_of(made), json={"logo": large}).status_code == 400
    assert found(ada.get(path_of(made))) == made


def test_put_and_patch_set_what_is_given(people: People) -> None:
    ada = people("ada")
    made = make_organization(ada, description="old", email="a@example.org")
    put = found(ada.put(path_of(made), json=made | {"name": "new", "workspaces": [NOBODY], "description": None}))
    assert put == made | {"name": "new"}
    patched = found(ada.patch(path_of(made), json={"description": "", "allow_per_workspace_storage_settings": True}))
    assert patched == put | {"description": "", "allow_per_workspace_storage_settings": True}
    assert found(ada.get(path_of(made))) == patched


def test_every_member_reads_it_and_only_its_admins_change_it(people: People) -> None:
    made = staffed_organization(people)
    for name in ORG_ROLES:
        assert found(people(name).get(path_of(made))) == made
        assert found(people(name).get(f"{API}/organization/")) == [made]
        if name == "org_admin":
            continue
        for answer in (
            people(name).put(path_of(made), json={"name": "x"}),
            people(name).patch(path_of(made), json={"name": "x"}),
            people(name).delete(path_of(made)),
            people(name).get(path_of(made, "invitations/")),
        ):
            assert answer.status_code == 403
    stranger = people(STRANGER)
    for answer in (
        stranger.get(path_of(made)),
        stranger.put(path_of(made), json={"name": "x"}),
        stranger.patch(path_of(made), json={"name": "x"}),
        stranger.delete(path_of(made)),
        stranger.get(path_of(made, "log/")),
        stranger.get(path_of(made, "members/")),
        stranger.get(path_of(made, "invitations/")),
        stranger.post(f"{API}/workspace/", json={"name": "x", "organization": made["api_id"]}),
        stranger.patch(f"{API}/workspace/{workspace_of(stranger)['api_id']}/", json={"organization": made["api_id"]}),
    ):
        assert answer.status_code == 403
    assert found(people("org_admin").put(path_of(made), json={"name": "x"}))["name"] == "x"


def test_keys_for_one_workspace_know_no_organizations(people: People) -> None:
    made = staffed_organization(people)
    place = make_workspace(people("org_admin"), organization=made["api_id"])
    key = people.key("org_admin", place["api_id"])
    assert found(key.get(f"{API}/organization/")) == []
    assert key.get(path_of(made)).status_code == 403
    assert key.post(f"{API}/organization/", json={"name": "x"}).status_code == 403
    assert key.delete(path_of(made)).status_code == 403
    free = people.key("org_admin")
    assert found(free.get(path_of(made)))["workspaces"] == [place["api_id"]]
    make_organization(free)


def test_unknown_organizations_are_not_found(people: People) -> None:
    ada = people("ada")
    for bad in (NOBODY, "x", "%00"):
        assert ada.get(f"{API}/organization/{bad}/").status_code == 404
        assert ada.delete(f"{API}/organization/{bad}/").status_code == 404
        assert ada.get(f"{API}/organization/{bad}/members/").status_code == 404
    assert ada.post(f"{API}/workspace/", json={"name": "x", "organization": NOBODY}).status_code == 404
    mine = workspace_of(ada)["api_id"]
    assert ada.put(f"{API}/workspace/{mine}/", json={"organization": NOBODY}).status_code == 404
    assert ada.patch(f"{API}/workspace/{mine}/", json={"organization": "x"}).status_code == 404


# ---------------------------------------------------------------- its workspaces


def test_workspaces_are_put_in_and_taken_out(people: People) -> None:
    made, ada = staffed_organization(people), people("workspace_creator")
    place = make_workspace(ada, organization=made["api_id"])
    assert place["organization"] == made["api_id"]
    assert found(ada.get(path_of(made)))["workspaces"] == [place["api_id"]]
    primary = workspace_of(ada)
    path = f"{API}/workspace/{primary['api_id']}/"
    assert (
        found(ada.put(path, json=primary | {"organization": made["api_id"].upper()}))["organization"] == made["api_id"]
    )
    assert found(ada.get(path_of(made)))["workspaces"] == [primary["api_id"], place["api_id"]]
    assert found(ada.patch(path, json={"description": "d"}))["organization"] == made["api_id"]  # absent is not null
    assert found(people("org_admin").get(path))["workspace_type"] == "primary"
    assert found(ada.patch(path, json={"organization": None}))["organization"] is None
    assert found(ada.get(path_of(made)))["workspaces"] == [place["api_id"]]
    assert people("org_admin").get(path).status_code == 403


@pytest.mark.parametrize("name", ORG_ROLES)
def test_who_may_found_workspaces_in_it(people: People, name: str) -> None:
    made = staffed_organization(people)
    answer = people(name).post(f"{API}/workspace/", json={"name": "x", "organization": made["api_id"]})
    assert answer.status_code == (403 if name == "workspace_viewer" else 201)


def test_to_put_a_workspace_in_one_must_manage_it(people: People) -> None:
    made = staffed_organization(people)
    place = make_workspace(people(STRANGER))
    path = f"{API}/workspace/{place['api_id']}/"
    join = {"username": "org_admin", "membership_type": "creator"}
    found(people(STRANGER).post(f"{path}members/add/", json=join))
    assert people("org_admin").patch(path, json={"organization": made["api_id"]}).status_code == 403
    found(people(STRANGER).post(f"{path}members/change/", json=join | {"membership_type": "admin"}))
    assert (
        found(people("org_admin").patch(path, json={"organization": made["api_id"]}))["organization"] == made["api_id"]
    )
    # its owner, who is no member of the organization, saves it unchanged, and takes it out again
    assert found(people(STRANGER).put(path, json={"name": "n", "organization": made["api_id"]}))["name"] == "n"
    assert found(people(STRANGER).put(path, json={"organization": None}))["organization"] is None
    assert people(STRANGER).put(path, json={"organization": made["api_id"]}).status_code == 403


def test_all_members_see_the_same_as_the_owner(people: People) -> None:
    made, owner = staffed_organization(people), people("org_admin")
    place = make_workspace(owner, organization=made["api_id"])
    analysis = make_analysis(owner, workspace=place["api_id"])
    figure = make_figure(owner, analysis=analysis["api_id"])
    revision = make_revision(owner, text("x"), figure=figure["api_id"])
    objects = [("workspace", place), ("analysis", analysis), ("figure", figure), ("revision", revision)]
    paths = [f"{API}/{kind}/{one['api_id']}/" for kind, one in objects]
    paths += [f"{API}/data/{revision['data'][0]['api_id']}/", f"{paths[0]}log/", f"{paths[0]}recent/?limit=5"]
    seen = [found(owner.get(path)) for path in paths]
    for name in ORG_ROLES:
        assert [found(people(name).get(path)) for path in paths] == seen
        assert place["api_id"] in [one["api_id"] for one in found(people(name).get(f"{API}/workspace/"))]
    assert {people(STRANGER).get(path).status_code for path in paths} == {403}


@pytest.mark.parametrize("name", [*ORG_ROLES, STRANGER])
def test_each_does_what_their_role_allows_in_workspaces_of_others(people: People, name: str) -> None:
    made = staffed_organization(people)
    boss = people("boss")
    found(
        people("org_admin").post(
            path_of(made, "members/add/"), json={"username": "boss", "membership_type": "org_admin"}
        )
    )
    place = make_workspace(boss, organization=made["api_id"])
    analysis = make_analysis(boss, workspace=place["api_id"])
    client, may = people(name), name in {"org_admin", "workspace_admin"}
    path = f"{API}/analysis/{analysis['api_id']}/"
    body = {"name": "new", "workspace": place["api_id"]}
    assert client.post(f"{API}/analysis/", json=body).status_code == (201 if may else 403)
    assert client.patch(path, json={"name": "new"}).status_code == (200 if may else 403)
    assert client.delete(path).status_code == (204 if may else 403)
    assert client.patch(f"{API}/workspace/{place['api_id']}/", json={"name": "x"}).status_code == (200 if may else 403)
    assert client.delete(f"{API}/workspace/{place['api_id']}/").status_code == (204 if may else 403)


def test_who_is_removed_keeps_only_workspaces_of_their_own(people: People) -> None:
    made = staffed_organization(people)
    creator, boss = people("workspace_creator"), people("org_admin")
    mine = make_workspace(creator, organization=made["api_id"])
    theirs = make_workspace(boss, organization=made["api_id"])
    outside = make_workspace(boss)
    for place in (theirs, outside):  # a direct membership
        body = {"username": "workspace_creator", "membership_type": "admin"}
        found(boss.post(f"{API}/workspace/{place['api_id']}/members/add/", json=body))
    ways = [creator, people.key("workspace_creator")]
    scoped = people.key("workspace_creator", theirs["api_id"])
    for client in (*ways, scoped):
        assert client.get(f"{API}/workspace/{theirs['api_id']}/").status_code == 200
    found(boss.post(path_of(made, "members/remove/"), json={"username": "workspace_creator", "membership_type": None}))
    for client in (*ways, scoped):
        assert client.get(path_of(made)).status_code == 403
        assert client.get(f"{API}/workspace/{theirs['api_id']}/").status_code == 403
    for client in ways:
        assert found(client.get(f"{API}/workspace/{mine['api_id']}/"))["organization"] == made["api_id"]
        assert found(client.patch(f"{API}/workspace/{mine['api_id']}/", json={"name": "still mine"}))["name"]
        names = {one["api_id"] for one in found(client.get(f"{API}/workspace/"))}
        assert names == {mine["api_id"], outside["api_id"], workspace_of(creator)["api_id"]}
    assert found(scoped.get(f"{API}/workspace/")) == []


def test_deleting_one_leaves_its_workspaces_with_their_owners(people: People) -> None:
    made = staffed_organization(people)
    place = make_workspace(people("workspace_creator"), organization=made["api_id"])
    analysis = make_analysis(people("workspace_creator"), workspace=place["api_id"])
    assert people("org_admin").delete(path_of(made)).status_code == 204
    assert people("org_admin").get(path_of(made)).status_code == 404
    assert people("org_admin").delete(path_of(made)).status_code == 404
    left = found(people("workspace_creator").get(f"{API}/workspace/{place['api_id']}/"))
    assert (left["organization"], [one["api_id"] for one in left["analyses"]]) == (None, [analysis["api_id"]])
    assert people("org_admin").get(f"{API}/workspace/{place['api_id']}/").status_code == 403
    assert found(people("workspace_creator").get(f"{API}/organization/")) == []


def test_lists_cost_the_same_however_long_they_are(people: People, app: FastAPI) -> None:
    ada = people("ada")
    counts = []
    for _ in range(2):
        made = make_organization(ada)
        for _ in range(3):
            make_workspace(ada, organization=made["api_id"])
        with statements(app) as seen:
            assert len(found(ada.get(f"{API}/organization/"))[-1]["workspaces"]) == 3
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert created(ada.post(f"{API}/organization", json={"name": "without a slash"}))["workspaces"] == []
