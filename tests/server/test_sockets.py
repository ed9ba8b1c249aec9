"""What is no proper HTTP, or JSON that is none, sent to a real server byte by byte: refused or cut off, and it lives on.

Nothing of it comes into the log that a log must not hold.
"""

from __future__ import annotations

import base64
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.server.processes import API, Server

pytestmark = pytest.mark.slow
SECRET = "s3cr3t-that-nobody-may-log"
PATIENCE = 10.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all: none of this may hurt it."""
    home: Path = tmp_path_factory.mktemp("sockets")
    with Server(home) as server:
        yield server.wait()


def _host(server: Server) -> str:
    return urlsplit(server.local.url).netloc


def _connected(server: Server) -> socket.socket:
    where = urlsplit(server.local.url)
    return socket.create_connection((where.hostname or "", where.port or 0), timeout=PATIENCE)


def exchange(server: Server, raw: bytes, *, half: bool = False) -> bytes:
    """All that comes back until the server closes, or falls silent after its answer; `half` closes our side first."""
    with _connected(server) as line:
        line.sendall(raw)
        if half:
            line.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while piece := line.recv(65536):
                received += piece
                line.settimeout(0.5)  # a kept connection says no more
        except (TimeoutError, ConnectionResetError):
            pass
        return received


def statuses(answer: bytes) -> list[int]:
    """The statuses of all the answers in it."""
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]


def request(server: Server, line: str, *headers: str, body: bytes = b"", auth: bool = True) -> bytes:
    """A request with what every good one has, and more."""
    fixed = [f"Host: {_host(server)}"] + ([f"Authorization: Token {server.local.token}"] if auth else [])
    return "\r\n".join([line, *fixed, *headers, "", ""]).encode("utf-8", "surrogateescape") + body


def assert_alive(server: Server) -> None:
    """It answers, its process is the same, and its log tells no secret."""
    assert server.process.poll() is None
    with server.client() as client:
        assert client.get(f"{API}/info").status_code == 200
    log = server.log.read_text(errors="replace")
    assert SECRET not in log
    assert server.local.token not in log
    assert "Traceback" not in log, log[-3000:]


JSON = "Content-Type: application/json"
PLAIN = {
    "no http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "no version": b"GET /\r\n\r\n",
    "version 9": b"GET / HTTP/9.9\r\n\r\n",
    "a preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "empty lines": b"\r\n" * 2000,
    "a method that is none": b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header without colon": b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\n y: z\r\n\r\n",
    "a bare carriage return": b"GET / HTTP/1.1\r\nHost: x\ry: z\r\n\r\n",
}


@pytest.mark.parametrize("raw", PLAIN.values(), ids=PLAIN)
def test_what_is_no_http_is_refused_or_cut_off(server: Server, raw: bytes) -> None:
    found = statuses(exchange(server, raw, half=True))
    assert all(400 <= status < 500 for status in found), found
    assert_alive(server)


BODIES = {
    "shorter than told": (("Content-Length: 50",), b'{"name": "x"}'),
    "a length that is none": (("Content-Length: ten",), b"{}"),
    "a negative length": (("Content-Length: -1",), b"{}"),
    "two lengths": (("Content-Length: 2", "Content-Length: 3"), b"{} "),
    "a length that overflows": (("Content-Length: 99999999999999999999999",), b"{}"),
    "a length beyond the limit": (("Content-Length: 99999999999",), b"{}"),
    "chunks that are none": (("Transfer-Encoding: chunked",), b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk without end": (("Transfer-Encoding: chunked",), b"5\r\n{}"),
    "a huge chunk size": (("Transfer-Encoding: chunked",), b"fffffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
    "a coding that nobody knows": (("Transfer-Encoding: gzip, chunked",), b"2\r\n{}\r\n0\r\n\r\n"),
    "packed": (("Content-Encoding: gzip", "Content-Length: 2"), b"{}"),
    "not UTF-8": (("Content-Length: 3",), b'"\xff"'),
    "UTF-16": (("Content-Length: 6",), "{}".encode("utf-16")),
    "not even an object": (("Content-Length: 4",), b"null"),
    "nothing": (("Content-Length: 0",), b""),
}


@pytest.mark.parametrize("case", BODIES.values(), ids=BODIES)
def test_bodies_that_cannot_be(server: Server, case: tuple[tuple[str, ...], bytes]) -> None:
    headers, body = case
    answer = exchange(server, request(server, f"POST {API}/workspace/ HTTP/1.1", JSON, *headers, body=body), half=True)
    assert all(400 <= status < 500 for status in statuses(answer)), answer
    assert_alive(server)


def test_one_request_is_never_taken_for_two(server: Server) -> None:
    """Length and chunks at once is how requests are smuggled past proxies: refused, or read once and cut off."""
    inner = f"GET {API}/user HTTP/1.1\r\nHost: {_host(server)}\r\nAuthorization: Token {server.local.token}\r\n\r\n"
    body = b"0\r\n\r\n" + inner.encode()
    both = ("Transfer-Encoding: chunked", f"Content-Length: {len(body)}")
    answer = exchange(server, request(server, f"POST {API}/workspace/ HTTP/1.1", JSON, *both, body=body), half=True)
    assert all(400 <= status < 500 for status in statuses(answer)), answer
    assert len(statuses(answer)) <= 1
    assert_alive(server)


PATHS = {
    "NUL": f"{API}/workspace/%00",
    "NUL in an id": f"{API}/workspace/%00/log",
    "overlong UTF-8": f"{API}/workspace/%c0%af",
    "half a surrogate": f"{API}/revision/%ed%a0%80",
    "broken UTF-8": f"{API}/figure/%ff%fe",
    "up": f"{API}/../../../../etc/passwd",
    "up, encoded": "/file/%2e%2e%2f%2e%2e%2fetc%2fpasswd/x",
    "up from static files": "/static/../../../../../../etc/passwd",
    "up from static files, encoded": "/static/%2e%2e/%2e%2e/%2e%2e/pyproject.toml",
    "up from static files, twice encoded": "/static/%252e%252e/%252e%252e/app.py",
    "backslashes": "/static/..\\..\\app.py",
    "half a percent": f"{API}/workspace/%",
    "long": f"{API}/workspace/" + "a" * 20_000,
    "line ends": f"{API}/workspace/%0d%0aSet-Cookie:%20a=b",
    "a number beyond 64 bits": f"{API}/figure/{'0' * 8}-0000-4000-8000-{'0' * 12}/thumbnail/{2**80}",
    "a limit beyond 64 bits": f"{API}/comment/?target_type=figure&target_id=x&limit={2**80}",
    "a host in the path": f"http://example.org{API}/workspace/zz",
    "an asterisk": "*",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_paths_that_lead_nowhere(server: Server, path: str) -> None:
    answer = exchange(server, request(server, f"GET {path} HTTP/1.1"))
    assert statuses(answer), answer
    assert all(400 <= status < 500 for status in statuses(answer)), answer
    assert b"set-cookie" not in answer.lower()
    assert b"root:" not in answer
    assert_alive(server)


CURSORS = {
    "half a surrogate": ("notification/?", '["2020-01-01T00:00:00+00:00","\\ud800"]'),
    "a time at the end of time": ("notification/?", '["9999-12-31T23:59:59-23:00","x"]'),
    "a time without zone": ("task/?", '["2020-01-01T00:00:00","x"]'),
    "NaN": ("search/?q=x&", '[NaN,"figure","x"]'),
    "Infinity": ("search/?q=x&", '[1e999,"figure","x"]'),
    "a huge integer": ("search/?q=x&", '[1' + "0" * 320 + ',"figure","x"]'),
    "a surrogate for a kind": ("search/?q=x&", '[1,"\\udfff","x"]'),
    "deep brackets": ("search/?q=x&", "[" * 420),
    "true": ("search/?q=x&", '[true,"figure","x"]'),
}


@pytest.mark.parametrize("case", CURSORS.values(), ids=CURSORS)
def test_cursors_that_were_never_given(server: Server, case: tuple[str, str]) -> None:
    """Made up by hand: refused, or an empty page; nothing that fails later."""
    path, text = case
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    answer = exchange(server, request(server, f"GET {API}/{path}cursor={cursor} HTTP/1.1"))
    assert statuses(answer) in ([400], [200]), answer
    assert_alive(server)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "PROPFIND", "get", "DELETE"])
def test_methods_that_are_not_served(server: Server, method: str) -> None:
    path = _host(server) if method == "CONNECT" else f"{API}/info"
    raw = request(server, f"{method} {path} HTTP/1.1", f"X-Echo: {SECRET}")
    answer = exchange(server, raw)
    assert all(400 <= status < 500 for status in statuses(answer)), answer
    assert SECRET.encode() not in answer
    assert_alive(server)


def test_a_method_is_what_the_first_line_says(server: Server) -> None:
    """Headers and fields that override it with others' servers do not here: the workspace is still there."""
    with server.client() as client:
        workspace = client.get(f"{API}/workspace/").json()[0]["api_id"]
        made = client.post(f"{API}/analysis/", json={"name": "a", "workspace": workspace}).json()["api_id"]
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            assert client.get(f"{API}/analysis/{made}/?_method=DELETE", headers={name: "DELETE"}).status_code == 200
        assert client.get(f"{API}/analysis/{made}/").status_code == 200


