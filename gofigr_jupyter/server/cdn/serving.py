"""A file on the web as an answer: whole or in part, for ever the same, and never with a script in our origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from gofigr_jupyter import media
from gofigr_jupyter.server.cdn import envelope, kinds, ranges
from gofigr_jupyter.server.cdn.crew import Busy
from gofigr_jupyter.server.cdn.darkroom import Darkroom, Undevelopable
from gofigr_jupyter.server.cdn.ranges import OutOfRange
from gofigr_jupyter.server.cdn.wishes import Wish
from gofigr_jupyter.server.store.blobs import CHUNK_BYTES
from gofigr_jupyter.server.store.cdn import Served
from gofigr_jupyter.server.store.store import Store

FOR_EVER = "public, max-age=31536000, immutable"
# Where a file is opened by itself: it shows what it is, in no origin, and runs nothing.
INERT = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; form-action 'none'; "
    "base-uri 'none'; sandbox"
)


@dataclass(frozen=True)
class Copy:
    """What is sent: `read` gives the bytes from a start to an end (exclusive); `more` are further headers."""

    content_type: str
    etag: str
    size: int
    read: Callable[[int, int], Iterator[bytes]]
    more: Mapping[str, str] = field(default_factory=dict)


def answered(request: Request, store: Store, file: Served) -> Response:
    """The answer to GET or HEAD for a file."""
    copy = developed(request, store, file)
    headers = {
        "etag": copy.etag,
        "cache-control": FOR_EVER,
        "accept-ranges": "bytes",
        "content-security-policy": INERT,
        "content-disposition": _disposition(file),
        **copy.more,
    }
    if ranges.is_known(request.headers, copy.etag):
        return Response(status_code=304, headers=headers)
    is_head = request.method == "HEAD"
    try:
        part = None if is_head else ranges.wanted(request.headers, copy.etag, copy.size)
    except OutOfRange:
        error = envelope.failure({"detail": f"The file has {copy.size} bytes."})
        return JSONResponse(error, 416, {"content-range": f"bytes */{copy.size}", "cache-control": "no-store"})
    start, end = part or (0, copy.size)
    headers |= {"content-length": str(end - start), "content-type": _with_charset(copy.content_type)}
    if part:
        headers["content-range"] = f"bytes {start}-{end - 1}/{copy.size}"
    if is_head:
        return Response(headers=headers)
    pieces = copy.read(start, end)
    first = next(pieces, b"")  # what is damaged is an error, and no answer that breaks off
    return StreamingResponse(chain([first], pieces), 206 if part else 200, headers)


def developed(request: Request, store: Store, file: Served) -> Copy:
    """The file as the request wishes it: a picture perhaps in another size and format, all else as it is."""
    darkroom: Darkroom = request.app.state.darkroom
    wish = _wish(request) if darkroom.takes(file.content_type) else None
    if wish is None:
        return _as_it_is(store, file)
    try:
        made = darkroom.develop(file.hash, file.content_type, lambda: store.read(file.chunks, file.bucket_id), wish)
    except Undevelopable as error:
        raise envelope.refusal(400, str(error)) from error
    except Busy as error:
        refused = "Too many pictures are being made. Ask again in a moment."
        raise envelope.refusal(503, refused, {"retry-after": str(error.seconds)}) from error
    more = {"vary": "Accept"} if wish.varies else {}
    content = made.content

    def read(start: int, end: int) -> Iterator[bytes]:
        return iter([content[start:end]])

    return Copy(made.content_type, f'"{made.digest}"', len(content), read, more)


def _wish(request: Request) -> Wish | None:
    try:
        return Wish.of(request.query_params, request.headers.get("accept", ""))
    except ValueError as error:
        raise envelope.refusal(400, str(error)) from error


def _as_it_is(store: Store, file: Served) -> Copy:
    def read(start: int, end: int) -> Iterator[bytes]:
        first = start // CHUNK_BYTES
        position = first * CHUNK_BYTES
        chunks = file.chunks[first : (end + CHUNK_BYTES - 1) // CHUNK_BYTES]
        for piece in store.read(chunks, file.bucket_id):
            yield piece[max(0, start - position) : end - position]
            position += len(piece)

    return Copy(file.content_type, f'"{file.hash}"', file.size, read)


def _disposition(file: Served) -> str:
    how = "inline" if kinds.is_shown(media.declared(file.content_type)) else "attachment"
    return f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"


def _with_charset(content_type: str) -> str:
    return f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
