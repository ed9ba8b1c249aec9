"""What the server does when nobody asks anything: take in what came to buckets, sweep, and read what waits to be found.

In: the store, the darkroom, and the model of what texts mean, if there is one. Out: what is told to the log. Each piece
of it is small, and ends when a request comes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator

from gofigr_jupyter.server import likeness
from gofigr_jupyter.server.cdn.darkroom import Darkroom
from gofigr_jupyter.server.cdn.doorstep import Doorstep
from gofigr_jupyter.server.documents import nearness, reading
from gofigr_jupyter.server.documents.meaning import Meaning
from gofigr_jupyter.server.documents.reading import Document
from gofigr_jupyter.server.store import cdn, words
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.store import Store

log = logging.getLogger(__name__)
AT_A_TIME = 100


def do(
    store: Store,
    doorstep: Doorstep,
    darkroom: Darkroom,
    going_on: Callable[[], bool],
    meaning: Meaning | None = None,
) -> None:
    """All of it, as long as it is quiet."""
    if came := doorstep.look_around(going_on):
        log.info("saw %s files that had come to buckets", came)
    log.info("swept %s chunks", store.tidy())
    if weeded := weed(store, darkroom):
        log.info("forgot what was made of %s pictures", weeded)
    if read := read_texts(store, going_on):
        log.info("read %s texts for searching", read)
    if meaning is not None and (understood := nearness.understand(store, meaning, going_on)):
        log.info("read %s documents for what they mean", understood)
    if looked := likeness.look_around(store, going_on):
        log.info("looked at %s pictures", looked)


def weed(store: Store, darkroom: Darkroom) -> int:
    """Forget what was made of pictures that were deleted; how many there were."""

    def named(among: Collection[str]) -> set[str]:
        with store.reading() as db:
            return cdn.hashes(db, among)

    return darkroom.weed(named)


def read_texts(store: Store, going_on: Callable[[], bool]) -> int:
    """Read the texts that wait to be read; how many there were."""
    count = 0
    while going_on():
        with store.reading() as db:
            kept = [Document.of(one) for one in words.unread(db, AT_A_TIME)]
        texts = dict(_read(store, kept, going_on))
        if not texts:
            break
        with store.writing() as db:
            words.keep(db, texts)
            words.mark_read(db, texts)
        count += len(texts)
    return count


def _read(store: Store, kept: list[Document], going_on: Callable[[], bool]) -> Iterator[tuple[str, str | None]]:
    for document in kept:
        if not going_on():
            return
        try:
            yield document.hash, _text(store, document)
        except DamagedBlob:
            yield document.hash, None
        except OutOfReach:
            continue  # another time


def _text(store: Store, document: Document) -> str | None:
    """The beginning of a plain text, for a chunk has more bytes than are read of it; or what a document says."""
    beginning = next(store.read(*document.kept), b"")[: words.MOST_BYTES]
    if words.is_bound(beginning):
        return words.searched(reading.text(reading.passages(store, document)))
    return words.text_in(beginning)
