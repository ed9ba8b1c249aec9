"""What was made of pictures, kept as long as there is room: the least recently used goes first.

In: the hash of a picture, a name and bytes. Out: the same bytes, whole and unchanged, or None. It lies in the cache,
and is there again after a restart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from blake3 import blake3

from gofigr_jupyter.server.store.blobs import Cache

PREFIX = "cdn"
EDITION = "1"  # another one where the same plan gives another picture: what others made is taken away
SEAL = 32  # bytes of BLAKE3 behind the content: after a power failure a file may be there without all it had

Key = tuple[str, str]


class Album:
    """At most so many bytes, and of one picture at most so many variants."""

    def __init__(self, cache: Cache, most_bytes: int, most_variants: int) -> None:
        self._cache = cache
        self._most_bytes = most_bytes
        self._most_variants = most_variants
        self._lock = threading.Lock()
        self._sizes: OrderedDict[Key, int] | None = None  # the least recently used first
        self._names: dict[str, dict[str, None]] = {}  # of each picture, the oldest first
        self._total = 0

    @property
    def total(self) -> int:
        """Bytes that are kept."""
        with self._lock:
            self._known()
            return self._total

    def digests(self) -> set[str]:
        """The pictures of which something is kept."""
        with self._lock:
            self._known()
            return set(self._names)

    def get(self, digest: str, name: str) -> tuple[bytes, str] | None:
        """What is kept and its BLAKE3, or None."""
        key = (digest, name)
        with self._lock:
            sizes = self._known()
            if key not in sizes:
                return None
            sizes.move_to_end(key)
        sealed = self._cache.get(_path(key)) or b""
        content, seal = sealed[:-SEAL], sealed[-SEAL:]
        if blake3(content).digest() == seal:
            return content, seal.hex()
        with self._lock:
            gone = [key] if self._forget(key) else []
        self._remove(gone)
        return None

    def put(self, digest: str, name: str, content: bytes) -> str:
        """Keep something, if that is possible; its BLAKE3."""
        key, seal = (digest, name), blake3(content).digest()
        if self._cache.put(_path(key), content + seal):
            with self._lock:
                self._known()
                self._forget(key)
                self._note(key, len(content) + SEAL)
                gone = self._surplus(digest)
            self._remove(gone)
        return seal.hex()

    def remove(self, digest: str) -> None:
        """Forget all that was made of a picture."""
        with self._lock:
            self._known()
            gone = [(digest, name) for name in self._names.get(digest, {})]
            for key in gone:
                self._forget(key)
        self._remove(gone)

    def _known(self) -> OrderedDict[Key, int]:
        """Look once at what an earlier process has left; the order is that of writing then."""
        if self._sizes is None:
            self._sizes = OrderedDict()
            for path, size in self._cache.listing(PREFIX):
                digest, _, name = path.rpartition("/")[2].partition("-")
                if path == _path((digest, name)):
                    self._note((digest, name), size)
                else:
                    self._cache.remove(path)
        return self._sizes

    def _note(self, key: Key, size: int) -> None:
        self._known()[key] = size
        self._names.setdefault(key[0], {})[key[1]] = None
        self._total += size

    def _forget(self, key: Key) -> bool:
        size = self._known().pop(key, None)
        if size is None:
            return False
        self._total -= size
        names = self._names[key[0]]
        del names[key[1]]
        if not names:
            del self._names[key[0]]
        return True

    def _surplus(self, digest: str) -> list[Key]:
        """What must go, no longer known."""
        sizes, gone = self._known(), []
        while self._total > self._most_bytes and sizes:
            gone.append(next(iter(sizes)))
            self._forget(gone[-1])
        while len(self._names.get(digest, ())) > self._most_variants:
            gone.append((digest, next(iter(self._names[digest]))))
            self._forget(gone[-1])
        return gone

    def _remove(self, gone: list[Key]) -> None:
        # One that was made anew in the meantime is lost, and noticed by its seal.
        for key in gone:
            self._cache.remove(_path(key))


def _path(key: Key) -> str:
    return f"{PREFIX}/{EDITION}/{key[0][:2]}/{key[0]}-{key[1]}"
