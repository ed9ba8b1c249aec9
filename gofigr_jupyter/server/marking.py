"""Pictures on their way out as downloads: the stored bytes, with the link to their revision in the file's metadata.

In: a data object and its bytes. Out: the same picture, marked; None where nothing is to be marked. What the API gives
as it was stored, and what pages show, stays so; small pictures are made here, and carry it wherever they go.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request

from gofigr_jupyter.embedding.files import LARGEST, MARKABLE, marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.server.auth import config_of
from gofigr_jupyter.server.store.pictures import Shown
from gofigr_jupyter.server.store.tables import DataItem, Revision


def base_of(request: Request) -> str:
    """What links to this server begin with: its public name, where it was told one."""
    config = config_of(request)
    return config.public_url or f"{str(request.base_url).rstrip('/')}{config.base_path}"


def link_to(revision: Revision | Shown, base: str) -> str:
    """The link that a revision's pictures carry."""
    return f"{base}/r/{revision.short_id or revision.id}"


def mark_of(row: DataItem, owner: object, base: str) -> Mark | None:
    """What a picture of a figure says of itself; `base` is that of `base_of`."""
    is_picture = row.type == "image" and str(row.meta.get("format", "")).lower() in MARKABLE
    if not is_picture or not isinstance(owner, Revision) or row.size_bytes > LARGEST:
        return None
    return Mark(link_to(owner, base), owner.id, owner.figure.name)


def with_mark(pieces: Iterator[bytes], mark: Mark) -> bytes:
    """All pieces as one file, with the mark in it where it can hold one."""
    return marked(b"".join(pieces), mark)
