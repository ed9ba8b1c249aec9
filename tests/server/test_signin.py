"""People sign in: the session they get, when it ends, and how guessing is slowed down without locking anybody out."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server import accounts, passwords, sessions
from gofigr_jupyter.server.store import people
from tests.server.team import COOKIE, DEVICE, HERE, PASSWORD, Team, log_in, own, running, who

LONG_AGO = timedelta(days=-1)


class TestSessions:
    """From the form to a cookie."""

    def test_the_form_lets_in_and_leads_on(self, team: Team) -> None:
        browser = team.client()
        form = browser.get("/.gofigr/login?next=/figure/1")
        assert 'value="/figure/1"' in form.text
        assert form.headers["cache-control"] == "no-store"
        assert who(browser) is None
        let_in = log_in(browser, team.add("ada"), next="/figure/1")
        assert (let_in.status_code, let_in.headers["location"]) == (303, "/figure/1")
        assert who(browser) == "ada"
        shown = browser.get("/").text
        assert "<bdi>ada</bdi>" in shown
        assert "Sign out" in shown
        assert browser.get("/.gofigr/login?next=/x").headers["location"] == "/x"

    @pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"])
    def test_the_way_on_stays_here(self, team: Team, wanted: str) -> None:
        assert log_in(team.client(), team.add("ada"), next=wanted).headers["location"] == "/"

    def test_a_wrong_password_says_no_more_than_that(self, team: Team) -> None:
        team.add("ada")
        with team.store.writing() as db:
            people.create_user(db, "no-password")
        answers = [
            log_in(team.client(), name, password)
            for name, password in (
                ("ada", "wrong"),
                ("ada", ""),
                ("nobody", PASSWORD),
                ("no-password", ""),
                ("", ""),
                ("a\0", "x"),
            )
        ]
        said = {re.sub(r'value="[^"]*"|( autofocus)', "", one.text) for one in answers}
        assert {one.status_code for one in answers} == {401}
        assert len(said) == 1
        assert all("set-cookie" not in one.headers for one in answers)
        assert PASSWORD not in answers[2].text

    def test_cookies_are_for_this_browser_and_session_only(self, team: Team) -> None:
        team.add("ada")
        set_cookies = log_in(team.client(), "ada").headers.get_list("set-cookie")
        session = next(one for one in set_cookies if one.startswith(f"{COOKIE}="))
        for cookie in set_cookies:
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            assert "Domain" not in cookie
            assert "Secure" not in cookie  # on loopback
        assert "Max-Age" not in session
        kept = log_in(team.client(), "ada", keep="1").headers.get_list("set-cookie")[0]
        assert f"Max-Age={30 * 86_400}" in kept

    def test_each_sign_in_is_a_new_session(self, team: Team) -> None:
        team.add("ada")
        browser = team.browser("ada")
        first = browser.cookies[COOKIE]
        log_in(browser, "ada")
        second = browser.cookies[COOKIE]
        assert first != second
        browser.cookies.set(COOKIE, first, domain="127.0.0.1")
        assert who(team.client(url=HERE)) is None
        old = team.client()
        old.cookies.set(COOKIE, first)
        assert who(old) is None

    def test_a_session_that_somebody_planted_is_not_taken_over(self, team: Team) -> None:
        team.add("mallory"), team.add("ada")
        planted = team.browser("mallory").cookies[COOKIE]
        victim = team.client()
        victim.cookies.set(COOKIE, planted, domain="127.0.0.1", path="/")
        log_in(victim, "ada")
        attacker = team.client()
        attacker.cookies.set(COOKIE, planted)
        assert who(attacker) is None

    def test_signing_out_ends_it_for_good(self, team: Team) -> None:
        browser = team.browser(team.add("ada"))
        secret = browser.cookies[COOKIE]
        foreign = browser.post("/.gofigr/logout", headers={"sec-fetch-site": "cross-site"})
        assert foreign.status_code == 303
        again = team.client()
        again.cookies.set(COOKIE, secret)
        assert who(again) == "ada"  # a foreign page signs nobody out
        out = again.post("/.gofigr/logout", headers=own(again))
        assert (out.status_code, out.headers["location"]) == (303, "/")
        again.cookies.set(COOKIE, secret)
        assert who(again) is None

    def test_sessions_end_with_time(self, team: Team) -> None:
        team.add("ada")
        for life, is_there in ((sessions.SHORT_LIFE, True), (LONG_AGO, False)):
            with team.store.writing() as db:
                secret = people.create_pass(db, "cookie", team.user("ada").id, None, life)
            browser = team.client()
            browser.cookies.set(COOKIE, secret)
            assert (who(browser) == "ada") == is_there

    def test_whoever_is_disabled_is_out_at_once(self, team: Team) -> None:
        name = team.add("ada")
        browser = team.browser(name)
        access = team.token(team.client(), name).json()["access"]
        with team.store.writing() as db:
            _, token = people.create_key(db, team.user(name).id, "k", None, None)
        visitors = [browser, team.client(f"Bearer {access}"), team.client(f"Token {token}")]
        assert [who(one) for one in visitors] == ["ada"] * 3
        accounts.set_active(team.config.data_dir, name, active=False)
        assert [who(one) for one in visitors] == [None] * 3
        assert browser.get("/").status_code == 403
        assert log_in(team.client(), name).status_code == team.token(team.client(), name).status_code == 401
        accounts.set_active(team.config.data_dir, name, active=True)
        assert [who(one) for one in visitors] == [None, None, "ada"]  # the key alone is as it was
        assert who(team.browser(name)) == "ada"


class TestTls:
    """Cookies go over TLS only, but for loopback, or when the operator says so."""

    PUBLIC = "https://figures.example.org"
    PLAIN = "http://figures.example.org"

    def test_with_tls(self, team: Team) -> None:
        let_in = log_in(team.client(url=self.PUBLIC), team.add("ada"))
        assert all("Secure" in cookie for cookie in let_in.headers.get_list("set-cookie"))

    def test_behind_a_proxy_that_speaks_tls_and_that_nobody_trusts(self, team: Team) -> None:
        client = team.client(url=self.PLAIN)
        form = {"username": team.add("ada"), "password": PASSWORD}
        let_in = client.post("/.gofigr/login", data=form, headers={"origin": self.PUBLIC})
        assert let_in.status_code == 303
        assert "Secure" in let_in.headers["set-cookie"]

    def test_without_tls_it_says_why_it_cannot_be(self, team: Team) -> None:
        client = team.client(url=self.PLAIN)
        refused = log_in(client, team.add("ada"))
        assert refused.status_code == 400
        assert "not encrypted" in refused.text
        assert "<form" not in refused.text.split("<main")[1]  # nobody is asked for it again
        assert "set-cookie" not in refused.headers
        forwarded = client.post(
            "/.gofigr/login",
            data={"username": "ada", "password": PASSWORD},
            headers={"origin": self.PLAIN, "x-forwarded-proto": "https"},
        )
        assert forwarded.status_code == 400  # anybody can write that header

    @pytest.mark.parametrize(("told", "url", "is_secure"), [("never", PLAIN, False), ("always", HERE, True)])
    def test_as_the_operator_says(self, started: Path, tmp_path: Path, told: str, url: str, is_secure: bool) -> None:
        with running(started, tmp_path / "t", secure_cookies=told) as team:
            form = {"username": team.add("ada"), "password": PASSWORD}
            let_in = team.client(url=url).post("/.gofigr/login", data=form)
            assert let_in.status_code == 303
            assert ("Secure" in let_in.headers["set-cookie"]) == is_secure

    @pytest.mark.parametrize(
        ("host", "is_here"),
        [("127.0.0.1:1", 1), ("localhost", 1), ("LOCALHOST:80", 1), ("[::1]:80", 1), ("[::1]", 1),
         ("127.0.0.1.evil.example", 0), ("localhost.evil.example:80", 0), ("10.0.0.1:80", 0)],
    )  # fmt: skip
    def test_what_counts_as_this_machine(self, team: Team, host: str, is_here: int) -> None:
        from fastapi import Request

        scope = {"type": "http", "headers": [(b"host", host.encode())], "app": team.app}
        assert sessions.is_loopback(Request(scope)) == bool(is_here)


class TestGuessing:
    """Ten wrong guesses, then a rest; whoever was let in before has an own allowance."""

    def guess(self, client: httpx.Client, name: str, times: int) -> list[int]:
        return [team_token(client, name, f"wrong {n}").status_code for n in range(times)]

    def test_strangers_wait_after_ten(self, team: Team) -> None:
        name = team.add("ada")
        assert self.guess(team.client(address="198.51.100.1"), name, 10) == [401] * 10
        for address in ("198.51.100.1", "198.51.100.2"):  # all strangers together: addresses are cheap
            answer = team.token(team.client(address=address), name)
            assert answer.status_code == 429
            assert 0 < int(answer.headers["retry-after"]) <= 301
            page = log_in(team.client(address=address), name)
            assert (page.status_code, "minutes" in page.text) == (429, True)
            assert int(page.headers["retry-after"]) > 0
        assert team.token(team.client(address="198.51.100.3"), team.add("bob")).status_code == 200

    def test_many_at_once_get_no_more_guesses(self, team: Team) -> None:
        name, statuses = team.add("ada"), []
        clients = [team.client(address=f"198.51.100.{number}") for number in range(16)]

        def guess(client: httpx.Client) -> None:
            statuses.append(team_token(client, name, "wrong").status_code)

        threads = [threading.Thread(target=guess, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [401] * 10 + [429] * 6

    def test_the_owner_comes_in_meanwhile(self, team: Team) -> None:
        name = team.add("ada")
        laptop = team.browser(name, address="192.0.2.7")
        travelling = team.client(address="203.0.113.9")
        travelling.cookies.set(DEVICE, laptop.cookies[DEVICE])
        program = team.client(address="192.0.2.7")
        attacker = team.client(address="198.51.100.1")
        assert self.guess(attacker, name, 11)[-1] == 429
        assert log_in(travelling, name).status_code == 303  # the browser that was let in before, elsewhere
        assert team.token(program, name).status_code == 200  # a program where the owner was let in before
        assert team.token(attacker, name).status_code == 429  # and that gives the guesser nothing

    def test_a_known_place_and_a_known_browser_have_their_limits_too(self, team: Team) -> None:
        name = team.add("ada")
        laptop = team.browser(name, address="192.0.2.7")
        neighbour = team.client(address="192.0.2.7")
        assert self.guess(neighbour, name, 11) == [401] * 10 + [429]
        assert log_in(laptop, name).status_code == 303
        thief = team.client(address="203.0.113.9")
        thief.cookies.set(DEVICE, laptop.cookies[DEVICE])
        assert self.guess(thief, name, 11) == [401] * 10 + [429]

    def test_a_mark_that_is_not_ours_is_worth_nothing(self, team: Team) -> None:
        name = team.add("ada")
        others = team.browser(team.add("bob")).cookies[DEVICE]
        assert self.guess(team.client(address="198.51.100.1"), name, 11)[-1] == 429
        for mark in (others, others[:-1], "", "x", "x.y", "é.é", "a" * 500):
            answer = team.client(address="198.51.100.2").post(
                "/api/token/",
                data={"username": name, "password": PASSWORD},
                headers={"cookie": f"{DEVICE}={mark}".encode()},
            )
            assert answer.status_code == 429, mark

    def test_one_guess_at_each_of_many_accounts(self, team: Team) -> None:
        client = team.client(address="2001:db8::1")
        throttle = team.app.state.throttle
        from gofigr_jupyter.server.signin import ADDRESS_MISSES, ADDRESS_SECONDS
        from gofigr_jupyter.server.throttle import Allowance, neighbourhood

        place = Allowance(("address", neighbourhood("2001:db8::1")), ADDRESS_MISSES, ADDRESS_SECONDS)
        for _ in range(ADDRESS_MISSES - 1):
            assert throttle.begin(place) == 0
        assert team_token(client, "bob", "wrong").status_code == 401
        next_door = team.client(address="2001:db8::ffff:1")
        assert team_token(next_door, "eve", "wrong").status_code == 429
        assert team_token(team.client(address="2001:db8:0:1::1"), "eve", "wrong").status_code == 401

    def test_an_account_that_is_not_there_takes_as_long(self, team: Team) -> None:
        team.add("ada")
        took: dict[str, list[float]] = {"ada": [], "nobody": []}
        for number in range(4):
            for name, times in took.items():
                client = team.client(address=f"198.51.100.{number}")
                began = time.perf_counter()
                assert team_token(client, name, "wrong").status_code == 401
                times.append(time.perf_counter() - began)
        assert 0.4 < min(took["ada"]) / min(took["nobody"]) < 2.5  # without care it is 100


def team_token(client: httpx.Client, name: str, password: str) -> httpx.Response:
    return client.post("/api/token/", data={"username": name, "password": password})


class TestPasswords:
    """Which ones will do, and how they are kept."""

    @pytest.mark.parametrize(
        "password",
        ["short", "123456789", "qwertyuiop", "1234567890", "0987654321", "abcdefghij", "aaaaaaaaaaaa", "abcabcabcabc",
         "password12", "Password123!", "P@ssw0rd2026", "dragondragon", "!!sunshine1", "manchester", "１２３４５６７８９０",
         "ada.lovelace", "ada.lovelace1843", "lovelace1815", "analytical1", "x" * 1001],
    )  # fmt: skip
    def test_these_will_not(self, password: str) -> None:
        assert passwords.problem(password, "ada.lovelace", "countess@analytical.example")

    @pytest.mark.parametrize(
        "password",
        ["correct horse", "battery staple", "kvlqzmtrwp", "Ωμέγα και άλφα", "🐎🔋🧷🐎🔋🧷🍎🍐🍊🍋", "purple dragon flies",
         "my ada.lovelace is not yours, really", "x9$Kq2!vLp", "a b c d e f g h", "yz" * 3 + "correct horse" * 70],
    )  # fmt: skip
    def test_these_will(self, password: str) -> None:
        assert passwords.problem(password, "ada.lovelace", "countess@analytical.example", None, "") is None

    def test_the_list_is_long_and_the_minimum_counts(self) -> None:
        assert len(passwords._common()) > 5000
        assert passwords.problem("k" + "vlqzmtrw", None)
        assert "10" in (passwords.problem("kvlqzmtrw") or "")

    def test_operators_are_held_to_them_too(self, tmp_path: Path) -> None:
        for name, email, password in (
            ("ada", None, "qwertyuiop"),
            ("ada", "no address", PASSWORD),
            ("ada", "a@b\nbcc: c@d", PASSWORD),
            ("a b", None, PASSWORD),
        ):
            with pytest.raises(ConfigurationError):
                accounts.add_user(tmp_path / "team", name, email, password)

    def test_the_same_letters_written_differently_are_the_same(self) -> None:
        assert passwords.fits(passwords.hashed("café correct"), "cafe\u0301 correct")

    def test_a_guess_is_dear(self) -> None:
        code = "from gofigr_jupyter.server import passwords; print(passwords.hashed('correct horse'))"
        made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        effort = extract_parameters(made.strip())
        assert (effort.type, effort.memory_cost >= 64 << 10, effort.time_cost >= 3) == (Type.ID, True, True)

    def test_hashes_grow_with_the_times(self, team: Team) -> None:
        weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        with team.store.writing() as db:
            people.create_user(db, "ada", None, weak)
        assert team_token(team.client(), "ada", "wrong").status_code == 401
        assert team.user("ada").password_hash == weak
        assert team.token(team.client(), "ada").status_code == 200
        renewed = team.user("ada").password_hash
        assert renewed != weak
        assert renewed is not None
        assert not passwords.is_outdated(renewed)
        assert team.token(team.client(), "ada").status_code == 200
        assert team.user("ada").password_hash == renewed

    @pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$v=19$m=1$x", "plain:correct horse"])
    def test_a_hash_that_is_none_fits_nothing(self, stored: str) -> None:
        assert not passwords.fits(stored, PASSWORD)

    def test_passwords_are_not_on_disk(self, team: Team) -> None:
        name = team.add("ada")
        browser = team.browser(name)
        stored = b"".join(path.read_bytes() for path in team.config.data_dir.rglob("*") if path.is_file())
        for secret in (PASSWORD, browser.cookies[COOKIE], browser.cookies[DEVICE]):
            assert secret.encode() not in stored


def test_an_embedded_server_says_that_no_password_is_needed(anonymous: httpx.Client) -> None:
    page = anonymous.get("/.gofigr/login").text
    assert "gofigr-jupyter open" in page
    assert "password" not in page.split("<main")[1].replace("no password", "")


def test_accounts_can_be_made_while_the_server_runs(team: Team) -> None:
    accounts.add_user(team.config.data_dir, "late", None, PASSWORD)
    assert who(team.browser("late")) == "late"
