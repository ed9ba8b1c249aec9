"""The settings page: names, password, keys; forms that only this session's pages can send; and what it looks like."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.store import people
from tests.browser.notebook import launch
from tests.server.conftest import TOKEN, Maker, created, found
from tests.server.pages.test_browser import CONTRAST
from tests.server.team import API, COOKIE, PASSWORD, Team, log_in, own, send, who
from tests.server.test_guard import let_in

NEW = "battery staple"


def token_in(page: str) -> str:
    shown = re.search(r"<code>([0-9a-f]{66})</code>", page)
    assert shown is not None
    return shown[1]


class TestKeys:
    """Keys are made, shown once, and revoked."""

    def test_a_key_is_shown_once_works_and_is_revoked(self, team: Team) -> None:
        browser = team.browser(team.add("ada"))
        made = send(browser, "/settings/keys", name="  Laptop \n", life="30")
        assert made.headers["cache-control"] == "no-store"
        token = token_in(made.text)
        program = team.client(f"Token {token}")
        assert who(program) == "ada"
        assert token not in browser.get("/settings").text
        (key,) = found(program.get(f"{API}/api_key/"))
        assert key["name"] == "Laptop"
        assert key["expiry"] is not None
        assert "Laptop" in browser.get("/settings").text
        gone = send(browser, f"/settings/keys/{key['api_id']}/revoke")
        assert (gone.status_code, gone.headers["location"]) == (303, "/settings?said=revoked")
        assert who(program) is None
        assert send(browser, f"/settings/keys/{key['api_id']}/revoke").status_code == 303

    def test_loading_the_answer_again_makes_no_second_key(self, team: Team) -> None:
        browser = team.browser(team.add("ada"))
        page = browser.get("/settings").text
        key_id = re.search(r'name="key_id" value="([^"]+)"', page)
        assert key_id is not None
        for status in (200, 303):
            assert send(browser, "/settings/keys", name="k", life="", key_id=key_id[1]).status_code == status
        assert len(found(browser.get(f"{API}/api_key/"))) == 1

    def test_a_key_for_one_workspace(self, team: Team) -> None:
        browser, eve = team.browser(team.add("ada")), team.browser(team.add("eve"))
        made = created(browser.post(f"{API}/workspace/", json={"name": "Lab <b>"}, headers=own(browser)))
        assert "only Lab &lt;b&gt;" in browser.get("/settings").text
        answer = send(browser, "/settings/keys", name="k", workspace=made["api_id"])
        scoped = team.client(f"Token {token_in(answer.text)}")
        assert [one["api_id"] for one in found(scoped.get(f"{API}/workspace/"))] == [made["api_id"]]
        refused = send(eve, "/settings/keys", name="k", workspace=made["api_id"])
        assert refused.status_code == 403
        assert found(eve.get(f"{API}/api_key/")) == []

    def test_what_cannot_be_is_said(self, team: Team) -> None:
        browser = team.browser(team.add("ada"))
        empty = send(browser, "/settings/keys", name="  ")
        assert (empty.status_code, "A key needs a name." in empty.text) == (400, True)
        assert send(browser, "/settings/keys", name="a\0b").status_code == 400
        assert send(browser, "/settings/keys", name="k", workspace="nowhere").status_code == 404
        assert send(browser, "/settings/keys", name="k", workspace="\0").status_code == 400
        with team.store.writing() as db:
            for number in range(people.MAX_KEYS):
                people.create_key(db, team.user("ada").id, str(number), None, None)
        assert "as many as one can have" in browser.get("/settings").text
        assert send(browser, "/settings/keys", name="k").status_code == 400

    def test_others_keys_are_not_to_be_touched(self, team: Team) -> None:
        browser, eve = team.browser(team.add("ada")), team.browser(team.add("eve"))
        send(browser, "/settings/keys", name="k")
        (key,) = found(browser.get(f"{API}/api_key/"))
        assert key["name"] not in re.findall(r"<h3>.*</h3>", eve.get("/settings").text)
        assert send(eve, f"/settings/keys/{key['api_id']}/revoke").status_code == 403
        assert len(found(browser.get(f"{API}/api_key/"))) == 1

    def test_a_browser_that_came_with_a_key_changes_nothing(self, team: Team) -> None:
        token = token_in(send(team.browser(team.add("ada")), "/settings/keys", name="k").text)
        browser = let_in(team.client(f"Token {token}"))
        page = browser.get("/settings").text
        assert "came in with an API key" in page
        assert "<button>" not in page.split("<main")[1]
        for path in ("keys", "names", "password"):
            refused = browser.post(f"/settings/{path}", data={"name": "k"}, headers=own(browser))
            assert refused.status_code == 403
        assert len(found(browser.get(f"{API}/api_key/"))) == 1


class TestNamesAndPassword:
    """What a person changes about herself."""

    def test_names(self, team: Team) -> None:
        browser = team.browser(team.add("ada"))
        done = send(browser, "/settings/names", first_name=' Ada "<b>" ', last_name="Lovelace")
        assert done.headers["location"] == "/settings?said=names"
        page = browser.get(done.headers["location"]).text
        assert "Your names are changed." in page
        assert 'value="Ada &#34;&lt;b&gt;&#34;"' in page
        assert send(browser, "/settings/names", first_name="x" * 151).status_code == 400
        assert send(browser, "/settings/names", first_name="a\0b").status_code == 400
        assert team.user("ada").last_name == "Lovelace"

    def test_a_new_password_ends_all_other_sessions(self, team: Team) -> None:
        name = team.add("ada")
        browser, elsewhere = team.browser(name), team.browser(name)
        program = team.client(f"Bearer {team.token(team.client(), name).json()['access']}")
        with_key = team.client(f"Token {token_in(send(browser, '/settings/keys', name='k').text)}")
        before = browser.cookies[COOKIE]
        done = send(browser, "/settings/password", old=PASSWORD, new=NEW, again=NEW)
        assert done.headers["location"] == "/settings?said=password"
        assert who(browser) == "ada"
        assert browser.cookies[COOKIE] != before
        assert [who(one) for one in (elsewhere, program, with_key)] == [None, None, "ada"]
        assert log_in(team.client(), name).status_code == 401
        assert log_in(team.client(), name, NEW).status_code == 303

    @pytest.mark.parametrize(
        ("old", "new", "again", "said"),
        [
            ("wrong", NEW, NEW, "old password is not right"),
            (PASSWORD, "short", "short", "at least 10"),
            (PASSWORD, NEW, NEW + "x", "not the same"),
            (PASSWORD, "ada-ada-ada", "ada-ada-ada", "tried first|user name"),
        ],
    )
    def test_a_password_that_cannot_be_changes_nothing(
        self, team: Team, old: str, new: str, again: str, said: str
    ) -> None:
        browser = team.browser(team.add("ada"))
        answer = send(browser, "/settings/password", old=old, new=new, again=again)
        assert answer.status_code in {400, 401}
        assert re.search(said, answer.text)
        assert new not in answer.text.split("<main")[1].replace(f">{said}<", "")
        assert who(browser) == "ada"
        assert log_in(team.client(), "ada").status_code == 303

    def test_the_old_one_cannot_be_guessed_here(self, team: Team) -> None:
        browser = team.browser(team.add("ada"))
        statuses = [
            send(browser, "/settings/password", old=f"wrong {n}", new=NEW, again=NEW).status_code for n in range(11)
        ]
        assert statuses == [401] * 10 + [429]


class TestForms:
    """A form counts when it was made for this session, and sent by our own page."""

    PATHS = ("/settings/names", "/settings/password", "/settings/keys", "/settings/keys/x/revoke")

    @pytest.mark.parametrize("path", PATHS)
    def test_without_its_token_it_is_refused(self, team: Team, path: str) -> None:
        browser, eve = team.browser(team.add("ada")), team.browser(team.add("eve"))
        foreign = re.search(r'name="form" value="([^"]+)"', eve.get("/settings").text)
        assert foreign is not None
        for token in ("", "é", "0" * 40, foreign[1]):
            form = {"form": token, "name": "k", "old": PASSWORD, "new": NEW, "again": NEW, "first_name": "x"}
            assert browser.post(path, data=form, headers=own(browser)).status_code == 403
        assert found(browser.get(f"{API}/api_key/")) == []
        assert team.user("ada").first_name == ""
        assert log_in(team.client(), "ada").status_code == 303

    @pytest.mark.parametrize("path", PATHS)
    def test_from_elsewhere_it_is_refused_even_with_its_token(self, team: Team, path: str) -> None:
        browser = team.browser(team.add("ada"))
        token = re.search(r'name="form" value="([^"]+)"', browser.get("/settings").text)
        assert token is not None
        form = {"form": token[1], "name": "k", "first_name": "x"}
        for headers in (
            {"origin": "https://evil.example"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {},
        ):
            assert browser.post(path, data=form, headers=headers).status_code == 403
        assert found(browser.get(f"{API}/api_key/")) == []

    def test_tokens_and_keys_have_no_settings_page(self, team: Team) -> None:
        access = team.token(team.client(), team.add("ada")).json()["access"]
        program = team.client(f"Bearer {access}")
        assert "may_change" not in program.get("/settings").text
        assert program.post("/settings/keys", data={"name": "k", "form": ""}).status_code == 403

    def test_nobody_is_asked_to_sign_in(self, team: Team) -> None:
        page = team.client().get("/settings")
        assert page.status_code == 403
        assert "/.gofigr/login?next=/settings" in page.text

    def test_looking_at_it_changes_nothing(self, team: Team) -> None:
        browser = team.browser(team.add("ada"))
        for path in TestForms.PATHS:
            assert browser.get(path).status_code in {404, 405}


def test_on_ones_own_machine_there_are_keys_only(client_of: Maker) -> None:
    browser = let_in(client_of(f"Token {TOKEN}"))
    page = browser.get("/settings").text
    assert "API keys" in page
    assert "assword" not in page.split("<main")[1]
    assert "Sign out" not in page
    made = send(browser, "/settings/keys", name="laptop", life="90")
    key = client_of(f"Token {token_in(made.text)}")
    assert who(key) == who(client_of(f"Token {TOKEN}"))
    form = {"old": "", "new": NEW, "again": NEW}
    assert send(browser, "/settings/password", **form).status_code == 403


# ---------------------------------------------------------------- in a browser


@contextmanager
def listening(team: Team) -> Iterator[str]:
    """The team's server at a port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(team.app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One for this module."""
    with launch(chromium) as browser:
        yield browser


