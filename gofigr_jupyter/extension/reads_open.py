"""The files that this process holds open for reading, where there is /proc: a net for what opens them below Python."""

from __future__ import annotations

import os
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

_OPEN = "/proc/self/fd"
_MODE = 0o3  # the two bits of the flags that say reading, writing or both
_LASTING = ("socket:", "anon_inode:")
_ALL_EACH = 8  # looks


class OpenFiles:
    """Looks again and again. Most of what a kernel holds open are sockets and events, which stay for its whole life:
    those found the same twice are asked about only now and then, for each question costs a call into the system.
    """

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, bool]] = {}  # what stands behind a number, and whether it will stay
        self._looks = 0

    def look(self, never: tuple[str, ...], known: Set[str]) -> list[str]:
        """Paths not seen before, without those that begin so or are known; empty where the system does not tell."""
        found = []
        try:
            numbers = os.listdir(_OPEN)  # noqa: PTH208 - names alone, on the kernel's path
        except OSError:
            return []
        before, self._held = self._held, {}
        self._looks += 1
        for number in numbers:
            was, will_stay = before.get(number, ("", False))
            if will_stay and self._looks % _ALL_EACH:
                self._held[number] = (was, True)
                continue
            try:
                path = os.readlink(f"{_OPEN}/{number}")  # noqa: PTH115 - as above
            except OSError:  # the listing's own, or closed meanwhile
                continue
            self._held[number] = (path, path == was and path.startswith(_LASTING))
            if path != was and path[0] == "/" and not path.startswith(never) and path not in known and _is_read(number):
                found.append(path)
        return sorted(found)


def _is_read(number: str) -> bool:
    with suppress(OSError, ValueError), Path(f"/proc/self/fdinfo/{number}").open("rb") as stream:
        for line in stream:
            if line.startswith(b"flags:"):
                return int(line.split()[1], 8) & _MODE != os.O_WRONLY
    return False
