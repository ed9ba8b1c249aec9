"""What is said about one revision, as one card shows it: told as a whole once, then only what has changed.

In: the server's comments and its stream of events. Out: news for the card, in the order in which they came to be. Runs
in threads of its own. How a comment is drawn is known in `widgets` alone.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from gofigr_jupyter.client.comments import Target
from gofigr_jupyter.client.events import Hold
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.resource import read_as
from gofigr_jupyter.errors import APIError, Forbidden, NotFound, Unauthorized
from gofigr_jupyter.extension.clients import PATIENCE, TIMEOUT, author
from gofigr_jupyter.extension.waiting import Waiting
from gofigr_jupyter.schema.comments import Author, Comment, Event
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.widgets.thread import full_name, said

_MOST = 1000  # comments that a card shows; its link leads to all
_LEASE = 200.0  # seconds without a word of the page, after which nobody is taken to be looking
_FIRST, _SLOWEST = 1.0, 20.0  # seconds between two tries, or looks where the server tells no events
_GLANCE = 0.3  # seconds between two looks at what waits here
_NEVER_AGAIN = datetime.max.replace(tzinfo=UTC)
_log = logging.getLogger("gofigr_jupyter")

Tell = Callable[[str, dict[str, Any]], None]


class Conversation:
    """The comments of one revision, for one card. Thread-safe."""

    def __init__(
        self, settings: Settings, client_id: str, waiting: Waiting, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self.client_id = client_id
        self.waiting = waiting
        self.reader: Author | None = None  # who looks, once a server has said it
        self.people: frozenset[str] = frozenset()  # who can see it, as far as anybody has asked
        self.target: Target = ("figure_revision", client_id)
        self._settings = settings
        self._tell = tell
        self._lock = threading.Lock()  # held while news is told, so that it arrives in order
        self._there: dict[str, dict[str, Any]] = {}  # what the server has
        self._known: dict[str, dict[str, Any]] = {}  # what the page has been told
        self._is_told = self._is_read = False  # as a whole, that of the server included
        self._stamps: dict[str, datetime] = {}  # how new what we know of each comment is
        self._has_more = False
        self._starting = threading.Lock()
        self._hold: Hold | None = None
        self._thread: threading.Thread | None = None
        self._waiter: threading.Thread | None = None
        self._wanted_until = 0.0

    def is_about(self, client_id: str, settings: Settings) -> bool:
        """Whether it is still the one that a card shows."""
        return self.client_id == client_id and self._settings is settings

    def speakers(self) -> list[tuple[str, str]]:
        """Those who have said something: user names and full names."""
        with self._lock:
            return [(one.get("user", ""), one.get("who", "")) for one in self._known.values()]

    # -------------------------------------------------------- telling

    def read(self, gf: GoFigr, *, whole: bool = False) -> None:
        """Look what is there, and tell what has changed, or the whole. Raises APIError."""
        if self.reader is None:
            self.reader = author(gf.user())
        with self._lock:
            here = self.waiting.faces()  # first: what arrives meanwhile is there, or here, or both
            found = list(itertools.islice(gf.comments.iter(self.target, page=200), _MOST + 1))
            self._there = {one.api_id: said(one, self.reader.username) for one in found[:_MOST]}
            self._stamps |= {one.api_id: _stamp(one) for one in found}
            self._has_more = len(found) > _MOST
            self._show(here, whole=whole or not self._is_read)
            self._is_read = True

    def look_here(self) -> None:
        """Tell what waits on this machine; needs no server."""
        with self._lock:
            # One that has just gone is at its server, of whose word we have not heard yet.
            gone = {key: face for key, face in self._known.items() if face.get("state") == "waiting"}
            self._show(gone | self.waiting.faces(), whole=not self._is_told and self.waiting.is_held())

    def note(self, comment: Comment) -> None:
        """A comment is new, or has changed. An answer that events have overtaken is older than what we know."""
        with self._lock:
            stamp = _stamp(comment)
            if stamp < self._stamps.get(comment.api_id, stamp):
                return
            self._stamps[comment.api_id] = stamp
            reader = self.reader.username if self.reader else ""
            self._there[comment.api_id] = shown = said(comment, reader)
            before = {key: self._known[key] for key in [comment.api_id] if key in self._known}
            self._known[comment.api_id] = shown
            self._differences(before, {comment.api_id: shown})

    def forget(self, api_id: str) -> None:
        """A comment is gone."""
        with self._lock:
            self._there.pop(api_id, None)
            self._stamps[api_id] = _NEVER_AGAIN
            if self._known.pop(api_id, None) is not None:
                self._tell({"gone": [api_id]})

    def _show(self, here: dict[str, dict[str, Any]], *, whole: bool) -> None:
        before, self._known = self._known, here | self._there
        self._is_told = self._is_told or whole
        if not whole:
            return self._differences(before, self._known)
        me = {"user": self.reader.username, "who": full_name(self.reader)} if self.reader else {}
        return self._tell({"all": [*self._known.values()], "me": me, "more": self._has_more})

    def _differences(self, before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> None:
        news = {
            "now": [shown for key, shown in now.items() if before.get(key) != shown],
            "gone": [key for key in before if key not in now],
        }
        if any(news.values()):
            self._tell({name: what for name, what in news.items() if what})

    # -------------------------------------------------------- following

    def follow(self) -> None:
        """Tell what others say, from now on and as long as this is called from time to time."""
        with self._starting:
            self._wanted_until = time.monotonic() + _LEASE
            self._await_those_here()
            if self._thread is not None and self._thread.is_alive() and self._hold and not self._hold.is_ended:
                return
            self._hold = hold = Hold(self._is_wanted)
            self._thread = threading.Thread(target=self._run, args=(hold,), name="gofigr-thread", daemon=True)
            self._thread.start()

    def leave(self) -> None:
        """Stop that, at once."""
        with self._starting:
            self._wanted_until = 0.0
            if self._hold is not None:
                self._hold.end()

    def join(self, seconds: float) -> None:
        """Wait until it has stopped."""
        for thread in (self._thread, self._waiter):
            if thread is not None and thread is not threading.current_thread():
                thread.join(max(0.0, seconds))

    def _is_wanted(self) -> bool:
        return time.monotonic() < self._wanted_until

    def _run(self, hold: Hold) -> None:
        try:
            with self._client() as gf:
                self._listen(gf, hold)
        except (Unauthorized, Forbidden, NotFound):
            self._tell({"problem": "You can no longer see this figure on the server"})
        except Exception:  # noqa: BLE001 - a thread of ours must not end in the user's cell
            _log.exception("a thread can no longer be followed")
        finally:
            hold.end()

    def _listen(self, gf: GoFigr, hold: Hold) -> None:
        """Events where the server has them; where it has none, or cannot be reached, a look now and then."""
        pause = _FIRST
        while not hold.is_ended and self._is_wanted():
            if self.waiting.is_held():
                if hold.wait(_FIRST):
                    return
                continue
            try:
                for event in gf.events(self.target, hold=hold, on_begin=lambda: self.read(gf)):
                    self._take(gf, event)
                    pause = _FIRST
            except APIError as error:
                _log.debug("no events for a thread: %s", error)
            if hold.wait(pause):
                return
            pause = min(pause * 1.5, _SLOWEST)
            self._look(gf)

    def _look(self, gf: GoFigr) -> None:
        try:
            self.read(gf)
        except (Unauthorized, Forbidden, NotFound):
            raise
        except APIError as error:
            _log.debug("a thread cannot be read: %s", error)

    def _take(self, gf: GoFigr, event: Event) -> None:
        match event.event, event.data:
            case ("comment.created" | "comment.updated" | "comment.deleted", {"author": _}):
                self.note(read_as(Comment, event.data))
            case "comment.deleted", {"api_id": str(api_id)}:
                self.forget(api_id)
            case ("reaction.created" | "reaction.deleted", {"comment": str(comment)}):
                try:
                    self.note(gf.comments.get(comment))
                except NotFound:
                    self.forget(comment)

    # -------------------------------------------------------- what waits on this machine

    def expect(self) -> None:
        """Something waits here: tell when that changes, as long as somebody looks."""
        with self._starting:
            self._await_those_here()

    def _await_those_here(self) -> None:
        if self.waiting.is_queue() and (self._waiter is None or not self._waiter.is_alive()):
            self._waiter = threading.Thread(target=self._wait, name="gofigr-thread", daemon=True)
            self._waiter.start()

    def _wait(self) -> None:
        try:
            while self._is_wanted():
                self.look_here()
                if not self.waiting.is_queue():
                    return
                here = self.waiting.faces()
                time.sleep(_GLANCE)
                if here.keys() - self.waiting.faces().keys():
                    with suppress(APIError), self._client() as gf:
                        self.read(gf)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("what waits for its server can no longer be followed")

    def _client(self) -> GoFigr:
        # Not the client that starts the embedded server: who only listens must not keep it from ending.
        return GoFigr(settings=self._settings, timeout=TIMEOUT, patience=PATIENCE)


def _stamp(comment: Comment) -> datetime:
    return comment.updated_on or comment.created_on
