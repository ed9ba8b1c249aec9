"""Small bodies: HTML forms and short JSON. Who has no account yet cannot make the server read more than this."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Annotated, TypeVar
from urllib.parse import quote

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.web import FORM, JSON, form_fields, media_type, parsed

Model = TypeVar("Model", bound=BaseModel)
MOST_BYTES = 1 << 16
LOCAL_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


async def small_body(request: Request) -> bytes:
    """The body, at most 64 KiB."""
    received = bytearray()
    async for piece in request.stream():
        received += piece
        if len(received) > MOST_BYTES:
            raise Refusal(413, {"detail": f"The request is larger than {MOST_BYTES} bytes."})
    return bytes(received)


SmallBody = Annotated[bytes, Depends(small_body)]


def form_of(request: Request, body: SmallBody) -> dict[str, str]:
    """The fields of an HTML form."""
    if media_type(request) != FORM:
        raise Refusal(415, {"detail": f"The body must be {FORM}."})
    return form_fields(body)


FormOf = Annotated[dict[str, str], Depends(form_of)]


@cache
def small(model: type[Model], *, forms: bool = False) -> Callable[..., Model]:
    """A dependency that reads a small body as `model`: JSON, and with `forms` HTML forms too.

    The token endpoints need both: Python sends forms and R sends JSON.
    """

    def read(request: Request, body: SmallBody) -> Model:
        found = media_type(request)
        if found == JSON:
            return parsed(model, body)
        if forms and found == FORM:
            return parsed(model, json.dumps(form_fields(body)).encode())
        raise Refusal(415, {"detail": f"The body must be {JSON}{f' or {FORM}' if forms else ''}."})

    return read


def onward(base_path: str, wanted: str) -> Response:
    """On to a path of ours; to the start for anything else."""
    path = wanted if LOCAL_PATH.fullmatch(wanted) else "/"
    return Response(status_code=303, headers={"location": base_path + quote(path, safe="/?&=#%+:@,;~")})
