"""Between HTTP and our shapes: JSON bodies in (exactly `application/json`, within the limit), wire models out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qs

from fastapi import Depends, Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.responses import Response

from gofigr_jupyter.server.refusal import Refusal

Model = TypeVar("Model", bound=BaseModel)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
ACCEPTED: set[type[BaseModel]] = set()


async def raw_body(request: Request) -> bytes:
    """The body, at most as long as the server allows."""
    limit = request.app.state.config.max_body
    received = bytearray()
    async for piece in request.stream():
        received += piece
        if len(received) > limit:
            raise Refusal(413, {"detail": f"The request is larger than {limit} bytes."})
    return bytes(received)


async def json_body(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> bytes:
    """The body of a request that says it is JSON; a browser cannot say so across origins without asking first."""
    if media_type(request) != JSON:
        raise Refusal(415, {"detail": f"The body must be {JSON}."})
    return body


def media_type(request: Request) -> str:
    """The content type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


@cache
def body_of(model: type[Model]) -> Callable[..., Model]:
    """A dependency that reads the request's JSON as `model`; decoding runs in a thread, not in the event loop."""

    def read(body: Annotated[bytes, Depends(json_body)]) -> Model:
        return parsed(model, body)

    return read


@cache
def form_or_json(model: type[Model]) -> Callable[..., Model]:
    """As `body_of`, and HTML forms too; for the token endpoints, where Python sends forms and R sends JSON."""

    def read(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> Model:
        match media_type(request):
            case "application/json":
                return parsed(model, body)
            case "application/x-www-form-urlencoded":
                return parsed(model, json.dumps(form_fields(body)).encode())
        raise Refusal(415, {"detail": f"The body must be {JSON} or {FORM}."})

    return read


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form; of repeated ones the last."""
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise Refusal(400, {"detail": "The form cannot be read."}) from error
    return {name: values[-1] for name, values in fields.items()}


def parsed(model: type[Model], body: bytes) -> Model:
    """JSON as a model; what does not fit is answered with 400 and the field's name."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        problems: dict[str, list[str]] = {}
        for one in error.errors(include_url=False, include_input=False, include_context=False):
            field = str(one["loc"][0]) if one["loc"] else "detail"
            problems.setdefault(field, []).append(one["msg"])
        raise Refusal(400, problems) from error


def answer(value: BaseModel | Sequence[BaseModel] | Mapping[str, Any], status: int = 200) -> Response:
    """A JSON response; absent values are written as null, so that every view of an object has the same keys."""
    if isinstance(value, BaseModel):
        content: bytes | str = value.model_dump_json()
    elif isinstance(value, Mapping):
        content = json.dumps(value)
    else:
        content = _adapter(type(value[0])).dump_json(list(value)) if value else b"[]"
    return Response(content, status, media_type=JSON)


@cache
def _adapter(model: type[BaseModel]) -> TypeAdapter[list[Any]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]


def nothing() -> Response:
    """204."""
    return Response(status_code=204)


def accepts(model: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI is told of a body that we read ourselves; `docs` adds the schemas to the document."""
    ACCEPTED.add(model)
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": reference}}}}


def given(body: BaseModel, *names: str) -> dict[str, Any]:
    """Those of the named fields that the body sets; null counts as absent, in PUT too, as clients leave fields out."""
    values = {name: getattr(body, name) for name in names if name in body.model_fields_set}
    return {name: value for name, value in values.items() if value is not None}
