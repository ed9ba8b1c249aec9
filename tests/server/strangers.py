"""A team server in a process of its own, with people whom the official client and R can sign in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

import httpx

from gofigr_jupyter.server import accounts
from tests.server.processes import environment

PEOPLE = ("ada", "bob", "cyd")
PASSWORD = "correct horse"
COMMAND = [sys.executable, "-m", "gofigr_jupyter"]
# The command with tokens that live for a second: no setting has them so short.
IMPATIENT = """
import sys
from datetime import timedelta
from gofigr_jupyter.cli import main
from gofigr_jupyter.server import tokens
tokens.ACCESS_LIFE = timedelta(seconds=1)
sys.argv[0] = "gofigr-jupyter"
main()
"""


class TeamServer:
    """`gofigr-jupyter serve` on a data folder of its own, known as `url`."""

    def __init__(self, home: Path, *, impatient: bool = False, **env: str) -> None:
        folder = home / "team"
        for name in PEOPLE:
            accounts.add_user(folder, name, f"{name}@example.org", PASSWORD)
        command = [sys.executable, "-c", IMPATIENT] if impatient else COMMAND
        self.log = home / "team.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "serve", "--port", "0", "--data-dir", str(folder)],
                env=environment(home, **env),
                cwd=home,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        watch = threading.Timer(60, self.process.kill)
        watch.start()
        assert self.process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", self.process.stdout.readline())
        watch.cancel()
        assert address is not None, self.log.read_text()
        self.url = address[0]

    def __enter__(self) -> TeamServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.process.terminate()
        self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def failures(self) -> str:
        """What the server's log has to say of requests that it failed at."""
        return "\n".join(line for line in self.log.read_text().splitlines() if " ERROR " in line)

    def token(self, name: str) -> str:
        """The access token of a person."""
        answer = httpx.post(f"{self.url}/api/token/", json={"username": name, "password": PASSWORD}, timeout=30)
        access: str = answer.json()["access"]
        return access


def plain_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a program that knows nothing of us, at home in a folder of the test."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GF_", "PYTHON", "AWS_", "JPY_"))}
    return {**kept, "HOME": str(home), "MPLCONFIGDIR": str(home / "mpl"), "IPYTHONDIR": str(home / "ipython"), **more}
