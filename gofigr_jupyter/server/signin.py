"""Is this the password of that account? Throttled by account and by address; who signed in before has an own allowance.

Nothing here tells, in words or in time, whether an account exists.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from fastapi import Request

from gofigr_jupyter.server import devices, passwords
from gofigr_jupyter.server.auth import config_of, store_of
from gofigr_jupyter.server.refusal import Refusal, bad_credentials
from gofigr_jupyter.server.resets import Requests
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.throttle import Allowance, Throttle, neighbourhood

log = logging.getLogger(__name__)
# Ten guesses in five minutes at one account are three thousand a day: nothing against ten characters off the list.
ACCOUNT_MISSES, ACCOUNT_SECONDS = 10, 300.0
# More, because a whole office may share an address; it is here against one guess at each of many accounts.
ADDRESS_MISSES, ADDRESS_SECONDS = 50, 900.0


@dataclass(frozen=True)
class Attempt:
    """Who tries, from where; `device` is what the browser brought as a proof that it was let in before."""

    username: str
    address: str
    device: str = ""


def throttle_of(request: Request) -> Throttle:
    """The server's throttle."""
    throttle: Throttle = request.app.state.throttle
    return throttle


def address_of(request: Request) -> str:
    """Where a request comes from, as far as it counts."""
    return neighbourhood(request.client.host if request.client else None)


def checked(request: Request, username: str, password: str) -> int:
    """The id of the user whose password this is; raises Refusal with 401, or with 429 after too many misses."""
    store, throttle = store_of(request), throttle_of(request)
    cookie = request.cookies.get(config_of(request).device_cookie_name, "")
    attempt = Attempt(username, address_of(request), cookie)
    allowances = allowed(store, throttle, attempt)
    wait = throttle.begin(*allowances)
    if wait > 0:
        log.warning("sign-in: too many failed attempts, the latest from %s", attempt.address)
        raise Refusal(429, {"detail": "Too many failed attempts."}, {"retry-after": str(int(wait) + 1)})
    try:
        user_id = _user_id(store, username, password)
    except Refusal as refusal:
        if refusal.status != 401:  # it was not even tried
            throttle.take_back(*allowances)
        raise
    # What others missed stays counted: a guesser must not be given new guesses by the owner's coming and going.
    throttle.take_back(*allowances)
    throttle.know((username, attempt.address))
    return user_id


def allowed(store: Store, throttle: Throttle, attempt: Attempt) -> list[Allowance]:
    """Which misses count: those of this device or of this known place, else those of all strangers together."""
    name = attempt.username
    device = devices.read(store, attempt.device, name) if attempt.device else None
    if device is not None:
        return [Allowance(("device", name, device), ACCOUNT_MISSES, ACCOUNT_SECONDS)]
    if throttle.knows((name, attempt.address)):
        return [Allowance(("place", name, attempt.address), ACCOUNT_MISSES, ACCOUNT_SECONDS)]
    return [
        Allowance(("address", attempt.address), ADDRESS_MISSES, ADDRESS_SECONDS),
        Allowance(("account", name), ACCOUNT_MISSES, ACCOUNT_SECONDS),
    ]


def _user_id(store: Store, username: str, password: str) -> int:
    with store.reading() as db:
        person = people.user_named(db, username) if username.isprintable() else None  # NUL is an error to PostgreSQL
        stored = person.password_hash if person else None
        user_id = person.id if person and person.is_active else None
    if not passwords.fits(stored, password) or user_id is None:
        raise bad_credentials()
    if stored is not None and passwords.is_outdated(stored):
        renewed = passwords.hashed(password)
        with store.writing() as db:
            people.replace_hash(db, user_id, stored, renewed)
    return user_id


def ask_for_reset(request: Request, email: str) -> None:
    """Pass a request for a reset link on, unless this address has asked often; nobody is told which."""
    asked = Allowance(("reset", address_of(request)), ADDRESS_MISSES, ADDRESS_SECONDS)
    if email.strip().isprintable() and throttle_of(request).begin(asked) == 0:
        requests: Requests = request.app.state.resets
        requests.ask(email)
