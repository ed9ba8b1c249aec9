"""Large answers, in pieces: the JSON of a data object around bytes that are never in memory as a whole."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import chain

from starlette.responses import Response, StreamingResponse

from gofigr_jupyter.schema.base import Wire

JSON = "application/json"


def with_bytes(shape: Wire, size: int, pieces: Iterator[bytes]) -> Response:
    """A shape whose last field, `data`, is null so far, as JSON with these bytes in it.

    The first piece is read before the answer begins, so that what is missing is an error and no broken answer.
    """
    first = next(pieces, b"")
    head = shape.model_dump_json(exclude={"data"}).encode()[:-1] + b',"data":"'
    tail = b'"}'
    length = len(head) + (size + 2) // 3 * 4 + len(tail)
    content = chain([head], _encoded(chain([first], pieces)), [tail])
    return StreamingResponse(content, media_type=JSON, headers={"content-length": str(length)})


def _encoded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    left = b""
    for piece in pieces:
        content = left + piece
        whole = len(content) - len(content) % 3
        yield base64.b64encode(memoryview(content)[:whole])
        left = content[whole:]
    yield base64.b64encode(left)
