"""The files that this process holds open for reading, where there is /proc: a net for what opens them below Python."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_OPEN = "/proc/self/fd"
_MODE = 0o3  # the two bits of the flags that say reading, writing or both
_LASTING = ("socket:", "anon_inode:")
_ALL_EACH = 8  # looks


class _Held(NamedTuple):
    """What stands behind a number: its device and inode, when that was last changed, and its path or kind."""

    place: tuple[int, int]
    changed: int
    path: str


class OpenFiles:
    """Looks again and again, at the end of each cell, so it asks the system as little as will do.

    Numbers are given from the lowest free one up. As long as that stays, and each file and pipe that was held is still
    there, only what took the number of a socket or an event could be new: those stay for the kernel's whole life, and
    all is asked about now and then.
    """

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._fickle: list[tuple[int, tuple[int, int]]] = []
        self._free = -1
        self._looks = 0

    def look(self, never: tuple[str, ...], is_known: Callable[[str], bool]) -> list[str]:
        """Paths not seen before, without those that begin so or are known; empty where the system does not tell."""
        self._looks += 1
        if self._looks % _ALL_EACH and self._seems_same():
            return []
        found = []
        for number, held in self._new():
            path = held.path
            if path[0] == "/" and not path.startswith(never) and not is_known(path) and _is_read(number):
                found.append(path)
        return sorted(found)

    def _seems_same(self) -> bool:
        try:
            return 0 <= _lowest_free() == self._free and all(_place(os.fstat(n)) == place for n, place in self._fickle)
        except OSError:
            return False

    def _new(self) -> list[tuple[int, _Held]]:
        """Ask about every number; those behind which stands something else than at the last look."""
        try:
            numbers = list(map(int, os.listdir(_OPEN)))  # noqa: PTH208 - names alone, on the kernel's path
        except OSError:
            return []
        self._free = _lowest_free()
        before, self._held = self._held, {}
        new = []
        for number in numbers:
            with suppress(OSError):  # the listing's own, or closed meanwhile
                state, was = os.fstat(number), before.get(number)
                if was is None or (was.place, was.changed) != (_place(state), state.st_ctime_ns):
                    path = os.readlink(f"{_OPEN}/{number}")  # noqa: PTH115 - as above
                    now = _Held(_place(state), state.st_ctime_ns, path)
                    # A folder is held for a moment by whoever lists it, as imports do: no data are read so.
                    if stat.S_ISREG(state.st_mode) and (was is None or was.path != path):
                        new.append((number, now))
                    was = now
                self._held[number] = was
        self._fickle = [(n, held.place) for n, held in self._held.items() if not held.path.startswith(_LASTING)]
        return new


def _place(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino


def _lowest_free() -> int:
    """The number that the next open file will get; -1 where it cannot be told, for nothing is open behind 0."""
    try:
        number = os.dup(0)
    except OSError:
        return -1
    os.close(number)
    return number


def _is_read(number: int) -> bool:
    with suppress(OSError, ValueError), Path(f"/proc/self/fdinfo/{number}").open("rb") as stream:
        for line in stream:
            if line.startswith(b"flags:"):
                return int(line.split()[1], 8) & _MODE != os.O_WRONLY
    return False
