"""Passwords (argon2) and Bearer tokens (JWT): made and checked here, and nowhere else."""

from __future__ import annotations

import secrets
import threading
from datetime import timedelta

from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store

SIGNING_KEY = "signing_key"
ACCESS_LIFE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=1)
REMEMBERED_LIFE = timedelta(days=30)

# Each check takes 64 MiB: many at once would be a way to exhaust the machine.
_hashing = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """The argon2 hash of a password."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - most runs of the embedded server never need it

    with _hashing:
        return PasswordHasher().hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Whether a password is the right one; takes as long for an account that has none."""
    from argon2 import PasswordHasher  # noqa: PLC0415
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    with _hashing:
        if stored is None:
            PasswordHasher().hash(password)
            return False
        try:
            return PasswordHasher().verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def ensure_signing_key(store: Store) -> None:
    """Draw the server's signing key, once per data folder."""
    with store.reading() as db:
        if people.fact(db, SIGNING_KEY):
            return
    with store.writing() as db:
        if not people.fact(db, SIGNING_KEY):
            people.remember(db, SIGNING_KEY, secrets.token_hex(32))


def sign(db: Transaction, user_id: int, use: str, life: timedelta) -> str:
    """A token for one use, `access` or `refresh`."""
    import jwt  # noqa: PLC0415 - as above

    at = people.now()
    claims = {"sub": str(user_id), "use": use, "iat": at, "exp": at + life, "jti": secrets.token_hex(8)}
    return jwt.encode(claims, people.fact(db, SIGNING_KEY) or "", algorithm="HS256")


def read(db: Transaction, token: str, use: str) -> int | None:
    """Whose token it is; None when it is not ours, not for this use, or has expired."""
    import jwt  # noqa: PLC0415 - as above

    try:
        claims = jwt.decode(token, people.fact(db, SIGNING_KEY) or "", algorithms=["HS256"])
        return int(claims["sub"]) if claims["use"] == use and "exp" in claims else None
    except (jwt.InvalidTokenError, KeyError, ValueError):
        return None
