"""Slows down who guesses, without locking out who knows: how many misses are allowed to whom, and for how long.

An attempt counts as a miss when it begins and is forgiven when it succeeds: however many arrive at once, no more than
allowed are tried. What it remembers is bounded, and is gone with the process.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

MOST_REMEMBERED = 20_000


@dataclass(frozen=True)
class Allowance:
    """So many misses in so many seconds, for whoever or whatever `subject` is."""

    subject: Hashable
    misses: int
    seconds: float


class Throttle:
    """Counts misses; `clock` tells seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_REMEMBERED) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._misses: OrderedDict[Hashable, list[float]] = OrderedDict()
        self._known: OrderedDict[Hashable, None] = OrderedDict()

    def begin(self, *allowances: Allowance) -> float:
        """Count an attempt against all of these, or against none and say how many seconds to wait."""
        with self._lock:
            now = self._clock()
            wait = max((self._wait(one, now) for one in allowances), default=0.0)
            if wait > 0:
                return wait
            for one in allowances:
                self._misses.setdefault(one.subject, []).append(now)
                self._misses.move_to_end(one.subject)
            while len(self._misses) > self._most:
                self._misses.popitem(last=False)
            return 0.0

    def take_back(self, *allowances: Allowance) -> None:
        """This attempt does not count after all; earlier ones do."""
        with self._lock:
            for one in allowances:
                if self._misses.get(one.subject):
                    self._misses[one.subject].pop()

    def know(self, pair: Hashable) -> None:
        """Remember a pair of account and address that belong together."""
        with self._lock:
            self._known[pair] = None
            self._known.move_to_end(pair)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def knows(self, pair: Hashable) -> bool:
        """Whether such a pair was remembered."""
        with self._lock:
            return pair in self._known

    def _wait(self, one: Allowance, now: float) -> float:
        recent = [at for at in self._misses.get(one.subject, ()) if now - at < one.seconds]
        if recent:
            self._misses[one.subject] = recent
        else:
            self._misses.pop(one.subject, None)
        return recent[-one.misses] + one.seconds - now if len(recent) >= one.misses else 0.0


def neighbourhood(address: str | None) -> str:
    """What counts as one address: of IPv6 the /64, which is the least that anybody is given."""
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
