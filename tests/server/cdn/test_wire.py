"""Requests byte by byte, lies about lengths, and bombs, all at one real server: refused or cut off, and it lives on."""

from __future__ import annotations

import gzip
import io
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from PIL import Image

from gofigr_jupyter.server.cdn import sites
from tests.server.cdn.conftest import KEY, UPLOAD
from tests.server.cdn.files import FILES
from tests.server.cdn.photographs import bomb_png, claiming_png, saved
from tests.server.cdn.test_hostile import claiming_gif, claiming_webp, growing_gif
from tests.server.processes import Server

pytestmark = pytest.mark.slow
PNG = FILES["png"][1]
SIZE = len(PNG)
MOST_MEMORY = 512 << 20
LONG = [
    pytest.mark.long,
    pytest.mark.timeout(3600),
]


class Service:
    """A server, a key of it, and answers byte by byte."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.key = sites.add_key(server.home / "server", "default", None, embedded=True)["key"]
        self.host = urlsplit(server.local.url).netloc

    def target(self, name: str, kind: str) -> dict[str, str]:
        with self.server.client() as client:
            answer = client.post(UPLOAD, json={"filename": name, "contentType": kind}, headers={KEY: self.key})
        data: dict[str, str] = answer.json()["data"]
        return data

    def sent(self, raw: bytes, *, half: bool) -> bytes:
        """All that comes back; where `half`, our side is closed before."""
        with socket.create_connection(("127.0.0.1", self.server.local.port), timeout=20) as line:
            line.sendall(raw)
            if half:
                line.shutdown(socket.SHUT_WR)
            received = b""
            while piece := line.recv(65536):
                received += piece
        return received

    def put(self, head: str, body: bytes, *, version: str = "1.1", half: bool = False) -> tuple[list[int], bool]:
        """The statuses of what is answered, and whether the picture is there afterwards."""
        target = self.target("a.png", "image/png")
        path = urlsplit(target["uploadUrl"]).path
        lines = f"PUT {path} HTTP/{version}\r\nHost: {self.host}\r\nConnection: close\r\n{head}\r\n"
        answer = self.sent(lines.encode() + body, half=half)
        with self.server.client() as client:
            found = client.get(target["cdnUrl"])
        assert (found.status_code, found.content) == (200, PNG) or found.status_code == 404
        return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3})", answer)], found.status_code == 200

    def memory(self) -> int:
        """Of the server and its children, in bytes."""
        own = psutil.Process(self.server.process.pid)
        return sum(one.memory_info().rss for one in (own, *own.children(recursive=True)))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One server for all: none of this may hurt it."""
    with Server(tmp_path_factory.mktemp("wire")) as server:
        yield Service(server.wait())
        assert server.process.poll() is None
        assert " 500 " not in server.log.read_text()


