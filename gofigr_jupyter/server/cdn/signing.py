"""Addresses to upload to: each a claim that is signed, for one file of one site, and good for an hour.

The key is drawn once and lies in a 0600 file beside the database. HMAC-SHA256; who has no key can change nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from gofigr_jupyter.local import drawn_once

FILE_NAME = "uploads.key"
LONGEST = 4000


@dataclass(frozen=True)
class Claim:
    """What an address is good for: the promised file, its site and address there, who asked, and until when.

    `content_type` is the one that was declared, `most` the bytes that it may have, `expires` in seconds since 1970.
    """

    file_id: str
    site_id: str
    asker: str
    key: str
    content_type: str
    most: int
    expires: int


def sign(folder: Path, claim: Claim) -> str:
    """The claim as a token for an address."""
    content = _packed(json.dumps(asdict(claim), separators=(",", ":")).encode())
    return f"{content}.{_packed(_mac(folder, content))}"


def read(folder: Path, token: str) -> Claim | None:
    """The claim in a token; None for one that is not ours, or has expired."""
    content, _, signature = token.partition(".")
    if len(token) > LONGEST or not token.isascii():
        return None
    if not hmac.compare_digest(_packed(_mac(folder, content)), signature):
        return None
    try:
        claim = Claim(**json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))))
    except (binascii.Error, ValueError, TypeError):  # signed by a version with other claims
        return None
    return claim if claim.expires > time.time() else None


def _mac(folder: Path, content: str) -> bytes:
    key = bytes.fromhex(drawn_once(folder / FILE_NAME, lambda: secrets.token_hex(32)))
    return hmac.new(key, content.encode("ascii"), hashlib.sha256).digest()


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")
