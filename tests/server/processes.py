"""The embedded server as a real process: started, asked, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from gofigr_jupyter.local import HELLO_PATH, LocalServer, local_server

COMMAND = [sys.executable, "-m", "gofigr_jupyter.server", "--embedded"]
ROOT = Path(__file__).parents[2]
API = "/api/v1.4.1"


def environment(home: Path, **more: str) -> dict[str, str]:
    """What the process is started with."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "GOFIGR_JUPYTER_HOME": str(home), "PYTHONPATH": path, **more}


class Server:
    """A running embedded server of a state folder."""

    def __init__(self, home: Path, **env: str) -> None:
        self.home = home
        self.log = home / "server.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(COMMAND, env=environment(home, **env), cwd=home, stdout=log, stderr=log)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()

    @property
    def local(self) -> LocalServer:
        """Where it listens now, and its token."""
        return local_server(self.home)

    def wait(self, seconds: float = 60) -> Server:
        """Until it answers."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                local = self.local
                answer = httpx.get(f"{local.url}{HELLO_PATH}?nonce=12345678", timeout=10)
                if answer.status_code == 200 and answer.json()["proof"] == local.proof("12345678"):
                    return self
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the server did not answer: {self.log.read_text()}")

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A client of the local user."""
        headers = {"authorization": f"Token {self.local.token}"}
        with httpx.Client(base_url=self.local.url, headers=headers, timeout=60) as client:
            yield client

    def kill(self) -> None:
        """kill -9."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def terminate(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def new_figure(client: httpx.Client) -> str:
    """The id of a new figure."""
    workspace = client.get(f"{API}/workspace/").json()[0]["api_id"]
    analysis = client.post(f"{API}/analysis/", json={"name": "a", "workspace": workspace}).json()["api_id"]
    body: dict[str, Any] = client.post(f"{API}/figure/", json={"name": "f", "analysis": analysis}).json()
    api_id: str = body["api_id"]
    return api_id
