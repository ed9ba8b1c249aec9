"""How a browser gets in: tickets, the form that spends them, cookies, passwords."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI

from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import people
from tests.server.conftest import API, ORIGIN, PORT, Client, Maker, created, found, workspace_of


def ticket_of(client: Client) -> str:
    """A fresh ticket."""
    answer = found(client.post("/.gofigr/ticket"))
    assert answer["expires_in"] == 60
    ticket: str = answer["ticket"]
    return ticket


def test_a_ticket_opens_once(me: Client, client_of: Maker) -> None:
    ticket = ticket_of(me)
    browser = client_of()
    page = browser.get("/.gofigr/enter", params={"ticket": ticket, "next": "/r/abc"})
    assert "<button" in page.text
    assert "data-go" in page.text  # the pages' script sends it
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert browser.get(f"{API}/user").status_code == 403  # looking at the page spends nothing
    entered = browser.post("/.gofigr/enter", data={"ticket": ticket, "next": "/r/abc"}, headers={"origin": ORIGIN})
    assert (entered.status_code, entered.headers["location"]) == (303, "/r/abc")
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith(f"gofigr_{PORT}=")
    for part in ("HttpOnly", "SameSite=lax", "Max-Age=31536000", "Path=/"):
        assert part in cookie
    assert browser.get(f"{API}/user").status_code == 200
    again = browser.post("/.gofigr/enter", data={"ticket": ticket, "next": "/r/x"}, headers={"origin": ORIGIN})
    assert again.headers["location"] == "/r/x"  # this browser is in already
    assert "set-cookie" not in again.headers
    stranger = client_of().post("/.gofigr/enter", data={"ticket": ticket})
    assert stranger.status_code == 403
    assert "set-cookie" not in stranger.headers


def test_tickets_expire(me: Client, app: FastAPI, client_of: Maker) -> None:
    with app.state.store.writing() as db:
        late = people.create_pass(db, "ticket", 1, None, timedelta(seconds=-1))
    assert client_of().post("/.gofigr/enter", data={"ticket": late}).status_code == 403


def test_a_cookie_is_no_ticket(me: Client, client_of: Maker) -> None:
    browser = client_of()
    browser.post("/.gofigr/enter", data={"ticket": ticket_of(me)})
    cookie = browser.cookies[f"gofigr_{PORT}"]
    assert client_of().post("/.gofigr/enter", data={"ticket": cookie}).status_code == 403
    assert client_of(f"Token {cookie}").get(f"{API}/user").status_code == 401


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/figure/1?a=b#c", "/figure/1?a=b#c"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("\\\\evil.example", "/"),
        ("/a\r\nset-cookie: x=y", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/ünï", "/%C3%BCn%C3%AF"),
    ],
)
def test_the_way_on_stays_here(me: Client, client_of: Maker, wanted: str, got: str) -> None:
    answer = client_of().post("/.gofigr/enter", data={"ticket": ticket_of(me), "next": wanted})
    assert answer.headers["location"] == got


def test_the_entrance_shows_nothing_of_others_as_html(anonymous: Client) -> None:
    page = anonymous.get("/.gofigr/enter", params={"ticket": '"><script>alert(1)</script>', "next": "'><b>"}).text
    assert "<script>alert" not in page
    assert "<b>" not in page


def test_secrets_are_not_on_disk(me: Client, config: ServerConfig, client_of: Maker) -> None:
    ticket = ticket_of(me)
    browser = client_of()
    browser.post("/.gofigr/enter", data={"ticket": ticket})
    key = created(me.post(f"{API}/api_key/", json={"name": "k"}))["token"]
    stored = b"".join(path.read_bytes() for path in config.data_dir.rglob("*") if path.is_file())
    for secret in (ticket, browser.cookies[f"gofigr_{PORT}"], key):
        assert secret.encode() not in stored


def test_a_session_of_a_key_ends_with_the_key(me: Client, client_of: Maker) -> None:
    workspace = workspace_of(me)["api_id"]
    created(me.post(f"{API}/workspace/", json={"name": "other"}))
    key = created(me.post(f"{API}/api_key/", json={"name": "k", "workspace": workspace}))
    browser = client_of()
    browser.post("/.gofigr/enter", data={"ticket": ticket_of(client_of(f"Token {key['token']}"))})
    assert [one["api_id"] for one in found(browser.get(f"{API}/workspace/"))] == [workspace]
    own = {"origin": ORIGIN}
    assert browser.post(f"{API}/api_key/", json={"name": "more"}, headers=own).status_code == 403
    me.delete(f"{API}/api_key/{key['api_id']}/")
    assert browser.get(f"{API}/workspace/").status_code == 403


def test_signing_in_with_a_password_and_out(app: FastAPI, config: ServerConfig, client_of: Maker) -> None:
    accounts.add_user(config.data_dir, "ada", None, "correct horse")
    browser = client_of()
    form = {"username": "ada", "password": "wrong", "next": "/x"}
    refused = browser.post("/.gofigr/login", data=form)
    assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)
    let_in = browser.post("/.gofigr/login", data=form | {"password": "correct horse"})
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/x")
    assert found(browser.get(f"{API}/user"))[0]["username"] == "ada"
    assert browser.post("/.gofigr/logout", headers={"sec-fetch-site": "cross-site"}).status_code == 303
    browser.cookies.set(f"gofigr_{PORT}", re.split("[=;]", let_in.headers["set-cookie"])[1])
    assert browser.get(f"{API}/user").status_code == 200  # a foreign page cannot sign anybody out
    browser.post("/.gofigr/logout", headers={"origin": ORIGIN})
    browser.cookies.set(f"gofigr_{PORT}", re.split("[=;]", let_in.headers["set-cookie"])[1])
    assert browser.get(f"{API}/user").status_code == 403
