"""API keys: what one may be asked for, when it ends, and that it never opens more than its user could."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from gofigr_jupyter.server.store import people as store_people
from gofigr_jupyter.server.store.tables import Member
from tests.schema.golden import assert_shape, assert_shapes
from tests.server.conftest import API, Client, Maker, created, found, make_analysis, make_revision, text, workspace_of
from tests.server.people import People


def in_seconds(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def make_key(client: Client, **fields: object) -> dict[str, str]:
    return created(client.post(f"{API}/api_key/", json={"name": "laptop"} | fields))


def test_a_key_has_the_contracts_shape(me: Client) -> None:
    key = make_key(me, expiry=str(in_seconds(3600)), workspace=workspace_of(me)["api_id"])
    assert_shape("api_key_created", key)
    assert_shapes("api_key", found(me.get(f"{API}/api_key/")))
    assert_shape("api_key", found(me.get(f"{API}/api_key/{key['api_id']}")))
    assert len(key["token"]) == 66
    assert set(key["token"]) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "written",
    [
        str,  # as the official client writes times
        lambda at: str(at.replace(tzinfo=None)),
        lambda at: at.isoformat(),
        lambda at: at.astimezone(None).isoformat(),
        lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ],
)
def test_expiry_in_all_its_spellings(me: Client, written: object) -> None:
    at = in_seconds(7200).replace(microsecond=120000)
    key = make_key(me, expiry=written(at))  # type: ignore[operator]
    assert abs(datetime.fromisoformat(key["expiry"]) - at) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"expiry": str(in_seconds(-5))}, "expiry"),
        ({"expiry": str(in_seconds(-5).replace(tzinfo=None))}, "expiry"),
        ({"expiry": "1970-01-01"}, "expiry"),
        ({"expiry": "tomorrow"}, "expiry"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 5000}, "name"),
        ({"name": 7}, "name"),
    ],
)
def test_what_a_key_cannot_be(me: Client, fields: dict[str, object], problem: str) -> None:
    answer = me.post(f"{API}/api_key/", json={"name": "k"} | fields)
    assert (answer.status_code, problem in answer.json()) == (400, True), answer.text
    assert found(me.get(f"{API}/api_key/")) == []


def test_a_key_ends_at_its_moment(me: Client, client_of: Maker) -> None:
    key = make_key(me, expiry=str(in_seconds(0.4)))
    program = client_of(f"Token {key['token']}")
    assert program.get(f"{API}/user").status_code == 200
    time.sleep(0.5)
    answer = program.get(f"{API}/user")
    assert (answer.status_code, "code" in answer.json()) == (401, False)  # with it the official client asks for ever
    assert [one["api_id"] for one in found(me.get(f"{API}/api_key/"))] == [key["api_id"]]  # to be seen and revoked


def test_its_last_use_is_kept(me: Client, client_of: Maker) -> None:
    key = make_key(me)
    assert key["last_used"] is None
    client_of(f"Token {key['token']}").get(f"{API}/info/")
    used = found(me.get(f"{API}/api_key/{key['api_id']}/"))["last_used"]
    assert abs(datetime.fromisoformat(used) - in_seconds(0)) < timedelta(seconds=30)


def test_there_are_at_most_25(me: Client, people: People) -> None:
    for _ in range(store_people.MAX_KEYS):
        key = make_key(me)
    assert me.post(f"{API}/api_key/", json={"name": "one more"}).status_code == 400
    make_key(people("eve"))  # of each user
    me.delete(f"{API}/api_key/{key['api_id']}/")
    make_key(me)


def test_a_key_makes_and_revokes_none(me: Client, client_of: Maker) -> None:
    key, other = make_key(me), make_key(me)
    program = client_of(f"Token {key['token']}")
    assert program.post(f"{API}/api_key/", json={"name": "child"}).status_code == 403
    for one in (key, other):
        assert program.delete(f"{API}/api_key/{one['api_id']}/").status_code == 403
    assert len(found(program.get(f"{API}/api_key/"))) == 2


def test_others_keys_are_neither_seen_nor_touched(me: Client, people: People) -> None:
    key, eve = make_key(me), people("eve")
    path = f"{API}/api_key/{key['api_id']}/"
    assert found(eve.get(f"{API}/api_key/")) == []
    answers = [eve.get(path), eve.delete(path)]
    assert {(one.status_code, one.text) for one in answers} == {(403, answers[0].text)}
    assert eve.get(f"{API}/api_key/{uuid.uuid4()}/").status_code == 404
    assert me.delete(path).status_code == 204
    assert me.delete(path).status_code == me.get(path).status_code == 404


@pytest.mark.parametrize("make", ["person", "key"])
def test_a_key_is_for_a_workspace_that_one_can_see(me: Client, people: People, make: str) -> None:
    closed = workspace_of(me)["api_id"]
    eve = people("eve")
    assert eve.post(f"{API}/api_key/", json={"name": "k", "workspace": closed}).status_code == 403
    assert eve.post(f"{API}/api_key/", json={"name": "k", "workspace": str(uuid.uuid4())}).status_code == 404
    analysis = make_analysis(me)  # shared content opens no workspace
    share = {"username": "eve", "sharing_enabled": True}
    me.post(f"{API}/analysis/{analysis['api_id']}/share/user/", json=share)
    assert eve.post(f"{API}/api_key/", json={"name": "k", "workspace": closed}).status_code == 403


class TestScope:
    """A key for one workspace, and the rights of its user as they are now."""

    @pytest.fixture
    def second(self, me: Client) -> str:
        return str(created(me.post(f"{API}/workspace/", json={"name": "second"}))["api_id"])

    def test_it_opens_nothing_else(self, me: Client, client_of: Maker, second: str) -> None:
        outside = make_revision(me, text("x"))
        mine = workspace_of(me)["api_id"]
        scoped = client_of(f"Token {make_key(me, workspace=second)['token']}")
        assert [one["api_id"] for one in found(scoped.get(f"{API}/workspace/"))] == [second]
        assert scoped.get(f"{API}/user").status_code == 200
        assert scoped.get(f"{API}/workspace/{second}/members/").status_code == 200
        for method, path, body in (
            ("GET", f"workspace/{mine}/", None),
            ("PATCH", f"workspace/{mine}/", {"name": "x"}),
            ("GET", f"revision/{outside['api_id']}/", None),
            ("PATCH", f"revision/{outside['api_id']}/", {"metadata": {}}),
            ("DELETE", f"revision/{outside['api_id']}/", None),
            ("GET", f"data/{outside['data'][0]['api_id']}/", None),
            ("POST", "revision/", {"figure": outside["figure"], "metadata": {}, "data": []}),
            ("POST", "analysis/", {"name": "a", "workspace": mine}),
            ("POST", "workspace/", {"name": "third"}),
            ("POST", "organization/", {"name": "ours"}),
        ):
            answer = scoped.request(method, f"{API}/{path}", json=body)
            assert answer.status_code == 403, (method, path, answer.text)
        assert scoped.post(f"{API}/analysis/", json={"name": "a", "workspace": second}).status_code == 201

    def test_its_workspaces_end_is_its_own(self, me: Client, client_of: Maker, second: str) -> None:
        scoped = client_of(f"Token {make_key(me, workspace=second)['token']}")
        assert me.delete(f"{API}/workspace/{second}/").status_code == 204
        assert scoped.get(f"{API}/user").status_code == 401  # never a key for everything
        assert found(me.get(f"{API}/api_key/")) == []

    def test_it_follows_its_users_rights(self, me: Client, people: People, second: str, app: object) -> None:
        eve = people("eve")
        member = {"username": "eve", "membership_type": "creator"}
        assert me.post(f"{API}/workspace/{second}/members/add/", json=member).status_code == 200
        scoped, wide = people.key("eve", second), people.key("eve")
        for key in (scoped, wide):
            assert key.post(f"{API}/analysis/", json={"name": "a", "workspace": second}).status_code == 201
        with app.state.store.writing() as db:  # type: ignore[attr-defined]
            user = store_people.user_named(db, "eve")
            assert user is not None
            row = db.get(Member, (second, user.id))
            row.membership_type = "viewer"
        for key in (scoped, wide):
            assert key.get(f"{API}/workspace/{second}/").status_code == 200
            assert key.post(f"{API}/analysis/", json={"name": "a", "workspace": second}).status_code == 403
        gone = me.post(f"{API}/workspace/{second}/members/remove/", json={"username": "eve"})
        assert gone.status_code == 200, gone.text
        for key in (scoped, wide, eve):
            assert key.get(f"{API}/workspace/{second}/").status_code == 403
        assert found(scoped.get(f"{API}/workspace/")) == []

    def test_the_key_of_a_disabled_user_opens_nothing(self, people: People) -> None:
        people("eve")
        key, scoped = people.key("eve"), people.key("eve", workspace_of(people("eve"))["api_id"])
        people.disable("eve")
        for one in (key, scoped):
            answer = one.get(f"{API}/user")
            assert (answer.status_code, "code" in answer.json()) == (401, False)
