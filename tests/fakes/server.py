"""A small GoFigr server in memory, with switches for everything that can go wrong on the way.

It keeps the rules that matter to a client: ids of its choice answer 409 when repeated, hashes are BLAKE3,
lists are light and details full. Wire shapes are written by hand here, not made by the package under test.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from blake3 import blake3

API_KEY = "k" * 66


@dataclass
class Fault:
    """What goes wrong with the next `times` requests that match; `kind` is known to `Handler.harm`."""

    kind: str | int
    where: str = ""  # a regular expression for "METHOD /path"
    times: float = 1
    seconds: float = 0.0  # of slowness, or of Retry-After

    def matches(self, line: str) -> bool:
        return self.times > 0 and re.search(self.where, line) is not None


@dataclass
class FakeGoFigr:
    """The server; `with` starts and stops it. Change `faults`, `keys` and `objects` as you like."""

    port: int = 0
    token: str = API_KEY
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    created: list[tuple[str, str]] = field(default_factory=list)  # (figure id, revision id) in order of arrival
    on_request: Callable[[str], object] = lambda _line: None  # before it is served; something true hangs up
    on_commit: Callable[[str], None] = lambda _line: None  # after, when no answer has been sent yet

    def __post_init__(self) -> None:
        self.keys = {self.token}
        self.passwords = {"ann": "secret"}
        self.bearers: set[str] = set()
        self.lock = threading.RLock()
        self.prefixes = 0
        for name in ("workspace", "analysis", "figure", "revision", "data", "comment"):
            self.objects.setdefault(name, {})
        if not self.objects["workspace"]:
            self.add("workspace", {"name": "Primary", "workspace_type": "primary", "owner": "ann"})

    def __enter__(self) -> Self:
        handler = type("BoundHandler", (Handler,), {"fake": self})
        self._http = Server(("127.0.0.1", self.port), handler)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        for connection in list(self._http.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, kind: str | int, where: str = "", times: float = 1, seconds: float = 0.0) -> None:
        """Let the next `times` matching requests go wrong."""
        with self.lock:
            self.faults.append(Fault(kind, where, times, seconds))

    def mend(self) -> None:
        """From now on all goes well."""
        with self.lock:
            self.faults.clear()

    def take_fault(self, line: str) -> Fault | None:
        with self.lock:
            self.requests.append(line)
            found = next((fault for fault in self.faults if fault.matches(line)), None)
            if found is not None:
                found.times -= 1
            return found

    # ---------------------------------------------------------------- what a test looks at

    def revisions(self, figure_name: str | None = None) -> list[dict[str, Any]]:
        """The revisions (of one figure), oldest first."""
        with self.lock:
            figures = self.objects["figure"]
            return [
                self.objects["revision"][revision]
                for figure, revision in self.created
                if revision in self.objects["revision"] and figure_name in {None, figures[figure]["name"]}
            ]

    def names(self, kind: str) -> list[str]:
        return [item["name"] for item in self.objects[kind].values()]

    # ---------------------------------------------------------------- the objects

    def add(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        made = {"api_id": body.get("client_id") or str(uuid.uuid4()), "created_on": now, **body}
        self.objects[kind][made["api_id"]] = made
        return made

    def add_data(self, revision: dict[str, Any], items: list[dict[str, Any]]) -> None:
        for item in items:
            raw = base64.b64decode(item["data"])
            item |= {"hash": blake3(raw).hexdigest(), "size_bytes": len(raw), "api_id": str(uuid.uuid4())}
            self.objects["data"][item["api_id"]] = item
            revision["data"].append(item["api_id"])

    def shown(self, kind: str, item: dict[str, Any], *, full: bool) -> dict[str, Any]:
        child, parent = {
            "workspace": ("analysis", "workspace"),
            "analysis": ("figure", "analysis"),
            "figure": ("revision", "figure"),
        }.get(kind, ("", ""))
        out = {key: value for key, value in item.items() if key not in {"data", "owner"}}
        if kind == "revision":
            siblings = [r for f, r in self.created if f == item["figure"]]
            data = [{**self.objects["data"][d], "data": None} for d in item["data"]]
            out |= {"revision_index": siblings.index(item["api_id"]), "assets": []}
            out |= {"data": data, "size_bytes": sum(d["size_bytes"] for d in data)} if full else {}
        elif full and child:
            plural = {"analysis": "analyses"}.get(child, f"{child}s")
            out[plural] = [
                self.shown(child, other, full=False)
                for other in self.objects[child].values()
                if other.get(parent) == item["api_id"]
            ]
        return out


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *args: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*args)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that was killed is no news."""


