"""An upload that breaks goes on where it broke: what came is kept for a while, and counts as if it came in one piece."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from gofigr_jupyter.schema.fig1 import Limits
from gofigr_jupyter.server.cdn import beginnings
from gofigr_jupyter.server.config import ServerConfig
from tests.server import portal
from tests.server.cdn.conftest import Program, refused
from tests.server.cdn.files import FILES, mp4
from tests.server.conftest import PORT, Client, found

EXPIRED = "Upload URL has expired. Request a new one."
FILM = mp4() + os.urandom(2_500_000)
PARTIAL = "application/partial-upload"


@pytest.fixture
def config(config: ServerConfig) -> ServerConfig:
    """Limits that are soon reached."""
    return replace(config, limits=Limits(image=1 << 20, document=2 << 20, media=3 << 20))


class Line:
    """A request whose line is under control: pieces are sent one by one, and it breaks when told."""

    def __init__(self, app: FastAPI, method: str, url: str, **headers: str) -> None:
        self._app, self._pieces = app, asyncio.Queue[dict[str, Any]]()
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        path = urlsplit(url).path
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "server": ("127.0.0.1", PORT),
            "client": ("127.0.0.1", 1), "headers": [(b"host", f"127.0.0.1:{PORT}".encode()), *raw],
        }  # fmt: skip
        self.status = 0

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)

    def send(self, piece: bytes) -> None:
        """The next bytes."""
        self._say({"type": "http.request", "body": piece, "more_body": True})

    def end(self, piece: bytes) -> None:
        """The last bytes."""
        self._say({"type": "http.request", "body": piece, "more_body": False})

    def cut(self) -> None:
        """The line breaks."""
        self._say({"type": "http.disconnect"})

    def _say(self, message: dict[str, Any]) -> None:
        door().call(self._pieces.put_nowait, message)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The server works on it until it is done with it."""
        future = door().start_task_soon(self._app, self._scope, self._pieces.get, self._send)
        yield
        future.result(30)


def door() -> Any:
    """Where the server's loop is spoken to."""
    found = portal.current()
    assert found is not None
    return found


@pytest.fixture
def broken(app: FastAPI) -> Callable[..., None]:
    """Sends a file's beginning, and hangs up."""

    def send(url: str, *pieces: bytes, method: str = "PUT", **headers: str) -> None:
        line = Line(app, method, url, **headers)
        with line.running():
            for piece in pieces:
                line.send(piece)
            line.cut()

    return send


Broken = Callable[..., None]


