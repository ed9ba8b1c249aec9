"""The disk: sees to it that files and their names are on it, all of a request at once, and tells when it is full.

File systems write one journal for many: ten fsyncs that wait side by side take hardly longer than one.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path

from obstore.exceptions import BaseError
from sqlalchemy.exc import OperationalError

from gofigr_jupyter.errors import GoFigrError

AT_ONCE = 8
FEW = 4
MANY = 8  # of one request's files that a thread takes in one go, for its change costs as much as a few of them
AHEAD = 3  # such goes that may be behind: who writes faster than the disk waits for it
MOST_PIECES = 512  # that are written at once; Linux takes 1,024
FULL = ("No space left on device", "quota exceeded", "database or disk is full")


class DiskFull(GoFigrError):
    """There is no room for more."""

    def __init__(self) -> None:
        super().__init__("The server's disk is full. Nothing of this was kept.")


def is_full(error: BaseException) -> bool:
    """Whether an error means that a disk, or what somebody may put on it, is full."""
    if isinstance(error, DiskFull):
        return True
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, OSError | BaseError | OperationalError) and any(told in str(error) for told in FULL)


class Syncer:
    """A handful of threads that wait for the disk; they begin with the first round that needs them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fsync")

    def begin(self) -> Round:
        """For the files of one request."""
        return Round(self._threads)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()


class Round:
    """The files of one request: the first go to the disk while others are still written. Raises DiskFull, OSError."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._waiting: list[Path] = []
        self._running: deque[Future[None]] = deque()

    def add(self, path: Path) -> None:
        """One more file or folder, as it is now."""
        self._waiting.append(path)
        if len(self._waiting) >= MANY:
            self._start(self._waiting)
            self._waiting = []
            if len(self._running) > AHEAD:
                self._running.popleft().result()

    def end(self) -> None:
        """Return when all of them are durable."""
        if len(self._waiting) > FEW:
            for path in self._waiting:
                self._start([path])
        else:
            _sync_all(self._waiting)
        for one in self._running:
            one.result()

    def _start(self, paths: list[Path]) -> None:
        self._running.append(self._threads.submit(_sync_all, paths))


def _sync_all(paths: Iterable[Path]) -> None:
    for path in paths:
        sync(path)


def sync(path: Path) -> None:
    """fsync of one file or folder. Raises DiskFull, OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if is_full(error):
            raise DiskFull from error
        raise
    finally:
        os.close(descriptor)


def write(path: Path, pieces: Sequence[memoryview]) -> None:
    """Write a file of pieces, and its folder where there is none: nobody sees half of it, and it is not durable yet.

    Raises DiskFull, OSError.
    """
    part = f"{path}.{secrets.token_hex(8)}"
    try:
        descriptor = _created(part, path.parent)
        try:
            left = deque(pieces)
            while left:
                _drop(left, os.writev(descriptor, list(islice(left, MOST_PIECES))))
        finally:
            os.close(descriptor)
        os.rename(part, path)  # noqa: PTH104 - a Path costs more than the rest of this, for each MiB
    except OSError as error:
        with suppress(FileNotFoundError):
            os.unlink(part)  # noqa: PTH108
        if is_full(error):
            raise DiskFull from error
        raise


def _drop(left: deque[memoryview], count: int) -> None:
    """So many bytes are written: what is left."""
    while left and count >= len(left[0]):
        count -= len(left.popleft())
    if count:
        left[0] = left[0][count:]


def _created(path: str, folder: Path) -> int:
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(path, how, 0o600)
    except FileNotFoundError:
        folder.mkdir(exist_ok=True, mode=0o700)
        return os.open(path, how, 0o600)
