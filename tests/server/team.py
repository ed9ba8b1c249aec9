"""A team server for tests: people with passwords, and browsers at any address that see it under any name."""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from gofigr_jupyter.server import passwords
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.tables import User

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would rather be tested with another HTTP client
    from starlette.testclient import TestClient

PORT = 51235
HERE = f"http://127.0.0.1:{PORT}"
COOKIE, DEVICE = f"gofigr_{PORT}", f"gofigr_device_{PORT}"
PASSWORD = "correct horse"
API = "/api/v1.4.1"


@cache
def hashed(password: str) -> str:
    """The hash of a password, made once for all tests."""
    return passwords.hashed(password)


class Team:
    """A running app, its people and its visitors."""

    def __init__(self, config: ServerConfig) -> None:
        self.app = create_app(config)
        self.config = config
        self.store = self.app.state.store
        self._clients: list[httpx.Client] = []

    def close(self) -> None:
        """Let go of everything."""
        for client in self._clients:
            client.close()
        self.store.close()

    def add(self, name: str, password: str = PASSWORD, email: str | None = None) -> str:
        """A person with a password; the name."""
        with self.store.writing() as db:
            people.create_user(db, name, email, hashed(password))
        return name

    def user(self, name: str) -> User:
        """The row of a person, as it stands."""
        with self.store.reading() as db:
            found = people.user_named(db, name)
        assert found is not None
        return found

    def client(self, authorization: str | None = None, *, url: str = HERE, address: str = "192.0.2.1") -> httpx.Client:
        """A client at an address, without cookies."""
        headers = {"authorization": authorization} if authorization else {}
        client = TestClient(self.app, base_url=url, headers=headers, follow_redirects=False, client=(address, 40000))
        del client.headers["user-agent"]
        self._clients.append(client)
        return client

    def token(self, client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
        """What a program does to sign in."""
        return client.post("/api/token/", data={"username": name, "password": password})

    def browser(self, name: str, **options: Any) -> httpx.Client:
        """A browser that has signed in."""
        client = self.client(**options)
        assert log_in(client, name).status_code == 303
        return client


@contextmanager
def running(started: Path, folder: Path, **options: Any) -> Iterator[Team]:
    """A team server on a copy of a data folder."""
    shutil.copytree(started, folder)
    team = Team(replace(ServerConfig(data_dir=folder, port=PORT), **options))
    try:
        yield team
    finally:
        team.close()


def log_in(client: httpx.Client, name: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
    """What a browser does with the form."""
    return client.post("/.gofigr/login", data={"username": name, "password": password} | fields, headers=own(client))


def own(client: httpx.Client) -> dict[str, str]:
    """What a browser says when one of our pages posts a form."""
    return {"origin": str(client.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}


def send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Send a form of the settings page, with the token that stands in it."""
    page = client.get("/settings").text
    token = re.search(r'name="form" value="([0-9a-f]{40})"', page)
    assert token is not None
    return client.post(path, data={"form": token[1]} | fields, headers=own(client))


def who(client: httpx.Client) -> str | None:
    """Who the API takes this client for."""
    answer = client.get(f"{API}/user")
    return answer.json()[0]["username"] if answer.status_code == 200 else None
