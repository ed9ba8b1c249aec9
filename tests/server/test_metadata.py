"""The mailbox between a page and a kernel, and the one hole in the guard that it needs."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.schema.golden import assert_shape
from tests.server.conftest import API, ORIGIN, PORT, TOKEN, Client, Maker, created, found
from tests.server.people import People
from tests.server.test_guard import let_in

EVIL = "https://lab.example.org"


def open_mailbox(client: Client, **fields: Any) -> dict[str, Any]:
    """A new mailbox."""
    return created(client.post(f"{API}/metadata/", json=fields))


def lifetime(box: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(box["expiry"]) - datetime.fromisoformat(box["created"])


@pytest.fixture
def ada(people: People) -> Client:
    return people("ada")


def test_what_anybody_puts_in_its_owner_takes_out(ada: Client, people: People, anonymous: Client) -> None:
    box = open_mailbox(ada)
    assert_shape("metadata_proxy_new", box)
    assert (box["initiator"], box["updated"], box["metadata"]) == ("ada", None, None)
    path = f"{API}/metadata/{box['token']}"
    for client, content in ((anonymous, {"url": "http://x/lab"}), (people("eve"), "a text"), (anonymous, [1, None])):
        put = client.post(path, json={"metadata": content})
        assert (put.status_code, put.json()) == (200, None)  # it says nothing of the owner
        inside = found(ada.get(path))
        assert_shape("metadata_proxy_answered", inside)
        assert inside["metadata"] == content
        assert inside["updated"] > box["created"]
    mine = found(ada.post(path, json={"metadata": {"mine": True}}))
    assert (mine["metadata"], mine["updated"] is not None) == ({"mine": True}, True)
    assert mine == found(ada.get(path))


def test_only_its_owner_looks_inside_and_closes_it(ada: Client, people: People, anonymous: Client) -> None:
    path = f"{API}/metadata/{open_mailbox(ada)['token']}"
    for client in (people("eve"), anonymous):
        assert client.get(path).status_code == 403
        assert client.delete(path).status_code == 403
    assert anonymous.post(f"{API}/metadata/", json={}).status_code == 403
    assert ada.delete(path).status_code == 204
    assert ada.get(path).status_code == ada.delete(path).status_code == 404
    assert anonymous.post(path, json={"metadata": 1}).status_code == 404


def test_it_lives_as_long_as_asked_for_but_less_than_a_day(ada: Client, anonymous: Client) -> None:
    assert lifetime(open_mailbox(ada)) <= timedelta(minutes=10)
    assert lifetime(open_mailbox(ada, expiry=None)) <= timedelta(minutes=10)
    far = datetime.now(UTC) + timedelta(days=40)
    assert timedelta(hours=22) < lifetime(open_mailbox(ada, expiry=str(far))) < timedelta(hours=24)
    assert ada.post(f"{API}/metadata/", json={"expiry": "soon"}).status_code == 400
    assert ada.post(f"{API}/metadata/", json={"expiry": "0148-02-03T23:27:57Z"}).json() == {
        "expiry": ["This moment has passed already."]
    }
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    path = (
        f"{API}/metadata/{open_mailbox(ada, expiry=str(soon.replace(tzinfo=None)))['token']}"  # naive, as clients send
    )
    assert ada.get(path).status_code == 200
    time.sleep(0.6)
    assert ada.get(path).status_code == 404
    assert anonymous.post(path, json={"metadata": 1}).status_code == 404


def test_what_is_no_token_opens_nothing(ada: Client, anonymous: Client) -> None:
    token = open_mailbox(ada)["token"]
    for near in (token[:-1], token + "x", token.swapcase(), "x", "%00", f"{token}%20", "é"):
        assert anonymous.post(f"{API}/metadata/{near}", json={"metadata": 1}).status_code == 404, near
        assert ada.get(f"{API}/metadata/{near}").status_code == 404, near
    for api_id in (open_mailbox(ada)["api_id"],):
        assert anonymous.post(f"{API}/metadata/{api_id}", json={"metadata": 1}).status_code == 404


def test_mailboxes_are_small_and_few(ada: Client, anonymous: Client) -> None:
    path = f"{API}/metadata/{open_mailbox(ada)['token']}"
    assert anonymous.post(path, json={"metadata": "x" * 60_000}).status_code == 200
    assert anonymous.post(path, json={"metadata": "x" * 70_000}).status_code == 413
    for body in (b"", b"[]", b"{", b'{"metadata": NaN}', b'"x"'):
        wrong = anonymous.post(path, content=body, headers={"content-type": "application/json"})
        assert wrong.status_code == 400, body
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert anonymous.post(path, content=b'{"metadata": 1}', headers={"content-type": kind}).status_code == 415
    for _ in range(199):
        open_mailbox(ada)
    assert ada.post(f"{API}/metadata/", json={}).status_code == 400


def test_the_token_is_not_on_disk(ada: Client, config: Any) -> None:
    token = open_mailbox(ada)["token"]
    assert token.encode() not in b"".join(one.read_bytes() for one in config.data_dir.rglob("*") if one.is_file())


class TestOtherOrigins:
    """A page of JupyterLab, on another port or another machine, puts something in. Nothing else."""

    @pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1:8888"])
    @pytest.mark.parametrize(
        "prefix", ["/api/v1.4.1/metadata/", "/api/v1.4/metadata/", "/api/v1/metadata/", "//api//v1.2//metadata//"]
    )
    def test_put_something_in(self, ada: Client, anonymous: Client, origin: str, prefix: str) -> None:
        token = open_mailbox(ada)["token"]
        for path in (f"{ORIGIN}{prefix}{token}", f"{ORIGIN}{prefix}{token}/"):
            asking = {"origin": origin, "access-control-request-method": "POST"}
            asking |= {"access-control-request-headers": "accept,content-type"}
            allowed = anonymous.options(path, headers=asking)
            assert (allowed.status_code, allowed.content) == (204, b"")
            assert allowed.headers["access-control-allow-origin"] == "*"
            assert allowed.headers["access-control-allow-methods"] == "POST"
            assert {"content-type", "accept"} <= set(allowed.headers["access-control-allow-headers"].split(", "))
            assert "access-control-allow-credentials" not in allowed.headers
            put = anonymous.post(path, json={"metadata": {"via": path}}, headers={"origin": origin})
            assert (put.status_code, put.headers["access-control-allow-origin"]) == (200, "*")
            assert found(ada.get(f"{API}/metadata/{token}"))["metadata"] == {"via": path}

    def test_read_why_it_failed(self, anonymous: Client) -> None:
        answer = anonymous.post(f"{API}/metadata/nothing", json={"metadata": 1}, headers={"origin": EVIL})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, "*")

    def test_a_page_on_the_web_may_reach_this_machine(self, anonymous: Client) -> None:
        asking = {"origin": EVIL, "access-control-request-method": "POST"}
        asking |= {"access-control-request-private-network": "true"}
        allowed = anonymous.options(f"{API}/metadata/x", headers=asking)
        assert allowed.headers["access-control-allow-private-network"] == "true"

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
    def test_do_nothing_else_with_it(self, me: Client, method: str) -> None:
        path = f"{API}/metadata/{open_mailbox(me)['token']}"
        answer = me.request(method, path, headers={"origin": EVIL})
        assert answer.status_code == 403
        asking = {"origin": EVIL, "access-control-request-method": method}
        allowed = me.options(path, headers=asking)
        for refused in (answer, allowed, me.options(path, headers={"origin": EVIL})):
            assert refused.status_code == 403
            assert not [name for name in refused.headers if name.startswith("access-control")]

    @pytest.mark.parametrize(
        "path",
        [
            f"{API}/metadata",
            f"{API}/metadata/",
            f"{API}/metadata/x/y",
            f"{API}/metadata/x/../../workspace",
            f"{API}/metadata/../workspace/",
            f"{API}/workspace/",
            f"{API}/api_key/",
            "/api/metadata/x",
            "/metadata/x",
            "/api/v1.4.1x/metadata/x",
            "/api/v2/metadata/x",
            "/api/token/",
            "/x/api/v1/metadata/x",
            f"{API}/Metadata/x",
            f"{API}/metadata%2Fx/y",
        ],
    )
    def test_go_nowhere_else(self, me: Client, path: str) -> None:
        asking = {"origin": EVIL, "access-control-request-method": "POST"}
        for answer in (
            me.post(ORIGIN + path, json={"metadata": 1, "name": "x"}, headers={"origin": EVIL}),
            me.options(ORIGIN + path, headers=asking),
        ):
            assert answer.status_code == 403, path
            assert "access-control-allow-origin" not in answer.headers

    def test_are_never_taken_for_the_browsers_user(self, client_of: Maker) -> None:
        browser = let_in(client_of(f"Token {TOKEN}"))
        box = found(client_of(f"Token {TOKEN}").get(f"{API}/user"))[0]["username"]
        token = open_mailbox(client_of(f"Token {TOKEN}"))["token"]
        for headers in ({"origin": EVIL}, {"origin": ORIGIN, "sec-fetch-site": "same-origin"}, {}):
            put = browser.post(f"{API}/metadata/{token}", json={"metadata": 1}, headers=headers)
            assert (put.status_code, put.json()) == (200, None), box
        assert browser.cookies[f"gofigr_{PORT}"]

    def test_must_name_this_server(self, anonymous: Client) -> None:
        rebound = {"origin": "http://evil.example", "host": "evil.example"}
        assert anonymous.post(f"{API}/metadata/x", json={"metadata": 1}, headers=rebound).status_code == 403
