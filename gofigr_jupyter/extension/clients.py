"""The client of what is opened under cards, signed in as the settings say at each question.

In: a session's settings. Out: a client, who it speaks for, and what went wrong in words. Imported at the
first question, for it brings the client along.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from gofigr_jupyter.client.retries import Patience
from gofigr_jupyter.errors import APIError, ConnectionFailed, Forbidden, NotFound, RateLimited, Unauthorized
from gofigr_jupyter.opening import GoFigr
from gofigr_jupyter.schema.accounts import User
from gofigr_jupyter.schema.comments import Author
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.widgets import words

TIMEOUT, PATIENCE = 8.0, Patience(seconds=1.0, tries=2)  # somebody waits for each answer


class Clients:
    """Makes a client where the settings are others than before. Thread-safe; nothing is made before it is asked for."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._signing = threading.Lock()  # held while the server is asked; never on the cell's path
        self._client: tuple[Settings, GoFigr, Author] | None = None
        self._made: list[GoFigr] = []  # those of earlier settings may still be at work

    @property
    def settings(self) -> Settings:
        """As they are now."""
        return self._settings()

    def signed_in(self) -> tuple[GoFigr, Author]:
        """A client for the settings as they are now, and who it speaks for. Raises APIError."""
        settings = self._settings()
        with self._signing:
            if self._client is None or self._client[0] is not settings:
                gf = GoFigr(settings=settings, timeout=TIMEOUT, patience=PATIENCE)
                self._made.append(gf)
                self._client = (settings, gf, author(gf.user()))
            return self._client[1], self._client[2]

    def close(self) -> None:
        """Drop their connections."""
        made, self._made, self._client = self._made, [], None
        for gf in made:
            gf.close()


def why_not(error: APIError) -> str:
    """What went wrong, in words for who wanted to read or to write."""
    match error:
        case Unauthorized():
            return "The server does not accept your sign-in; run gofigr-jupyter login"
        case Forbidden():
            return "You may not do this"
        case NotFound():
            return "It is not on the server, or no longer"
        case RateLimited():
            return "That is too much at once for the server; wait a moment"
        case ConnectionFailed():
            return "The server cannot be reached"
    return words.plain(str(error), 200)


def author(user: User) -> Author:
    """A person as comments name them."""
    return Author(username=user.username, first_name=user.first_name or "", last_name=user.last_name or "")
