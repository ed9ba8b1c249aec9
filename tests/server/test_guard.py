"""Hostile requests: whatever a page in the user's browser may try against a server on this machine."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.conftest import API, ORIGIN, PORT, TOKEN, Client, Maker, found, make_figure, text, workspace_of

EVIL = "http://evil.example"
JSON = {"content-type": "application/json"}


def let_in(client: Client) -> Client:
    """The client with a session cookie, and no token."""
    ticket = found(client.post("/.gofigr/ticket"))["ticket"]
    del client.headers["authorization"]
    assert client.post("/.gofigr/enter", data={"ticket": ticket}).status_code == 303
    return client


@pytest.fixture
def browser(client_of: Maker) -> Client:
    """The local user's browser: it has a session, and knows no token."""
    return let_in(client_of(f"Token {TOKEN}"))


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", "localhost", ""])
def test_other_names_of_this_machine_are_refused(me: Client, host: str) -> None:
    for path in ("/", "/.gofigr/hello?nonce=12345678", f"{API}/workspace/"):
        assert me.get(path, headers={"host": host}).status_code in {400, 403}


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}", f"LocalHost:{PORT}"])
def test_our_own_names_are_answered(me: Client, host: str) -> None:
    assert me.get(f"{API}/workspace/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "http://127.0.0.1:1", f"http://localhost:{PORT}", "", f"{ORIGIN}.evil.example"]
)
def test_other_origins_are_refused(me: Client, origin: str) -> None:
    for method, path in (("GET", f"{API}/workspace/"), ("POST", f"{API}/workspace/"), ("OPTIONS", f"{API}/workspace/")):
        answer = me.request(method, path, headers={"origin": origin})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    assert me.get(f"{API}/workspace/", headers={"origin": ORIGIN}).status_code == 200


def test_nobody_sees_and_does_nothing(anonymous: Client, me: Client) -> None:
    figure = make_figure(me)
    workspace = workspace_of(me)["api_id"]
    for path in (
        "workspace/",
        f"workspace/{workspace}/",
        f"figure/{figure['api_id']}/",
        "user",
        "api_key/",
        "analysis/",
    ):
        assert anonymous.get(f"{API}/{path}").status_code == 403
    for path in ("workspace/", "api_key/", "short_id_prefix/reserve/"):
        assert anonymous.post(f"{API}/{path}", json={"name": "x"}).status_code == 403
    assert anonymous.post("/.gofigr/ticket").status_code == 403
    assert anonymous.get(f"{API}/info/").status_code == 200


@pytest.mark.parametrize(
    "authorization", ["Token wrong", f"Token {TOKEN}x", "Bearer x.y.z", "Basic bWU6bWU=", "Token é"]
)
def test_bad_credentials_are_401_and_never_fall_back_to_the_cookie(browser: Client, authorization: str) -> None:
    assert browser.get(f"{API}/workspace/").status_code == 200
    answer = browser.get(f"{API}/workspace/", headers={"authorization": authorization.encode()})
    assert answer.status_code == 401
    # with that code the official client would try again for ever
    assert ("code" in answer.json()) == authorization.startswith("Bearer")


class TestCookies:
    """A session cookie counts for our own pages only."""

    def test_own_pages_may_read_and_write(self, browser: Client) -> None:
        own = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
        assert browser.get(f"{API}/workspace/", headers={"sec-fetch-site": "same-origin"}).status_code == 200
        assert browser.post(f"{API}/workspace/", json={"name": "w"}, headers=own).status_code == 201

    @pytest.mark.parametrize("site", ["same-site", "cross-site"])
    def test_foreign_pages_may_not(self, browser: Client, site: str) -> None:
        # another port of this machine is the same site to a browser, which then sends our cookie
        headers = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
        assert browser.get(f"{API}/workspace/", headers=headers).status_code == 403
        assert browser.post(f"{API}/workspace/", json={"name": "w"}, headers=headers).status_code == 403
        framed = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
        assert browser.get(f"{API}/workspace/", headers=framed).status_code == 403

    def test_links_may_be_followed(self, browser: Client) -> None:
        headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
        assert browser.get(f"{API}/workspace/", headers=headers).status_code == 200
        assert browser.post(f"{API}/workspace/", json={"name": "w"}, headers=headers).status_code == 403

    def test_without_any_origin_a_cookie_changes_nothing(self, browser: Client) -> None:
        assert browser.post(f"{API}/workspace/", json={"name": "w"}).status_code == 403
        assert browser.delete(f"{API}/workspace/{workspace_of(browser)['api_id']}/").status_code == 403

    def test_a_cookie_makes_no_tickets(self, browser: Client) -> None:
        assert browser.post("/.gofigr/ticket", headers={"origin": ORIGIN}).status_code == 403


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "application/jsonp",
    ],
)
def test_json_that_does_not_say_so_is_not_read(me: Client, content_type: str) -> None:
    answer = me.post(f"{API}/workspace/", content=b'{"name": "w"}', headers={"content-type": content_type})
    assert answer.status_code == 415
    assert len(found(me.get(f"{API}/workspace/"))) == 1


