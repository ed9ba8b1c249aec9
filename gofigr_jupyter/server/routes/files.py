"""Raw bytes for pages and card: downloads, small pictures, and interactive figures in a sandbox.

People's files never become part of our origin: an attachment, one of four picture formats told by their first bytes,
or a document whose own policy takes its origin and the network away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Request
from starlette.responses import Response, StreamingResponse

from gofigr_jupyter.server import marking, thumbnails
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import READ
from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.store import find
from gofigr_jupyter.server.store.tables import DataItem
from gofigr_jupyter.server.thumbnails import Size

family = Family("files")
# plotly's own script builds functions at run time; with no origin and no network that opens nothing.
SANDBOX = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data: blob:; media-src data:; font-src data:; worker-src blob:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
INERT = "default-src 'none'; sandbox; frame-ancestors 'none'"
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


@family.get("/file/{data_id}/{name}", READ, response_class=Response)
def download(
    request: Request, data_id: str, name: str, gate: GateOf, store: StoreOf, *, inline: bool = False
) -> Response:
    """The bytes of a data object as a download named `name`; a figure's picture has its link in the metadata.

    `inline=1` shows PNG, JPEG, GIF and WebP, nothing else, and exactly as they were stored.
    """
    with store.reading() as db:
        row = find.data_item(db, data_id)
        owner = gate.admit(db, find.owner_of(row))
        pieces = store.read(row.chunks, row.bucket_id)
        mark = None if inline else marking.mark_of(row, owner, marking.base_of(request))
    first = next(pieces, b"")
    kind = sniffed(first)
    disposition = f"attachment; filename*=UTF-8''{quote(label(name), safe='')}"
    if kind is None:  # an <img> shows what is an attachment, too, and runs no script in it
        kind = "image/svg+xml" if _format(row) == "svg" else "application/octet-stream"
    elif inline:
        disposition = "inline"
    headers = {"content-disposition": disposition, "content-security-policy": INERT}
    if mark is not None:
        content = marking.with_mark(chain([first], pieces), mark)
        return Response(content, media_type=kind, headers=headers | {"cache-control": "private, no-store"})
    return _sent(request, row, chain([first], pieces), kind, headers)


@family.get("/view/{data_id}", READ, response_class=Response)
def view(request: Request, data_id: str, gate: GateOf, store: StoreOf) -> Response:
    """An interactive figure as a document without origin and network, for a sandboxed frame."""
    with store.reading() as db:
        row = find.data_item(db, data_id)
        gate.admit(db, find.owner_of(row))
        if row.type != "image" or _format(row) != "html":
            raise not_found()
        pieces = store.read(row.chunks, row.bucket_id)
    return _sent(request, row, pieces, "text/html; charset=utf-8", {"content-security-policy": SANDBOX})


@family.get("/thumb/{kind}/{api_id}/{size}", READ, response_class=Response)
def small_picture(
    request: Request,
    kind: Annotated[str, Path(pattern="^(analysis|figure|revision|asset|asset_revision)$")],
    api_id: str,
    size: Size,
    *,
    gate: GateOf,
    store: StoreOf,
) -> Response:
    """A small PNG of an object of the tree; 404 when there is no picture in it."""
    picture = thumbnails.of(store, gate, find.FINDERS[kind], api_id, size, base=marking.base_of(request))
    if not picture:
        raise not_found()
    return Response(picture, media_type="image/png", headers={"content-security-policy": INERT})


def label(name: str) -> str:
    """A file name for people: without separators, control characters and leading dots."""
    cleaned = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', "_", name).lstrip(".").strip()
    return cleaned[:150] or "file"


def sniffed(content: bytes) -> str | None:
    """The MIME type of a picture that browsers may show, told by its first bytes; None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in PICTURES.items() if content.startswith(magic)), None)


def _format(row: DataItem) -> str:
    return str(row.meta.get("format", "")).lower()


def _sent(
    request: Request, row: DataItem, pieces: Iterator[bytes], media_type: str, headers: dict[str, str]
) -> Response:
    etag = f'"{row.hash}"'
    headers |= {"etag": etag, "cache-control": "private, no-cache"}  # a right to read may end at any time
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers["content-length"] = str(row.size_bytes)
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
