"""The files that this process holds open for reading, where there is /proc: a net for what opens them below Python."""

from __future__ import annotations

import os
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

_OPEN = "/proc/self/fd"
_MODE = 0o3  # the two bits of the flags that say reading, writing or both
_ALL_EACH = 8  # looks


class OpenFiles:
    """Looks again and again, mostly at the descriptors that have come: each costs a call into the system.

    A file that took the very number of another between two looks is seen when all are looked at, every so often.
    """

    def __init__(self) -> None:
        self._numbers: set[str] = set()
        self._looks = 0

    def look(self, never: tuple[str, ...], known: Set[str]) -> list[str]:
        """Their paths, without those that begin so, and those that are known; empty where the system does not tell."""
        found = []
        try:
            numbers = set(os.listdir(_OPEN))  # noqa: PTH208 - names alone, on the kernel's path
        except OSError:
            return []
        before, self._numbers = self._numbers, numbers
        self._looks += 1
        for number in numbers - before if self._looks % _ALL_EACH else list(numbers):
            try:
                path = os.readlink(f"{_OPEN}/{number}")  # noqa: PTH115 - as above
            except OSError:  # the listing's own, or closed meanwhile; the number is free for another
                numbers.discard(number)
                continue
            if path[0] == "/" and not path.startswith(never) and path not in known and _is_read(number):
                found.append(path)
        return sorted(found)


def _is_read(number: str) -> bool:
    with suppress(OSError, ValueError), Path(f"/proc/self/fdinfo/{number}").open("rb") as stream:
        for line in stream:
            if line.startswith(b"flags:"):
                return int(line.split()[1], 8) & _MODE != os.O_WRONLY
    return False
