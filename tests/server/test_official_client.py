"""The official client against our server, unnoticed: with its own virtual environment, in the long tier."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

import pytest

from tests.server.processes import Server

VERSION = "2.3.4"
SESSION = Path(__file__).with_name("official_session.py")

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not os.environ.get("GOFIGR_LONG"), reason="the long tier; run with GOFIGR_LONG=1"),
]


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with the official client and none of our packages; `GOFIGR_OFFICIAL_PYTHON` names a ready one."""
    ready = os.environ.get("GOFIGR_OFFICIAL_PYTHON")
    if ready:
        return ready
    folder = tmp_path_factory.mktemp("official")
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"gofigr=={VERSION}"], check=True)
    return python


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_session_of_the_official_client(official: str, home: Path, slash: str) -> None:
    with Server(home) as server:
        server.wait()
        command = [official, str(SESSION), server.local.url + slash, server.local.token]
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=300, check=False, cwd=home, env=environment
        )
        assert (done.returncode, done.stdout.strip()) == (0, "ok"), done.stderr[-3000:]
