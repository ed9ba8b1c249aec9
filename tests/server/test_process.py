"""The server as a process: one per folder, on its port, gone when idle, and consistent after kill -9."""

from __future__ import annotations

import base64
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from blake3 import blake3

from gofigr_jupyter import spawn
from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.local import draw_port, local_server
from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.run import serve
from gofigr_jupyter.server.store.store import Store
from tests.server.processes import API, COMMAND, Server, environment, new_figure

pytestmark = pytest.mark.slow
TRIALS = 200 if os.environ.get("GOFIGR_LONG") else 6


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    """A running server."""
    with Server(home) as server:
        yield server.wait()


def test_lives_and_ends_in_order(home: Path) -> None:
    with Server(home) as server:
        server.wait()
        state = json.loads((home / "run" / "server.json").read_text())
        assert (state["pid"], state["port"]) == (server.process.pid, server.local.port)
        assert spawn.alive(home, "server")
        second = subprocess.run(COMMAND, env=environment(home), capture_output=True, text=True, timeout=60, check=False)
        assert (second.returncode, "running already" in second.stdout) == (0, True)
        assert server.terminate() == 0
        assert not (home / "run" / "server.json").exists()
        assert not spawn.alive(home, "server")
    for path in (home / "server", home / "run"):
        assert path.stat().st_mode & 0o077 == 0


def test_keeps_its_port_and_leaves_it_to_a_stranger_who_stays(home: Path) -> None:
    port = local_server(home).port
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        with Server(home) as server:
            deadline = time.monotonic() + 30
            while local_server(home).port == port and time.monotonic() < deadline:
                time.sleep(0.1)
            server.wait()
            moved = local_server(home).port
            assert moved != port
            assert str(port) in server.log.read_text()
            server.terminate()
    with Server(home) as server:
        server.wait()
        assert local_server(home).port == moved


def test_waits_for_a_stranger_who_goes(home: Path) -> None:
    port = local_server(home).port
    stranger = socket.socket()
    stranger.bind(("127.0.0.1", port))
    stranger.listen()
    with Server(home) as server:
        time.sleep(0.5)
        stranger.close()
        server.wait()
        assert local_server(home).port == port


def test_ends_when_nobody_asks(home: Path) -> None:
    with Server(home, GOFIGR_JUPYTER_SERVER_IDLE="1.5") as server:
        server.wait()
        for _ in range(8):  # as long as somebody asks, it stays
            time.sleep(0.3)
            with server.client() as client:
                assert client.get(f"{API}/info/").status_code == 200
        assert server.process.wait(20) == 0


def test_logs_neither_tickets_nor_tokens(server: Server) -> None:
    with server.client() as client:
        ticket = client.post("/.gofigr/ticket").json()["ticket"]
        client.get("/.gofigr/enter", params={"ticket": ticket})
        client.get("/file/%00/x")
        httpx.get(f"{server.local.url}{API}/user", headers={"authorization": "Token secretsecret"})
    server.terminate()
    log = server.log.read_text()
    for secret in (ticket, server.local.token, "secretsecret"):
        assert secret not in log


def test_fifty_megabytes_go_in_and_out(server: Server) -> None:
    content = random.Random(1).randbytes(50_000_000)  # noqa: S311 - repeatable
    with server.client() as client:
        figure = new_figure(client)
        item = {"type": "file", "name": "big", "data": base64.b64encode(content).decode()}
        made = client.post(f"{API}/revision/", json={"figure": figure, "data": [item]})
        assert made.status_code == 201
        listed = made.json()["data"][0]
        assert listed["hash"] == blake3(content).hexdigest()
        assert client.get(f"/file/{listed['api_id']}/big").content == content


def test_many_ask_at_once(server: Server) -> None:
    statuses: list[int] = []
    with server.client() as client:
        figure = new_figure(client)

    def publish() -> None:
        with server.client() as mine:
            for number in range(5):
                item = {"type": "text", "name": "n", "data": base64.b64encode(b"%d" % number).decode()}
                statuses.append(mine.post(f"{API}/revision/", json={"figure": figure, "data": [item]}).status_code)
                statuses.append(mine.get(f"{API}/workspace/").status_code)

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 40 + [201] * 40
    with server.client() as client:
        revisions = client.get(f"{API}/figure/{figure}/").json()["revisions"]
    assert [one["revision_index"] for one in revisions] == list(range(40))


