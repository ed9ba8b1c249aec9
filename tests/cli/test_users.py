"""The accounts of a team server, from its operator's terminal."""

import json
import os
import re
import select
import subprocess
import sys
import time

import pytest

from gofigr_jupyter.server import passwords
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.store import Store
from tests.cli.conftest import command_env

pytestmark = pytest.mark.slow


@pytest.fixture
def user(command, tmp_path):
    """Runs `user ...` on a data folder."""

    def run(*arguments, **more):
        return command("user", *arguments, "--data-dir", str(tmp_path / "team"), **more)

    return run


@pytest.fixture
def stored(tmp_path):
    """An account as it stands in the database."""

    def read(name):
        store = Store.in_folder(tmp_path / "team")
        try:
            with store.reading() as db:
                return people.user_named(db, name)
        finally:
            store.close()

    return read


def test_accounts_are_made_and_listed(user):
    added = user("add", "ada", "--email", "ada@example.org", "--password-stdin", stdin="correct horse\n")
    assert "ada" in added.out
    user("add", "bob", "--password-stdin", stdin="battery staple\r\n")
    listed = user("list").out
    assert "ada@example.org" in listed
    assert "disabled" not in listed
    ada, bob = json.loads(user("list", "--json").out)
    assert (ada["username"], ada["email"], ada["is_active"], ada["api_keys"]) == ("ada", "ada@example.org", True, 0)
    assert (bob["username"], bob["email"], bob["has_password"]) == ("bob", None, True)


def test_what_cannot_be_is_one_line_and_makes_nothing(user, stored):
    user("add", "ada", "--password-stdin", stdin="correct horse\n")
    for name, password, said in (("bob", "qwertyuiop", "tried first"), ("ada", "correct horse", "already")):
        done = user("add", name, "--password-stdin", stdin=f"{password}\n", check=False)
        assert (done.code, said in done.err) == (2, True)
    assert stored("bob") is None


def test_accounts_are_disabled_and_enabled(user, stored):
    user("add", "ada", "--password-stdin", stdin="correct horse\n")
    user("disable", "ada")
    assert "disabled" in user("list").out
    assert (stored("ada").is_active, stored("ada").credentials_version) == (False, 1)
    done = user("reset-password", "ada", check=False)
    assert (done.code, "disabled" in done.err) == (2, True)
    user("enable", "ada")
    assert (stored("ada").is_active, stored("ada").credentials_version) == (True, 2)


def test_a_password_is_reset_with_a_link_or_at_once(user, stored):
    user("add", "ada", "--password-stdin", stdin="correct horse\n")
    made = user("reset-password", "ada", "--url", "https://figures.example.org/")
    assert re.fullmatch(r"https://figures\.example\.org/\.gofigr/reset\?link=[\w-]{43}\n", made.out)
    assert made.err == ""
    assert "in place of http://127.0.0.1" in user("reset-password", "ada").err
    there = user("reset-password", "ada", GOFIGR_JUPYTER_PUBLIC_URL="https://f.example.org/base")
    assert there.out.startswith("https://f.example.org/base/.gofigr/reset?link=")
    assert stored("ada").credentials_version == 0
    user("reset-password", "ada", "--password-stdin", stdin="battery staple\n")
    assert passwords.fits(stored("ada").password_hash, "battery staple")
    assert stored("ada").credentials_version == 1
    refused = user("reset-password", "ada", "--password-stdin", stdin="short\n", check=False)
    assert (refused.code, stored("ada").credentials_version) == (2, 1)


def test_nobody_of_that_name_and_no_such_folder(command, user, tmp_path):
    user("add", "ada", "--password-stdin", stdin="correct horse\n")
    done = user("disable", "eve", check=False)
    assert (done.code, "no user eve" in done.err) == (2, True)
    elsewhere = tmp_path / "typo"
    done = command("user", "list", "--data-dir", str(elsewhere), check=False)
    assert (done.code, "no server's data" in done.err) == (2, True)
    assert not elsewhere.exists()


def test_tokens_get_a_new_key(user, tmp_path):
    user("add", "ada", "--password-stdin", stdin="correct horse\n")
    kids = []
    for option in ([], [], ["--end-all"]):
        user("renew-signing-key", *option)
        store = Store.in_folder(tmp_path / "team")
        with store.reading() as db:
            kids.append([key["kid"] for key in json.loads(people.fact(db, "signing_keys"))])
        store.close()
    assert [len(one) for one in kids] == [1, 2, 1]
    assert kids[1][1] == kids[0][0]
    assert kids[2][0] not in kids[1]


def test_a_password_can_be_typed_and_is_not_shown(home, tmp_path, stored):
    pty = pytest.importorskip("pty")
    main, terminal = pty.openpty()
    add = [sys.executable, "-m", "gofigr_jupyter", "user", "add", "ada", "--data-dir", str(tmp_path / "team")]
    options = {"stdin": terminal, "stdout": terminal, "stderr": terminal, "start_new_session": True}
    with subprocess.Popen(add, env=command_env(home), **options) as process:
        os.close(terminal)
        try:
            shown = ""
            # The space after the colon comes once the terminal no longer echoes; what is typed before that is discarded.
            for question in ("Password: ", "confirmation: "):
                shown += read_until(main, question)
                os.write(main, b"correct horse\n")
            shown += read_until(main, "now.")
            assert process.wait(60) == 0
        finally:
            process.kill()
            os.close(main)
    assert "correct horse" not in shown
    assert stored("ada") is not None


def read_until(terminal, words):
    """What a terminal shows until these words."""
    seen, deadline = "", time.monotonic() + 60
    while words not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 1000).decode()
    return seen
