"""A forgotten password: a letter with a link that works once, and what an operator can do without letters."""

from __future__ import annotations

import re
import smtplib
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server import accounts, mail, resets
from gofigr_jupyter.server.store import people
from tests.server.postbox import Postbox
from tests.server.team import COOKIE, Team, log_in, own, running, who

URL = "https://figures.example.org/base"
NEW = "battery staple"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A server that takes letters."""
    with Postbox() as postbox:
        yield postbox


@pytest.fixture
def house(started: Path, tmp_path: Path, postbox: Postbox) -> Iterator[Team]:
    """A team server that sends letters."""
    told = mail.MailSettings("smtp", "127.0.0.1", postbox.port, "GoFigr <figures@example.org>", "me", "secret")
    with running(started, tmp_path / "house", mail=told, public_url=URL) as house:
        house.add("ada", email="Ada@Example.org")
        yield house


def ask(house: Team, email: str, **more: str) -> httpx.Response:
    return house.client(**more).post("/api/password_reset/", json={"email": email})


def link_in(letter: object) -> str:
    found = re.search(r"https://\S+", str(letter).split("once:")[1])
    assert found is not None
    return found[0]


def secret_of(link: str) -> str:
    return link.partition("link=")[2]


def test_a_letter_brings_a_link_that_sets_a_new_password_once(house: Team, postbox: Postbox) -> None:
    browser = house.browser("ada")
    access = house.token(house.client(), "ada").json()["access"]
    assert ask(house, " ada@example.ORG ").status_code == 200
    to, letter = postbox.next()
    assert (to, letter["to"], letter["from"]) == (
        ["Ada@Example.org"],
        "Ada@Example.org",
        "GoFigr <figures@example.org>",
    )
    link = link_in(letter.get_content())
    assert link.startswith(f"{URL}/.gofigr/reset?link=")
    visitor = house.client()
    for _ in range(2):  # looking at it spends nothing: mail programs do
        page = visitor.get("/.gofigr/reset", params={"link": secret_of(link)})
        assert (page.status_code, "ada" in page.text) == (200, True)
        assert page.headers["cache-control"] == "no-store"
    assert who(browser) == "ada"
    form = {"link": secret_of(link), "password": NEW, "again": NEW}
    done = visitor.post("/.gofigr/reset", data=form, headers=own(visitor))
    assert (done.status_code, done.headers["location"]) == (303, "/.gofigr/login?said=reset")
    assert "new password is set" in visitor.get(done.headers["location"]).text
    assert who(browser) is None
    assert who(house.client(f"Bearer {access}")) is None
    assert log_in(house.client(), "ada").status_code == 401
    assert log_in(house.client(), "ada", NEW).status_code == 303
    again = visitor.post("/.gofigr/reset", data=form | {"password": "something else"}, headers=own(visitor))
    assert (again.status_code, "expired" in again.text) == (404, True)


def test_the_answer_tells_nobody_who_has_an_account(house: Team, postbox: Postbox) -> None:
    accounts.set_active(house.config.data_dir, house.add("eve", email="eve@example.org"), active=False)
    answers = [ask(house, one) for one in ("ada@example.org", "nobody@example.org", "eve@example.org", "", "x" * 500)]
    assert {(one.status_code, one.text) for one in answers} == {(200, answers[0].text)}
    forms = [
        house.client().post("/.gofigr/forgot", data={"email": one}) for one in ("ada@example.org", "nobody@example.org")
    ]
    assert forms[0].text == forms[1].text
    assert postbox.next()[0] == ["Ada@Example.org"]
    assert postbox.next()[0] == ["Ada@Example.org"]
    time.sleep(0.2)
    assert postbox.letters.empty()
    assert house.client().post("/api/password_reset/", data={"email": "ada@example.org"}).status_code == 200
    assert house.client().post("/api/password_reset/", json={}).status_code == 400


def test_nobody_is_flooded_with_letters(house: Team, postbox: Postbox) -> None:
    for number in range(6):
        assert ask(house, "ada@example.org", address=f"198.51.100.{number}").status_code == 200
    links = [link_in(postbox.next()[1].get_content()) for _ in range(resets.LETTERS)]
    time.sleep(0.3)
    assert postbox.letters.empty()
    old, newest = secret_of(links[0]), secret_of(links[-1])
    assert resets.owner(house.store, old) is None  # a newer one takes its place
    assert resets.owner(house.store, newest) == ("ada", "Ada@Example.org")


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [("short", "short", "at least 10"), ("qwertyuiop", "qwertyuiop", "tried first"), (NEW, "other", "not the same")],
)
def test_a_password_that_will_not_do_does_not_spend_the_link(team: Team, password: str, again: str, said: str) -> None:
    link = secret_of(resets.link(team.store, team.user(team.add("ada")).id, URL))
    visitor = team.client()
    form = {"link": link, "password": password, "again": again}
    answer = visitor.post("/.gofigr/reset", data=form, headers=own(visitor))
    assert (answer.status_code, said in answer.text) == (400, True)
    assert password not in answer.text
    assert link in answer.text
    form |= {"password": NEW, "again": NEW}
    assert visitor.post("/.gofigr/reset", data=form, headers=own(visitor)).status_code == 303


def test_the_link_is_a_way_in_while_others_guess(team: Team) -> None:
    link = secret_of(resets.link(team.store, team.user(team.add("ada")).id, URL))
    guesser, travelling = team.client(address="198.51.100.1"), team.client(address="203.0.113.5")
    assert [team.token(guesser, "ada", "wrong").status_code for _ in range(11)][-1] == 429
    assert log_in(travelling, "ada").status_code == 429
    form = {"link": link, "password": NEW, "again": NEW}
    assert travelling.post("/.gofigr/reset", data=form, headers=own(travelling)).status_code == 303
    assert log_in(travelling, "ada", NEW).status_code == 303
    assert log_in(guesser, "ada", NEW).status_code == 429


def test_links_that_are_no_good(team: Team) -> None:
    user_id, visitor = team.user(team.add("ada")).id, team.client()
    with team.store.writing() as db:
        late = people.create_pass(db, "reset", user_id, None, timedelta(seconds=-1))
        ticket = people.create_pass(db, "ticket", user_id, None, timedelta(hours=1))
    cookie = team.browser("ada").cookies[COOKIE]
    for bad in (late, ticket, cookie, "", "x"):
        assert visitor.get("/.gofigr/reset", params={"link": bad}).status_code == 404
        form = {"link": bad, "password": NEW, "again": NEW}
        assert visitor.post("/.gofigr/reset", data=form, headers=own(visitor)).status_code == 404
    reset = secret_of(resets.link(team.store, user_id, URL))
    thief = team.client()
    thief.cookies.set(COOKIE, reset)
    assert who(thief) is None
    accounts.set_active(team.config.data_dir, "ada", active=False)
    assert visitor.get("/.gofigr/reset", params={"link": reset}).status_code == 404
    assert log_in(team.client(), "ada", NEW).status_code == 401


def test_without_letters_the_operator_is_asked(team: Team) -> None:
    page = team.client().get("/.gofigr/forgot").text
    assert "gofigr-jupyter user reset-password" in page
    team.add("ada", email="ada@example.org")
    assert ask(team, "ada@example.org").status_code == 200
    link = accounts.reset_link(team.config.data_dir, "ada", "http://x")
    assert resets.owner(team.store, secret_of(link)) == ("ada", "ada@example.org")
    accounts.set_password(team.config.data_dir, "ada", NEW)
    assert resets.owner(team.store, secret_of(link)) is None
    assert (log_in(team.client(), "ada").status_code, log_in(team.client(), "ada", NEW).status_code) == (401, 303)


class TestLetters:
    """The post itself."""

    def test_it_signs_in_and_keeps_its_password_to_itself(self, house: Team, postbox: Postbox) -> None:
        house.app.state.post.send("a@example.org", "Two\nlines", "Text\n.with a dot\n")
        to, letter = postbox.next()
        assert (to, letter["subject"]) == (["a@example.org"], "Two lines")
        assert letter.get_content().splitlines() == ["Text", ".with a dot"]
        assert postbox.logins
        assert "secret" not in repr(house.config)

    def test_what_was_taken_leaves_before_the_server_ends(self, house: Team, postbox: Postbox) -> None:
        for number in range(20):
            house.app.state.post.send(f"a{number}@example.org", "s", "t")
        house.app.state.post.close(30)
        assert postbox.letters.qsize() == 20

    def test_an_address_cannot_smuggle_anything_in(self, house: Team, postbox: Postbox) -> None:
        for address in ("a@example.org\r\nBcc: b@example.org", "a@example.org\nX: y"):
            house.app.state.post.send(address, "s", "t")
        house.app.state.post.send("c@example.org", "s", "t")
        assert postbox.next()[0] == ["c@example.org"]

    def test_a_server_that_is_away_is_logged_without_names(self, caplog: pytest.LogCaptureFixture) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            post = mail.Post(mail.MailSettings("smtp", "127.0.0.1", nobody.getsockname()[1], "me@example.org"))
            post.send("ada@example.org", "s", "t")
            deadline = time.monotonic() + 10
            while not caplog.records and time.monotonic() < deadline:
                time.sleep(0.02)
        assert "was not sent: ConnectionRefusedError" in caplog.text
        assert "ada" not in caplog.text

    def test_elsewhere_it_insists_on_tls(self, postbox: Postbox) -> None:
        post = mail.Post(mail.MailSettings("smtp", "localhost.localdomain", postbox.port, "me@example.org"))
        message = post._message("a@example.org", "s", "t")
        with pytest.raises((smtplib.SMTPNotSupportedError, OSError)):
            post._deliver(message)
        assert postbox.letters.empty()

    def test_settings_are_read_or_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert mail.from_environment() is None
        monkeypatch.setenv("GOFIGR_JUPYTER_MAIL_FROM", "me@example.org")
        for told, expected in (
            ("smtp://mail.example.org", ("smtp", "mail.example.org", 587, "", "")),
            ("smtps://u%40x:p%2F@mail.example.org", ("smtps", "mail.example.org", 465, "u@x", "p/")),
            ("smtp://mail.example.org:25", ("smtp", "mail.example.org", 25, "", "")),
        ):
            monkeypatch.setenv("GOFIGR_JUPYTER_SMTP", told)
            read = mail.from_environment()
            assert read is not None
            assert (read.scheme, read.host, read.port, read.username, read.password) == expected
        for wrong in ("mail.example.org", "http://mail.example.org", "smtp://", "smtp://x:port"):
            monkeypatch.setenv("GOFIGR_JUPYTER_SMTP", wrong)
            with pytest.raises(ConfigurationError):
                mail.from_environment()
        monkeypatch.setenv("GOFIGR_JUPYTER_SMTP", "smtp://mail.example.org")
        monkeypatch.delenv("GOFIGR_JUPYTER_MAIL_FROM")
        with pytest.raises(ConfigurationError, match="MAIL_FROM"):
            mail.from_environment()
