"""Comments that were said while their server could not be asked, delivered in order, each once.

In: the outbox's comments for one server and account. Out: they are on the server and gone here, or say why they never
will be. A comment goes after its revision. Delivered twice, as after a kill in between, it is one.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import Forbidden, GoFigrError, Unauthorized
from gofigr_jupyter.outbox.comments import WaitingComment, deliverable, fail_comment, holding
from gofigr_jupyter.worker.accounts import Connection
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.verdicts import judge

log = logging.getLogger(__name__)

Key = tuple[str | None, str | None]  # server, account

_LOOK_EVERY = 0.5


class Postman:
    """A thread that delivers the comments of one lane, beside its parcels."""

    def __init__(self, home: Path, key: Key, connection: Connection, backoff: Backoff) -> None:
        self._home = home
        self._key = key
        self._connection = connection
        self._backoff = backoff
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gofigr-comments", daemon=True)

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
        """Whether there is something to be delivered, now or later."""
        return bool(self._own())

    def _own(self) -> dict[Path, WaitingComment]:
        waiting = deliverable(self._home)
        return {path: one for path, one in waiting.items() if (one.url, one.account) == self._key}

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._backoff.remaining:
                    self._deliver_all()
            except Exception as error:  # our own disk, or a bug of ours: what waits is tried again
                log.warning("comments wait", exc_info=error)
                self._backoff.failed(judge(error))
            self._stopping.wait(_LOOK_EVERY)

    def _deliver_all(self) -> None:
        for path, comment in self._own().items():
            if self._stopping.is_set():
                return
            if holding(self._home, comment.revision) is None and not self._is_settled(path, comment):
                return  # those behind it keep their order

    def _is_settled(self, path: Path, comment: WaitingComment) -> bool:
        """Whether it has gone, one way or the other."""
        try:
            deliver(self._connection.client(), comment)
        except GoFigrError as error:
            is_revoked = isinstance(error, Forbidden) and self._connection.is_signed_out()
            verdict = judge(Unauthorized(401, error.detail) if isinstance(error, Forbidden) and is_revoked else error)
            if verdict.waits:
                self._backoff.failed(verdict)
                log.warning("comments for %s wait: %s", self._key[0] or "embedded", verdict.problem)
                return False
            fail_comment(path, comment, verdict.problem)
        else:
            self._backoff.reset()
            path.unlink(missing_ok=True)
        return True


def deliver(gf: GoFigr, comment: WaitingComment) -> None:
    """See to it that the server has it. Raises APIError."""
    gf.comments.say(
        ("figure_revision", comment.revision),
        comment.content,
        client_id=comment.client_id,
        me=lambda: gf.user().username,
        parent=comment.parent,
        anchor=comment.anchor,
    )
