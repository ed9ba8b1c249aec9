"""A proxy that cuts the line: of each upload it lets so many bytes through, and then both ends hear nothing more."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit


@dataclass
class Line:
    """`cuts` says after how many bytes of its body each of the next uploads breaks; then all goes through."""

    url: str = ""
    cuts: deque[int] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)  # methods, in order
    sent: int = 0  # bytes of bodies that came through


class _Handler(StreamRequestHandler):
    server: _Proxy

    def handle(self) -> None:
        line = self.server.line
        method, target, _ = self.rfile.readline().decode().split(" ")
        there = urlsplit(target)
        head = []
        while (one := self.rfile.readline()) not in {b"\r\n", b""}:
            head.append(one)
        told = dict(one.decode().lower().rstrip().split(": ", 1) for one in head)
        left = int(told.get("content-length", 0))
        line.asked.append(method)
        cut = line.cuts.popleft() if method in {"PUT", "PATCH"} and line.cuts else None
        path = f"{there.path}{f'?{there.query}' if there.query else ''}"
        with socket.create_connection((there.hostname, there.port)) as onward:
            kept = [one for one in head if not one.lower().startswith((b"connection:", b"proxy-connection:"))]
            onward.sendall(b"".join([f"{method} {path} HTTP/1.1\r\n".encode(), *kept, b"Connection: close\r\n\r\n"]))
            left = left if cut is None else min(left, cut)
            while left and (piece := self.rfile.read1(min(left, 1 << 16))):
                onward.sendall(piece)
                left -= len(piece)
                line.sent += len(piece)
            if cut is not None:
                return
            while piece := onward.recv(1 << 16):
                self.wfile.write(piece)


class _Proxy(ThreadingTCPServer):
    daemon_threads = True
    line: Line

    def handle_error(self, *_: object) -> None:
        """Who hangs up is no news."""


@contextmanager
def cutting() -> Iterator[Line]:
    """One, for a block."""
    with _Proxy(("127.0.0.1", 0), _Handler) as proxy:
        proxy.line = Line(f"http://127.0.0.1:{proxy.server_address[1]}")
        thread = threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield proxy.line
        finally:
            proxy.shutdown()
            thread.join()