@pytest.mark.timeout(1800)
def test_what_was_answered_survives_kill_9(home: Path) -> None:
    """Kill at random moments: everything acknowledged is there, whole, once; nothing else is half there.

    In every second trial something is acknowledged before the clock starts, however slow the machine is.
    """
    rng = random.Random(20261121)  # noqa: S311 - repeatable
    sent: dict[str, str] = {}  # client id -> hash
    acknowledged: set[str] = set()
    figure = ""
    for trial in range(TRIALS):
        with Server(home) as server:
            server.wait()
            with server.client() as client:
                figure = figure or new_figure(client)
                if trial % 2:
                    publish_one(client, figure, rng, sent, acknowledged)
                killer = threading.Timer(rng.uniform(0.0, 0.4), server.kill)
                killer.start()
                publish_until_dead(client, figure, rng, sent, acknowledged)
                killer.join()
    with Server(home) as server:
        server.wait()
        with server.client() as client:
            check(client, figure, sent, acknowledged)


def publish_one(
    client: httpx.Client, figure: str, rng: random.Random, sent: dict[str, str], acknowledged: set[str]
) -> None:
    """Post a revision, and note what was sent and what was answered."""
    content = rng.randbytes(rng.choice([0, 10, 5000, 1_500_000]))
    client_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    sent[client_id] = blake3(content).hexdigest()
    item = {"type": "file", "name": "x", "data": base64.b64encode(content).decode()}
    answer = client.post(f"{API}/revision/", json={"figure": figure, "client_id": client_id, "data": [item]})
    assert answer.status_code == 201, answer.text
    acknowledged.add(client_id)


def publish_until_dead(
    client: httpx.Client, figure: str, rng: random.Random, sent: dict[str, str], acknowledged: set[str]
) -> None:
    """Post revisions until the server is gone."""
    try:
        while True:
            publish_one(client, figure, rng, sent, acknowledged)
    except httpx.HTTPError:
        return


def check(client: httpx.Client, figure: str, sent: dict[str, str], acknowledged: set[str]) -> None:
    """Compare what is there with what was sent."""
    there = client.get(f"{API}/figure/{figure}/").json()["revisions"]
    ids = [one["api_id"] for one in there]
    assert len(ids) == len(set(ids))
    assert acknowledged <= set(ids) <= set(sent)
    assert acknowledged
    indexes = [one["revision_index"] for one in there]
    assert indexes == sorted(set(indexes))
    for client_id in ids:
        items = client.get(f"{API}/revision/{client_id}/").json()["data"]
        assert [one["hash"] for one in items] == [sent[client_id]]
        content = client.get(f"/file/{items[0]['api_id']}/x").content
        assert blake3(content).hexdigest() == sent[client_id]


def test_a_team_server_knows_people_and_no_local_user(tmp_path: Path) -> None:
    data_dir, port = tmp_path / "team", draw_port()
    accounts.add_user(data_dir, "ada", "ada@example.org", "correct horse")
    code = f"from pathlib import Path; from gofigr_jupyter.server.run import serve; serve('127.0.0.1', {port}, Path({str(data_dir)!r}))"
    more = {"GOFIGR_JUPYTER_ALLOWED_HOSTS": f"figures.example.org, localhost:{port}"}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(tmp_path, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        assert str(port) in process.stdout.readline().decode()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            assert client.get(f"/.gofigr/hello?nonce={'x' * 20}").status_code == 404
            tokens = client.post("/api/token/", data={"username": "ada", "password": "correct horse"}).json()
            headers = {"authorization": f"Bearer {tokens['access']}"}
            assert client.get(f"{API}/user", headers=headers).json()[0]["email"] == "ada@example.org"
            for host, status in (("figures.example.org", 200), ("evil.example", 403)):
                assert client.get(f"{API}/user", headers=headers | {"host": host}).status_code == status
            assert not (data_dir / "token").exists()
    finally:
        process.terminate()
        assert process.wait(30) == 0
        if process.stdout is not None:
            process.stdout.close()


def test_one_server_per_data_folder(server: Server) -> None:
    with pytest.raises(ConfigurationError, match="Another server"):
        serve("127.0.0.1", 0, server.home / "server")
    with pytest.raises(ConfigurationError, match="Port 8000"):
        serve("127.0.0.1", 8000, server.home / "elsewhere")
    with pytest.raises(ConfigurationError, match="loopback"):
        serve("0.0.0.0", 0, server.home / "elsewhere", embedded=True)  # noqa: S104 - it must be refused


def test_a_kill_during_the_first_start_leaves_a_folder_that_starts(home: Path) -> None:
    rng = random.Random(7)  # noqa: S311 - repeatable
    for _ in range(4):
        with Server(home) as server:
            time.sleep(rng.uniform(0.3, 1.6))
            server.kill()
    with Server(home) as server:
        server.wait()
        with server.client() as client:
            assert len(client.get(f"{API}/workspace/").json()) == 1
        server.terminate()
    Store.in_folder(home / "server").close()
