"""Texts of stored documents, read once in a child process and kept in the cache.

In: where documents' bytes lie. Out: passages, or the text to be searched. A hostile file costs a child.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from gofigr_jupyter.server import child
from gofigr_jupyter.server.child import Unreadable
from gofigr_jupyter.server.documents.passages import Passage
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.content import Kept
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import DataItem

MOST_BYTES = 64 << 20  # of one document
SECONDS = 60.0
_CHILD = "gofigr_jupyter.server.documents.extractor"
NONE = b"[]"
_FORM = 1  # of what is kept: another number for another one
_at_once = threading.BoundedSemaphore(2)  # a child may take a gigabyte


@dataclass(frozen=True, slots=True)
class Document:
    """Where a document's bytes lie."""

    hash: str
    size_bytes: int
    kept: Kept

    @classmethod
    def of(cls, item: DataItem) -> Document:
        """The bytes of a data object."""
        return cls(item.hash, item.size_bytes, Kept([*item.chunks], item.bucket_id))


def passages(store: Store, document: Document, *, gently: bool = False) -> tuple[Passage, ...]:
    """The text of a document; empty where it has none, or none that can be had. `gently` where nobody waits for it."""
    key = f"documents/{document.hash[:2]}/{document.hash}-{_FORM}.json"
    kept = store.cache.get(key)
    if kept is None:
        if document.size_bytes > MOST_BYTES:
            return ()
        try:
            kept = _extracted(store, document, gently=gently)
        except OutOfReach:
            return ()  # another time
        store.cache.put(key, kept)
    return _of(kept)


def text(found: Sequence[Passage]) -> str:
    """All of it, to be searched."""
    return "\n".join(one.text for one in found)


def _of(kept: bytes) -> tuple[Passage, ...]:
    try:
        return tuple(Passage(str(at), str(text)) for at, text in json.loads(kept))
    except (ValueError, TypeError):
        return ()  # the file that was read may have taken over the child


def _extracted(store: Store, document: Document, *, gently: bool) -> bytes:
    """Raises OutOfReach."""
    at_once = nullcontext() if gently else _at_once  # one reads gently, whoever asks need not wait for it
    with at_once, tempfile.NamedTemporaryFile(prefix="gofigr-document-") as copy:
        try:
            copy.writelines(store.read(*document.kept))
            copy.flush()
            frames = child.frames(_CHILD, Path(copy.name), lambda: None, seconds=SECONDS, gently=gently)
            return b"".join(blob for _, blobs in frames for blob in blobs) or NONE
        except (DamagedBlob, Unreadable):
            return NONE