def test_hosts_and_credentials_that_contradict(server: Server) -> None:
    good = f"Authorization: Token {server.local.token}"
    for headers, auth in (
        (("Host: example.org",), True),  # two hosts
        (("X-Forwarded-Host: example.org", "Host: example.org"), True),
        (("Authorization: Token nobody",), True),
        (("Authorization: Token nobody", good), False),
        ((f"Authorization: Bearer {SECRET}",), False),
        ((f"Authorization: {SECRET}",), False),
        (("Authorization: Token \xff\xfe",), False),
        (("Authorization: Token " + "a" * 60_000,), False),
    ):
        answer = exchange(server, request(server, f"GET {API}/user HTTP/1.1", *headers, auth=auth))
        found = statuses(answer)
        assert all(status in {400, 401, 403, 431} for status in found), (headers, answer)
    assert_alive(server)


def test_no_web_socket_is_opened(server: Server) -> None:
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    for path in ("/", f"{API}/events/"):
        answer = exchange(server, request(server, f"GET {path} HTTP/1.1", *upgrade, key))
        assert 101 not in statuses(answer)
        assert all(status < 500 for status in statuses(answer)), answer
    assert_alive(server)


@pytest.mark.parametrize("count", [1, 2_000])
def test_headers_without_measure(server: Server, count: int) -> None:
    size = 1_000_000 // count
    raw = request(server, f"GET {API}/info HTTP/1.1", *(f"X-{n}: {'a' * size}" for n in range(count)))
    try:
        found = statuses(exchange(server, raw))
    except (BrokenPipeError, ConnectionResetError):
        found = []
    assert all(400 <= status < 500 for status in found), found
    assert_alive(server)


