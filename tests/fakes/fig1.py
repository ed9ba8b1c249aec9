"""A small Fig1: the assets API by the letter of its reference, over real HTTP, with failures on demand.

`faults` maps a step (`order`, `put`, `list`, `make`) to what befalls its next requests, in order; then all goes well.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "fig1_sdk_abc123"
LIMITS = {"image": 10, "application": 50, "text": 50, "video": 500, "audio": 500}
TYPES = (
    "image/jpeg image/png image/gif image/webp image/svg+xml application/pdf text/plain text/markdown video/mp4 "
    "audio/mpeg video/webm application/vnd.openxmlformats-officedocument.wordprocessingml.document"
).split()
EXPIRED = "Upload URL has expired. Request a new one."
Fault = Callable[["Handler"], None]


@dataclass
class FakeFig1:
    """What it holds, and what it was asked. `url_of` makes the addresses that it names."""

    base: str = ""
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    folders: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)  # what no client may do
    can_resume: bool = False  # keeps what came of a broken PUT, as our own server does
    parts: dict[str, bytes] = field(default_factory=dict)  # by token
    probed: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fail(self, step: str, *faults: Fault) -> None:
        """From now on, these befall the next requests of a step."""
        self.faults.setdefault(step, deque()).extend(faults)

    def folder(self, name: str, parent: str | None = None) -> dict[str, Any]:
        """Make one."""
        above = next((one["path"] for one in self.folders if one["_id"] == parent), "")
        made = {"_id": f"folder_{len(self.folders)}", "name": name, "path": f"{above}/{name}", "createdAt": "2024-01-15T10:00:00Z"}
        self.folders.append(made)
        return made


def refuse(status: int, error: str) -> Fault:
    """An answer in the envelope that says no."""
    return lambda handler: handler.say(status, {"success": False, "error": error})


def say(content: Any, status: int = 200, **headers: str) -> Fault:
    """Any answer at all."""
    return lambda handler: handler.say(status, content, **headers)


def cut(handler: Handler) -> None:
    """The line breaks while the bytes are coming."""
    handler.rfile.read(10)
    handler.connection.close()
    handler.close_connection = True


def cut_after(size: int) -> Fault:
    """The line breaks when so many bytes have come; where the server can resume, it keeps them."""

    def break_off(handler: Handler) -> None:
        handler.server.fake.parts[handler.token] = handler.part() + handler.rfile.read(size)
        handler.connection.close()
        handler.close_connection = True

    return break_off


def lose_answer(handler: Handler) -> None:
    """All has come, and nobody hears of it."""
    handler.say = lambda *_, **__: None  # type: ignore[method-assign]
    handler._take()
    handler.connection.close()
    handler.close_connection = True


def hang(seconds: float) -> Fault:
    """No answer for so long."""

    def wait(handler: Handler) -> None:
        handler.body()
        time.sleep(seconds)
        handler.close_connection = True

    return wait


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Any

    @property
    def fake(self) -> FakeFig1:
        return self.server.fake

    def do_GET(self) -> None:
        if self.path.startswith("/cdn/"):
            kind, content = self.fake.files[self.path.removeprefix("/cdn/").split("?")[0]]
            self.say(200, content, Content_Type=kind)
        else:
            self._api("list")

    def do_POST(self) -> None:
        self._api("order" if self.path == "/api/sdk/assets/upload" else "make")

    def do_HEAD(self) -> None:
        """Is a file there? How much of one has come?"""
        self.fake.probed.append(self.path)
        if self.path.startswith("/cdn/"):
            _, content = self.fake.files.get(self.path.removeprefix("/cdn/"), ("", None))
            return self.say(404 if content is None else 200, content or b"")
        if not self.fake.can_resume or self.token not in self.fake.tickets:
            return self.say(403, b"")
        return self.say(204, b"", Upload_Offset=str(len(self.part())))

    def do_PATCH(self) -> None:
        """The rest of a file."""
        if not self.fake.can_resume or self.headers["Content-Type"] != "application/partial-upload":
            self.fake.wrongs.append("a PATCH that nobody offered")
        self.do_PUT()

    @property
    def token(self) -> str:
        """Of an upload address."""
        return self.path.rpartition("/")[2].split("?")[0]

    def part(self) -> bytes:
        """What has come of this file before."""
        return self.fake.parts.get(self.token, b"")

    def do_PUT(self) -> None:
        fake = self.fake
        with fake.lock:
            fake.asked.append(self.command.lower())
            fake.at_once += 1
            fake.most_at_once = max(fake.at_once, fake.most_at_once)
            if any("key" in name.lower() or KEY in value for name, value in self.headers.items()):
                fake.wrongs.append("the key was sent to a storage")
            queue = fake.faults.get("put")
            fault = queue.popleft() if queue else None
        try:
            if fault is not None:
                fault(self)
            else:
                self._take()
        finally:
            with fake.lock:
                fake.at_once -= 1

    def _take(self) -> None:
        content = self.body()
        if len(content) < int(self.headers["Content-Length"]):
            self.close_connection = True
            return None
        is_rest = self.command == "PATCH"
        if is_rest and int(self.headers["Upload-Offset"]) != len(self.part()):
            return self.say(409, b"", Upload_Offset=str(len(self.part())))
        with self.fake.lock:
            content = self.part() + content if is_rest else content
            order = self.fake.tickets.pop(self.token, None)
            if order is None:
                return self.say(400, {"success": False, "error": EXPIRED})
            if not is_rest and self.headers.get("Content-Type") != order["contentType"]:
                return self.say(400, {"success": False, "error": "File type not supported"})
            most = LIMITS[order["contentType"].partition("/")[0]]
            if len(content) > most << 20:
                return self.say(413, {"success": False, "error": f"File exceeds maximum size of {most}MB"})
            self.fake.files[order["key"]] = (order["contentType"], content)
        return self.say(200, b"")

    def _api(self, step: str) -> None:
        fake, content = self.fake, self.body()
        with fake.lock:
            fake.asked.append(step)
            queue = fake.faults.get(step)
            if queue:
                return queue.popleft()(self)
            if self.headers.get("X-Fig1-API-Key") != KEY:
                return self.say(401, {"success": False, "error": "Invalid API key"})
            if step == "list":
                return self.say(200, {"success": True, "data": fake.folders})
            if self.headers.get("Content-Type") != "application/json":
                fake.wrongs.append("no JSON")
            asked = json.loads(content)
            if step == "make":
                if not set(asked) <= {"name", "parentId"} or "/" in asked["name"]:
                    fake.wrongs.append(f"a folder as {asked}")
                return self.say(201, {"success": True, "data": fake.folder(asked["name"], asked.get("parentId"))})
            return self._order(asked)

    def _order(self, asked: dict[str, Any]) -> None:
        fake = self.fake
        fake.orders.append(asked)
        if not {"filename", "contentType"} <= set(asked) <= {"filename", "contentType", "folder"}:
            fake.wrongs.append(f"an order as {asked}")
        if asked["contentType"] not in TYPES:
            return self.say(400, {"success": False, "error": "File type not supported"})
        token = f"t{len(fake.orders)}"
        key = "/".join(["sites", "abc", *filter(None, [asked.get("folder")]), asked["filename"]])
        fake.tickets[token] = {**asked, "key": key}
        ticket = {"uploadUrl": f"{fake.base}/put/{token}?sig=a%2Bb", "cdnUrl": f"{fake.base}/cdn/{key}", "key": key, "expiresIn": 3600}
        return self.say(200, {"success": True, "data": ticket})

    def body(self) -> bytes:
        """What came with it."""
        if "Content-Length" not in self.headers and self.command != "GET":
            self.fake.wrongs.append("a body without a length")
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def say(self, status: int, content: Any, **headers: str) -> None:
        """A whole answer; bytes as they are, all else as JSON."""
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in ({"Content_Type": "application/json"} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def fake_fig1() -> Iterator[FakeFig1]:
    """Serve one; at the end, nothing may have been asked that the reference does not know."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a caller that hangs up is no news
    fake = FakeFig1(base=f"http://127.0.0.1:{server.server_address[1]}")
    server.fake = fake  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert fake.wrongs == []
