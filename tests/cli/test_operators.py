"""backup, restore and fsck, from the operator's terminal, on a server that runs."""

from __future__ import annotations

import base64
import random
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.server.processes import API, Server, new_figure

pytestmark = pytest.mark.slow


def publish(server: Server, figure: str, content: bytes) -> tuple[str, bytes]:
    """A revision with a common file and one of its own; the id of the latter's data object."""
    items = [
        {"type": "file", "name": "common", "data": base64.b64encode(b"common" * 1000).decode()},
        {"type": "file", "name": "own", "data": base64.b64encode(content).decode()},
    ]
    with server.client() as client:
        made = client.post(f"{API}/revision/", json={"figure": figure, "data": items})
        assert made.status_code == 201, made.text
        return made.json()["data"][1]["api_id"], content


def test_a_backup_of_a_busy_server_is_served_again(home: Path, tmp_path: Path, command: Command) -> None:
    data, folder, other = home / "server", tmp_path / "backup", tmp_path / "other"
    published: list[tuple[str, bytes]] = []
    is_over = threading.Event()
    with Server(home) as server:
        with server.wait().client() as client:
            figure = new_figure(client)

        def keep_publishing(number: int) -> None:
            rng = random.Random(number)  # noqa: S311 - repeatable
            while not is_over.is_set():
                published.append(publish(server, figure, rng.randbytes(rng.choice([10, 30_000, 1_200_000]))))

        threads = [threading.Thread(target=keep_publishing, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        try:
            while len(published) < 8:
                is_over.wait(0.05)
            command("backup", str(folder), "--data-dir", str(data))
            before = published.copy()
            again = command("backup", str(folder), "--data-dir", str(data))
            assert "Nothing is damaged" in command("fsck", "--repair", "--data-dir", str(data)).out
        finally:
            is_over.set()
            for thread in threads:
                thread.join()
    assert "new" in again.out
    told = command("restore", str(folder), "--data-dir", str(other / "server"))
    assert "all proved by their hashes" in told.out
    with Server(other) as server, server.wait().client() as client:
        revisions = client.get(f"{API}/figure/{figure}/").json()["revisions"]
        assert len(revisions) >= len(before)
        contents = dict(published)
        found = set()
        for one in revisions:
            common, own = client.get(f"{API}/revision/{one['api_id']}/").json()["data"]
            assert client.get(f"/file/{common['api_id']}/x").content == b"common" * 1000
            assert client.get(f"/file/{own['api_id']}/x").content == contents[own["api_id"]]
            found.add(own["api_id"])
        assert {api_id for api_id, _ in before} <= found
    assert "Nothing is damaged" in command("fsck", "--data-dir", str(other / "server")).out


def test_damage_is_told_and_counts_as_failure(home: Path, tmp_path: Path, command: Command) -> None:
    data, folder = home / "server", tmp_path / "backup"
    with Server(home) as server:
        with server.wait().client() as client:
            figure = new_figure(client)
        item, _ = publish(server, figure, b"precious")
    (path,) = (path for path in (data / "blobs").rglob("*") if path.is_file() and path.read_bytes() == b"precious")
    path.write_bytes(b"spoiled!")
    checked = command("fsck", "--data-dir", str(data), check=False)
    assert checked.code == 1
    assert item in checked.out
    saved = command("backup", str(folder), "--data-dir", str(data), check=False)
    assert (saved.code, "fsck" in saved.err) == (1, True)
    again = command("restore", str(folder), "--data-dir", str(data), check=False)
    assert (again.code, "not empty" in again.err) == (2, True)
    nothing = command("restore", str(tmp_path / "nowhere"), "--data-dir", str(tmp_path / "new"), check=False)
    assert (nothing.code, "no finished backup" in nothing.err) == (1, True)
    for words in (("backup", str(folder)), ("fsck",)):
        missing = command(*words, "--data-dir", str(tmp_path / "none"), check=False)
        assert (missing.code, "no server's data" in missing.err) == (2, True)
    assert not (tmp_path / "none").exists()
