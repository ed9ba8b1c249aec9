"""Logs of workspaces, analyses and organizations: one line a change, and none for reading."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import FastAPI

from tests.schema.golden import assert_shape
from tests.server.conftest import API, Client, found, make_analysis, make_figure, make_revision, text, workspace_of
from tests.server.counting import statements
from tests.server.crowd import ORG_ROLES, STRANGER, make_workspace, staffed_organization, staffed_workspace
from tests.server.people import People

NOBODY = "00000000-0000-4000-8000-000000000000"


def log_of(client: Client, kind: str, place: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a log, newest first."""
    return found(client.get(f"{API}/{kind}/{place['api_id']}/log/"))


def tally(lines: list[dict[str, Any]]) -> Counter[str]:
    """How often each action occurs."""
    return Counter(line["action"] for line in lines)


def history(client: Client) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Four objects made, all but the deleted one changed; the workspace, the analysis and what was deleted."""
    place = make_workspace(client)
    analysis = make_analysis(client, "an analysis", workspace=place["api_id"])
    figure = make_figure(client, "a figure", analysis=analysis["api_id"])
    revision = make_revision(client, text("x"), figure=figure["api_id"])
    for kind, one in (("workspace", place), ("analysis", analysis), ("figure", figure)):
        found(client.patch(f"{API}/{kind}/{one['api_id']}/", json={"description": "changed"}))
    assert client.delete(f"{API}/revision/{revision['api_id']}/").status_code == 204
    return place, analysis, revision


def test_one_line_a_change(people: People) -> None:
    ada = people("ada")
    place, analysis, revision = history(ada)
    lines = log_of(ada, "workspace", place)
    assert tally(lines) == {"create": 4, "update": 3, "delete": 1}
    assert tally(log_of(ada, "analysis", analysis)) == {"create": 3, "update": 2, "delete": 1}
    kinds = ("figure_revision", "figure", "analysis", "workspace", "figure_revision", "figure", "analysis", "workspace")
    assert tuple(line["target_type"] for line in lines) == kinds
    times = [line["timestamp"] for line in lines]
    assert times == sorted(times, reverse=True)
    assert {line["username"] for line in lines} == {"ada"}
    about = [line for line in lines if line["target_id"] == revision["api_id"]]
    assert [(line["action"], line["deleted"]) for line in about] == [("delete", True), ("create", True)]
    assert {line["analysis_id"] for line in about} == {analysis["api_id"]}


def test_lines_are_read_one_by_one_and_outlive_their_targets(people: People) -> None:
    ada = people("ada")
    place, analysis, _ = history(ada)
    assert ada.delete(f"{API}/analysis/{analysis['api_id']}/").status_code == 204
    lines = log_of(ada, "workspace", place)
    assert tally(lines) == {"create": 4, "update": 3, "delete": 2}
    for line in lines:
        assert_shape("log_entry_of_a_deleted" if line["deleted"] else "log_entry", line)
        assert found(ada.get(f"{API}/workspace/{place['api_id']}/log/{line['api_id']}/")) == line
    gone = [line for line in lines if line["target_type"] != "workspace"]
    assert all(line["deleted"] for line in gone)
    assert {line["deleted_sentinel"] for line in gone} == {"an analysis", "a figure"}
    assert ada.get(f"{API}/analysis/{analysis['api_id']}/log/").status_code == 404


def test_a_line_is_found_in_its_own_log_only(people: People) -> None:
    ada = people("ada")
    place, analysis, _ = history(ada)
    other, second, _ = history(ada)
    line = log_of(ada, "analysis", analysis)[0]
    for kind, there in (("workspace", place), ("analysis", analysis)):
        assert found(ada.get(f"{API}/{kind}/{there['api_id']}/log/{line['api_id']}/")) == line
    for kind, elsewhere in (("workspace", other), ("analysis", second)):
        assert ada.get(f"{API}/{kind}/{elsewhere['api_id']}/log/{line['api_id']}/").status_code == 404
        for unknown in (NOBODY, "x"):
            assert ada.get(f"{API}/{kind}/{elsewhere['api_id']}/log/{unknown}/").status_code == 404
    mine = workspace_of(people(STRANGER))
    assert people(STRANGER).get(f"{API}/workspace/{mine['api_id']}/log/{line['api_id']}/").status_code == 404
    assert people(STRANGER).get(f"{API}/workspace/{place['api_id']}/log/{line['api_id']}/").status_code == 403


def test_reading_members_and_silent_changes_leave_no_line(people: People) -> None:
    place = staffed_workspace(people)
    ada = people("owner")
    analysis = make_analysis(ada, workspace=place["api_id"])
    before = log_of(ada, "workspace", place)
    for tail in ("", "log/", "members/", "recent/", "overview/", "dashboard/", "invitations/"):
        found(ada.get(f"{API}/workspace/{place['api_id']}/{tail}"))
    found(ada.get(f"{API}/analysis/{analysis['api_id']}/"))
    people.meet("new")
    joining = {"username": "new", "membership_type": "viewer"}
    found(ada.post(f"{API}/workspace/{place['api_id']}/members/add/", json=joining))
    invitation = {"email": "a@example.org", "workspace": place["api_id"], "membership_type": "viewer"}
    assert ada.post(f"{API}/invitations/workspace/", json=invitation).status_code == 201
    silently = {"silent": "true"}
    found(ada.put(f"{API}/workspace/{place['api_id']}/", params=silently, json={"name": "n"}))
    found(ada.patch(f"{API}/analysis/{analysis['api_id']}/", params=silently, json={"name": "n"}))
    assert log_of(ada, "workspace", place) == before
    assert found(ada.get(f"{API}/analysis/{analysis['api_id']}/"))["updated_on"] is not None


def test_a_refused_change_leaves_no_line(people: People) -> None:
    place = staffed_workspace(people)
    before = log_of(people("owner"), "workspace", place)
    assert people("viewer").patch(f"{API}/workspace/{place['api_id']}/", json={"name": "x"}).status_code == 403
    bad = {"organization": NOBODY, "name": "x"}
    assert people("owner").patch(f"{API}/workspace/{place['api_id']}/", json=bad).status_code == 404
    assert log_of(people("owner"), "workspace", place) == before


def test_an_organization_has_the_lines_of_its_workspaces(people: People) -> None:
    made = staffed_organization(people)
    boss = people("org_admin")
    place = make_workspace(boss, organization=made["api_id"])
    make_analysis(boss, workspace=place["api_id"])
    path = f"{API}/organization/{made['api_id']}/"
    found(boss.patch(path, json={"description": "changed"}))
    found(boss.patch(path, params={"silent": "true"}, json={"description": "quietly"}))
    lines = log_of(boss, "organization", made)
    wanted = [("update", "organization"), ("create", "analysis"), ("create", "workspace"), ("create", "organization")]
    assert [(line["action"], line["target_type"]) for line in lines] == wanted
    outside = log_of(boss, "workspace", workspace_of(boss))
    for name in ORG_ROLES:
        assert log_of(people(name), "organization", made) == lines
        for line in lines:
            assert found(people(name).get(f"{path}log/{line['api_id']}/")) == line
    assert people(STRANGER).get(f"{path}log/").status_code == 403
    assert people(STRANGER).get(f"{path}log/{lines[0]['api_id']}/").status_code == 403
    private = make_analysis(boss)  # in the primary workspace, which is not in the organization
    hidden = log_of(boss, "analysis", private)[0]
    assert outside != log_of(boss, "workspace", workspace_of(boss))
    assert boss.get(f"{path}log/{hidden['api_id']}/").status_code == 404
    assert boss.get(f"{path}log/{NOBODY}/").status_code == 404
    found(boss.patch(f"{API}/workspace/{place['api_id']}/", json={"organization": None}))
    left = log_of(boss, "organization", made)
    assert [line["target_type"] for line in left] == ["organization", "organization"]


def test_a_log_costs_the_same_however_long_it_is(people: People, app: FastAPI) -> None:
    made = staffed_organization(people)
    boss = people("org_admin")
    place = make_workspace(boss, organization=made["api_id"])
    counts = []
    for _ in range(2):
        analysis = make_analysis(boss, workspace=place["api_id"])
        with statements(app) as seen:
            for kind, one in (("organization", made), ("workspace", place), ("analysis", analysis)):
                log_of(boss, kind, one)
        counts.append(len(seen))
    assert counts[0] == counts[1]