class Handler(BaseHTTPRequestHandler):
    """Routes and faults."""

    fake: FakeGoFigr
    server: Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def finish(self) -> None:
        super().finish()
        self.server.connections.discard(self.connection)

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks for

    def answer(self) -> None:
        line = f"{self.command} {self.path}"
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.fake.on_request(line):
            return self.hang_up()
        fault = self.fake.take_fault(line)
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.seconds)
        elif fault is not None and fault.kind == "drop after commit":
            self.serve(raw)
            return self.hang_up()
        elif fault is not None:
            return self.harm(fault)
        status, body = self.serve(raw)
        self.fake.on_commit(line)
        return self.send(status, json.dumps(body).encode() if status != 204 else b"")

    def harm(self, fault: Fault) -> None:
        match fault.kind:
            case "down":
                self.hang_up()
            case "html":
                self.send(200, b"<html><body>Please sign in to the wireless network</body></html>", "text/html")
            case "truncated":
                self.send(200, b'{"api_id": "12', "application/json")
            case 429:
                self.send(429, b'{"detail": "too many"}', extra={"Retry-After": str(fault.seconds)})
            case 503 if fault.seconds:
                self.send(503, b'{"detail": "starting"}', extra={"Retry-After": str(fault.seconds)})
            case 401:
                self.send(401, b'{"detail": "Invalid token.", "code": "authentication_failed"}')
            case _:
                self.send(int(fault.kind), b'{"detail": "as the test wishes"}')

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def send(
        self, status: int, body: bytes, kind: str = "application/json", extra: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    # ---------------------------------------------------------------- routes

    def serve(self, raw: bytes) -> tuple[int, Any]:
        path = urlsplit(self.path)
        if path.path == "/.gofigr/hello":
            nonce = parse_qs(path.query)["nonce"][0]
            proof = hmac.new(self.fake.token.encode(), f"hello {nonce}".encode(), "sha256").hexdigest()
            return 200, {"proof": proof, "version": "fake"}
        if path.path.startswith("/api/token/"):
            return self.serve_token(path.path, raw)
        if path.path.endswith("/info/"):
            return 200, {"ai_enabled": False, "api_version": "v1.4.1"}
        refusal = self.refusal()
        if refusal is not None:
            return refusal
        with self.fake.lock:
            steps = [step for step in path.path.split("/") if step][2:]
            return self.serve_api(steps, json.loads(raw) if raw else {})

    def serve_token(self, path: str, raw: bytes) -> tuple[int, Any]:
        if "refresh" in path:
            given = json.loads(raw).get("refresh")
            if given != "refresh-me":
                return 401, {"detail": "Token is invalid", "code": "token_not_valid"}
        else:
            form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            if self.fake.passwords.get(form.get("username", "")) != form.get("password"):
                return 401, {"detail": "No active account"}
        access = uuid.uuid4().hex
        self.fake.bearers.add(access)
        return 200, {"access": access} | ({} if "refresh" in path else {"refresh": "refresh-me"})

    def refusal(self) -> tuple[int, Any] | None:
        scheme, _, secret = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Token" and secret in self.fake.keys:
            return None
        if scheme == "Bearer":
            if secret in self.fake.bearers:
                return None
            return 401, {"detail": "Given token not valid", "code": "token_not_valid"}
        return 401, {"detail": "Invalid token."}

    def serve_api(self, steps: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        match [self.command, *steps]:
            case ["POST", "short_id_prefix", "reserve"]:
                self.fake.prefixes += 1
                return 201, {"prefix": f"fake{self.fake.prefixes:04d}"}
            case ["GET", "user"]:
                return 200, [{"username": "ann"}]
            case ["GET", "workspace", api_id, "members"]:
                owner = self.fake.objects["workspace"][api_id]["owner"]
                return 200, [{"username": owner, "membership_type": "owner"}]
            case ["POST", "revision", api_id, "append_data"]:
                revision = self.fake.objects["revision"].get(api_id)
                if revision is None:
                    return 404, {"detail": "Not found."}
                self.fake.add_data(revision, body["data"])
                return 200, self.fake.shown("revision", revision, full=True)
            case ["GET", "data", api_id]:
                return 200, self.fake.objects["data"][api_id]
        if steps and steps[0] in self.fake.objects:
            return self.serve_objects(steps[0], steps[1:], body)
        return 404, {"detail": "Not found."}

    def serve_objects(self, kind: str, rest: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        items = self.fake.objects[kind]
        if not rest and self.command == "GET":
            return 200, [self.fake.shown(kind, item, full=False) for item in items.values()]
        if not rest:
            return self.create(kind, body)
        item = items.get(rest[0])
        if item is None:
            return 404, {"detail": "Not found."}
        if self.command == "DELETE":
            del items[rest[0]]
            return 204, None
        if self.command in {"PATCH", "PUT"}:
            item |= body
        return 200, self.fake.shown(kind, item, full=True)

    def create(self, kind: str, body: dict[str, Any]) -> tuple[int, Any]:
        if body.get("client_id") in self.fake.objects[kind]:
            existing = self.fake.objects[kind][body["client_id"]]
            return 409, self.fake.shown(kind, existing, full=True)
        if kind == "comment":
            if body["target_id"] not in self.fake.objects["revision"]:
                return 404, {"detail": "Not found."}
            body["author"] = {"username": "ann"}
        parent = {"analysis": "workspace", "figure": "analysis", "revision": "figure"}.get(kind)
        if parent is not None and body.get(parent) not in self.fake.objects[parent]:
            return 404, {"detail": f"No such {parent}."}
        if kind == "revision":
            items = body.pop("data")
            made = self.fake.add(kind, body | {"data": []})
            self.fake.add_data(made, items)
            self.fake.created.append((made["figure"], made["api_id"]))
        else:
            made = self.fake.add(kind, body | ({"owner": "ann"} if kind == "workspace" else {}))
        return 201, self.fake.shown(kind, made, full=True)


def serving(**options: Any) -> Iterator[FakeGoFigr]:
    """For fixtures: `yield from serving()`."""
    with FakeGoFigr(**options) as fake:
        yield fake
