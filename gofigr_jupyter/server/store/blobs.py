"""Bytes, content-addressed: 1 MiB chunks named by their BLAKE3, so that equal beginnings are stored once.

What `put` has returned is durable: rows may name it. Reads verify. Nobody's names or paths reach the store.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import obstore
from blake3 import blake3
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore

from gofigr_jupyter.errors import GoFigrError

CHUNK_BYTES = 1 << 20


class DamagedBlob(GoFigrError):
    """Stored bytes are gone or no longer what they were."""


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

    @classmethod
    def in_folder(cls, folder: Path) -> Blobs:
        """Chunks in a local folder, made at first use."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(folder), folder)

    def put(self, contents: Iterable[bytes]) -> list[Stored]:
        """Store each of `contents`, durably; one round of fsync for them all."""
        written: set[str] = set()
        stored = [self._put_one(content, written) for content in contents]
        if self._root is not None:
            _make_durable(self._root, [self._root / _key(chunk) for chunk in written])
        return stored

    def _put_one(self, content: bytes, written: set[str]) -> Stored:
        view = memoryview(content)
        chunks = []
        for start in range(0, len(content), CHUNK_BYTES):
            piece = view[start : start + CHUNK_BYTES]
            digest = blake3(piece).hexdigest()
            chunks.append(digest)
            if digest not in written and not self._holds(digest):
                obstore.put(self._store, _key(digest), bytes(piece))
            written.add(digest)  # also what was there already: another request's fsync may still be on its way
        return Stored(blake3(view).hexdigest(), len(content), chunks)

    def _holds(self, digest: str) -> bool:
        # Reading it whole costs a millisecond, and a damaged chunk is mended by the next upload of the same bytes.
        try:
            self._chunk(digest)
        except DamagedBlob:
            return False
        return True

    def read(self, chunks: Sequence[str]) -> Iterator[bytes]:
        """The bytes, chunk by chunk, each verified; raises DamagedBlob."""
        for digest in chunks:
            yield self._chunk(digest)

    def _chunk(self, digest: str) -> bytes:
        try:
            content = obstore.get(self._store, _key(digest)).bytes().to_bytes()
        except (NotFoundError, FileNotFoundError) as error:
            raise DamagedBlob(f"stored chunk {digest} is missing") from error
        except BaseError as error:
            raise DamagedBlob(f"stored chunk {digest} cannot be read") from error
        if blake3(content).hexdigest() != digest:
            raise DamagedBlob(f"stored chunk {digest} is damaged")
        return content

    def listing(self) -> Iterator[str]:
        """The digests of all stored chunks."""
        for batch in obstore.list(self._store):
            for entry in batch:
                yield entry["path"].rsplit("/", 1)[-1]

    def remove(self, digests: Iterable[str]) -> None:
        """Forget chunks that no row names any more."""
        paths = [_key(digest) for digest in digests]
        if paths:
            obstore.delete(self._store, paths)


class Cache:
    """Small things that can be made again; nothing depends on them."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def in_folder(cls, folder: Path) -> Cache:
        """A cache in a local folder."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(folder))

    def get(self, key: str) -> bytes | None:
        """What was kept under a key (of our own making), or None."""
        try:
            return obstore.get(self._store, key).bytes().to_bytes()
        except (BaseError, FileNotFoundError):
            return None

    def put(self, key: str, content: bytes) -> None:
        """Keep something."""
        obstore.put(self._store, key, content)


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _make_durable(root: Path, files: Sequence[Path]) -> None:
    folders = {file.parent for file in files}
    for path in [*files, *folders, *([root] if files else [])]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
