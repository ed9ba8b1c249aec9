"""What the server does when nobody asks anything: sweep, and read what an older server kept, so that it is found.

In: the store. Out: what is told to the log. Each piece of it is small, and ends when a request comes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from gofigr_jupyter.server import likeness
from gofigr_jupyter.server.store import words
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.content import Kept
from gofigr_jupyter.server.store.store import Store

log = logging.getLogger(__name__)
AT_A_TIME = 100


def do(store: Store, going_on: Callable[[], bool]) -> None:
    """All of it, as long as it is quiet."""
    log.info("swept %s chunks", store.tidy())
    if read := read_texts(store, going_on):
        log.info("read %s texts for searching", read)
    if looked := likeness.look_around(store, going_on):
        log.info("looked at %s pictures", looked)


def read_texts(store: Store, going_on: Callable[[], bool]) -> int:
    """Read the texts that wait to be read; how many there were."""
    count = 0
    while going_on():
        with store.reading() as db:
            kept = {one.hash: Kept([*one.chunks], one.bucket_id) for one in words.unread(db, AT_A_TIME)}
        texts = dict(_read(store, kept))
        if not texts:
            break
        with store.writing() as db:
            words.keep(db, texts)
            words.mark_read(db, texts)
        count += len(texts)
    return count


def _read(store: Store, kept: dict[str, Kept]) -> list[tuple[str, str | None]]:
    found = []
    for digest, where in kept.items():
        try:
            found.append((digest, words.text_in(_beginning(store, where))))
        except DamagedBlob:
            found.append((digest, None))
        except OutOfReach:
            continue  # another time
    return found


def _beginning(store: Store, where: Kept) -> bytes:
    """A chunk has more bytes than are read of a text."""
    return next(store.read(*where), b"")[: words.MOST_BYTES]