def test_json_may_name_its_encoding(me: Client) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    assert me.post(f"{API}/workspace/", content=b'{"name": "w"}', headers=headers).status_code == 201


def test_bodies_have_a_limit(app_with_limit: Client) -> None:
    body = {"metadata": {}, "figure": "x", "data": [text("y" * 3000)]}
    assert app_with_limit.post(f"{API}/revision/", json=body).status_code == 413


@pytest.fixture
def app_with_limit(tmp_path: Path, config: object) -> object:
    """A server that takes two thousand bytes at most."""
    from dataclasses import replace

    from gofigr_jupyter.server.app import create_app
    from tests.server.conftest import TestClient

    app = create_app(replace(config, max_body=2000))  # type: ignore[type-var]
    with TestClient(app, base_url=ORIGIN, headers={"authorization": f"Token {TOKEN}"}) as client:
        yield client
    app.state.store.close()


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/workspace",
        f"{API}/workspace/",
        f"/{API}//workspace//",
        "//api//v1.4.1/workspace/",
        "/api/v1.4/workspace/",
        "/api/v1/workspace",
    ],
)
def test_every_spelling_of_a_path_is_answered_at_once(me: Client, path: str) -> None:
    assert me.get(ORIGIN + path).status_code == 200
    assert me.post(ORIGIN + path, json={"name": "w"}).status_code == 201


@pytest.mark.parametrize(
    "path", ["/api/v2/workspace/", "/api/v1.x/info/", "/api/1.4/info", "/api/v1.4.1x/info", "/api/v1./info"]
)
def test_unknown_versions_say_which_are_known(me: Client, path: str) -> None:
    answer = me.get(path)
    assert answer.status_code == 404
    assert "v1.4.1" in answer.json()["detail"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [
                "..",
                ".",
                "%2e%2e",
                "%2F",
                "%5c..",
                "api",
                "v1.4.1",
                "file",
                "data",
                "r",
                "workspace",
                "\x00",
                "x" * 300,
                "%ff",
                "'",
            ]
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_path_breaks_the_server_or_leads_to_a_file(me: Client, parts: list[str]) -> None:
    try:
        answer = me.get("/" + "/".join(parts))
    except httpx.InvalidURL:  # the client itself refuses some
        return
    assert answer.status_code < 500
    assert b"SQLite format" not in answer.content
    assert "location" not in answer.headers


def test_every_answer_has_safe_headers(me: Client, anonymous: Client) -> None:
    for answer in (
        me.get(f"{API}/info/"),
        me.get("/nowhere"),
        anonymous.get(f"{API}/workspace/"),
        me.get("/docs"),
        anonymous.get("/.gofigr/enter?ticket=x"),
        me.get("/", headers={"host": "evil.example"}),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_hello_proves_who_answers_and_tells_nobody_the_token(anonymous: Client) -> None:
    answer = found(anonymous.get("/.gofigr/hello?nonce=0123456789abcdef"))
    assert answer["proof"] == hmac.new(TOKEN.encode(), b"hello 0123456789abcdef", hashlib.sha256).hexdigest()
    assert TOKEN not in str(answer)
    assert anonymous.get("/.gofigr/hello").status_code == 400
    assert anonymous.get("/.gofigr/hello?nonce=1").status_code == 400


def test_documentation_works_offline(anonymous: Client) -> None:
    page = anonymous.get("/docs").text
    assert "/api/{version}/revision" in page
    assert "http" not in page.replace("application/", "").split("<h2>")[0].lower().replace("doctype html", "")
    document = found(anonymous.get("/openapi.json"))
    schemas = document["components"]["schemas"]
    assert {"RevisionDraft", "DataDraft", "Workspace", "LogEntry"} <= set(schemas)
    used = {part.split('"')[0] for part in anonymous.get("/openapi.json").text.split("#/components/schemas/")[1:]}
    assert used <= set(schemas)
