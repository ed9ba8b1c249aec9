"""Bearer tokens (JWT, HS256): signed and read here, and nowhere else.

The keys are a ring in the database: the newest signs, older ones still verify what they have signed. `kid` says which.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import User

RING = "signing_keys"
BEFORE_THE_RING = "signing_key"  # one key without a name; what it signed lacks claims that are asked for now
ALGORITHM = "HS256"
ACCESS_LIFE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=1)
REMEMBERED_LIFE = timedelta(days=30)
KEY_LIFE = timedelta(days=90)
CLAIMS = ["sub", "use", "iat", "exp", "jti", "ver"]


@dataclass(frozen=True)
class Key:
    """A signing key: its name, its secret in hex, and when it was drawn (ISO 8601)."""

    kid: str
    secret: str
    drawn: str

    @classmethod
    def draw(cls) -> Key:
        """A new one."""
        return cls(secrets.token_hex(8), secrets.token_hex(32), people.now().isoformat())

    @property
    def age(self) -> timedelta:
        """How long ago it was drawn."""
        return people.now() - datetime.fromisoformat(self.drawn)


def ensure_signing_key(store: Store) -> None:
    """See at each start that there is a key to sign with that is not too old."""
    with store.reading() as db:
        ring = _ring(db)
    if not ring or ring[0].age > KEY_LIFE:
        renew_signing_key(store)


def renew_signing_key(store: Store, *, end_all: bool = False) -> None:
    """Sign with a new key from now on; with `end_all` nothing that was signed before is good any more."""
    with store.writing() as db:
        ring = _ring(db)
        # A key that was succeeded longer ago than the longest token lives has nothing left to verify.
        kept = [
            key
            for key, successor in zip(ring, [None, *ring], strict=False)
            if successor is None or successor.age < REMEMBERED_LIFE
        ]
        renewed = [Key.draw(), *([] if end_all else kept)]
        people.remember(db, RING, json.dumps([asdict(key) for key in renewed]))
        people.forget(db, BEFORE_THE_RING)


def sign(db: Transaction, person: User, use: str, life: timedelta) -> str:
    """A token for one use, `access` or `refresh`."""
    import jwt  # noqa: PLC0415 - most runs of the embedded server never need it

    at, key = people.now(), _ring(db)[0]
    claims = {
        "sub": str(person.id),
        "use": use,
        "iat": at,
        "exp": at + life,
        "jti": secrets.token_hex(8),
        "ver": person.credentials_version,
    }
    return jwt.encode(claims, key.secret, algorithm=ALGORITHM, headers={"kid": key.kid})


def read(db: Transaction, token: str, use: str) -> User | None:
    """Whose token it is; None when it is not ours, not for this use, has expired or was ended."""
    claims = _claims(db, token)
    if claims is None or claims["use"] != use:
        return None
    subject, version = claims["sub"], claims["ver"]
    if not (isinstance(subject, str) and subject.isascii() and subject.isdecimal() and len(subject) < 19):
        return None
    person = people.user(db, int(subject))
    if person is None or not person.is_active or type(version) is not int or version != person.credentials_version:
        return None
    return person


def _claims(db: Transaction, token: str) -> dict[str, Any] | None:
    import jwt  # noqa: PLC0415 - as above

    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((one for one in _ring(db) if one.kid == kid), None)
        if key is None:
            return None
        # No look at `iat`: a clock that was set back must not make a fresh token look wrong.
        options: Any = {"require": CLAIMS, "verify_iat": False}
        return jwt.decode(token, key.secret, algorithms=[ALGORITHM], options=options)
    except (jwt.InvalidTokenError, ValueError):
        return None


def _ring(db: Transaction) -> list[Key]:
    return [Key(**key) for key in json.loads(people.fact(db, RING) or "[]")]
