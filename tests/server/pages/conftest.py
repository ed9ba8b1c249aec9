"""An exhibition of real figures on a real server, for clients and browsers that only look."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig, loopback_hosts
from tests.server.conftest import TOKEN, Client
from tests.server.pages import exhibition, rooms


@dataclass
class House:
    """A server behind a real socket with an exhibition: its rooms, clients of three sorts, a browser's cookie."""

    url: str
    rooms: dict[str, str]
    me: Client
    other: Client
    anonymous: Client
    cookie: dict[str, str]


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests that only look."""
    folder = tmp_path_factory.mktemp("house")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with serving(folder, listener.getsockname()[1], listener) as url, ExitStack() as stack:
            accounts.add_user(folder, "eve", None, "correct horse")
            anonymous, me, other = (stack.enter_context(httpx.Client(base_url=url, timeout=60)) for _ in range(3))
            me.headers["authorization"] = f"Token {TOKEN}"
            signed_in = other.post("/api/token/", data={"username": "eve", "password": "correct horse"})
            other.headers["authorization"] = f"Bearer {signed_in.json()['access']}"
            yield House(url, exhibition.hang(me, rooms.pieces()), me, other, anonymous, cookie(me, url))


def cookie(me: Client, url: str) -> dict[str, str]:
    """The cookie of a browser that came in with a ticket, as Playwright takes it."""
    ticket = me.post("/.gofigr/ticket").json()["ticket"]
    with httpx.Client(base_url=url) as browser:
        entered = browser.post("/.gofigr/enter", data={"ticket": ticket}, headers={"origin": url})
        assert entered.status_code == 303
        ((name, value),) = browser.cookies.items()
    return {"name": name, "value": value, "url": url}


class serving:  # noqa: N801 - reads as a statement
    """A real server in a thread, for the length of a block."""

    def __init__(self, folder: Path, port: int, listener: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{port}"
        config = ServerConfig(folder, port, embedded=True, local_token=TOKEN, allowed_hosts=loopback_hosts(port))
        self._app = create_app(config)
        options = uvicorn.Config(self._app, log_level="error", lifespan="off", ws="none")
        self._server = uvicorn.Server(options)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)

    def __enter__(self) -> str:
        """Wait until it answers."""
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.url

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(20)
        self._app.state.store.close()
