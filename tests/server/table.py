"""A server of this process that several people sit around: on a port of its own, and away when a test wants it."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.schema.comments import TargetType
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import loopback_hosts
from gofigr_jupyter.server.insight.settings import InsightSettings
from gofigr_jupyter.server.store import people
from gofigr_jupyter.settings import Settings
from tests.server.conftest import TOKEN, config_for
from tests.server.people import person_named


class Table:
    """`url` and `key` are what a kernel of the local user needs; `as_user("ann")` is Ann's client, who sees all."""

    key = TOKEN

    def __init__(self, started: Path, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as drawn:
            self.port: int = drawn.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        shutil.copytree(started, folder / "data")
        self.config = replace(config_for(folder / "data"), port=self.port, allowed_hosts=loopback_hosts(self.port))
        self._clients: list[GoFigr] = []
        self.start()
        self.gf = self._client(TOKEN)

    def start(self) -> None:
        """Come (back)."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.app = create_app(self.config)
        config = uvicorn.Config(self.app, log_config=None, access_log=False, lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],))
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Go away."""
        self._server.should_exit = True
        self.app.state.store.bell.close()
        self._thread.join(30)
        self.app.state.tasks.close()
        self.app.state.darkroom.close()
        self.app.state.store.close()

    @contextmanager
    def with_engine(self, **settings: Any) -> Iterator[None]:
        """Let another engine answer questions, for a block."""
        before = self.config
        self.stop()
        self.config = replace(before, insight=InsightSettings(**settings))
        self.start()
        try:
            yield
        finally:
            self.stop()
            self.config = before
            self.start()

    def as_user(self, name: str) -> GoFigr:
        """Somebody else, who is a member of the local user's workspace."""
        with self.app.state.store.writing() as db:
            _, token = people.create_key(db, person_named(db, name).id, "a key", None, None)
        if name not in [one.username for one in self.gf.workspaces.members(self.gf.primary_workspace)]:
            self.gf.workspaces.add_member(self.gf.primary_workspace, name, "creator")
        return self._client(token)

    def revision(self, name: str = "Petal length") -> str:
        """A new figure with one revision."""
        figure = self.gf.find_figure(name, "Notes", create=True)
        return self.gf.revisions.create(figure=figure, metadata={}).api_id

    def settings(self) -> Settings:
        """Of the local user's session."""
        return Settings(home=self.folder, url=self.url, api_key=self.key)

    def _client(self, key: str) -> GoFigr:
        self._clients.append(GoFigr(settings=Settings(home=self.folder, url=self.url, api_key=key)))
        return self._clients[-1]

    def close(self) -> None:
        """Go for good."""
        for client in self._clients:
            client.close()
        self.stop()


@contextmanager
def table(started: Path, folder: Path) -> Iterator[Table]:
    """One, for a block."""
    made = Table(started, folder)
    try:
        yield made
    finally:
        made.close()


def about(revision: str) -> tuple[TargetType, str]:
    """What a comment on it is about."""
    return "figure_revision", revision
