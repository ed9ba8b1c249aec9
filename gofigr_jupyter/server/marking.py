"""Pictures on their way out as downloads: the stored bytes, with the link to their revision in the file's metadata.

In: a data object and its bytes. Out: the same picture, marked; None where nothing is to be marked. What the API gives,
and what pages show, stays as it was stored.
"""

from __future__ import annotations

from collections.abc import Iterator

from gofigr_jupyter.embedding.files import MARKABLE, marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.server.store.tables import DataItem, Revision

LARGEST = 32 << 20  # bytes; a mark needs the whole file in memory


def mark_of(row: DataItem, owner: object, base: str) -> Mark | None:
    """What a picture of a figure says of itself; `base` is what links to this server begin with."""
    is_picture = row.type == "image" and str(row.meta.get("format", "")).lower() in MARKABLE
    if not is_picture or not isinstance(owner, Revision) or row.size_bytes > LARGEST:
        return None
    return Mark(f"{base}/r/{owner.short_id or owner.id}", owner.id, owner.figure.name)


def with_mark(pieces: Iterator[bytes], mark: Mark) -> bytes:
    """All pieces as one file, with the mark in it where it can hold one."""
    return marked(b"".join(pieces), mark)
