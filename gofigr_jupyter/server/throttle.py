"""Checks passwords, and slows down who guesses: after ten misses an account rests for some minutes."""

from __future__ import annotations

import threading
import time

from gofigr_jupyter.server import tokens
from gofigr_jupyter.server.refusal import Refusal, bad_credentials
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.store import Store

MISSES = 10
REST_SECONDS = 300.0
MOST_NAMES = 10_000

_lock = threading.Lock()
_misses: dict[str, list[float]] = {}


def checked(store: Store, username: str, password: str) -> int:
    """The id of the user whose password this is; raises Refusal with 401, or with 429 after too many misses."""
    wait = _rest(username)
    if wait > 0:
        raise Refusal(429, {"detail": "Too many failed attempts."}, {"retry-after": str(int(wait) + 1)})
    with store.reading() as db:
        person = people.user_named(db, username)
        stored = person.password_hash if person else None
        user_id = person.id if person and person.is_active else None
    if not tokens.password_fits(stored, password) or user_id is None:
        _note_miss(username)
        raise bad_credentials()
    with _lock:
        _misses.pop(username, None)
    return user_id


def _rest(username: str) -> float:
    with _lock:
        recent = [at for at in _misses.get(username, []) if time.monotonic() - at < REST_SECONDS]
        return recent[-MISSES] + REST_SECONDS - time.monotonic() if len(recent) >= MISSES else 0.0


def _note_miss(username: str) -> None:
    with _lock:
        if len(_misses) > MOST_NAMES:
            _misses.clear()
        _misses.setdefault(username, []).append(time.monotonic())
        del _misses[username][:-MISSES]