def offset(program: Program, target: dict[str, Any]) -> int:
    """How much the server has of a file."""
    answer = program.client.head(target["uploadUrl"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def go_on(program: Program, target: dict[str, Any], at: object, content: bytes, **more: str) -> httpx.Response:
    headers = {"content-type": PARTIAL, "upload-offset": str(at)} | more
    return program.client.patch(target["uploadUrl"], content=content, headers=headers)


def conflict(answer: httpx.Response, at: int) -> None:
    refused(answer, 409)
    assert answer.headers["upload-offset"] == str(at)


def test_what_came_is_kept_and_goes_on(program: Program, broken: Broken) -> None:
    target = program.target("film.mp4", "video/mp4")
    assert offset(program, target) == 0
    broken(target["uploadUrl"], FILM[:1_200_000], FILM[1_200_000:1_300_001])
    assert offset(program, target) == 1_300_001
    refused(program.client.get(target["cdnUrl"]), 404)
    for wrong in (0, 1_300_000, 1_300_002):
        conflict(go_on(program, target, wrong, b"x"), 1_300_001)
    refused(go_on(program, target, 10**18, b"x"), 413)
    broken(target["uploadUrl"], FILM[1_300_001:2_000_000], method="PATCH", content_type=PARTIAL, upload_offset="1300001")
    assert offset(program, target) == 2_000_000
    answer = go_on(program, target, 2_000_000, FILM[2_000_000:])
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == {"cdnUrl": target["cdnUrl"], "key": target["key"]}
    assert program.client.get(target["cdnUrl"]).content == FILM
    assert program.client.head(target["uploadUrl"]).status_code == 400
    refused(go_on(program, target, 0, FILM), 400, EXPIRED)


def test_all_of_it_may_come_so(program: Program, broken: Broken) -> None:
    target = program.target("film.mp4", "video/mp4")
    assert go_on(program, target, 0, FILM).status_code == 200
    other = program.target("film.mp4", "video/mp4")
    broken(other["uploadUrl"], FILM)
    assert go_on(program, other, len(FILM), b"").status_code == 200, "only the end was missing"
    assert program.client.get(other["cdnUrl"]).content == FILM


def test_a_put_begins_anew(program: Program, broken: Broken) -> None:
    target = program.target("film.mp4", "video/mp4")
    broken(target["uploadUrl"], FILM[:1_500_000])
    broken(target["uploadUrl"], FILM[:7])
    assert offset(program, target) == 7
    other = mp4() + b"another film"
    assert program.put(target, other, "video/mp4").status_code == 200
    assert program.client.get(target["cdnUrl"]).content == other


def test_limits_hold_for_the_whole(program: Program, broken: Broken) -> None:
    target = program.target("film.mp4", "video/mp4")
    whole = FILM + bytes((3 << 20) - len(FILM))
    broken(target["uploadUrl"], whole[:2_000_000])
    refused(go_on(program, target, 2_000_000, whole[2_000_000:] + b"x"), 413)
    assert offset(program, target) == 2_000_000, "it was told to be too long, and not read"
    assert go_on(program, target, 2_000_000, whole[2_000_000:]).status_code == 200
    target = program.target("film.mp4", "video/mp4")
    broken(target["uploadUrl"], whole[:2_000_000])
    too_long = iter([whole[2_000_000:], b"x"])
    headers = {"content-type": PARTIAL, "upload-offset": "2000000"}
    refused(program.client.patch(target["uploadUrl"], content=too_long, headers=headers), 413)
    assert offset(program, target) == 0
    refused(program.client.get(target["cdnUrl"]), 404)


def test_it_is_sniffed_as_a_whole(program: Program, broken: Broken) -> None:
    target = program.target("a.png", "image/png")
    broken(target["uploadUrl"], b"<html><script>")
    refused(go_on(program, target, 14, FILES["png"][1]), 400, "File type not supported")
    assert offset(program, target) == 0
    broken(target["uploadUrl"], FILES["png"][1][:5])
    assert go_on(program, target, 5, FILES["png"][1][5:]).status_code == 200


@pytest.mark.parametrize("at", ["", "-1", "+3", "3.0", "0x3", "\u0663", "9" * 30, "NaN"])
def test_offsets_that_are_none(program: Program, at: str) -> None:
    target = program.target("a.png", "image/png")
    headers = [(b"content-type", PARTIAL.encode()), (b"upload-offset", at.encode())]
    refused(program.client.patch(target["uploadUrl"], content=b"x", headers=headers), 400)


def test_what_is_not_said_as_it_should_be(program: Program, broken: Broken) -> None:
    target = program.target("a.png", "image/png")
    content = FILES["png"][1]
    broken(target["uploadUrl"], content[:5])
    refused(program.client.patch(target["uploadUrl"], content=content[5:], headers={"content-type": PARTIAL}), 400)
    refused(go_on(program, target, 5, content[5:], **{"content-type": "image/png"}), 400)
    refused(go_on(program, target, 5, content[5:], **{"content-encoding": "gzip"}), 400)
    forged = {**target, "uploadUrl": target["uploadUrl"] + "x"}
    refused(go_on(program, forged, 5, content[5:]), 400, EXPIRED)
    assert program.client.head(forged["uploadUrl"]).status_code == 400
    assert "upload-offset" not in program.client.head(forged["uploadUrl"]).headers
    assert go_on(program, target, 5, content[5:]).status_code == 200


def test_two_at_once_never_mix(app: FastAPI, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginnings, "GRACE", 0.1)
    target = program.target("film.mp4", "video/mp4")
    line = Line(app, "PUT", target["uploadUrl"])
    with line.running():
        line.send(FILM[:2_000_000])
        while offset(program, target) < 2_000_000 - (1 << 20):
            pass
        assert program.put(target, FILM, "video/mp4").status_code == 409
        at = offset(program, target)
        conflict(go_on(program, target, at, FILM[at:]), at)
        line.end(FILM[2_000_000:])
    assert line.status == 200
    assert program.client.get(target["cdnUrl"]).content == FILM


def test_who_comes_back_waits_for_what_is_still_read(app: FastAPI, program: Program) -> None:
    target = program.target("film.mp4", "video/mp4")
    line = Line(app, "PUT", target["uploadUrl"])
    with line.running(), ThreadPoolExecutor(1) as threads:
        line.send(FILM[:2_000_000])
        while not offset(program, target):
            pass
        again = threads.submit(program.put, target, FILM, "video/mp4")
        time.sleep(0.2)
        assert not again.done()
        line.cut()
        assert again.result(30).status_code == 200
    assert program.client.get(target["cdnUrl"]).content == FILM


def test_who_waits_for_one_that_ends_well_is_told_so(app: FastAPI, program: Program) -> None:
    target = program.target("film.mp4", "video/mp4")
    line = Line(app, "PUT", target["uploadUrl"])
    with line.running(), ThreadPoolExecutor(1) as threads:
        line.send(FILM[:2_000_000])
        while not offset(program, target):
            pass
        again = threads.submit(program.put, target, FILM, "video/mp4")
        time.sleep(0.2)
        line.end(FILM[2_000_000:])
        refused(again.result(30), 400, EXPIRED)
    assert line.status == 200


def test_what_broke_is_spared_by_the_sweep_for_a_while(
    app: FastAPI, program: Program, broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = app.state.store
    target = program.target("film.mp4", "video/mp4")
    broken(target["uploadUrl"], FILM[:2_200_000])
    assert store.tidy() == 0
    assert go_on(program, target, 2_200_000, FILM[2_200_000:]).status_code == 200
    assert program.client.get(target["cdnUrl"]).content == FILM
    other = program.target("film.mp4", "video/mp4")
    monkeypatch.setattr(beginnings, "PATIENCE", -1.0)
    broken(other["uploadUrl"], os.urandom(2_200_000))
    assert offset(program, other) == 0
    assert store.tidy() == 2


def test_what_somebody_swept_all_the_same_is_not_named(app: FastAPI, program: Program, broken: Broken, me: Client) -> None:
    target = program.target("film.mp4", "video/mp4")
    broken(target["uploadUrl"], FILM[:2_200_000])
    app.state.store.spared = set  # as a repair by another process does not know of it
    assert app.state.store.tidy() == 2
    conflict(go_on(program, target, 2_200_000, FILM[2_200_000:]), 0)
    assert found(me.get("/api/v1.4.1/asset/")) == []
    assert go_on(program, target, 0, FILM).status_code == 200
    assert program.client.get(target["cdnUrl"]).content == FILM


def test_only_some_are_kept(program: Program, broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginnings, "MOST", 2)
    targets = [program.target("a.png", "image/png") for _ in range(3)]
    for target in targets:
        broken(target["uploadUrl"], FILES["png"][1][:9])
    assert [offset(program, target) for target in targets] == [0, 9, 9]
