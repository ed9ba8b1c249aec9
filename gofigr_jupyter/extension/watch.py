"""The one background thread of a session: keeps a worker running and beats while something is awaited.

In: `wake()` from the kernel's thread. Out: calls of `tick` and `spawn.ensure_worker`. It sleeps while nothing is due.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from gofigr_jupyter import spawn

_log = logging.getLogger("gofigr_jupyter")
_FIRST, _SLOWEST = 0.15, 2.0  # seconds between two looks


class Watch:
    """A daemon thread that looks often after news, ever more rarely while nothing moves, and not at all when idle."""

    def __init__(self, home: Path, *, is_embedded: bool) -> None:
        self._home = home
        self._is_embedded = is_embedded
        self._news = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, tick: Callable[[], bool]) -> None:
        """Begin; `tick` answers whether anything is still awaited."""
        self._thread = threading.Thread(target=self._run, args=(tick,), name="gofigr-watch", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something new to look after."""
        self._news.set()

    def stop(self) -> None:
        """End the thread; waits for at most a second."""
        self._stopped.set()
        self._news.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(1.0)

    def _run(self, tick: Callable[[], bool]) -> None:
        pause, awaited = _FIRST, False
        if self._is_embedded:  # now, while the user still imports: the first figure finds it running
            spawn.ensure_server(self._home)
        while not self._stopped.is_set():
            try:
                if self._news.is_set():
                    self._news.clear()
                    pause, awaited = _FIRST, True
                if awaited:  # a worker that was killed is replaced
                    spawn.ensure_worker(self._home)
                awaited = tick()
            except Exception:  # noqa: BLE001 - the thread must outlive any trouble
                _log.exception("in the watch")
            self._news.wait(pause if awaited else None)
            pause = min(pause * 1.3, _SLOWEST)
