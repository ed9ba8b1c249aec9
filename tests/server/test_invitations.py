"""Invitations: a token that is shown once, opens one place to one person, and is good for one attempt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from gofigr_jupyter.server.store.tables import Invitation
from tests.schema.golden import assert_shape
from tests.server.conftest import API, Client, created, found
from tests.server.crowd import (
    ORG_ROLES,
    ROLES,
    STRANGER,
    make_workspace,
    members,
    staffed_organization,
    staffed_workspace,
)
from tests.server.people import People

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(params=["workspace", "organization"])
def kind(request: pytest.FixtureRequest) -> str:
    """Either kind of place."""
    return request.param


@pytest.fixture
def place(people: People, kind: str) -> dict[str, Any]:
    """A place with one member a role."""
    return staffed_workspace(people) if kind == "workspace" else staffed_organization(people)


@pytest.fixture
def boss(people: People, kind: str) -> Client:
    """Who is in charge of it."""
    return people(roles_of(kind)[0])


def roles_of(kind: str) -> tuple[str, ...]:
    """The roles, highest first."""
    return ROLES if kind == "workspace" else ORG_ROLES


def draft(kind: str, place: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The body of an invitation to the lowest role."""
    role = roles_of(kind)[3]
    return {"email": "grace@example.org", kind: place["api_id"], "membership_type": role} | fields


