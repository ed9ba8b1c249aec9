"""The files that this process holds open for reading, where there is /proc: a net for what opens them below Python."""

from __future__ import annotations

import os
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

_OPEN = "/proc/self/fd"
_MODE = 0o3  # the two bits of the flags that say reading, writing or both


class OpenFiles:
    """Looks again and again. While the same descriptors are open, it costs one listing of a folder in memory.

    A file that took the very number of another, between two looks, is seen when the next descriptor comes or goes.
    """

    def __init__(self) -> None:
        self._numbers: list[str] = []

    def look(self, never: tuple[str, ...], known: Set[str]) -> list[str]:
        """Their paths, without those that begin so, and those that are known; empty where the system does not tell."""
        found = []
        try:
            numbers = sorted(os.listdir(_OPEN))  # noqa: PTH208 - names alone, on the kernel's path
        except OSError:
            return []
        if numbers == self._numbers:
            return []
        self._numbers = numbers
        for number in numbers:
            with suppress(OSError, ValueError):  # closed meanwhile
                path = os.readlink(f"{_OPEN}/{number}")  # noqa: PTH115 - as above
                if path[0] == "/" and not path.startswith(never) and path not in known and _is_read(number):
                    found.append(path)
        return found


def _is_read(number: str) -> bool:
    with Path(f"/proc/self/fdinfo/{number}").open("rb") as stream:
        for line in stream:
            if line.startswith(b"flags:"):
                return int(line.split()[1], 8) & _MODE != os.O_WRONLY
    return False
