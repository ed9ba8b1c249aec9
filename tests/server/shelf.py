"""Media libraries for tests: one server for a module, and in it a person with a workspace and a site for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.store import people
from tests.server import portal
from tests.server.cdn.files import FILES
from tests.server.conftest import API, ORIGIN, Client, TestClient, chosen_start, created, found, workspace_of


class Town:
    """A server, and people with libraries in it."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.clients: list[Client] = []
        self._numbers = itertools.count()

    def anybody(self, **headers: str) -> Client:
        """A client with these headers, which else is nobody."""
        client = TestClient(self.app, base_url=ORIGIN, headers=headers, follow_redirects=False)
        client.portal = portal.current()
        self.clients.append(client)
        return client

    def person(self) -> tuple[str, str, Client]:
        """Somebody new, by name, the id of their API key, and their client."""
        with self.app.state.store.writing() as db:
            one = people.create_user(db, f"person{next(self._numbers)}")
            key, token = people.create_key(db, one.id, "for tests", None, None)
        return one.username, key.id, self.anybody(authorization=f"Token {token}")

    def library(self) -> Library:
        """Somebody's new library."""
        return Library(self.person()[2])


class Library:
    """A site of somebody's workspace, as programs fill it and browsers show it."""

    def __init__(self, client: Client, name: str | None = None) -> None:
        self.client = client
        self.workspace = workspace_of(client)["api_id"]
        body = {"workspace": self.workspace} | ({"name": name} if name else {})
        self.site = created(client.post(f"{API}/site/", json=body))["api_id"]
        self.path = f"{API}/site/{self.site}"

    def ask(self, filename: str, **more: Any) -> httpx.Response:
        """Ask where a file may be sent to; its type is what its ending says."""
        kind = FILES.get(filename.rpartition(".")[2], ("", b""))[0]
        return self.client.post(f"{self.path}/upload/", json={"filename": filename, "contentType": kind} | more)

    def put(self, filename: str, folder: str = "", content: bytes | None = None) -> str:
        """Upload a file; its key."""
        kind, usual = FILES[filename.rpartition(".")[2]]
        ticket = created(self.ask(filename, folder=folder))
        sent = self.client.put(ticket["uploadUrl"], content=content or usual, headers={"content-type": kind})
        assert sent.status_code == 200, sent.text
        return ticket["key"]

    def files(self, **query: Any) -> list[dict[str, Any]]:
        """What the API lists."""
        return found(self.client.get(f"{self.path}/file/", params=query))["results"]

    def names(self, **query: Any) -> list[str]:
        """The names of that."""
        return [one["name"] for one in self.files(**query)]

    def file(self, words: str) -> dict[str, Any]:
        """The newest file with these words in its name."""
        return self.files(q=words)[0]

    def page(self, **query: Any) -> str:
        """The library as a page."""
        answer = self.client.get(f"/workspace/{self.workspace}/media", params=query)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(scope="module")
def town(request: pytest.FixtureRequest, started: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One server for a module."""
    with chosen_start(request, started).copied(tmp_path_factory.mktemp("town") / "data") as config:
        one = Town(create_app(config))
        yield one
        for client in one.clients:
            client.close()
        one.app.state.tasks.close()
        one.app.state.darkroom.close()
        one.app.state.store.close()


@pytest.fixture
def library(town: Town) -> Library:
    """A library of its own for each test."""
    return town.library()
