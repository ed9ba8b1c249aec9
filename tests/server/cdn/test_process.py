"""The service as a process: the reference's own commands with another host, memory, and kill -9 while a file comes."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gofigr_jupyter.server.cdn import sites
from gofigr_jupyter.server.store import fsck
from tests.server.cdn.conftest import KEY, UPLOAD
from tests.server.cdn.files import FILES, mp4
from tests.server.processes import Server

pytestmark = pytest.mark.slow
# As they stand in Fig1's reference.
ASK = """curl -X POST https://app.fig1.ai/api/sdk/assets/upload \\
  -H "Content-Type: application/json" \\
  -H "X-Fig1-API-Key: fig1_sdk_abc123" \\
  -d '{
    "filename": "product-image.jpg",
    "contentType": "image/jpeg",
    "folder": "products"
  }'"""
LIST = """curl -X GET "https://app.fig1.ai/api/sdk/assets/folders" \\
  -H "X-Fig1-API-Key: fig1_sdk_abc123\""""
MAKE = """curl -X POST https://app.fig1.ai/api/sdk/assets/folders \\
  -H "Content-Type: application/json" \\
  -H "X-Fig1-API-Key: fig1_sdk_abc123" \\
  -d '{
    "name": "marketing",
    "parentId": "folder_abc123"
  }'"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of its own."""
    with Server(tmp_path) as running:
        yield running.wait()


@pytest.fixture
def key(server: Server) -> str:
    """A key, made while it runs."""
    return str(sites.add_key(server.home / "server", "default", None, embedded=True)["key"])


def ran(command: str, **instead: str) -> Any:
    """What a command of a shell prints, with some words in it replaced."""
    for old, new in instead.items():
        command = command.replace({"host": "https://app.fig1.ai", "key": "fig1_sdk_abc123", "folder": "folder_abc123"}[old], new)
    done = subprocess.run(["sh", "-c", command.replace("curl ", "curl -s ", 1)], capture_output=True, check=True)
    return json.loads(done.stdout)


def test_the_references_commands(server: Server, key: str, tmp_path: Path) -> None:
    where = {"host": server.local.url, "key": key}
    asked = ran(ASK, **where)
    assert asked["success"] is True
    target = asked["data"]
    assert target["expiresIn"] == 3600
    (tmp_path / "product-image.jpg").write_bytes(FILES["jpg"][1])
    put = f"curl -X PUT '{target['uploadUrl']}' -H 'Content-Type: image/jpeg' --data-binary @{tmp_path}/product-image.jpg"
    assert ran(put)["success"] is True
    assert ran(put) == {"success": False, "error": "Upload URL has expired. Request a new one."}
    got = subprocess.run(["curl", "-s", target["cdnUrl"]], capture_output=True, check=True).stdout
    assert got == FILES["jpg"][1]
    folders = ran(LIST, **where)["data"]
    assert [one["path"] for one in folders] == ["/products"]
    assert ran(MAKE, **where, folder=folders[0]["_id"])["data"]["path"] == "/products/marketing"
    assert ran(LIST, host=server.local.url)["success"] is False
    start = target["cdnUrl"].rpartition("/")[0]
    for path in ("../products/product-image.jpg", "x/../product-image.jpg", "..\\product-image.jpg"):
        answer = subprocess.run(["curl", "-s", "--path-as-is", f"{start}/{path}"], capture_output=True, check=True)
        assert json.loads(answer.stdout)["success"] is False


def target_of(server: Server, key: str, name: str, kind: str) -> dict[str, Any]:
    with server.client() as client:
        answer = client.post(UPLOAD, json={"filename": name, "contentType": kind}, headers={KEY: key})
        data: dict[str, Any] = answer.json()["data"]
        return data


def begun(server: Server, target: dict[str, Any], size: int, first: bytes) -> socket.socket:
    """A PUT of which so much has been sent."""
    link = socket.create_connection(("127.0.0.1", server.local.port))
    path = urlsplit(target["uploadUrl"]).path
    head = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.local.port}\r\nContent-Type: video/mp4\r\nContent-Length: {size}\r\n\r\n"
    link.sendall(head.encode() + first)
    return link


def chunks(server: Server) -> list[Path]:
    return [path for path in (server.home / "server" / "blobs").glob("*/*") if path.is_file()]


def test_killed_while_a_file_comes(server: Server, key: str) -> None:
    film = mp4() + os.urandom(5 << 20)
    target = target_of(server, key, "film.mp4", "video/mp4")
    before = len(chunks(server))
    link = begun(server, target, len(film), film[: 4 << 20])
    while len(chunks(server)) < before + 3:
        time.sleep(0.01)
    server.kill()
    link.close()
    assert fsck.check(server.home / "server", repair=True).is_sound
    with Server(server.home) as again:
        again.wait()
        with again.client() as client:
            assert client.get(target["cdnUrl"]).status_code == 404
            assert client.get("/api/v1.4.1/asset/").json() == []
            answer = client.put(target["uploadUrl"], content=film, headers={"content-type": "video/mp4"})
            assert answer.status_code == 200, "the address is still good"
            assert client.get(target["cdnUrl"]).content == film
        again.kill()
    report = fsck.check(server.home / "server")
    assert (report.is_sound, report.unnamed) == (True, 0)


def test_who_hangs_up_leaves_nothing(server: Server, key: str) -> None:
    film = mp4() + os.urandom(3 << 20)
    target = target_of(server, key, "film.mp4", "video/mp4")
    begun(server, target, len(film), film[: 2 << 20]).close()
    with server.client() as client:
        assert client.get(target["cdnUrl"]).status_code == 404
        answer = client.put(target["uploadUrl"], content=film, headers={"content-type": "video/mp4"})
        assert answer.status_code == 200
        assert client.get(target["cdnUrl"]).content == film


def peak(server: Server) -> int:
    """The most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) << 10


def film_of(size: int) -> Iterator[bytes]:
    """A film of this size that is nowhere in memory."""
    yield mp4()
    left = size - len(mp4())
    block = os.urandom(1 << 20)
    for number in range(0, left, 1 << 20):
        yield number.to_bytes(8, "big") + block[: min(1 << 20, left - number) - 8]


@pytest.mark.parametrize("megabytes", [64, pytest.param(500, marks=pytest.mark.long)])
def test_a_large_file_takes_little_memory(server: Server, key: str, megabytes: int) -> None:
    size = megabytes << 20
    small = target_of(server, key, "a.mp4", "video/mp4")
    headers = {"content-type": "video/mp4", "content-length": str(size)}
    with server.client() as client:
        client.put(small["uploadUrl"], content=b"".join(film_of(3 << 20)), headers={"content-type": "video/mp4"})
        before = peak(server)
        target = target_of(server, key, "b.mp4", "video/mp4")
        assert client.put(target["uploadUrl"], content=film_of(size), headers=headers).status_code == 200
        with client.stream("GET", target["cdnUrl"]) as answer:
            assert sum(map(len, answer.iter_bytes())) == size
        assert peak(server) - before < 64 << 20


@pytest.mark.long
def test_one_byte_above_the_real_limit(server: Server, key: str) -> None:
    size = (500 << 20) + 1
    target = target_of(server, key, "b.mp4", "video/mp4")
    with server.client() as client:
        answer = client.put(target["uploadUrl"], content=film_of(size), headers={"content-type": "video/mp4"})
        assert (answer.status_code, answer.json()) == (413, {"success": False, "error": "File exceeds maximum size of 500MB"})
