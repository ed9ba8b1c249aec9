"""Small pictures: the newest raster picture, decoded in a child process where a crash or a bomb costs nothing."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from fastapi import Path as PathParameter

from gofigr_jupyter.server.policy import Gate
from gofigr_jupyter.server.store import pictures
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, Figure, Revision

log = logging.getLogger(__name__)
Size = Annotated[int, PathParameter(ge=8, le=1024)]
SHRINK = Path(__file__).with_name("shrink.py")
SECONDS = 20
MOST_BYTES = 64 << 20
_at_once = threading.BoundedSemaphore(2)


Finder = Callable[[Transaction, str], Analysis | Figure | Revision | Asset | AssetRevision]


def of(
    store: Store,
    gate: Gate,
    find: Finder,
    api_id: str,
    size: int,
) -> bytes | None:
    """A PNG that fits into `size` x `size` pixels, or None when there is no picture that can be read."""
    with store.reading() as db:
        row = find(db, api_id)
        gate.admit(db, row)
        candidates = pictures.newest(db, row)
    return first(store, candidates, size)


def first(store: Store, candidates: Sequence[pictures.Picture], size: int) -> bytes | None:
    """The first of these pictures that can be read, made small."""
    for one in candidates:
        key = f"thumbnails/{one.hash[:2]}/{one.hash}-{size}.png"
        small = store.cache.get(key)
        if small is None:
            small = _shrunk(store, one, size)
            if small is not None:
                store.cache.put(key, small)
        if small:
            return small
    return None


def _shrunk(store: Store, one: pictures.Picture, size: int) -> bytes | None:
    """The small picture; empty bytes where there can never be one, None where it may work another time."""
    if one.size_bytes > MOST_BYTES:
        return b""
    content = b"".join(store.read(one.chunks, one.bucket_id))
    # -P: the folder of the script must not be a place to import from
    command = [sys.executable, "-P", str(SHRINK), str(size)]
    with _at_once:
        try:
            done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
        except (subprocess.TimeoutExpired, OSError) as error:
            log.warning("thumbnail of %s: %s", one.hash, type(error).__name__)
            return b"" if isinstance(error, subprocess.TimeoutExpired) else None
    if done.returncode != 0:
        log.warning("thumbnail of %s: %s", one.hash, done.stderr[-300:].decode(errors="replace"))
        return b""
    return done.stdout
