"""Parcels survive a power failure, too: a thread fsyncs what was put, soon after, off the caller's path.

In: descriptors of parcel folders (they stay good when the folder is renamed). Out: `wait` says when done.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress

_GATHER = 0.3  # seconds; several parcels share one commit of the file system's journal
_IDLE = 30.0  # seconds without work, after which the thread ends; the next parcel starts another
_READ_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)


class Syncer:
    """Fsyncs folders and their files from one daemon thread, started on first use and after a fork."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._waiting: list[int] = []
        self._busy = False
        self._hurry = False
        self._closing = False
        self._thread: threading.Thread | None = None

    def add(self, folder: int) -> None:
        """Hand over an open descriptor of a folder; it is closed when all in it is on the disk."""
        if self._pid != os.getpid():
            self._begin()  # the thread stayed in the parent
        with self._changed:
            self._waiting.append(folder)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="gofigr-fsync", daemon=True)
                with suppress(RuntimeError):  # no more threads: the parcel is there, the next one tries again
                    self._thread.start()
            self._changed.notify_all()

    def wait(self, timeout: float = 10.0) -> bool:
        """Return when everything handed over so far is on the disk; False when that took too long."""
        if self._pid != os.getpid():
            return True
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout)
            self._hurry = False
            return done

    def close(self) -> None:
        """The same, and end the thread now; it starts again when there is more."""
        self.wait()
        with self._changed:
            thread, self._closing = self._thread, True
            self._changed.notify_all()
        if thread is not None and self._pid == os.getpid():
            thread.join(1.0)
        self._closing = False

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closing, _IDLE)
                if not self._waiting:
                    self._thread = None
                    return
                # Waiting on purpose, and `wait` cuts it short.
                self._changed.wait_for(lambda: self._hurry, _GATHER)
                batch, self._waiting, self._busy = self._waiting, [], True
            for folder in batch:
                _sync(folder)
            with self._changed:
                self._busy = False
                self._changed.notify_all()


def _sync(folder: int) -> None:
    """Fsync each file of a folder, then the folder; the worker may have finished it meanwhile."""
    try:
        for name in os.listdir(folder) if os.listdir in os.supports_fd else ():
            with suppress(OSError):
                descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        os.fsync(folder)
    except OSError:
        pass  # not every file system can sync a folder; the parcel is there all the same
    finally:
        with suppress(OSError):  # on a network disk, closing can fail, too
            os.close(folder)


def open_folder(path: str | os.PathLike[str]) -> int:
    """A descriptor of a folder, for `Syncer.add`."""
    return os.open(path, _READ_FOLDER)
