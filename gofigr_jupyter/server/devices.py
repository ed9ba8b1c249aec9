"""The mark that a browser keeps from a sign-in, so that guesses of strangers do not use up its owner's own.

It opens nothing: it only says that this browser knew the password of this account once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.store import Store

SECRET = "device_secret"  # noqa: S105 - the name of a fact
LONGEST = 200


def mark(store: Store, username: str) -> str:
    """A new mark for a browser that just signed in."""
    device = secrets.token_urlsafe(12)
    return f"{device}.{_seal(_secret(store), device, username)}"


def read(store: Store, text: str, username: str) -> str | None:
    """Which device it is; None for a mark that is not ours or of another account."""
    device, _, seal = text.partition(".")
    with store.reading() as db:
        secret = people.fact(db, SECRET)
    if secret is None or len(text) > LONGEST:
        return None
    genuine = hmac.compare_digest(seal.encode(), _seal(secret, device, username).encode())
    return device if genuine else None


def _seal(secret: str, device: str, username: str) -> str:
    message = f"{device} {username}".encode("utf-8", "surrogatepass")
    return hmac.new(bytes.fromhex(secret), message, hashlib.sha256).hexdigest()


def _secret(store: Store) -> str:
    with store.writing() as db:
        secret = people.fact(db, SECRET)
        if secret is None:
            secret = secrets.token_hex(32)
            people.remember(db, SECRET, secret)
        return secret
