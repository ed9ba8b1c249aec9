"""A model that says what a test tells it to, when the test says so: a real HTTP server that speaks OpenAI's chat API."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gofigr_jupyter.server.insight.desk import Desk
from gofigr_jupyter.server.insight.settings import InsightSettings
from tests.server.insight.test_openai import DONE, said
from tests.server.table import Table


class Model(ThreadingHTTPServer):
    """`asked` holds the bodies of what it was asked; it answers what `say` has put, up to `end`."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.hung_up = threading.Event()
        self.words: queue.Queue[bytes] = queue.Queue()
        super().__init__(("127.0.0.1", 0), _Handler)

    def say(self, *texts: str) -> None:
        """Piece by piece."""
        for text in texts:
            self.words.put(said(text))

    def end(self) -> None:
        """The answer is whole."""
        self.words.put(said("", "stop") + DONE)

    def settings(self, *, is_local: bool, model: str = "small") -> InsightSettings:
        """By an address that counts as this machine's own, or by one that leads here all the same and does not."""
        host = "127.0.0.1" if is_local else "0.0.0.0"  # noqa: S104 - it is called, not listened at
        return InsightSettings("openai", f"http://{host}:{self.server_port}/v1", model)


class _Handler(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        try:
            while True:
                piece = self.server.words.get()
                self.wfile.write(piece)
                self.wfile.flush()
                if DONE in piece:
                    return
        except OSError:
            self.server.hung_up.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def model() -> Iterator[Model]:
    """One that runs."""
    server = Model()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.end()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(server: Table, settings: InsightSettings) -> Iterator[None]:
    """The engine of a server, for a block."""
    before = server.app.state.desk
    server.app.state.desk = Desk.of(server.app.state.store, settings)
    try:
        yield
    finally:
        server.app.state.desk = before