def sign_in(page: Page, url: str, password: str = PASSWORD) -> None:
    page.goto(f"{url}/settings")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def fits_and_reads(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(CONTRAST) == []
    assert page.locator("h1").count() == 1


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "script"), [("light", True), ("dark", False)])
def test_a_person_signs_in_makes_a_key_changes_the_password_and_leaves(
    team: Team, browser: Browser, scheme: str, script: bool
) -> None:
    team.add("ada", email="ada@example.org")
    options = {"color_scheme": scheme, "java_script_enabled": script, "viewport": {"width": 360, "height": 740}}
    with listening(team) as url, browser.new_context(**options) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        sign_in(page, url, "wrong password")
        expect(page.get_by_role("alert")).to_contain_text("not right")
        expect(page.get_by_label("User name")).to_have_value("ada")
        fits_and_reads(page)
        expect(page.get_by_label("Password")).to_be_focused()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Stay signed in").check()
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{url}/settings")
        page.get_by_label("Name of a new key").fill("Laptop")
        page.get_by_label("Good for").select_option("a year")
        page.get_by_role("button", name="Make a key").click()
        token = page.get_by_role("region", name="The new key").inner_text()
        assert who(team.client(f"Token {token}")) == "ada"
        assert page.get_by_role("button", name="Copy").is_visible() == script
        fits_and_reads(page)
        page.get_by_label("Old password").fill(PASSWORD)
        page.get_by_label("New password").fill(NEW)
        page.get_by_label("The new one again").fill(NEW)
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_role("status")).to_contain_text("signed out")
        assert token not in page.content()
        page.get_by_role("button", name="Revoke Laptop").click()
        expect(page.get_by_role("status")).to_contain_text("revoked")
        assert who(team.client(f"Token {token}")) is None
        page.get_by_role("link", name="Settings of ada").wait_for()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("One step to your figures")
        assert [one for one in complaints if "401" not in one and "403" not in one] == []


def test_a_session_is_short_unless_it_is_to_last(team: Team) -> None:
    name = team.add("ada")
    for keep, life in (("", timedelta(hours=12)), ("1", timedelta(days=30))):
        browser = team.client()
        log_in(browser, name, keep=keep)
        with team.store.reading() as db:
            row = people.find_pass(db, "cookie", browser.cookies[COOKIE])
            assert row is not None
            assert timedelta(minutes=-1) < row.expires - people.now() - life < timedelta(minutes=1)
    accounts.set_active(team.config.data_dir, name, active=False)
    assert browser.get("/settings").status_code == httpx.codes.FORBIDDEN
