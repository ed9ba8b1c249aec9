"""What one server process is told at its start: where its data lie, where it listens, whom it believes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args
from urllib.parse import urlsplit

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.insight.settings import InsightSettings

if TYPE_CHECKING:
    from gofigr_jupyter.schema.fig1 import Limits
    from gofigr_jupyter.server.mail import MailSettings

API_VERSION = "v1.4.1"
KNOWN_VERSIONS = ("v1", "v1.1", "v1.2", "v1.3", "v1.4", "v1.4.1")
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
HOSTS_VARIABLE = "GOFIGR_JUPYTER_ALLOWED_HOSTS"
IDLE_VARIABLE = "GOFIGR_JUPYTER_SERVER_IDLE"
IDLE_SECONDS = 1800.0
SECURE_VARIABLE = "GOFIGR_JUPYTER_SECURE_COOKIES"
PROXIES_VARIABLE = "GOFIGR_JUPYTER_TRUSTED_PROXIES"
PUBLIC_VARIABLE = "GOFIGR_JUPYTER_PUBLIC_URL"
DATABASE_VARIABLE = "GOFIGR_JUPYTER_DATABASE"
DIRECT_VARIABLE = "GOFIGR_JUPYTER_DIRECT_UPLOADS"
REACHABLE_VARIABLE = "GOFIGR_JUPYTER_REACHABLE"
EMBEDDINGS_VARIABLE = "GOFIGR_JUPYTER_EMBEDDINGS"
Secure = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class ServerConfig:
    """One server's settings.

    `local_token` is the local user's key on an embedded server, None elsewhere. `allowed_hosts` are the values that a
    request's Host header may have (with port where it shows one); empty means any, which only a server with accounts
    may do. `base_path` is where a proxy shows the server, such as `/user/ada/proxy/8123`. `max_body` is in bytes.
    `secure_cookies`: `auto` means everywhere but on loopback. `public_url` is what links in e-mails begin with.
    `reachable` are hosts, addresses and networks off the open Internet to which users may send the server. `database`
    is the address of a PostgreSQL, perhaps with a password. `limits` are those of files on the web, None for the usual.
    `direct_uploads`: a file for the web that is to lie in a bucket is brought there, and not to this server.
    `embeddings` is the folder or the name of the model by which documents are found by what they mean; empty for none.
    """

    data_dir: Path
    port: int
    embedded: bool = False
    local_token: str | None = None
    allowed_hosts: frozenset[str] = frozenset()
    base_path: str = ""
    max_body: int = 1 << 29
    idle_seconds: float | None = None
    secure_cookies: Secure = "auto"
    public_url: str = ""
    reachable: frozenset[str] = frozenset()
    database: str | None = field(default=None, repr=False)
    mail: MailSettings | None = None
    limits: Limits | None = None
    direct_uploads: bool = True
    insight: InsightSettings = field(default_factory=InsightSettings)
    embeddings: str = ""

    @property
    def cookie_name(self) -> str:
        """Browsers don't tell ports apart in cookies, so the name does."""
        return f"gofigr_{self.port}"

    @property
    def device_cookie_name(self) -> str:
        """As above, for the mark of a browser that was let in before."""
        return f"gofigr_device_{self.port}"


def loopback_hosts(port: int) -> frozenset[str]:
    """The Host headers of a server that only this machine may reach."""
    return frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES)


def configured_hosts() -> frozenset[str]:
    """The Host headers that the operator of a team server allows; empty when none are named."""
    return frozenset(name.strip().lower() for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name.strip())


def public_host() -> frozenset[str]:
    """The Host header of who comes by the public address; empty when there is none."""
    host = urlsplit(public_url()).netloc.rpartition("@")[2].lower()
    return frozenset([host] if host else [])


def secure_cookies() -> Secure:
    """When cookies are for TLS only, as the operator says."""
    told = os.environ.get(SECURE_VARIABLE, "").strip().lower() or "auto"
    if told not in get_args(Secure):
        raise ConfigurationError(f"{SECURE_VARIABLE} is one of {', '.join(get_args(Secure))}.")
    return cast("Secure", told)


def trusted_proxies() -> list[str]:
    """The addresses and networks whose X-Forwarded headers are believed; nobody's unless the operator names some."""
    return [one.strip() for one in os.environ.get(PROXIES_VARIABLE, "").split(",") if one.strip()]


def reachable() -> frozenset[str]:
    """Where else than to the open Internet users may send this server, as the operator says."""
    return frozenset(one.strip() for one in os.environ.get(REACHABLE_VARIABLE, "").split(",") if one.strip())


def direct_uploads() -> bool:
    """Whether files go to their buckets without passing this server, as the operator says."""
    told = os.environ.get(DIRECT_VARIABLE, "").strip().lower() or "yes"
    if told not in {"yes", "no"}:
        raise ConfigurationError(f"{DIRECT_VARIABLE} is yes or no.")
    return told == "yes"


def database() -> str | None:
    """Where rows are kept, as the operator of a team server says; None for the data folder."""
    return os.environ.get(DATABASE_VARIABLE, "").strip() or None


def embeddings() -> str:
    """The model that tells what documents mean, as the operator says; empty for none."""
    told = os.environ.get(EMBEDDINGS_VARIABLE, "").strip()
    if told and find_spec("model2vec") is None:
        raise ConfigurationError(
            f"{EMBEDDINGS_VARIABLE} needs model2vec, which comes with: pip install 'gofigr-jupyter[embeddings]'"
        )
    return told


def public_url() -> str:
    """Where people reach this server, without a slash at the end; empty when nobody said."""
    told = os.environ.get(PUBLIC_VARIABLE, "").strip().rstrip("/")
    if told and not told.startswith(("http://", "https://")):
        raise ConfigurationError(f"{PUBLIC_VARIABLE} begins with http:// or https://.")
    return told


def package_version() -> str:
    """Our own version, also where the package was never installed."""
    try:
        return version("gofigr-jupyter")
    except PackageNotFoundError:
        return "0"
