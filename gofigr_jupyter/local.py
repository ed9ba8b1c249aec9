"""The embedded server's address and secret, as files in the state folder that kernel, worker and server agree on.

`server/port` is drawn once and kept, so that links in old notebooks stay good; `server/token` (0600) is the local
user's key, `server/fig1-key` (0600) that for its CDN. A nonce signed with the token proves to a client that its own
server answers at the port.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import socket
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# The official client rewrites these two ports in links.
FORBIDDEN_PORTS = frozenset({8000, 9090})
HELLO_PATH = "/.gofigr/hello"
FIG1_KEY = "fig1-key"  # the file (0600) beside the token
SITE_KEY_PREFIX = "fig1_sdk_"
HOST = "127.0.0.1"
_SITE_KEY_LETTERS = 43  # 256 bits
_ALPHANUMERIC = string.ascii_letters + string.digits


@dataclass(frozen=True)
class LocalServer:
    """Where the embedded server of a state folder listens, and the key to it."""

    data_dir: Path
    port: int
    token: str = field(repr=False)

    @property
    def url(self) -> str:
        """Its base URL, `http://127.0.0.1:PORT`."""
        return f"http://{HOST}:{self.port}"

    def proof(self, nonce: str) -> str:
        """What only a holder of the token can answer to a nonce (hex of HMAC-SHA256)."""
        return hmac.new(self.token.encode(), f"hello {nonce}".encode(), hashlib.sha256).hexdigest()


def local_server(home: Path, *, data_dir: Path | None = None) -> LocalServer:
    """The embedded server of a state folder; port and token are drawn at the first call.

    Raises OSError on a read-only disk.
    """
    folder = data_dir or home / "server"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    token = drawn_once(folder / "token", lambda: secrets.token_hex(33))
    port = int(drawn_once(folder / "port", lambda: str(draw_port())))
    return LocalServer(folder, port, token)


def local_fig1_key(data_dir: Path) -> str:
    """The local user's own key for the CDN of the embedded server, which takes it at sight; drawn at the first call.

    Raises OSError on a read-only disk.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return drawn_once(data_dir / FIG1_KEY, site_key)


def kept_fig1_key(data_dir: Path) -> str | None:
    """The same, where it was drawn."""
    try:
        return (data_dir / FIG1_KEY).read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None


def site_key() -> str:
    """A new key for a site on a server of ours, as Fig1's look."""
    return SITE_KEY_PREFIX + "".join(secrets.choice(_ALPHANUMERIC) for _ in range(_SITE_KEY_LETTERS))


def draw_port() -> int:
    """A loopback port that is free now; never one that other tools give a meaning of their own."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in FORBIDDEN_PORTS:
            return port


def drawn_once(path: Path, draw: Callable[[], str]) -> str:
    """The file's text; made by the first of several processes, whole when it appears, and never changed after."""
    try:
        text = path.read_text(encoding="ascii").strip()
        if text:
            return text
    except FileNotFoundError:
        pass
    mine = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(draw())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(mine, path)  # fails when another process was first: then its value counts
        except FileExistsError:
            pass
        except OSError:  # no hard links on this file system
            if not path.exists():
                mine.replace(path)
    finally:
        mine.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()
