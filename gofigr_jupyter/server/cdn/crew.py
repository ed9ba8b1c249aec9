"""A few child processes that stay warm between jobs: starting Python anew would cost more than most pictures do.

Each job has a child of its own for as long as it lasts; one that fails it, takes too long, has done many or has nothing
to do is ended. Who would have to wait behind too many others is told so at once.
"""

from __future__ import annotations

import math
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server.child import Frame, Unreadable, receive, send, started

MOST_ANSWERED = 256 << 20
LOOK = 1.0  # seconds between looks at the clock
SPENT = getattr(signal, "SIGXCPU", 0)  # what ends a process that has used its time of the processor


class Busy(GoFigrError):
    """Too many jobs are waiting; another time there may be room. `seconds` says when to ask again."""

    seconds = 2


class Gone(GoFigrError):
    """A child ended in the middle of a job; `late` where it was ended for taking too long."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("It took too long." if late else "The process ended.")
        self.late = late


@dataclass(frozen=True)
class Terms:
    """How many children there are, how many jobs may wait, and how long each may last, in seconds."""

    children: int = 2
    waiting: int = 16
    patience: float = 30.0  # of who waits
    seconds: float = 60.0  # for a step of a job; the processor's time is limited in the child
    idle: float = 60.0
    jobs: int = 200


class Child:
    """One process, and the two ends of its pipes."""

    def __init__(self, module: str, seconds: float) -> None:
        self._process = started(module, subprocess.PIPE, subprocess.DEVNULL)
        assert self._process.stdin is not None  # noqa: S101 - they are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._to, self._from = self._process.stdin, self._process.stdout
        self._seconds = seconds
        self._late = False
        self._deadline = math.inf
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="darkroom", daemon=True).start()
        self.jobs = 0
        self.free_since = 0.0

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def tell(self, header: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
        """Send what is not answered. Raises Gone."""
        with self._timed():
            send(self._to, header, blobs)

    def ask(self, header: dict[str, Any]) -> Frame:
        """Send what is answered, and wait for that. Raises Gone."""
        with self._timed():
            send(self._to, header, ())
            self._to.flush()
            answer = receive(self._from, MOST_ANSWERED)
            if answer is None:
                raise EOFError
        return answer

    def end(self) -> None:
        """Kill it, whatever it does."""
        self._ended.set()
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what was not sent
            self._to.close()
        self._from.close()

    @contextmanager
    def _timed(self) -> Iterator[None]:
        self._deadline = time.monotonic() + self._seconds
        try:
            yield
        except (OSError, EOFError, Unreadable, ValueError) as error:
            self._process.kill()
            raise Gone(late=self._late or self._process.wait() == -SPENT) from error
        finally:
            self._deadline = math.inf

    def _watch(self) -> None:
        """One thread for as long as the child lives: one for each step would cost more than a small picture does."""
        while not self._ended.wait(min(LOOK, self._seconds)):
            if time.monotonic() > self._deadline:
                self._late = True
                self._process.kill()


class Crew:
    """All children of a module that answers frames; `waiting` is how many jobs wait for one."""

    def __init__(self, module: str, terms: Terms) -> None:
        self._module = module
        self._terms = terms
        self._changed = threading.Condition()
        self._free: list[Child] = []
        self._working = 0
        self.waiting = 0
        self._alarm: threading.Timer | None = None
        self._closed = False

    @property
    def free(self) -> tuple[Child, ...]:
        """Those that wait for work."""
        with self._changed:
            return tuple(self._free)

    @contextmanager
    def hired(self) -> Iterator[Child]:
        """A child for one job; it is ended where the block raises. Raises Busy."""
        self._queue()
        child = None
        try:
            child = self._child()
            yield child
            child.jobs += 1
            if child.jobs < self._terms.jobs:
                self._release(child)
                child = None
        finally:
            if child is not None:
                child.end()
            with self._changed:
                self._working -= 1
                self._changed.notify()

    def close(self) -> None:
        """End all that are free, and those at work after their job."""
        with self._changed:
            self._closed = True
            free, self._free = self._free, []
            if self._alarm is not None:
                self._alarm.cancel()
        for child in free:
            child.end()

    def _queue(self) -> None:
        until = time.monotonic() + self._terms.patience
        with self._changed:
            if self._working >= self._terms.children:
                if self.waiting >= self._terms.waiting:
                    raise Busy("Too many pictures are being made at this moment. Ask again soon.")
                self.waiting += 1
                try:
                    while self._working >= self._terms.children:
                        if not self._changed.wait(until - time.monotonic()) and time.monotonic() > until:
                            raise Busy("Other pictures take long. Ask again soon.")
                finally:
                    self.waiting -= 1
            self._working += 1

    def _child(self) -> Child:
        while True:
            with self._changed:
                child = self._free.pop() if self._free else None
            if child is None:
                try:
                    return Child(self._module, self._terms.seconds)
                except OSError as error:
                    raise Busy("There is no room for another process. Ask again soon.") from error
            if child.lives:
                return child
            child.end()

    def _release(self, child: Child) -> None:
        child.free_since = time.monotonic()
        with self._changed:
            if not self._closed:
                self._free.append(child)
                self._watch()
                return
        child.end()

    def _watch(self) -> None:
        """Look for those without work later; one alarm at a time."""
        if self._alarm is None and self._free:
            self._alarm = threading.Timer(self._terms.idle, self._dismiss)
            self._alarm.daemon = True
            self._alarm.start()

    def _dismiss(self) -> None:
        since = time.monotonic() - self._terms.idle
        with self._changed:
            self._alarm = None
            idle = [child for child in self._free if child.free_since <= since]
            self._free = [child for child in self._free if child.free_since > since]
            self._watch()
        for child in idle:
            child.end()
