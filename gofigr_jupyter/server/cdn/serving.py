"""A file on the web as an answer: whole or in part, for ever the same, and never with a script in our origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from gofigr_jupyter import media
from gofigr_jupyter.server.cdn import envelope, kinds, ranges
from gofigr_jupyter.server.cdn.crew import Busy
from gofigr_jupyter.server.cdn.darkroom import Darkroom, Undevelopable
from gofigr_jupyter.server.cdn.ranges import OutOfRange
from gofigr_jupyter.server.cdn.wishes import Wish
from gofigr_jupyter.server.store import cutting
from gofigr_jupyter.server.store.cdn import Served
from gofigr_jupyter.server.store.store import Store

FOR_EVER = "public, max-age=31536000, immutable"
# Where a file is opened by itself: it shows what it is, in no origin, and runs nothing.
INERT = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; form-action 'none'; "
    "base-uri 'none'; sandbox"
)


class Asked(NamedTuple):
    """What a request asks for: a path, and perhaps how a picture is wished; equal ones get the same bytes."""

    path: str
    wish: Wish | None


@dataclass(frozen=True)
class Copy:
    """What is sent: `read` gives the bytes from a start to an end (exclusive), `content` has them where it is small."""

    etag: str
    size: int
    headers: Mapping[str, str]
    read: Callable[[int, int], Iterator[bytes]]
    content: bytes | None = None


def asked(request: Request) -> Asked:
    """What a request asks for; refuses (400) what no picture can be."""
    try:
        wish = Wish.of(request.query_params, request.headers.get("accept", ""))
    except ValueError as error:
        raise envelope.refusal(400, str(error)) from error
    return Asked(request.scope["path"], wish)


def answer(request: Request, copy: Copy) -> Response:
    """The answer to GET or HEAD: all of a copy or a part, or that who asks has it already."""
    headers = {**copy.headers, "etag": copy.etag, "cache-control": FOR_EVER, "accept-ranges": "bytes"}
    if ranges.is_known(request.headers, copy.etag):
        del headers["content-type"]
        return Response(status_code=304, headers=headers)
    is_head = request.method == "HEAD"
    try:
        part = None if is_head else ranges.wanted(request.headers, copy.etag, copy.size)
    except OutOfRange:
        error = envelope.failure({"detail": f"The file has {copy.size} bytes."})
        return JSONResponse(error, 416, {"content-range": f"bytes */{copy.size}", "cache-control": "no-store"})
    start, end = part or (0, copy.size)
    headers["content-length"] = str(end - start)
    if part:
        headers["content-range"] = f"bytes {start}-{end - 1}/{copy.size}"
    if is_head:
        return Response(headers=headers)
    status = 206 if part else 200
    if copy.content is not None:
        return Response(copy.content[start:end], status, headers)
    pieces = copy.read(start, end)
    first = next(pieces, b"")  # what is damaged is an error, and no answer that breaks off
    return StreamingResponse(chain([first], pieces), status, headers)


def found(request: Request, store: Store, file: Served) -> tuple[Asked, Copy]:
    """The file as the request wishes it: a picture perhaps in another size and format, all else as it is."""
    darkroom: Darkroom = request.app.state.darkroom
    if not darkroom.takes(file.content_type):
        return Asked(request.scope["path"], None), _as_it_is(store, file)
    wanted = asked(request)
    if wanted.wish is None:
        return wanted, _as_it_is(store, file)
    return wanted, _developed(darkroom, store, file, wanted.wish)


def _developed(darkroom: Darkroom, store: Store, file: Served, wish: Wish) -> Copy:
    try:
        made = darkroom.develop(file.hash, file.content_type, lambda: store.read(file.chunks, file.bucket_id), wish)
    except Undevelopable as error:
        raise envelope.refusal(400, str(error)) from error
    except Busy as error:
        refused = "Too many pictures are being made. Ask again in a moment."
        raise envelope.refusal(503, refused, {"retry-after": str(error.seconds)}) from error
    more = {"vary": "Accept"} if wish.varies else {}
    return _in_memory(made.content, made.digest, {**_headers(file, made.content_type), **more})


def _as_it_is(store: Store, file: Served) -> Copy:
    def read(start: int, end: int) -> Iterator[bytes]:
        first, stop, position = cutting.span(file.size, len(file.chunks), start, end)
        for piece in store.read(file.chunks[first:stop], file.bucket_id):
            yield piece[max(0, start - position) : end - position]
            position += len(piece)

    headers = _headers(file, file.content_type)
    if len(file.chunks) == 1:
        return _in_memory(b"".join(read(0, file.size)), file.hash, headers)
    return Copy(f'"{file.hash}"', file.size, headers, read)


def _in_memory(content: bytes, digest: str, headers: Mapping[str, str]) -> Copy:
    return Copy(f'"{digest}"', len(content), headers, lambda start, end: iter([content[start:end]]), content)


def _headers(file: Served, content_type: str) -> dict[str, str]:
    """Those that tell of the file."""
    told = f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
    return {"content-type": told, "content-security-policy": INERT, "content-disposition": _disposition(file)}


def _disposition(file: Served) -> str:
    how = "inline" if kinds.is_shown(media.declared(file.content_type)) else "attachment"
    return f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"
