"""An address of a repository as people paste it -> its parts, or why it is not taken. No I/O.

What git is given later is put together from these parts again, so that nothing unread reaches it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from gofigr_jupyter.server.fetching import Unreachable, plain_host

PORTS = {"https": 443, "http": 80, "ssh": 22}
FORMS = "Repositories are read at https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH."
NO_SECRETS = "Leave user names, passwords and tokens out of the address; an SSH key opens what is private."
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_SCP_LIKE = re.compile(r"(?:([^@/:]+)@)?([A-Za-z0-9_.-]{2,253}):(?!:|-|//)(.+)")
_PATH = re.compile(r"[^\x00-\x20\x7f\\?#\"'`<>|^{}]{1,1500}")
_BRANCH = re.compile(r"(?![-/.])[^\x00-\x20\x7f~^:?*\[\\]{1,250}(?<![/.])")


@dataclass(frozen=True)
class Address:
    """Where a repository is; `path` as git wants it: with a slash in front, without one in the `USER@HOST:` form."""

    scheme: str
    user: str | None
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """What git is given."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        if not self.path.startswith("/"):
            return f"{user}{host}:{self.path}"
        return f"{self.scheme}://{user}{host}:{self.port}{self.path}"

    @property
    def shown(self) -> str:
        """For people, and for what is kept: without a port that goes without saying."""
        return self.url.replace(f":{self.port}/", "/", 1) if self.port == PORTS[self.scheme] else self.url

    @property
    def name(self) -> str:
        """What the repository is called."""
        return self.path.strip("/").rpartition("/")[2].removesuffix(".git") or self.host


def parse(text: str) -> Address:
    """Read an address. Raises Unreachable; the text never repeats what may be a password."""
    text = text.strip()
    if not text.isprintable():  # urlsplit would leave line breaks out without a word
        raise Unreachable(FORMS)
    address = _url(text) if "://" in text else _scp_like(text)
    if address.scheme != "ssh" and address.user is not None:
        raise Unreachable(NO_SECRETS)
    if address.user is not None and not _USER.fullmatch(address.user):
        raise Unreachable(FORMS)
    if not _PATH.fullmatch(address.path) or address.path.strip("/") == "":
        raise Unreachable(FORMS)
    return address


def branch(text: str) -> str:
    """The name of a branch. Raises Unreachable for what git would not take as one, or would take as something else."""
    if not _BRANCH.fullmatch(text) or ".." in text or "@{" in text or "//" in text or text.endswith(".lock"):
        raise Unreachable("This cannot be the name of a branch.")
    return text


def _url(text: str) -> Address:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Unreachable(FORMS) from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise Unreachable(FORMS)
    if parts.password is not None:
        raise Unreachable(NO_SECRETS)
    if "?" in text or "#" in text or port == 0:
        raise Unreachable(FORMS)
    return Address(parts.scheme, parts.username, plain_host(parts.hostname), port or PORTS[parts.scheme], parts.path)


def _scp_like(text: str) -> Address:
    match = _SCP_LIKE.fullmatch(text)
    if match is None or len(match[2]) < 2:
        raise Unreachable(FORMS)
    return Address("ssh", match[1], plain_host(match[2]), PORTS["ssh"], match[3])
