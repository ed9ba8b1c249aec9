"""Bytes, content-addressed: chunks named by their BLAKE3 (`cutting` says where), so that equal ones are stored once.

What `put` has returned is durable: rows may name it. Reads verify. Nobody's names or paths reach the store.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import obstore
from blake3 import blake3
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server.store import cutting, disk
from gofigr_jupyter.server.store.disk import Round, Syncer

log = logging.getLogger(__name__)
DIGEST = re.compile(r"[0-9a-f]{64}")
STRAY_SECONDS = 60.0  # nothing small is written for so long
HASHERS = 2  # threads that hash a whole while its chunks are hashed and written
REMEMBERED = 50_000  # chunks that are known to be durable


class DamagedBlob(GoFigrError):
    """Stored bytes are gone or no longer what they were."""


class OutOfReach(GoFigrError):
    """A place where bytes lie does not answer; they may well be whole."""


@dataclass(frozen=True)
class Stored:
    """Where some bytes lie: the hash of the whole, its size, and the chunks in order."""

    hash: str
    size: int
    chunks: list[str]

    @classmethod
    def of_nothing(cls) -> Stored:
        """No bytes at all: an empty object."""
        return cls(blake3(b"").hexdigest(), 0, [])


class Blobs:
    """Chunks in an object store; `root` is its folder where the store is local, for fsync."""

    def __init__(self, store: ObjectStore, root: Path | None = None) -> None:
        self._store = store
        self._root = root
        self._syncer = Syncer()
        self.hashers = ThreadPoolExecutor(HASHERS, thread_name_prefix="hash")
        self._durable = _Known(REMEMBERED)
        self._folders: set[str] | None = None  # those of whose names the disk knows for sure

    @classmethod
    def in_folder(cls, folder: Path) -> Blobs:
        """Chunks in a local folder, made at first use."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(folder), folder)

    def put(self, contents: Iterable[bytes | Iterable[bytes]]) -> list[Stored]:
        """Store each of `contents`, durably; one round of fsync for them all. Raises DiskFull, OutOfReach.

        What comes in pieces is never in memory as a whole.
        """
        batch = self._batch()
        stored = [self._put_one(content, batch) for content in contents]
        self.settle(batch)
        return stored

    def put_chunks(self, contents: Iterable[bytes]) -> None:
        """Store chunks of another store as they are, durably. Raises DiskFull, OutOfReach."""
        batch = self._batch()
        for content in contents:
            self.write(blake3(content).hexdigest(), [memoryview(content)], batch)
        self.settle(batch)

    def _put_one(self, content: bytes | Iterable[bytes], batch: Batch) -> Stored:
        one = Filling(self, batch)
        for piece in [content] if isinstance(content, bytes) else content:
            one.feed([piece])
        return one.ended()

    def begin(self) -> Filling:
        """Something whose bytes come by and by."""
        return Filling(self, self._batch())

    def _batch(self) -> Batch:
        return Batch(self._syncer.begin())

    def write(self, digest: str, pieces: Sequence[memoryview], batch: Batch) -> None:
        """Write a chunk that has come in pieces, unless it is there; not durable yet. Raises DiskFull, OutOfReach."""
        if digest in batch.written:
            return
        batch.written.add(digest)
        was_there = self._holds(digest)
        if not was_there:
            self._write(digest, pieces)
        # What was there already counts too, unless known: another request's fsync may still be on its way.
        if self._root is not None and not (was_there and digest in self._durable):
            batch.unsure.append(digest)
            batch.round.add(self._root / chunk_name(digest))

    def _write(self, digest: str, pieces: Sequence[memoryview]) -> None:
        if self._root is not None:
            disk.write(self._root / chunk_name(digest), pieces)
            return
        try:
            obstore.put(self._store, chunk_name(digest), b"".join(pieces))
        except (BaseError, OSError) as error:
            raise OutOfReach("The bucket does not take the data. Nothing of this was kept.") from error

    def settle(self, batch: Batch) -> None:
        """Return when all that was written is durable. Raises DiskFull."""
        if self._root is None or not batch.unsure:
            return
        folders = {digest[:2] for digest in batch.unsure}
        new = folders - (self._folders or set())
        for name in folders:
            batch.round.add(self._root / name)
        if new:
            batch.round.add(self._root)
        batch.round.end()
        self._folders = (self._folders or set()) | new
        self._durable.add(batch.unsure)

    def _holds(self, digest: str) -> bool:
        if not self.has(digest):
            return False
        if self._root is None:
            return True
        # Reading it whole costs a millisecond, and a damaged chunk is mended by the next upload of the same bytes.
        try:
            self._chunk(digest)
        except DamagedBlob:
            return False
        return True

    def has(self, digest: str) -> bool:
        """Whether a chunk is there, whole or not. Raises OutOfReach."""
        if self._root is not None:
            return (self._root / chunk_name(digest)).exists()  # asking the store takes far longer
        return self._size(digest) is not None

    def _size(self, digest: str) -> int | None:
        try:
            return obstore.head(self._store, chunk_name(digest))["size"]
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            raise OutOfReach("The bucket does not answer. Nothing of this was kept.") from error

    def read(self, chunks: Sequence[str]) -> Iterator[bytes]:
        """The bytes, chunk by chunk, each verified; raises DamagedBlob, OutOfReach."""
        for digest in chunks:
            yield self._chunk(digest)

    def _chunk(self, digest: str) -> bytes:
        try:
            content = obstore.get(self._store, chunk_name(digest)).bytes().to_bytes()
        except (NotFoundError, FileNotFoundError) as error:
            raise DamagedBlob(f"stored chunk {digest} is missing") from error
        except (BaseError, OSError) as error:
            if self._root is None:
                raise OutOfReach("The bucket that has these bytes does not answer.") from error
            raise DamagedBlob(f"stored chunk {digest} cannot be read") from error
        if blake3(content).hexdigest() != digest:
            raise DamagedBlob(f"stored chunk {digest} is damaged")
        return content

    def listing(self) -> Iterator[tuple[str, int]]:
        """The digests and sizes of all stored chunks; whatever else lies there is none of ours."""
        try:
            for batch in obstore.list(self._store):
                for entry in batch:
                    digest = entry["path"].rsplit("/", 1)[-1]
                    if DIGEST.fullmatch(digest) and entry["path"] == chunk_name(digest):
                        yield digest, entry["size"]
        except (BaseError, OSError) as error:
            if self._root is None:
                raise OutOfReach("The bucket does not answer.") from error
            raise

    def remove(self, digests: Iterable[str]) -> None:
        """Forget chunks that no row names any more."""
        gone = list(digests)
        self._durable.discard(gone)
        if self._root is not None:
            for digest in gone:
                (self._root / chunk_name(digest)).unlink(missing_ok=True)
        elif gone:
            try:
                obstore.delete(self._store, [chunk_name(digest) for digest in gone])
            except (BaseError, OSError) as error:
                raise OutOfReach("The bucket does not answer.") from error

    def strays(self) -> list[Path]:
        """What somebody has begun to write, or a killed process had."""
        paths = self._root.glob("*/*") if self._root is not None else ()
        return [path for path in paths if not DIGEST.fullmatch(path.name) and path.is_file()]

    def clear_strays(self) -> None:
        """Remove what a killed process had begun to write; to be called while nobody writes."""
        for path in self.strays():
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the threads."""
        self.hashers.shutdown()
        self._syncer.close()


@dataclass
class Batch:
    """What one request writes, each chunk once; those of which nobody is sure that the disk has them go there."""

    round: Round
    written: set[str] = field(default_factory=set)
    unsure: list[str] = field(default_factory=list)


class Filling:
    """The bytes of one object on their way in, as chunks of a batch."""

    def __init__(self, blobs: Blobs, batch: Batch) -> None:
        self._blobs = blobs
        self._batch = batch
        self._whole = blake3()
        self._hashing: Future[object] | None = None  # of the chunk before
        self._size = 0
        self._chunks: list[str] = []
        self._waiting: deque[memoryview] = deque()
        self._waiting_bytes = 0

    def feed(self, pieces: Iterable[bytes]) -> None:
        """The next bytes, as many as there are. Raises DiskFull, OutOfReach."""
        for piece in pieces:
            self._waiting.append(memoryview(piece))
            self._waiting_bytes += len(piece)
        if sizes := self._complete():
            self._take(sizes)

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self._size + self._waiting_bytes

    def is_there(self) -> bool:
        """Whether all that was stored so far still is: somebody may have swept while nobody held on to it."""
        return all(self._blobs.has(digest) for digest in self.chunks)

    def end(self) -> Stored:
        """There are no more; they are durable when this returns."""
        stored = self.ended()
        self._blobs.settle(self._batch)
        return stored

    def ended(self) -> Stored:
        """There are no more; they are durable when the batch is settled."""
        if self._waiting_bytes:
            self._take([self._waiting_bytes], is_last=True)
        return self.stored

    def _complete(self) -> list[int]:
        """The sizes of the chunks whose bytes wait; a first one only where there is more, for it may be the whole."""
        sizes: list[int] = []
        left, number = self._waiting_bytes, len(self._chunks)
        while left > (size := cutting.size_of(number + len(sizes))) or (left == size and number + len(sizes)):
            sizes.append(size)
            left -= size
        return sizes

    def _take(self, sizes: Sequence[int], *, is_last: bool = False) -> None:
        """Store the next of the bytes that wait, as chunks of these sizes."""
        self._size += sum(sizes)
        chunks = [self._next(each) for each in sizes]
        if self._chunks or len(chunks) > 1 or not is_last:  # else the one chunk is the whole
            self._hashed()
            self._hashing = self._blobs.hashers.submit(_hash, self._whole, list(chain.from_iterable(chunks)))
        for pieces in chunks:
            digest = _hash(blake3(), pieces).hexdigest()
            self._chunks.append(digest)
            self._blobs.write(digest, pieces, self._batch)

    def _next(self, size: int) -> list[memoryview]:
        """Where the next bytes lie: they are as large as the file, and are not copied."""
        pieces = []
        self._waiting_bytes -= size
        while size:
            piece = self._waiting.popleft()
            if len(piece) > size:
                self._waiting.appendleft(piece[size:])
            pieces.append(piece[:size])
            size -= len(pieces[-1])
        return pieces

    def _hashed(self) -> None:
        """Wait until the whole so far is hashed."""
        if self._hashing is not None:
            self._hashing.result()

    @property
    def chunks(self) -> frozenset[str]:
        """The chunks that were taken."""
        return frozenset(self._chunks)

    @property
    def stored(self) -> Stored:
        """Where the bytes lie that were taken."""
        self._hashed()
        whole = self._chunks[0] if len(self._chunks) == 1 else self._whole.hexdigest()
        return Stored(whole, self._size, self._chunks)


class Cache:
    """Small things that can be made again; nothing depends on them."""

    def __init__(self, store: ObjectStore, root: Path) -> None:
        self._store = store
        self._root = root

    @classmethod
    def in_folder(cls, folder: Path) -> Cache:
        """A cache in a local folder."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(folder), folder)

    def get(self, key: str) -> bytes | None:
        """What was kept under a key (of our own making), or None."""
        try:
            return obstore.get(self._store, key).bytes().to_bytes()
        except (BaseError, FileNotFoundError):
            return None

    def put(self, key: str, content: bytes) -> bool:
        """Keep something, if that is possible; whether it was. Nobody ever sees half of it."""
        try:
            obstore.put(self._store, key, content)
        except (BaseError, OSError) as error:
            log.warning("nothing can be kept in the cache: %s", type(error).__name__)
            return False
        return True

    def listing(self, prefix: str) -> list[tuple[str, int]]:
        """The keys below a prefix and how many bytes are there, the oldest first."""
        try:
            entries = [entry for batch in obstore.list(self._store, prefix) for entry in batch]
        except (BaseError, OSError):
            return []
        entries.sort(key=lambda entry: entry["last_modified"])
        return [(entry["path"], entry["size"]) for entry in entries]

    def remove(self, key: str) -> None:
        """Forget what is kept under a key, if anything is."""
        with suppress(BaseError, OSError):
            obstore.delete(self._store, key)


    def clear_strays(self) -> None:
        """Remove what a killed process had begun to write; what others write at this moment is younger."""
        for path in self._root.rglob("*#*"):  # a name that no key has
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > STRAY_SECONDS:
                    path.unlink()


class _Known:
    """A set that forgets when it has grown large; to forget is never wrong, only slower."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._names: set[str] = set()
        self._lock = threading.Lock()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, names: Iterable[str]) -> None:
        with self._lock:
            if len(self._names) > self._most:
                self._names.clear()
            self._names.update(names)

    def discard(self, names: Iterable[str]) -> None:
        with self._lock:
            self._names.difference_update(names)


def _hash(known: blake3, pieces: Iterable[memoryview]) -> blake3:
    """The same hash, with these as well."""
    for piece in pieces:
        known.update(piece)
    return known


def chunk_name(digest: str) -> str:
    """Where a chunk lies in its store."""
    return f"{digest[:2]}/{digest}"
