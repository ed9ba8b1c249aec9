"""Comments that were said while their server could not be asked, delivered in order, each once.

In: the outbox's comments for one server and account. Out: they are on the server and gone here, or say why they never
will be. A comment goes after its revision. Delivered twice, as after a kill in between, it is one.
"""

from __future__ import annotations

import logging
from pathlib import Path

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.outbox.comments import WaitingComment, deliverable, fail_comment, holding
from gofigr_jupyter.worker.accounts import Connection
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.courier import Courier, Key
from gofigr_jupyter.worker.verdicts import judge

log = logging.getLogger(__name__)

class Postman(Courier):
    """Delivers the comments of one lane."""

    def __init__(self, home: Path, key: Key, connection: Connection, backoff: Backoff) -> None:
        super().__init__("comments", backoff)
        self._home = home
        self._key = key
        self._connection = connection

    def own(self) -> dict[Path, WaitingComment]:
        """Those for this server and account."""
        waiting = deliverable(self._home)
        return {path: one for path, one in waiting.items() if (one.url, one.account) == self._key}

    def bring_all(self) -> None:
        """Deliver them, until one has to wait."""
        for path, comment in self.own().items():
            if self.is_stopping:
                return
            if holding(self._home, comment.revision) is None and not self._is_settled(path, comment):
                return  # those behind it keep their order

    def _is_settled(self, path: Path, comment: WaitingComment) -> bool:
        """Whether it has gone, one way or the other."""
        try:
            deliver(self._connection.client(), comment)
        except GoFigrError as error:
            verdict = judge(self._connection.meant(error))
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
