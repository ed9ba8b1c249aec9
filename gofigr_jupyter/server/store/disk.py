"""The disk: sees to it that files and their names are on it, all of a request at once, and tells when it is full.

File systems write one journal for many: ten fsyncs that wait side by side take hardly longer than one.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from obstore.exceptions import BaseError
from sqlalchemy.exc import OperationalError

from gofigr_jupyter.errors import GoFigrError

AT_ONCE = 8
FEW = 4
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

    def sync(self, paths: Iterable[Path]) -> None:
        """Return when all these files and folders are durable; raises OSError."""
        waiting = list(paths)
        if len(waiting) <= FEW:  # a file and its folder: the second wait is next to nothing, a change of threads is not
            for path in waiting:
                sync(path)
        else:
            list(self._threads.map(sync, waiting))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()


def sync(path: Path) -> None:
    """fsync of one file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
