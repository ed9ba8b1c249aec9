"""Secrets that have to be read again: sealed with a key that lies in a 0600 file beside the database, never in it.

Whoever gets hold of the database alone (a backup, a dump) can open nothing. AES-256-GCM; `about` is bound to the sealed
bytes, so that they open nowhere but in their own row.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.local import drawn_once

FILE_NAME = "sealing.key"
NONCE = 12


class SealBroken(GoFigrError):
    """What was sealed cannot be opened with this server's key."""


class Seal:
    """Locks and unlocks with the key of a data folder, which is drawn when something is sealed for the first time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def lock(self, content: bytes, about: str) -> bytes:
        """Seal some bytes."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - no start pays for it

        key = bytes.fromhex(drawn_once(self._path, lambda: secrets.token_hex(32)))
        nonce = secrets.token_bytes(NONCE)
        return nonce + AESGCM(key).encrypt(nonce, content, about.encode())

    def unlock(self, sealed: bytes, about: str) -> bytes:
        """What was sealed. Raises SealBroken."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        try:
            key = bytes.fromhex(self._path.read_text(encoding="ascii").strip())
            return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], about.encode())
        except (OSError, ValueError, InvalidTag) as error:
            raise SealBroken(f"{FILE_NAME} does not open what was sealed") from error
