"""Where the server may go on a user's word: a host name is resolved once, its addresses are checked, and kept.

Whoever connects uses the addresses of the `Place`, never the name again: a name that is answered differently the second
time gains nothing. Private, loopback, link-local and the like are refused unless the operator names them.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gofigr_jupyter.errors import ConfigurationError, GoFigrError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], list[str]]

NOWHERE = "There is no server of that name, or it is one that this server may not reach."
WELL_KNOWN_PORTS = frozenset({22, 80, 443})  # below 1024 nothing else has repositories, but much that listens
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# What Python calls global although it leads elsewhere: relays and translators to any IPv4 address, and old site-locals.
_DETOURS = tuple(
    map(
        ipaddress.ip_network,
        "192.0.0.0/24 192.88.99.0/24 64:ff9b::/96 64:ff9b:1::/48 2001::/23 2002::/16 fec0::/10".split(),
    )
)
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


class Unreachable(GoFigrError):
    """The server does not go there; the text is for people, and says nothing of what is or is not behind a name."""


@dataclass(frozen=True)
class Place:
    """A host as it was resolved; `is_named` when the operator names all of it as reachable."""

    host: str
    port: int
    addresses: tuple[str, ...]
    is_named: bool


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a host, as this machine resolves it; empty for none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Reach:
    """The operator's word (`named`: host names, addresses, networks) and the check."""

    def __init__(self, named: Iterable[str] = (), resolve: Resolver = resolved) -> None:
        self._networks, self._names = _sorted(named)
        self._resolve = resolve

    def find(self, host: str, port: int) -> Place:
        """The host's checked addresses. Raises Unreachable when it has none, or one that is not allowed."""
        name = plain_host(host)
        literal = _address(name)
        texts = [name] if literal is not None else self._resolve(name, port)
        addresses = [_address(text.partition("%")[0]) for text in texts]
        known = [one for one in addresses if one is not None]
        if not known or len(known) < len(addresses):
            raise Unreachable(NOWHERE)
        is_named = name in self._names or all(self._is_named(one) for one in known)
        if not is_named and not all(self._is_named(one) or is_public(one) for one in known):
            raise Unreachable(NOWHERE)
        if not is_named and port < 1024 and port not in WELL_KNOWN_PORTS:
            raise Unreachable(f"This server does not go to port {port}.")
        return Place(name, port, tuple(str(one) for one in known), is_named)

    def _is_named(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def is_public(address: Address) -> bool:
    """Whether an address is one of the open Internet's, and not a way round to another."""
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _PUBLIC_IPV6:
        return False
    return not any(address in network for network in _DETOURS)


def plain_host(host: str) -> str:
    """A host in the one spelling that is used from here on. Raises Unreachable for what is no name and no address.

    Numbers that resolvers read as addresses (`2130706433`, `0x7f.1`, `0177.0.0.1`) are neither.
    """
    try:
        name = host.lower() if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Unreachable(NOWHERE) from error
    name = name.removesuffix(".")
    literal = _address(name)
    if literal is not None:
        return str(literal)
    if not _NAME.fullmatch(name) or _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise Unreachable(NOWHERE)
    return name


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _sorted(named: Iterable[str]) -> tuple[list[Network], set[str]]:
    networks: list[Network] = []
    names: set[str] = set()
    for text in named:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            names.add(_named(text))
    return networks, names


def _named(text: str) -> str:
    try:
        return plain_host(text)
    except Unreachable as error:
        raise ConfigurationError(f"{text!r} is no host, no address and no network.") from error
