"""The command itself: help, exit codes, start-up, no tracebacks."""

import subprocess
import sys
import time

import pytest

from tests.cli.conftest import command_env


def test_help_names_every_command_and_the_exit_codes(command):
    told = command("--help").out
    for name in ("demo", "serve", "status", "push", "outbox", "login", "doctor", "user", "open"):
        assert name in told
    assert "Exit codes: 0" in told
    assert "GOFIGR_JUPYTER_HOME" in told


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["demo"], "--serve"),
        (["demo"], "--keep"),
        (["serve"], "--data-dir"),
        (["status"], "--json"),
        (["push"], "--timeout"),
        (["login"], "--api-key-stdin"),
        (["user", "add"], "--password-stdin"),
        (["open"], "ID"),
        (["outbox"], "fsck"),
    ],
)
def test_each_command_has_its_help(command, arguments, option):
    assert option in command(*arguments, "--help").out


def test_the_version_is_told(command):
    import gofigr_jupyter

    assert command("--version").out.strip() == gofigr_jupyter.__version__


def test_wrong_usage_ends_with_2(command):
    assert command("no-such-command", check=False).code == 2
    assert command("push", "--timeout", "soon", check=False).code == 2
    assert command("status", check=False, GF_CARD="huge").code == 2


def test_a_state_folder_that_cannot_be_used_is_one_line(command, home):
    (home / "file").write_text("")
    done = command("status", check=False, GOFIGR_JUPYTER_HOME=str(home / "file" / "below"))
    assert done.code == 1
    assert "Error:" in done.err
    assert "doctor" in done.err


def test_help_starts_quickly_and_imports_nothing_heavy(home):
    code = (
        "import sys, gofigr_jupyter.cli.app; "
        "heavy = {'httpx', 'pydantic', 'fastapi', 'sqlalchemy', 'matplotlib', 'IPython', 'nbclient', 'PIL'}; "
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    env = command_env(home)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    took = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "gofigr_jupyter", "--help"], capture_output=True, env=env, check=True)
        took.append(time.perf_counter() - began)
        if took[-1] < 0.5:
            break
    assert min(took) < 1.5  # 0.25 s on an idle machine
