"""The command as people run it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.server import FakeGoFigr

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Command = Callable[..., Ran]


def command_env(home: Path, **more: str) -> dict[str, str]:
    """Nothing of the developer's own: neither settings nor a display."""
    unwanted = ("GF_", "FIG1_", "GOFIGR", "DISPLAY", "WAYLAND", "BROWSER")
    env = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    user = home.parent / f"{home.name}-user"
    user.mkdir(exist_ok=True)
    own = {
        "GOFIGR_JUPYTER_HOME": str(home),
        "HOME": str(user),
        "PYTHONPATH": str(REPOSITORY),
        "GOFIGR_JUPYTER_WORKER_IDLE": "3",
        "GOFIGR_JUPYTER_SERVER_IDLE": "20",
        "COLUMNS": "240",
    }
    return env | own | more


@pytest.fixture
def command(home: Path) -> Command:
    def run(*arguments: str, stdin: str = "", check: bool = True, timeout: float = 150, **env: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "gofigr_jupyter", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=command_env(home, **env),
            cwd=home.parent,
        )
        assert "Traceback" not in done.stderr + done.stdout
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def user_home(home: Path) -> Path:
    return Path(command_env(home)["HOME"])


@pytest.fixture
def gofigr() -> Iterator[FakeGoFigr]:
    with FakeGoFigr() as server:
        yield server
