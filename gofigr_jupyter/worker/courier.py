"""A thread that brings small things of one lane to where they are to go, beside its parcels.

What it brings is told by its heirs: `own` lists what waits, `bring_all` brings what can be brought now.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Sized

from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.verdicts import judge

log = logging.getLogger(__name__)

Key = tuple[str | None, str | None]  # server, account

_LOOK_EVERY = 0.5


class Courier(ABC):
    """Looks every half a second, and waits after failures as the backoff says."""

    def __init__(self, name: str, backoff: Backoff) -> None:
        self._name = name
        self._backoff = backoff
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"gofigr-{name}", daemon=True)

    @abstractmethod
    def own(self) -> Sized:
        """What is to be brought by this one, now or later."""

    @abstractmethod
    def bring_all(self) -> None:
        """Bring what can be brought; ends soon when `is_stopping`."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is on the wire, begin nothing new."""
        self._stopping.set()
        self._thread.join(5)

    def hurry(self) -> None:
        """Try at once."""
        self._backoff.reset()

    @property
    def is_busy(self) -> bool:
        """Whether there is something to be brought, now or later."""
        return bool(self.own())

    @property
    def is_stopping(self) -> bool:
        """Whether nothing new shall be begun."""
        return self._stopping.is_set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._backoff.remaining:
                    self.bring_all()
            except Exception as error:  # our own disk, or a bug of ours: what waits is tried again
                log.warning("%s wait", self._name, exc_info=error)
                self._backoff.failed(judge(error))
            self._stopping.wait(_LOOK_EVERY)
