"""A real git server on loopback: git's own http-backend behind a small HTTP server, and repositories made by git."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.debian import program

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Lovelace",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}
CLEAN = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}


def git(folder: Path, *arguments: str, **author: str) -> str:
    """Run git as the people of the tests do."""
    done = subprocess.run(
        [program("git", "git"), *arguments], cwd=folder, env=CLEAN | AUTHOR | author, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Repository:
    """A working copy that is served as `NAME.git`."""

    def __init__(self, root: Path, name: str = "figures") -> None:
        self.name = name
        self.folder = root / f"{name}-work"
        self.bare = root / f"{name}.git"
        self.folder.mkdir(parents=True)
        git(self.folder, "init", "-q", "-b", "main")
        git(root, "init", "-q", "--bare", "-b", "main", str(self.bare))
        git(self.folder, "remote", "add", "origin", str(self.bare))

    def commit(self, files: Mapping[str, str | bytes], *, branch: str = "main", **author: str) -> str:
        """Commit and push; the commit."""
        for path, content in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "work", **author)
        git(self.folder, "push", "-q", "origin", f"HEAD:{branch}")
        return git(self.folder, "rev-parse", "HEAD")


class Forge:
    """The server; `seen` are the paths asked for, with the Host that was meant."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seen: list[tuple[str, str]] = []
        self.redirect_to: str | None = None
        self.needs_password = False
        self.delay = 0.0
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve(b"")

            def do_POST(self) -> None:
                self._serve(self.rfile.read(int(self.headers.get("content-length", 0))))

            def _serve(self, body: bytes) -> None:
                forge.seen.append((self.headers.get("host", ""), self.path))
                time.sleep(forge.delay)
                if forge.redirect_to:
                    self._answer(302, {"location": forge.redirect_to + self.path}, b"")
                elif forge.needs_password:
                    self._answer(401, {"www-authenticate": 'Basic realm="x"'}, b"")
                else:
                    self._answer(*forge.backend(self, body))

            def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in (dict(headers) | {"content-length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def url(self, name: str = "figures", host: str = "127.0.0.1") -> str:
        """Where a repository is."""
        return f"http://{host}:{self.port}/{name}.git"

    def backend(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Ask git http-backend."""
        parts = urlsplit(request.path)
        environment = CLEAN | {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": request.command,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        if request.headers.get("content-encoding") == "gzip":
            environment["HTTP_CONTENT_ENCODING"] = "gzip"
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        return int(headers.pop("Status", "200").split()[0]), headers, content

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def forge(root: Path) -> Iterator[Forge]:
    """A server for a test."""
    server = Forge(root)
    try:
        yield server
    finally:
        server.close()
