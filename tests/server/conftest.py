"""A real app on a data folder of its own, and clients for several people."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from gofigr_jupyter.server import accounts, passwords
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import DATABASE_VARIABLE, ServerConfig, loopback_hosts
from tests.server import portal
from tests.server.databases import POSTGRESQL, Start, on_both, start
from tests.server.people import People
from tests.server.postgres import PostgreSQL
from tests.server.s3 import SeaweedFS
from tests.server.team import Team, running

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would rather be tested with another HTTP client
    from starlette.testclient import TestClient

PORT = 51234
TOKEN = "ab" * 33
ORIGIN = f"http://127.0.0.1:{PORT}"
API = "/api/v1.4.1"

pytest_generate_tests = on_both

Client = httpx.Client
Maker = Callable[..., Client]


def config_for(data_dir: Path) -> ServerConfig:
    """An embedded server's settings."""
    return ServerConfig(
        data_dir=data_dir,
        port=PORT,
        embedded=True,
        local_token=TOKEN,
        allowed_hosts=loopback_hosts(PORT),
    )


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after its first start, to be copied: the migrations need not run for every test."""
    folder = tmp_path_factory.mktemp("server") / "data"
    create_app(config_for(folder)).state.store.close()
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A real PostgreSQL."""
    server = PostgreSQL()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def started_with_postgres(postgres: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """As `started`, with the rows in a PostgreSQL."""
    return start(config_for(tmp_path_factory.mktemp("server") / "data"), postgres)


def chosen_start(request: pytest.FixtureRequest, started: Path) -> Start:
    """What a fixture begins with: of the two databases the one that its test is to run on."""
    if getattr(request, "param", None) == POSTGRESQL:
        found: Start = request.getfixturevalue("started_with_postgres")
        return found
    return Start(config_for(started))


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """A real S3 server."""
    server = SeaweedFS(tmp_path_factory.mktemp("s3") / "data")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[None]:
    """Passwords take 64 MiB and a quarter of a second each, on purpose; thousands of sign-ins in tests need not.

    `test_signin.py` looks at a hash as it is really made.
    """
    light = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: light)
        yield


@pytest.fixture(scope="session", autouse=True)
def event_loop_of_the_clients() -> Iterator[None]:
    """Runs as long as the tests."""
    with portal.running():
        yield


@pytest.fixture
def config(
    request: pytest.FixtureRequest, started: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ServerConfig]:
    """The settings of an embedded server that was never used."""
    with chosen_start(request, started).copied(tmp_path / "data") as config:
        if config.database is not None:
            monkeypatch.setenv(DATABASE_VARIABLE, config.database)  # for the operator's commands
        yield config


@pytest.fixture
def app(config: ServerConfig) -> Iterator[FastAPI]:
    """An embedded server."""
    app = create_app(config)
    yield app
    app.state.tasks.close()
    app.state.darkroom.close()
    app.state.store.close()


@pytest.fixture
def client_of(app: FastAPI) -> Iterator[Maker]:
    """Makes clients; each has its own cookies."""
    made: list[Client] = []

    def make(authorization: str | None = None, **options: Any) -> Client:
        headers = {"authorization": authorization} if authorization else {}
        client = TestClient(app, base_url=ORIGIN, headers=headers, follow_redirects=False, **options)
        client.portal = portal.current()
        del client.headers["user-agent"]
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def me(client_of: Maker) -> Client:
    """The local user."""
    return client_of(f"Token {TOKEN}")


@pytest.fixture
def anonymous(client_of: Maker) -> Client:
    """Nobody."""
    return client_of()


@pytest.fixture
def other(app: FastAPI, config: ServerConfig, client_of: Maker) -> Client:
    """Another user, signed in with a password."""
    accounts.add_user(config.data_dir, "eve", "eve@example.org", "correct horse")
    answer = client_of().post("/api/token/", data={"username": "eve", "password": "correct horse"})
    return client_of(f"Bearer {answer.json()['access']}")


@pytest.fixture
def people(app: FastAPI, client_of: Maker) -> People:
    """As many users as a test needs."""
    return People(app, client_of)


@pytest.fixture
def team(request: pytest.FixtureRequest, started: Path, tmp_path: Path) -> Iterator[Team]:
    """A server for people with passwords."""
    with (
        chosen_start(request, started).copied(tmp_path / "start") as config,
        running(config.data_dir, tmp_path / "team", database=config.database) as team,
    ):
        yield team


def text(content: str | bytes, **metadata: Any) -> dict[str, Any]:
    """A data object of type text, for a request."""
    raw = content.encode() if isinstance(content, str) else content
    return {"type": "text", "name": "note", "metadata": metadata, "data": base64.b64encode(raw).decode()}


def image(content: bytes, fmt: str = "png", **metadata: Any) -> dict[str, Any]:
    """A data object of type image, for a request."""
    encoded = base64.b64encode(content).decode()
    return {"type": "image", "name": "figure", "metadata": {"format": fmt} | metadata, "data": encoded}


def created(answer: httpx.Response) -> dict[str, Any]:
    """The body of a 201."""
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def found(answer: httpx.Response) -> Any:
    """The body of a 200."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def workspace_of(client: Client) -> dict[str, Any]:
    """The caller's primary workspace, in full."""
    listed = found(client.get(f"{API}/workspace/"))
    primary = next(one for one in listed if one["workspace_type"] == "primary")
    body: dict[str, Any] = found(client.get(f"{API}/workspace/{primary['api_id']}/"))
    return body


def make_analysis(client: Client, name: str = "analysis", **fields: Any) -> dict[str, Any]:
    """A new analysis in the primary workspace."""
    fields.setdefault("workspace", workspace_of(client)["api_id"])
    return created(client.post(f"{API}/analysis/", json={"name": name} | fields))


def make_figure(client: Client, name: str = "figure", **fields: Any) -> dict[str, Any]:
    """A new figure, in a new analysis unless one is named."""
    if "analysis" not in fields:
        fields["analysis"] = make_analysis(client)["api_id"]
    return created(client.post(f"{API}/figure/", json={"name": name} | fields))


def make_revision(client: Client, *data: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A new revision, of a new figure unless one is named."""
    if "figure" not in fields:
        fields["figure"] = make_figure(client)["api_id"]
    return created(client.post(f"{API}/revision/", json={"data": list(data), "metadata": {}} | fields))


def make_asset(client: Client, name: str = "waves.csv", **fields: Any) -> dict[str, Any]:
    """A new asset in the primary workspace."""
    fields.setdefault("workspace", workspace_of(client)["api_id"])
    return created(client.post(f"{API}/asset/", json={"name": name} | fields))


def make_asset_revision(client: Client, *data: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A new revision of an asset, of a new one unless one is named."""
    if "asset" not in fields:
        fields["asset"] = make_asset(client)["api_id"]
    return created(client.post(f"{API}/asset_revision/", json={"data": list(data), "metadata": {}} | fields))


def read(client: Client, kind: str, api_id: str) -> dict[str, Any]:
    """An object in full."""
    body: dict[str, Any] = found(client.get(f"{API}/{kind}/{api_id}/"))
    return body


def second_workspace(client: Client) -> dict[str, Any]:
    """A new secondary workspace."""
    return created(client.post(f"{API}/workspace/", json={"name": "second", "organization": None}))


def scoped_key(client: Client, workspace: str) -> str:
    """The Authorization header of a new API key for one workspace."""
    key = created(client.post(f"{API}/api_key/", json={"name": "for programs", "workspace": workspace}))
    return f"Token {key['token']}"
