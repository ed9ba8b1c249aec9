"""Passwords: which ones will do, their hashes (argon2), and whether one is right. Nothing here knows a user's row."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.refusal import Refusal

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# Ten random lower-case letters have 47 bits. Guessing online is throttled and each guess offline costs 64 MiB, so a
# longer minimum would only make people write theirs down; what it lets through is held against the list below.
SHORTEST = 10
LONGEST = 1000
FEWEST_CHARACTERS = 5
COMMON = Path(__file__).with_name("common_passwords.txt")
ROWS = "01234567890 abcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm".split()
LOOKALIKES = str.maketrans("013457@$!", "oleastasi")
PATIENCE = 10.0  # seconds in the queue below

# Each check takes 64 MiB: many at once would be a way to exhaust the machine.
_hashing = threading.BoundedSemaphore(2)


def problem(password: str, *personal: str | None) -> str | None:
    """Why this password will not do, as a sentence, or None; `personal` are the user's name and e-mail address."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    plain = unicodedata.normalize("NFKC", password).casefold()
    for word in _words(personal):
        if word in plain and 2 * len(word) >= len(plain):
            return "A password must not be made from the user name or the e-mail address."
    if len(set(plain)) < FEWEST_CHARACTERS or _is_run(plain) or _is_common(plain):
        return "This password is one of those that are tried first. Several words together are easy to remember."
    return None


def require_good(password: str, *personal: str | None) -> None:
    """Raise ConfigurationError for a password that will not do."""
    reason = problem(password, *personal)
    if reason is not None:
        raise ConfigurationError(reason)


def hashed(password: str) -> str:
    """The hash to keep of a password."""
    with _Turn():
        return _hasher().hash(_normal(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether a password is the right one; takes as long for an account that has none, or is not there."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - as in `_hasher`

    with _Turn():
        if stored is None:
            _hasher().hash(_normal(password))
            return False
        try:
            return _hasher().verify(stored, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with less effort than is usual now: the moment to renew it is a successful sign-in."""
    return _hasher().check_needs_rehash(stored)


class _Turn:
    """One's turn to hash; refuses (503) when it does not come soon."""

    def __enter__(self) -> None:
        if not _hashing.acquire(timeout=PATIENCE):
            raise Refusal(503, {"detail": "Too many people are signing in just now."}, {"retry-after": "10"})

    def __exit__(self, *_: object) -> None:
        _hashing.release()


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # noqa: PLC0415 - most runs of the embedded server never need it

    return PasswordHasher()


def _normal(password: str) -> bytes:
    """The same password, typed on another system, may come as other code points."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _words(personal: tuple[str | None, ...]) -> set[str]:
    whole = [one.casefold() for one in personal if one]
    parts = [part for one in whole for part in re.split(r"[@.+_\-]", one)]
    return {word for word in whole + parts if len(word) >= 3}


def _is_run(plain: str) -> bool:
    """Whether it goes along a row of the keyboard or the alphabet, or repeats a few characters."""
    if any(plain in row or plain[::-1] in row for row in ROWS):
        return True
    return any(plain in plain[:length] * len(plain) for length in range(1, len(plain) // 2 + 1) if length <= 4)


def _is_common(plain: str) -> bool:
    """Whether it, or the better half of it between digits and signs, is on the list; `pa$$w0rd` is `password`."""
    listed = _common()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    spelt = re.sub(r"[\W\d_]+$", "", plain).translate(LOOKALIKES)
    for word in (core, core.translate(LOOKALIKES), spelt):
        if 2 * len(word) >= len(plain) and word in listed:
            return True
    half = plain[: len(plain) // 2]
    return plain in listed or (plain == half + half and half in listed)


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text("ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
