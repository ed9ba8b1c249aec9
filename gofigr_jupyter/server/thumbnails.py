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

from gofigr_jupyter.embedding.files import marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.server.marking import link_to
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
    *,
    base: str,
) -> bytes | None:
    """A PNG that fits into `size` x `size` pixels, or None when there is no picture that can be read.

    That of a figure carries its link in the metadata; `base` is what links to this server begin with.
    """
    with store.reading() as db:
        row = find(db, api_id)
        gate.admit(db, row)
        candidates = pictures.newest(db, row)
        shown = pictures.shown_in(db, candidates)
    for one in candidates:
        small = _small(store, one, size)
        if small:
            return _marked(small, shown.get(one.revision_id or ""), base)
    return None


def first(store: Store, candidates: Sequence[pictures.Picture], size: int) -> bytes | None:
    """The first of these pictures that can be read, made small."""
    return next((small for one in candidates if (small := _small(store, one, size))), None)


def _small(store: Store, one: pictures.Picture, size: int) -> bytes | None:
    """A picture made small, once for all; empty bytes where there can never be one."""
    key = f"thumbnails/{one.hash[:2]}/{one.hash}-{size}.png"
    small = store.cache.get(key)
    if small is None:
        small = _shrunk(store, one, size)
        if small is not None:
            store.cache.put(key, small)
    return small


def _marked(small: bytes, shown: pictures.Shown | None, base: str) -> bytes:
    """Not kept with the mark: several revisions may show the same picture."""
    if shown is None:
        return small
    return marked(small, Mark(link_to(shown, base), shown.id, shown.figure))


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
