"""A forgotten password: a link that is good once and for an hour, by e-mail or from the operator, and what it opens."""

from __future__ import annotations

import logging
import queue
import threading
from datetime import timedelta
from urllib.parse import urlencode

from gofigr_jupyter.server import passwords
from gofigr_jupyter.server.mail import Post
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.throttle import Allowance, Throttle

log = logging.getLogger(__name__)
LIFE = timedelta(hours=1)
PATH = "/.gofigr/reset"
LETTERS, LETTER_SECONDS = 3, 3600.0  # so many an hour to one account
MOST_WAITING = 200
SUBJECT = "A new password for your figures"
TEXT = """\
Somebody, hopefully you, asked for a new password for the account {name} at {url}.

Set it here, within an hour; the link works once:
{link}

If it was not you, there is nothing to do: your password stays as it is.
"""


def link(store: Store, user_id: int, url: str) -> str:
    """A new link for a user, in place of earlier ones; `url` is where people reach the server, base path included."""
    with store.writing() as db:
        people.drop_passes(db, "reset", user_id)
        secret = people.create_pass(db, "reset", user_id, None, LIFE)
    return f"{url}{PATH}?{urlencode({'link': secret})}"


def owner(store: Store, secret: str) -> tuple[str, str | None] | None:
    """The name and e-mail address of whom a link is for; None for one that is no good (any more)."""
    with store.reading() as db:
        row = people.find_pass(db, "reset", secret)
        person = people.user(db, row.user_id) if row is not None else None
        return (person.username, person.email) if person is not None and person.is_active else None


def spend(store: Store, secret: str, password: str) -> bool:
    """Set the password that a link asks for, ending all sessions and tokens; False when the link is no good."""
    hashed = passwords.hashed(password)
    with store.writing() as db:
        row = people.find_pass(db, "reset", secret)
        person = people.user(db, row.user_id) if row is not None else None
        if person is None or not person.is_active:
            return False
        people.set_password(db, person, hashed)
    return True


class Requests:
    """Takes addresses that ask for a link. A thread looks them up: the time of the answer says nothing about them."""

    def __init__(self, store: Store, post: Post | None, url: str, throttle: Throttle) -> None:
        self._store = store
        self._post = post
        self._url = url
        self._throttle = throttle
        self._waiting: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, email: str) -> None:
        """Take one; returns at once."""
        if self._post is None or not self._url:
            # The address in the request cannot stand in for it: whoever asks could have written it.
            log.info("a password reset was asked for; without e-mail set up, use: gofigr-jupyter user reset-password")
            return
        try:
            self._waiting.put_nowait(email)
        except queue.Full:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="resets", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            email = self._waiting.get()
            try:
                self._answer(email)
            except Exception:
                log.exception("a password reset failed")

    def _answer(self, email: str) -> None:
        if self._post is None:
            return
        with self._store.reading() as db:
            found = [(person.id, person.username, person.email or "") for person in people.users_with_email(db, email)]
        for user_id, name, address in found:
            if self._throttle.begin(Allowance(("letter", user_id), LETTERS, LETTER_SECONDS)) == 0:
                made = link(self._store, user_id, self._url)
                self._post.send(address, SUBJECT, TEXT.format(name=name, url=self._url, link=made))