def invite(client: Client, kind: str, place: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A new invitation."""
    return created(client.post(f"{API}/invitations/{kind}/", json=draft(kind, place, **fields)))


def path_of(kind: str, token_or_id: str, tail: str = "") -> str:
    """Where an invitation is."""
    return f"{API}/invitations/{kind}/{token_or_id}{tail}"


def listed(client: Client, kind: str, place: dict[str, Any]) -> list[str]:
    """The ids of the invitations to a place."""
    return [one["api_id"] for one in found(client.get(f"{API}/{kind}/{place['api_id']}/invitations/"))]


def test_the_token_is_shown_once_and_never_kept(app: FastAPI, boss: Client, kind: str, place: dict[str, Any]) -> None:
    made = invite(boss, kind, place)
    assert_shape(f"invitation_to_{kind}_created", made)
    assert (made["email"], made["status"], made[kind]) == ("grace@example.org", "pending", place["api_id"])
    assert len({made["token"], *(invite(boss, kind, place)["token"] for _ in range(3))}) == 4
    seen = found(boss.get(path_of(kind, made["api_id"])))
    assert_shape(f"invitation_to_{kind}", seen)
    assert seen == made | {"token": None}
    assert found(boss.get(path_of(kind, made["token"]))) == seen
    assert found(boss.get(f"{API}/{kind}/{place['api_id']}/invitations/"))[0] == seen
    with app.state.store.reading() as db:
        rows = db.execute(select(Invitation.__table__)).all()
    assert made["token"] not in str(rows)


def test_managers_of_the_place_alone_invite_and_see(people: People, kind: str, place: dict[str, Any]) -> None:
    managers = {"owner", "admin", "org_admin"}
    made = invite(people(roles_of(kind)[0]), kind, place)
    other = make_workspace(people(STRANGER))
    for name in (*roles_of(kind), STRANGER):
        client, wanted = people(name), name in managers
        answers = [
            client.get(path_of(kind, made["api_id"])),
            client.get(f"{API}/{kind}/{place['api_id']}/invitations/"),
            client.post(f"{API}/invitations/{kind}/", json=draft(kind, place)),
        ]
        assert [answer.is_success for answer in answers] == [wanted] * 3
        assert {answer.status_code for answer in answers if not answer.is_success} <= {403}
        if not wanted:
            assert client.delete(path_of(kind, made["api_id"])).status_code == 403
            assert client.delete(path_of(kind, made["api_id"]) + "/").status_code == 403
    assert listed(people(STRANGER), "workspace", other) == []
    assert made["api_id"] in listed(people(roles_of(kind)[0]), kind, place)


def test_nobody_is_told_nothing(anonymous: Client, boss: Client, kind: str, place: dict[str, Any]) -> None:
    made = invite(boss, kind, place)
    for answer in (
        anonymous.get(path_of(kind, made["token"])),
        anonymous.get(path_of(kind, made["api_id"])),
        anonymous.get(path_of(kind, NOBODY)),
        anonymous.delete(path_of(kind, made["token"])),
        anonymous.post(path_of(kind, made["token"], "/accept"), json={}),
        anonymous.post(f"{API}/invitations/{kind}/", json=draft(kind, place)),
    ):
        assert answer.status_code == 403
    assert listed(boss, kind, place) == [made["api_id"]]


def test_accepting_makes_a_member_once(people: People, boss: Client, kind: str, place: dict[str, Any]) -> None:
    for number, role in enumerate(roles_of(kind)):
        if role == "owner":
            continue
        made = invite(boss, kind, place, membership_type=role)
        guest = people(f"guest{number}")
        assert found(guest.get(path_of(kind, made["token"])))["membership_type"] == role
        accepted = found(guest.post(path_of(kind, made["token"], "/accept"), json={}))
        assert (accepted["status"], accepted["token"]) == ("accepted", None)
        assert members(guest, kind, place)[f"guest{number}"] == role
        assert found(guest.get(f"{API}/{kind}/{place['api_id']}/"))["name"] == place["name"]
        for client in (people("late"), guest):
            assert client.post(path_of(kind, made["token"], "/accept"), json={}).status_code == 404
        assert "late" not in members(boss, kind, place)
        assert boss.get(path_of(kind, made["api_id"])).status_code == 404
    assert listed(boss, kind, place) == []


def test_of_many_at_once_one_gets_in(people: People, boss: Client, kind: str, place: dict[str, Any]) -> None:
    names = [f"guest{number}" for number in range(4)]
    people.meet(*names)
    path = path_of(kind, invite(boss, kind, place)["token"], "/accept")
    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(lambda name: people(name).post(path, json={}).status_code, names))
    assert sorted(answers) == [200, 404, 404, 404]
    assert [name for name in members(boss, kind, place) if name in names] == [names[answers.index(200)]]


def test_an_unscoped_key_accepts_and_a_scoped_one_does_not(
    people: People, boss: Client, kind: str, place: dict[str, Any]
) -> None:
    made = invite(boss, kind, place)
    own = make_workspace(people(STRANGER))
    scoped = people.key(STRANGER, own["api_id"])
    assert scoped.post(path_of(kind, made["token"], "/accept"), json={}).status_code == 403
    assert found(people.key(STRANGER).post(path_of(kind, made["token"], "/accept/"), json={}))["status"] == "accepted"


def test_a_failed_attempt_uses_it_up(people: People, boss: Client, kind: str, place: dict[str, Any]) -> None:
    made = invite(boss, kind, place)
    assert boss.post(path_of(kind, made["token"], "/accept"), json={}).status_code == 400  # is a member already
    assert listed(boss, kind, place) == []
    assert people("guest").post(path_of(kind, made["token"], "/accept"), json={}).status_code == 404
    assert members(boss, kind, place)[roles_of(kind)[0]] == roles_of(kind)[0]
    assert "guest" not in members(boss, kind, place)


def test_expired_ones_let_nobody_in(people: People, boss: Client, kind: str, place: dict[str, Any]) -> None:
    naive = str(datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=1))
    for expiry in (naive, str(datetime.now(UTC) - timedelta(days=1)), "2020-01-01 00:00:00"):
        made = invite(boss, kind, place, expiry=expiry)
        assert found(boss.get(path_of(kind, made["api_id"])))["status"] == "expired"
        assert people("guest").post(path_of(kind, made["token"], "/accept"), json={}).status_code == 404
        assert listed(boss, kind, place) == []
    assert "guest" not in members(boss, kind, place)
    future = (datetime.now(UTC) + timedelta(hours=1)).replace(tzinfo=None)
    made = invite(boss, kind, place, expiry=str(future))
    assert datetime.fromisoformat(made["expiry"]) == future.replace(tzinfo=UTC)
    assert datetime.fromisoformat(invite(boss, kind, place)["expiry"]) > datetime.now(UTC) + timedelta(days=29)
    found(people("guest").post(path_of(kind, made["token"], "/accept"), json={}))


def test_near_misses_find_nothing_and_use_up_nothing(
    people: People, boss: Client, kind: str, place: dict[str, Any]
) -> None:
    made = invite(boss, kind, place)
    token, other_kind = made["token"], {"workspace": "organization", "organization": "workspace"}[kind]
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in (flipped, token[:-1], token + "x", token.swapcase(), made["api_id"], NOBODY, "x"):
        assert people("guest").post(path_of(kind, wrong, "/accept"), json={}).status_code == 404
    for client in (people("guest"), boss):
        assert client.post(path_of(other_kind, token, "/accept"), json={}).status_code == 404
        assert client.get(path_of(other_kind, token)).status_code == 404
        assert client.get(path_of(other_kind, made["api_id"])).status_code == 404
        assert client.delete(path_of(other_kind, token)).status_code == 404
        assert client.get(path_of("analysis", token)).status_code == 404
    assert listed(boss, kind, place) == [made["api_id"]]
    found(people("guest").post(path_of(kind, token, "/accept"), json={}))


def test_one_can_be_taken_back_and_declined(people: People, boss: Client, kind: str, place: dict[str, Any]) -> None:
    back, declined, left = (invite(boss, kind, place) for _ in range(3))
    assert boss.delete(path_of(kind, back["api_id"])).status_code == 204
    assert people("guest").delete(path_of(kind, declined["token"])).status_code == 204
    assert listed(boss, kind, place) == [left["api_id"]]
    assert boss.delete(path_of(kind, back["api_id"])).status_code == 404
    assert people("guest").post(path_of(kind, back["token"], "/accept"), json={}).status_code == 404


def test_it_does_not_outlive_the_rights_of_who_made_it(people: People, kind: str, place: dict[str, Any]) -> None:
    boss, deputy = people(roles_of(kind)[0]), roles_of(kind)[1]
    change = {"username": deputy, "membership_type": roles_of(kind)[0] if kind == "organization" else "admin"}
    found(boss.post(f"{API}/{kind}/{place['api_id']}/members/change/", json=change))
    ways_back = [invite(people(deputy), kind, place, membership_type=change["membership_type"]) for _ in range(2)]
    gone = {"username": deputy, "membership_type": None}
    found(boss.post(f"{API}/{kind}/{place['api_id']}/members/remove/", json=gone))
    for name, made in zip((deputy, "guest"), ways_back, strict=True):
        assert people(name).post(path_of(kind, made["token"], "/accept"), json={}).status_code == 404
        assert name not in members(boss, kind, place)
    assert listed(boss, kind, place) == []


def test_what_an_invitation_must_say(people: People, boss: Client, kind: str, place: dict[str, Any]) -> None:
    foreign = "creator" if kind == "organization" else "workspace_creator"
    for fields, field in (
        ({"email": "no address"}, "email"),
        ({"email": None}, "email"),
        ({"membership_type": "invalid"}, "membership_type"),
        ({"membership_type": foreign}, "membership_type"),
        ({"membership_type": "owner"}, "membership_type"),
        ({"membership_type": None}, "membership_type"),
        ({"expiry": "tomorrow"}, "expiry"),
        ({kind: None}, kind),
    ):
        refused = boss.post(f"{API}/invitations/{kind}/", json=draft(kind, place, **fields))
        assert (refused.status_code, list(refused.json())) == (400, [field])
    for unknown in (NOBODY, "x"):
        answer = boss.post(f"{API}/invitations/{kind}/", json=draft(kind, {"api_id": unknown}))
        assert answer.status_code == 404
    assert listed(boss, kind, place) == []


def test_invitations_go_with_the_place(people: People, boss: Client, kind: str, place: dict[str, Any]) -> None:
    made = invite(boss, kind, place)
    assert boss.delete(f"{API}/{kind}/{place['api_id']}/").status_code == 204
    assert boss.get(path_of(kind, made["api_id"])).status_code == 404
    assert people("guest").post(path_of(kind, made["token"], "/accept"), json={}).status_code == 404
