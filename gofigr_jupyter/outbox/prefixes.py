"""A small stock of reserved short-id prefixes, so that a kernel can draw a link without asking a server.

The worker stocks; a kernel takes one for its session. A prefix is an empty file; taking it is deleting it.
"""

from __future__ import annotations

import os
from pathlib import Path

from blake3 import blake3

from gofigr_jupyter.errors import OutboxError
from gofigr_jupyter.outbox.files import make_folder, trouble

TARGET_STOCK = 4


def server_key(url: str | None) -> str:
    """The name of a server's stock; None is the embedded server."""
    return "embedded" if url is None else blake3(url.rstrip("/").encode()).hexdigest()[:16]


def take_prefix(home: Path, key: str) -> str | None:
    """Take one prefix out of the stock, for this caller alone; None when there is none."""
    folder = _folder(home, key)
    for prefix in _stocked(folder):
        try:
            (folder / prefix).unlink()
        except OSError:  # another kernel was first, or the disk is read-only
            continue
        return prefix
    return None


def stock(home: Path, key: str, prefix: str) -> None:
    """Add a prefix that the server has reserved for us. Raises OutboxError."""
    folder = _folder(home, key)
    if not prefix.isalnum():
        raise OutboxError(f"{prefix!r} is no short-id prefix")
    try:
        make_folder(folder)
        (folder / prefix).touch(0o600)
    except OSError as error:
        raise OutboxError(trouble(error, folder)) from error


def count(home: Path, key: str) -> int:
    """How many prefixes are in stock."""
    return len(_stocked(_folder(home, key)))


def _folder(home: Path, key: str) -> Path:
    return home / "outbox" / "prefixes" / key


def _stocked(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as items:
            return sorted(item.name for item in items if item.name.isalnum())
    except OSError:
        return []