def test_a_head_without_end_is_cut_off(server: Server) -> None:
    """Byte after byte of one header, or of a field behind a body: neither is kept for ever."""
    post = request(server, f"POST {API}/workspace/ HTTP/1.1", JSON, "Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n")
    for start in (request(server, f"GET {API}/info HTTP/1.1")[:-2], post):
        with _connected(server) as line, pytest.raises((BrokenPipeError, ConnectionResetError)):
            line.sendall(start + b"X-Long: " + b"a" * 10_000_000)
    assert_alive(server)


def test_fields_behind_a_body_are_no_headers(server: Server) -> None:
    trailer = f"0\r\nAuthorization: Token {server.local.token}\r\nHost: example.org\r\n\r\n"
    lines = (f"POST {API}/workspace/ HTTP/1.1", JSON, "Transfer-Encoding: chunked", "Trailer: Authorization")
    raw = request(server, *lines, body=f'd\r\n{{"name": "tr"}}\r\n{trailer}'.encode(), auth=False)
    found = statuses(exchange(server, raw))
    assert found
    assert all(400 <= status < 500 for status in found), found
    with server.client() as client:
        assert "tr" not in [one["name"] for one in client.get(f"{API}/workspace/").json()]


def test_http_1_0_is_answered_and_closed(server: Server) -> None:
    answer = exchange(server, request(server, f"GET {API}/info HTTP/1.0"))
    assert statuses(answer) == [200]


def test_slow_ones_keep_nobody_waiting(server: Server) -> None:
    """Two hundred connections that never finish their request: others are answered meanwhile, and at once."""
    lines = []
    try:
        for number in range(200):
            line = _connected(server)
            lines.append(line)
            if number % 2:
                line.sendall(request(server, f"GET {API}/info HTTP/1.1")[:-2])
            else:
                line.sendall(request(server, f"POST {API}/workspace/ HTTP/1.1", JSON, "Content-Length: 1000", body=b"{"))
        for _ in range(3):
            for line in lines:
                line.sendall(b"X")
            began = time.monotonic()
            assert_alive(server)
            assert time.monotonic() - began < PATIENCE
    finally:
        for line in lines:
            line.close()
    assert_alive(server)
