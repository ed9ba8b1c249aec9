"""The state of input files: what a path stands for, the size and time of each file, its hash, whether it has changed.

In: paths. Out: facts. `Hashing` works in a thread of its own: a hash is never on the time of a cell.
"""

from __future__ import annotations

import glob
import logging
import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

from blake3 import blake3

from gofigr_jupyter.records import InputFile

State = tuple[int, int]  # size in bytes, time of the last change in nanoseconds
Key = tuple[str, int, int]
MOST_FILES = 1000
_MOST_LISTED = 2 * MOST_FILES
_MOST_FOLDERS = 500
_PIECE = 1 << 20
_MOST_DIGESTS = 5000
_log = logging.getLogger("gofigr_jupyter")


def state_of(path: str) -> State | None:
    """Size and time of a regular file; None for anything else, or nothing."""
    try:
        found = os.stat(path)  # noqa: PTH116 - on the kernel's path: a Path costs more than the call
    except (OSError, ValueError):
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def files_of(path: str) -> Iterator[str]:
    """The files that a path stands for: itself, those below a folder, or those that a pattern matches; sorted."""
    if os.path.isdir(path):  # noqa: PTH112 - as above
        yield from islice(_below(path), _MOST_LISTED)
    elif glob.has_magic(path) and not os.path.exists(path):  # noqa: PTH110 - as above
        matching = islice(glob.iglob(path, recursive=True), _MOST_LISTED)  # noqa: PTH207 - patterns of libraries are texts
        yield from sorted(found for found in matching if not os.path.isdir(found))  # noqa: PTH112 - as above
    else:
        yield path


def _below(top: str) -> Iterator[str]:
    """Folder by folder; of a very large tree only the beginning, for a cell is waiting."""
    waiting = deque([top])
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            return
        try:
            with os.scandir(waiting.popleft()) as entries:
                found = sorted(islice(entries, _MOST_LISTED), key=lambda entry: entry.name)
        except OSError:
            continue
        yield from (entry.path for entry in found if entry.is_file())
        waiting += [e.path for e in found if e.is_dir(follow_symlinks=False) and not e.name.startswith(".")]


def digest_of_file(path: str, state: State, stopped: Callable[[], bool] = lambda: False) -> str | None:
    """The BLAKE3 of a file in hex, if it was in this state before and after; None when not, or when stopped.

    Raises OSError when it cannot be read.
    """
    if state_of(path) != state:
        return None
    hasher = blake3()
    # Never by memory map: a file that is cut short meanwhile would kill the process.
    with Path(path).open("rb", buffering=0) as stream:
        while piece := stream.read(_PIECE):
            hasher.update(piece)
            if stopped():
                return None
    return hasher.hexdigest() if state_of(path) == state else None


def has_changed(noted: InputFile, now: State | None, digest: str | None = None) -> bool:
    """Whether a file is no longer what was read. Where both hashes are known, they alone decide."""
    if noted.size is None:
        return False  # an address
    if digest is not None and noted.digest is not None:
        return digest != noted.digest
    return now != (noted.size, noted.modified_ns)


class Hashing:
    """Hashes files one after the other in a daemon thread, and carries out other small errands there."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Key | Callable[[], None] | None] = SimpleQueue()
        self._done = threading.Condition()
        self._digests: dict[Key, str | None] = {}
        self._asked: dict[Key, None] = {}
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="gofigr-inputs", daemon=True)
        self._thread.start()

    def ask(self, path: str, state: State) -> None:
        """Have a file hashed; asked once, however often it is read in this state. Returns at once."""
        key = (path, *state)
        if key not in self._asked and len(self._asked) < _MOST_DIGESTS:
            self._asked[key] = None
            self._queue.put(key)

    def later(self, errand: Callable[[], None]) -> None:
        """Carry something out in this thread, after what was asked before."""
        self._queue.put(errand)

    def get(self, path: str, state: State) -> str | None:
        """The hash of a file in this state, if it is known by now."""
        return self._digests.get((path, *state))

    def now(self, path: str, state: State) -> str | None:
        """Hash a file at once; for errands, which run in this thread."""
        key = (path, *state)
        if key not in self._digests:
            self._hash(key)
        return self._digests[key]

    def wait(self, keys: list[Key], timeout: float) -> bool:
        """Wait until these are hashed; False when that took longer."""
        with self._done:
            return self._done.wait_for(lambda: all(key in self._digests for key in keys if key in self._asked), timeout)

    def stop(self) -> None:
        """End the thread, at the next piece of a file."""
        self._is_stopped = True
        self._queue.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._is_stopped:
            task = self._queue.get()
            try:
                if task is None:
                    return
                if callable(task):
                    task()
                else:
                    self._hash(task)
            except Exception:  # noqa: BLE001 - the thread must outlive any trouble
                _log.exception("in the thread of inputs")

    def _hash(self, key: Key) -> None:
        digest = None
        try:
            digest = digest_of_file(key[0], key[1:], lambda: self._is_stopped)
        except OSError:
            pass  # gone or closed to us meanwhile: the record says that there is no hash
        finally:
            with self._done:
                self._digests[key] = digest
                self._done.notify_all()
