"""Comments that were said while their server could not be asked, delivered in order, each once.

In: the outbox's comments for one server and account. Out: they are on the server and gone here, or say why they never
will be. A comment goes after its revision. Delivered twice, as after a kill in between, it is one. One that was taken
back is not sent; where it was too late for that, it is deleted on the server again.
"""

from __future__ import annotations

import logging
from pathlib import Path

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import ConnectionFailed, GoFigrError, NotFound
from gofigr_jupyter.outbox.comments import (
    WaitingComment,
    arrived,
    deliverable,
    fail_comment,
    holding,
    send_off,
    unsent,
    unwanted,
)
from gofigr_jupyter.worker.accounts import Connection
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.courier import Courier, Key
from gofigr_jupyter.worker.verdicts import Verdict, judge

log = logging.getLogger(__name__)


class Postman(Courier):
    """Delivers the comments of one lane."""

    def __init__(self, home: Path, key: Key, connection: Connection, backoff: Backoff) -> None:
        super().__init__("comments", backoff)
        self._home = home
        self._key = key
        self._connection = connection

    def own(self) -> dict[Path, WaitingComment]:
        """Those for this server and account, to be brought or to be fetched back."""
        return self._mine(unwanted(self._home)) | self._mine(deliverable(self._home))

    def bring_all(self) -> None:
        """Fetch back what is not wanted and deliver the others, until one has to wait."""
        for path, comment in self._mine(unwanted(self._home)).items():
            if self.is_stopping or not self._is_fetched(path, comment):
                return
        for path, comment in self._mine(deliverable(self._home)).items():
            if self.is_stopping:
                return
            if holding(self._home, comment.revision) is None and not self._is_settled(path, comment):
                return  # those behind it keep their order

    def _mine(self, comments: dict[Path, WaitingComment]) -> dict[Path, WaitingComment]:
        return {path: one for path, one in comments.items() if (one.url, one.account) == self._key}

    def _is_settled(self, path: Path, comment: WaitingComment) -> bool:
        """Whether it has gone, one way or the other."""
        try:
            gf = self._connection.client()  # first, for it may last, and meanwhile somebody may think better of it
            if send_off(path) is None:
                return True
            deliver(gf, comment)
        except GoFigrError as error:
            verdict = judge(self._connection.meant(error))
            if not verdict.waits:
                fail_comment(path, verdict.problem)
                return True
            if isinstance(error, ConnectionFailed) and not (error.was_sent or comment.was_sent):
                unsent(path)
            self._wait(verdict)
            return False
        self._backoff.reset()
        arrived(self._home, comment.client_id)
        return True

    def _is_fetched(self, path: Path, comment: WaitingComment) -> bool:
        """Whether one that was taken back is not on the server, or no longer."""
        try:
            self._connection.client().comments.delete(comment.client_id)
        except NotFound:
            log.debug("a comment that was taken back had not arrived")
        except GoFigrError as error:
            verdict = judge(self._connection.meant(error))
            if verdict.waits:
                self._wait(verdict)
                return False
            log.warning("a comment that was taken back may still be there: %s", verdict.problem)
        self._backoff.reset()
        path.unlink(missing_ok=True)
        return True

    def _wait(self, verdict: Verdict) -> None:
        self._backoff.failed(verdict)
        log.warning("comments for %s wait: %s", self._key[0] or "embedded", verdict.problem)


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
