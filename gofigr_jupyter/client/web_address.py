"""Addresses that a server names: good only when they lead where they may.

In: text from a server. Out: the same address, nothing in it that a browser or a terminal would take for more.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

from gofigr_jupyter.errors import ConnectionFailed

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine itself."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def checked(address: str, base: str) -> str:
    """An address that the server at `base` names: https, or as the server itself is reached; raises ConnectionFailed.

    A server elsewhere cannot send us to programs on this machine.
    """
    if not address.isprintable():
        raise ConnectionFailed(f"{base} names an address that is none")
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError as error:
        raise ConnectionFailed(f"{base} names an address that is none") from error
    host = parts.hostname or ""
    if "@" in parts.netloc or not has_port or not _HOST.fullmatch(host) or parts.scheme not in {"http", "https"}:
        raise ConnectionFailed(f"{base} names an address that is no web address: {address[:100]!r}")
    is_here = is_loopback(address)
    is_as_trusted = origin(address) == origin(base) or (is_here and is_loopback(base))
    if not is_as_trusted and (parts.scheme != "https" or is_here):
        raise ConnectionFailed(f"{base} names an address that is not safe to use: {origin(address)[:100]!r}")
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~")
