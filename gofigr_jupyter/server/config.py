"""What one server process is told at its start: where its data lie, where it listens, whom it believes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

API_VERSION = "v1.4.1"
KNOWN_VERSIONS = ("v1", "v1.1", "v1.2", "v1.3", "v1.4", "v1.4.1")
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
HOSTS_VARIABLE = "GOFIGR_JUPYTER_ALLOWED_HOSTS"
IDLE_VARIABLE = "GOFIGR_JUPYTER_SERVER_IDLE"
IDLE_SECONDS = 1800.0


@dataclass(frozen=True)
class ServerConfig:
    """One server's settings.

    `local_token` is the local user's key on an embedded server, None elsewhere. `allowed_hosts` are the values that a
    request's Host header may have (with port where it shows one); empty means any, which only a server with accounts
    may do. `base_path` is where a proxy shows the server, such as `/user/ada/proxy/8123`. `max_body` is in bytes.
    """

    data_dir: Path
    port: int
    embedded: bool = False
    local_token: str | None = None
    allowed_hosts: frozenset[str] = frozenset()
    base_path: str = ""
    max_body: int = 1 << 29
    idle_seconds: float | None = None

    @property
    def cookie_name(self) -> str:
        """Browsers don't tell ports apart in cookies, so the name does."""
        return f"gofigr_{self.port}"


def loopback_hosts(port: int) -> frozenset[str]:
    """The Host headers of a server that only this machine may reach."""
    return frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES)


def configured_hosts() -> frozenset[str]:
    """The Host headers that the operator of a team server allows; empty when none are named."""
    return frozenset(name.strip().lower() for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name.strip())


def package_version() -> str:
    """Our own version, also where the package was never installed."""
    try:
        return version("gofigr-jupyter")
    except PackageNotFoundError:
        return "0"
