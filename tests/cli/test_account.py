"""Signing in, and accounts of a server of one's own."""

import json
import stat

import pytest

from tests.fakes.server import Fault


def url(gofigr):
    return f"http://127.0.0.1:{gofigr.port}"


def test_a_key_is_checked_and_kept_and_the_rest_of_the_file_stays(command, user_home, gofigr):
    path = user_home / ".gofigr"
    path.write_text(json.dumps({"workspace": "Lab", "api_key": "old"}))
    path.chmod(0o644)
    done = command("login", "--url", url(gofigr), "--api-key-stdin", stdin=gofigr.token + "\n")
    assert "ann" in done.out
    assert gofigr.token not in done.out + done.err
    assert json.loads(path.read_text()) == {"workspace": "Lab", "api_key": gofigr.token, "url": url(gofigr)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "signed in as ann" in command("doctor", check=False).out


def test_a_link_to_the_file_stays_a_link(command, user_home, gofigr, tmp_path):
    (user_home / ".gofigr").symlink_to(tmp_path / "dotfile")
    command("login", "--url", url(gofigr), "--api-key-stdin", stdin=gofigr.token)
    assert (user_home / ".gofigr").is_symlink()
    assert json.loads((tmp_path / "dotfile").read_text())["api_key"] == gofigr.token


@pytest.mark.parametrize(
    ("key", "fault", "said"),
    [("wrong", None, "does not know this key"), ("", None, "No API key"), (None, 500, "could not be checked")],
)
def test_a_key_that_does_not_work_changes_nothing(command, user_home, gofigr, key, fault, said):
    if fault:
        gofigr.faults.append(Fault(fault, times=1e9))
    done = command(
        "login", "--url", url(gofigr), "--api-key-stdin", stdin=gofigr.token if key is None else key, check=False
    )
    assert done.code in {1, 2}
    assert said in done.err
    assert not (user_home / ".gofigr").exists()


def test_a_broken_file_is_not_overwritten(command, user_home, gofigr):
    (user_home / ".gofigr").write_text("{oops")
    done = command(
        "login", "--url", url(gofigr), "--api-key-stdin", stdin=gofigr.token, check=False, GOFIGR_JUPYTER_HOME=""
    )
    assert done.code == 2
    assert (user_home / ".gofigr").read_text() == "{oops"


def test_what_counts_instead_is_told(command, home, gofigr):
    (home.parent / ".gofigr").write_text("{}")
    try:
        done = command("login", "--url", url(gofigr), "--api-key-stdin", stdin=gofigr.token, GF_API_KEY="other")
    finally:
        (home.parent / ".gofigr").unlink()
    assert "counts instead" in done.err
    assert "GF_API_KEY" in done.err
