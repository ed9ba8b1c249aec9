"""Workspaces: who may do what with them, primary and secondary ones, and what a home page shows of them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from fastapi import FastAPI

from tests.schema.golden import assert_shape
from tests.server.conftest import (
    API,
    Client,
    created,
    found,
    make_analysis,
    make_figure,
    make_revision,
    text,
    workspace_of,
)
from tests.server.counting import statements
from tests.server.crowd import ROLES, STRANGER, make_workspace, staffed_workspace
from tests.server.people import People

MANAGERS = ("owner", "admin")
INSIDE = ("", "log/", "members/", "recent/", "overview/", "dashboard/")


def path_of(place: dict[str, Any], tail: str = "") -> str:
    """Where a workspace is."""
    return f"{API}/workspace/{place['api_id']}/{tail}"


# ---------------------------------------------------------------- what they are


def test_answers_about_a_workspace_are_alike(people: People) -> None:
    ada = people("ada")
    made = make_workspace(ada, description="d")
    assert_shape("workspace_full", made)
    assert (made["workspace_type"], made["organization"], made["analyses"], made["assets"]) == (
        "secondary",
        None,
        [],
        [],
    )
    assert found(ada.get(path_of(made))) == made
    put = found(ada.put(path_of(made), json=made | {"name": "new"}))
    patched = found(ada.patch(path_of(made), json={"description": ""}))
    changing = {"name", "description", "updated_on", "updated_by"}
    for one in (put, patched):
        assert_shape("workspace_full", one)
        assert {k: v for k, v in one.items() if k not in changing} == {
            k: v for k, v in made.items() if k not in changing
        }
    assert (patched["name"], patched["description"], patched["updated_by"]) == ("new", "", "ada")
    for one in found(ada.get(f"{API}/workspace/")):
        assert_shape("workspace_nested", one)


def test_everybody_has_one_primary_workspace_of_their_own(people: People) -> None:
    for name in ("ada", "eve"):
        listed = found(people(name).get(f"{API}/workspace/"))
        assert [one["workspace_type"] for one in listed] == ["primary"]
        assert "primary" in listed[0]["name"]
        assert found(people(name).get(path_of(listed[0], "members/"))) == [
            {"username": name, "membership_type": "owner"}
        ]


def test_primary_stays_primary_and_no_other_is_made(people: People) -> None:
    ada = people("ada")
    primary, secondary = workspace_of(ada), make_workspace(ada)
    for kind in ("primary", "tertiary", ""):
        refused = ada.post(f"{API}/workspace/", json={"name": "x", "workspace_type": kind})
        assert (refused.status_code, list(refused.json())) == (400, ["workspace_type"])
    created(ada.post(f"{API}/workspace/", json={"name": "x", "workspace_type": "secondary"}))
    for method in (ada.put, ada.patch):
        for place, kind in ((primary, "secondary"), (secondary, "primary"), (secondary, "x")):
            assert method(path_of(place), json={"workspace_type": kind, "name": "x"}).status_code == 400
            assert found(ada.get(path_of(place))) == place
    assert found(ada.patch(path_of(primary), json={"name": "n", "description": "d"}))["name"] == "n"
    assert ada.delete(path_of(primary)).status_code == 400
    assert found(ada.get(path_of(primary)))["workspace_type"] == "primary"
    assert ada.delete(path_of(secondary)).status_code == 204
    assert ada.get(path_of(secondary)).status_code == 404
    assert ada.delete(path_of(secondary)).status_code == 404


def test_a_workspace_has_a_name(people: People) -> None:
    ada = people("ada")
    for body in ({}, {"name": ""}, {"name": None}, {"name": 7}):
        refused = ada.post(f"{API}/workspace/", json=body)
        assert (refused.status_code, list(refused.json())) == (400, ["name"])
    made = make_workspace(ada)
    assert ada.put(path_of(made), json={"name": ""}).status_code == 400
    assert found(ada.put(path_of(made), json={"name": None}))["name"] == made["name"]


# ---------------------------------------------------------------- who may do what


def test_every_member_reads_and_nobody_else(people: People, anonymous: Client) -> None:
    place = staffed_workspace(people)
    analysis = make_analysis(people("owner"), workspace=place["api_id"])
    revision = make_revision(
        people("owner"), text("x"), figure=make_figure(people("owner"), analysis=analysis["api_id"])["api_id"]
    )
    below = [f"analysis/{analysis['api_id']}/", f"figure/{revision['figure']}/", f"revision/{revision['api_id']}/"]
    below += [f"data/{revision['data'][0]['api_id']}/", f"analysis/{analysis['api_id']}/log/"]
    below += [f"{one}thumbnail/64" for one in below[:3]]
    paths = [path_of(place, tail) for tail in INSIDE] + [f"{API}/{one}" for one in below]
    seen = [found(people("owner").get(path)) for path in paths]
    for role in ROLES:
        assert [found(people(role).get(path)) for path in paths] == seen
        assert place["api_id"] in [one["api_id"] for one in found(people(role).get(f"{API}/workspace/"))]
        scoped = people.key(role, place["api_id"])
        assert [found(scoped.get(path)) for path in paths] == seen
        assert [one["api_id"] for one in found(scoped.get(f"{API}/workspace/"))] == [place["api_id"]]
    elsewhere = people.key("viewer", workspace_of(people("viewer"))["api_id"])
    for client in (people(STRANGER), people.key(STRANGER), anonymous, elsewhere):
        assert {client.get(path).status_code for path in paths} == {403}
    assert place["api_id"] not in people(STRANGER).get(f"{API}/workspace/").text


@pytest.mark.parametrize("role", [*ROLES, STRANGER])
def test_managers_alone_change_and_delete_it(people: People, role: str) -> None:
    place, client = staffed_workspace(people), people(role)
    may = role in MANAGERS
    assert client.put(path_of(place), json={"name": "x"}).status_code == (200 if may else 403)
    assert client.patch(path_of(place), json={"description": "x"}).status_code == (200 if may else 403)
    assert client.delete(path_of(place)).status_code == (204 if may else 403)
    assert people("owner").get(path_of(place)).status_code == (404 if may else 200)


@pytest.mark.parametrize("role", [*ROLES, STRANGER])
def test_makers_alone_change_what_is_in_it(people: People, role: str) -> None:
    place, client = staffed_workspace(people), people(role)
    may = role not in {"viewer", STRANGER}
    theirs = make_analysis(people("owner"), workspace=place["api_id"])
    path = f"{API}/analysis/{theirs['api_id']}/"
    body = {"name": "x", "workspace": place["api_id"]}
    assert client.post(f"{API}/analysis/", json=body).status_code == (201 if may else 403)
    assert client.put(path, json={"name": "x"}).status_code == (200 if may else 403)
    assert client.patch(path, json={"name": "x"}).status_code == (200 if may else 403)
    assert client.delete(path).status_code == (204 if may else 403)


def test_keys_for_one_workspace_make_no_others(people: People) -> None:
    place = staffed_workspace(people)
    scoped = people.key("owner", place["api_id"])
    assert scoped.post(f"{API}/workspace/", json={"name": "x"}).status_code == 403
    assert found(scoped.patch(path_of(place), json={"name": "x"}))["name"] == "x"
    assert scoped.patch(path_of(workspace_of(people("owner"))), json={"name": "x"}).status_code == 403


def test_workspaces_are_not_shared_by_link_or_user(people: People) -> None:
    place = make_workspace(people("ada"))
    for tail in ("share/link/", "share/user/"):
        assert people("ada").get(path_of(place, tail)).status_code in {404, 405}
        assert people("ada").post(path_of(place, tail), json={"enabled": True}).status_code in {404, 405}


def test_unknown_workspaces_are_not_found(people: People, anonymous: Client) -> None:
    for bad in ("00000000-0000-4000-8000-000000000000", "x"):
        for tail in (*INSIDE, "invitations/"):
            assert people("ada").get(path_of({"api_id": bad}, tail)).status_code == 404
            assert anonymous.get(path_of({"api_id": bad}, tail)).status_code == 403
        assert people("ada").put(path_of({"api_id": bad}), json={"name": "x"}).status_code == 404


# ---------------------------------------------------------------- what is new, and how much there is


def furnish(client: Client, place: dict[str, Any], times: int = 1) -> None:
    """Put a figure with two revisions, in an analysis of its own, and an asset with one into a workspace."""
    for number in range(times):
        analysis = make_analysis(client, f"a{number}", workspace=place["api_id"])
        figure = make_figure(client, f"f{number}", analysis=analysis["api_id"])
        for _ in range(2):
            make_revision(client, text("1234567"), figure=figure["api_id"])
        asset = created(client.post(f"{API}/asset/", json={"name": f"s{number}", "workspace": place["api_id"]}))
        body = {"asset": asset["api_id"], "data": [text("abc")], "metadata": {}}
        created(client.post(f"{API}/asset_revision/", json=body))


def names(listed: list[dict[str, Any]]) -> list[str]:
    """The names in a list."""
    return [one["name"] for one in listed]


def test_recent_is_what_was_last_made_or_changed(people: People) -> None:
    ada = people("ada")
    place, other = make_workspace(ada), make_workspace(ada)
    furnish(ada, place, 3)
    furnish(ada, other)
    recent = found(ada.get(path_of(place, "recent/?limit=100")))
    assert_shape("recent", recent)
    assert [names(recent[kind]) for kind in ("analyses", "figures", "assets")] == [
        [f"{letter}{number}" for number in (2, 1, 0)] for letter in "afs"
    ]
    for kind, path in (("analyses", "analysis"), ("figures", "figure"), ("assets", "asset")):
        oldest = recent[kind][-1]
        time.sleep(0.002)
        found(ada.patch(f"{API}/{path}/{oldest['api_id']}/", json={"description": "changed"}))
    short = found(ada.get(path_of(place, "recent/?limit=2")))
    assert [names(short[kind]) for kind in ("analyses", "figures", "assets")] == [
        [f"{letter}{number}" for number in (0, 2)] for letter in "afs"
    ]
    created(ada.post(f"{API}/asset/", json={"name": "without revisions", "workspace": place["api_id"]}))
    assert names(found(ada.get(path_of(place, "recent/")))["assets"])[0] == "without revisions"
    assert found(ada.get(path_of(place, "recent/?limit=0"))) == {"analyses": [], "figures": [], "assets": []}
    for bad in ("-1", "x", "1001", ""):
        refused = ada.get(path_of(place, f"recent/?limit={bad}"))
        assert (refused.status_code, list(refused.json())) == (400, ["limit"])


def test_the_overview_counts(people: People) -> None:
    place = staffed_workspace(people)
    furnish(people("owner"), place, 2)
    furnish(people("owner"), make_workspace(people("owner")))
    overview = found(people("viewer").get(path_of(place, "overview/")))
    assert_shape("overview", overview)
    assert overview == {
        "analyses": 2,
        "figures": 2,
        "revisions": 4,
        "assets": 2,
        "asset_revisions": 2,
        "stories": 0,
        "comments": 0,
        "members": 4,
        "size_bytes": 34,
    }
    empty = found(people("ada").get(path_of(workspace_of(people("ada")), "overview/")))
    assert empty == dict.fromkeys(overview, 0) | {"members": 1}


def test_the_dashboard_is_all_of_it(people: People) -> None:
    place = staffed_workspace(people)
    ada = people("owner")
    furnish(ada, place, 2)
    board = found(people("creator").get(path_of(place, "dashboard/")))
    assert_shape("dashboard", board)
    assert board["overview"] == found(ada.get(path_of(place, "overview/")))
    assert board["members"] == found(ada.get(path_of(place, "members/")))
    assert board["activity"] == found(ada.get(path_of(place, "log/")))[:10]
    assert board["recent"] == found(ada.get(path_of(place, "recent/")))
    gone = board["recent"]["figures"][0]
    assert ada.delete(f"{API}/figure/{gone['api_id']}/").status_code == 204
    board = found(ada.get(path_of(place, "dashboard/?activity_limit=50")))
    assert any(line["deleted"] for line in board["activity"])
    board = found(ada.get(path_of(place, "dashboard/?activity_limit=3&exclude_deleted=true")))
    assert [line["deleted"] for line in board["activity"]] == [False] * 3
    for bad in ("activity_limit=0", "activity_limit=51", "activity_limit=x", "exclude_deleted=perhaps"):
        refused = ada.get(path_of(place, f"dashboard/?{bad}"))
        assert (refused.status_code, list(refused.json())) == (400, [bad.partition("=")[0]])


def test_bootstrap_is_all_that_a_front_end_needs(people: People, anonymous: Client, me: Client) -> None:
    ada = people("ada")
    make_workspace(ada)
    known = found(ada.get(f"{API}/bootstrap/"))
    assert_shape("bootstrap", known)
    assert known["user"] == found(ada.get(f"{API}/user"))[0]
    assert known["workspaces"] == found(ada.get(f"{API}/workspace/"))
    assert known["info"] == found(ada.get(f"{API}/info/"))
    assert known["settings"]["embedded"] is True
    scoped = people.key("ada", known["workspaces"][1]["api_id"])
    assert found(scoped.get(f"{API}/bootstrap/"))["workspaces"] == known["workspaces"][1:]
    assert anonymous.get(f"{API}/bootstrap/").status_code == 403
    assert found(me.get(f"{API}/bootstrap"))["user"]["username"] != "ada"


def test_no_page_costs_more_when_there_is_more(people: People, app: FastAPI) -> None:
    ada = people("ada")
    place = make_workspace(ada)
    paths = [path_of(place, tail) for tail in INSIDE] + [f"{API}/bootstrap/", f"{API}/workspace/"]
    paths += ["/api/v1.3/workspace/"]
    counts = []
    for _ in range(2):
        furnish(ada, place, 3)
        make_workspace(ada)
        counts.append([])
        for path in paths:
            with statements(app) as seen:
                found(ada.get(path))
            counts[-1].append(len(seen))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12