def chunked(content: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"%x;extension=1\r\n%b\r\n" % (len(content), content) + end


KIND = "Content-Type: image/png\r\n"
LENGTH = f"Content-Length: {SIZE}\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
PACKED = gzip.compress(PNG)
KEPT = {
    "plainly": (KIND + LENGTH, PNG),
    "in chunks, with trailers": (KIND + CHUNKED, chunked(PNG, b"0\r\nX: y\r\n\r\n")),
    "asking first": (KIND + LENGTH + "Expect: 100-continue\r\n", PNG),
    "with parameters": ("Content-Type: IMAGE/PNG; charset=x\r\n" + LENGTH, PNG),
    "without a type": (LENGTH, PNG),
    "and more behind it": (KIND + LENGTH, PNG + b"more"),
}
REFUSED = {
    "nothing": (KIND, b""),
    "less than was said": (KIND + f"Content-Length: {SIZE + 10}\r\n", PNG),
    "more than was said": (KIND + f"Content-Length: {SIZE - 5}\r\n", PNG),
    "a negative length": (KIND + "Content-Length: -5\r\n", PNG),
    "a length of letters": (KIND + "Content-Length: five\r\n", PNG),
    "a length beyond all numbers": (KIND + f"Content-Length: {'9' * 25}\r\n", PNG),
    "two lengths": (KIND + LENGTH + f"Content-Length: {SIZE + 1}\r\n", PNG),
    "no length": (KIND, PNG),
    "chunks that are none": (KIND + CHUNKED, b"zz\r\n" + PNG),
    "chunks without an end": (KIND + CHUNKED, chunked(PNG, b"")),
    "packed chunks": (KIND + "Transfer-Encoding: gzip, chunked\r\n", chunked(PACKED)),
    "packed": (KIND + f"Content-Encoding: gzip\r\nContent-Length: {len(PACKED)}\r\n", PACKED),
    "too much, says who asks first": (KIND + f"Content-Length: {11 << 20}\r\nExpect: 100-continue\r\n", b""),
    "another type": ("Content-Type: text/html\r\n" + LENGTH, PNG),
}


def test_ways_to_send_a_file(service: Service) -> None:
    for way, (head, body) in KEPT.items():
        statuses, is_there = service.put(head, body)
        assert (200 in statuses, is_there) == (True, True), way
    assert service.put(KIND + LENGTH, PNG, version="1.0") == ([200], True)


def test_lies_about_a_file(service: Service) -> None:
    for way, (head, body) in REFUSED.items():
        statuses, is_there = service.put(head, body, half=True)
        assert all(400 <= one < 500 for one in statuses), way
        assert not is_there, way


def test_who_says_too_much_and_sends_nothing_is_answered(service: Service) -> None:
    path = urlsplit(service.target("a.png", "image/png")["uploadUrl"]).path
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", service.server.local.port), timeout=30) as line:
        head = f"PUT {path} HTTP/1.1\r\nHost: {service.host}\r\nConnection: close\r\n{KIND}"
        line.sendall(f"{head}Content-Length: {11 << 20}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "File exceeds maximum size of 10MB"
    assert time.monotonic() - start < 20


def large_png(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


BOMBS = {
    "sides.png": lambda: large_png(10_000),
    "pixels.png": lambda: bomb_png(8000),
    "claims.png": lambda: claiming_png(1_000_000, 1_000_000),
    "frames.gif": lambda: claiming_gif(5000),
    "screens.gif": lambda: claiming_gif(100, 2000, 2000),
    "growing.gif": growing_gif,
    "claims.webp": claiming_webp,
}


def asked(service: Service, address: str, queries: list[str]) -> list[Any]:
    with service.server.client() as client:
        return [client.get(f"{address}?{query}") for query in queries]


def test_bombs(service: Service) -> None:
    """They are kept, as files may be whatever they like; nothing is made of them."""
    for name, made in BOMBS.items():
        kind = FILES[name.rpartition(".")[2]][0]
        target = service.target(name, kind)
        with service.server.client() as client:
            answer = client.put(target["uploadUrl"], content=made(), headers={"content-type": kind})
        if answer.status_code == 200:
            answers = asked(service, target["cdnUrl"], ["w=10", "w=10000&h=10000&f=webp", "f=avif"])
            assert {one.status_code for one in answers} == {400}, name
            assert all(one.json()["success"] is False for one in answers)
        else:
            assert answer.status_code == 400, name
        assert service.memory() < MOST_MEMORY, name


@pytest.mark.parametrize("count", [60, pytest.param(10_000, marks=LONG)])
def test_many_sizes_of_one_picture(service: Service, count: int) -> None:
    target = service.target("photo.jpg", "image/jpeg")
    photo = saved(Image.effect_noise((300, 200), 80), "JPEG")
    with service.server.client() as client:
        client.put(target["uploadUrl"], content=photo, headers={"content-type": "image/jpeg"})
    sizes = [f"w={1 + number % 100}&h={1 + number // 100 % 100}&fit=cover" for number in range(count)]
    assert {one.status_code for one in asked(service, target["cdnUrl"], sizes)} == {200}
    wide = asked(service, target["cdnUrl"], ["w=10000&h=10000", "w=10000", "w=10001", "w=1e9", "w=%D9%A1%D9%A2"])
    assert [one.status_code for one in wide] == [200, 200, 400, 400, 400]
    assert service.memory() < MOST_MEMORY
    kept = [one for one in (service.server.home / "server").glob("cache/cdn/**/*") if one.is_file()]
    assert len(kept) <= 1100, "of each picture a hundred"


@pytest.mark.parametrize(("ending", "megabytes"), [("png", 10), ("txt", 50)])
def test_exactly_at_the_real_limit(service: Service, ending: str, megabytes: int) -> None:
    kind, content = FILES[ending]
    size = megabytes << 20
    target = service.target(f"a.{ending}", kind)
    with service.server.client() as client:
        above = client.put(target["uploadUrl"], content=content.ljust(size + 1), headers={"content-type": kind})
        assert (above.status_code, above.json()["error"]) == (413, f"File exceeds maximum size of {megabytes}MB")
        answer = client.put(target["uploadUrl"], content=content.ljust(size), headers={"content-type": kind})
        assert answer.status_code == 200
        assert client.head(target["cdnUrl"]).headers["content-length"] == str(size)
    assert service.memory() < MOST_MEMORY
