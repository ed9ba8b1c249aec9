"""A server that answers what a test has written down, byte by byte if need be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.settings import Settings


class Asked(BaseHTTPRequestHandler):
    """One request; `body` is what it carried."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    body = b""

    def _answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.play(self)  # type: ignore[attr-defined]

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def say(self, status: int, content: bytes = b"", kind: str = "application/json", **headers: str) -> None:
        """A whole answer."""
        self.begin(status, kind, Content_Length=str(len(content)), **headers)
        self.wfile.write(content)

    def begin(self, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        """Only its head; without a length it ends with the connection."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()


Play = Callable[[Asked], object]


@contextmanager
def playing(*scenes: Play) -> Iterator[tuple[str, list[str]]]:
    """A server that plays one scene a request, the last one for ever; yields its address and what it was asked."""
    asked: list[str] = []
    lock = threading.Lock()

    def play(request: Asked) -> None:
        with lock:
            asked.append(f"{request.command} {request.path}")
            scene = scenes[min(len(asked), len(scenes)) - 1]
        scene(request)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a caller that hangs up is no news
    server.play = play  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def facing(home: Path, *scenes: Play, **options: Any) -> Iterator[tuple[GoFigr, list[str]]]:
    """A client of such a server; it waits little, unless told otherwise."""
    options.setdefault("patience", Patience(2.0, tries=3, first=0.01))
    with playing(*scenes) as (url, asked), GoFigr(settings=Settings(home=home, url=url, api_key="k"), **options) as gf:
        yield gf, asked
