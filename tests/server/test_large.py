"""Large revisions: more than the memory needs to hold goes in and out, through a real server process."""

from __future__ import annotations

import base64
import contextlib
import json
import random
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from blake3 import blake3

from gofigr_jupyter.server.store.fsck import check
from tests.server.conftest import API as HERE
from tests.server.conftest import Client, created, found, make_figure
from tests.server.processes import API, Server, new_figure

MB = 1_000_000
JSON = {"content-type": "application/json"}


def peak(server: Server) -> int:
    """The most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def body_in_pieces(figure: str, *contents: bytes) -> Iterator[bytes]:
    """The JSON of a revision, without holding all of it."""
    yield json.dumps({"figure": figure, "metadata": {"log": "x" * MB}})[:-1].encode() + b', "data": ['
    for number, content in enumerate(contents):
        yield b"," if number else b""
        yield b'{"type": "file", "name": "%d", "data": "' % number
        for start in range(0, len(content), 300_000):
            yield base64.b64encode(content[start : start + 300_000])
        yield b'"}'
    yield b"]}"


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 500])
def test_a_hundred_megabytes_pass_through_little_memory(home: Path, count: int) -> None:
    content = random.Random(count).randbytes(100 * MB)  # noqa: S311 - repeatable
    parts = [content[start : start + len(content) // count] for start in range(0, len(content), len(content) // count)]
    with Server(home) as server, server.wait().client() as client:
        figure = new_figure(client)
        client.post(f"{API}/revision/", content=body_in_pieces(figure, parts[0][:MB]), headers=JSON)  # all is warm
        before = peak(server)
        made = client.post(f"{API}/revision/", content=body_in_pieces(figure, *parts), headers=JSON)
        assert made.status_code == 201, made.text[:300]
        taken_in = peak(server) - before
        items = made.json()["data"]
        assert [item["hash"] for item in items] == [blake3(part).hexdigest() for part in parts]
        assert made.json()["metadata"] == {"log": "x" * MB}
        for item, part in list(zip(items, parts, strict=True))[:3]:
            answer = client.get(f"{API}/data/{item['api_id']}/")
            assert int(answer.headers["content-length"]) == len(answer.content)
            assert base64.b64decode(answer.json()["data"]) == part
            assert client.get(f"/file/{item['api_id']}/x").content == part
        given_out = peak(server) - before
        print(f"{count} parts: memory grew by {taken_in / MB:.1f} MB, after reading {given_out / MB:.1f} MB")
        assert given_out < 60 * MB
        left = [path.name for path in (home / "server").iterdir() if "tmp" in path.name]
        assert left == []


@pytest.mark.slow
def test_a_body_that_is_too_large_is_refused_before_it_has_come(home: Path) -> None:
    with Server(home) as server:
        server.wait()
        for length in ("536870913", "9" * 19):
            with socket.create_connection(("127.0.0.1", server.local.port), timeout=30) as connection:
                connection.sendall(
                    f"POST {API}/revision/ HTTP/1.1\r\nHost: 127.0.0.1:{server.local.port}\r\n"
                    f"Authorization: Token {server.local.token}\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {length}\r\n\r\n{{".encode()
                )
                assert connection.recv(1000).startswith(b"HTTP/1.1 413")
        nobody = httpx.post(f"{server.local.url}{API}/revision/", content=b"{" * MB, headers=JSON, timeout=30)
        assert nobody.status_code in {401, 403}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.fail("this test mounts a small disk and needs to be run as root: " + made.stderr.decode())
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_told_and_keeps_nothing_half(small_disk: Path) -> None:
    rng = random.Random(1)  # noqa: S311 - repeatable
    with Server(small_disk) as server, server.wait().client() as client:
        figure = new_figure(client)
        # On its way, as chunks (the body itself has room), as chunks of many, and in the end as rows.
        for count, size in ((1, 20 * MB), (1, 4 * MB), (30, 200_000)):
            contents = [rng.randbytes(size) for _ in range(count)]
            refused = client.post(f"{API}/revision/", content=body_in_pieces(figure, *contents), headers=JSON)
            assert (refused.status_code, "full" in refused.json()["detail"]) == (507, True)
        (small_disk / "filler").write_bytes(b"x" * 100_000)
        with (small_disk / "filler").open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            while filler.write(b"x" * 4096) == 4096:
                pass
        item = {"type": "text", "data": base64.b64encode(b"a little").decode()}
        assert client.post(f"{API}/revision/", json={"figure": figure, "data": [item]}).status_code == 507
        assert client.get(f"{API}/figure/{figure}/").json()["revisions"] == []
        (small_disk / "filler").unlink()
        server.terminate()
    with Server(small_disk) as server, server.wait().client() as client:
        assert client.get(f"{API}/figure/{figure}/").json()["revisions"] == []
    assert check(small_disk / "server", repair=True).is_sound
    with Server(small_disk) as server, server.wait().client() as client:
        made = client.post(f"{API}/revision/", json={"figure": figure, "data": [item]})
        assert made.status_code == 201, made.text


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 1 << 20, (1 << 20) + 1, 3_000_001])
def test_data_of_any_size_comes_back(me: Client, size: int) -> None:
    content = random.Random(size).randbytes(size)  # noqa: S311 - repeatable
    item = {"type": "file", "name": "é", "metadata": {"a": [1]}, "data": base64.b64encode(content).decode()}
    made = created(me.post(f"{HERE}/revision/", json={"figure": make_figure(me)["api_id"], "data": [item]}))
    answer = me.get(f"{HERE}/data/{made['data'][0]['api_id']}/")
    shape = found(answer)
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert base64.b64decode(shape["data"]) == content
    assert shape == made["data"][0] | {"data": shape["data"]}
    assert (shape["size_bytes"], shape["hash"]) == (size, blake3(content).hexdigest())
