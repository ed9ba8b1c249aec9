"""What is said while a server cannot be asked, or has no such figure yet: kept in the outbox, for the worker.

In: what a page has sent. Out: comments in the outbox, and the same for the page, as they wait.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import APIError, ConnectionFailed, RateLimited, ServerFailed
from gofigr_jupyter.extension.points import point
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.comments import (
    WaitingComment,
    arrived,
    fail_comment,
    find_comment,
    holding,
    put_comment,
    take_back,
    waiting_comments,
)
from gofigr_jupyter.schema.comments import Author
from gofigr_jupyter.settings import Settings, store_account
from gofigr_jupyter.widgets.thread import full_name, said_here

Wake = Callable[[Path], object]


def passes(error: APIError) -> bool:
    """Whether the same may succeed later."""
    return isinstance(error, ConnectionFailed | ServerFailed | RateLimited)


class Waiting:
    """The comments on one revision that are still on this machine. `wake` starts the worker."""

    def __init__(self, settings: Settings, revision: str, wake: Wake) -> None:
        self._settings = settings
        self._home = settings.home
        self._revision = revision
        self._wake = wake

    def is_held(self) -> bool:
        """Whether the revision itself is still on this machine."""
        return holding(self._home, self._revision) is not None

    def faces(self) -> dict[str, dict[str, Any]]:
        """All of them as a page draws them, by id, in the order in which they were said."""
        return {one.client_id: said_here(one) for one in self._own()}

    def is_queue(self) -> bool:
        """Whether some wait already: what is said after them has to arrive after them."""
        return any(one.problem is None for one in self._own())

    def keep(
        self, client_id: str, asked: dict[str, Any], reader: Author | None, *, was_sent: bool = False
    ) -> None:
        """Keep one until its server has it; `was_sent` when it may have. Raises OutboxError, then nothing is kept."""
        parent = asked.get("parent")
        comment = WaitingComment(
            client_id=client_id,
            revision=self._revision,
            url=self._settings.url,
            account=store_account(self._settings),
            content=str(asked["text"]),
            said_at=datetime.now(UTC).isoformat(),
            parent=str(parent) if parent else None,
            anchor=point(asked.get("anchor")),
            user=reader.username if reader else "",
            who=full_name(reader) if reader else "",
            was_sent=was_sent,
        )
        put_comment(self._home, comment)
        self._hurry()

    def refused(self, client_id: str, problem: str) -> None:
        """The server does not take it; where it was kept, it stays, with the reason."""
        path = find_comment(self._home, client_id)
        if path is not None:
            fail_comment(path, problem)

    def arrived(self, client_id: str) -> None:
        """The server has it. Raises OutboxError."""
        arrived(self._home, client_id)

    def take_back(self, client_id: str) -> None:
        """It is no longer wanted; where the server may have it, it is deleted there. Raises OutboxError."""
        if not take_back(self._home, client_id):
            self._hurry()

    def _hurry(self) -> None:
        Outbox(self._home).poke()  # a server that is back is asked at once
        self._wake(self._home)

    def _own(self) -> list[WaitingComment]:
        return [one for one in waiting_comments(self._home, self._revision).values() if one.url == self._settings.url]
