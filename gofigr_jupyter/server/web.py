"""Between HTTP and our shapes: JSON bodies in (exactly `application/json`, within the limit), wire models out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, TypeVar, get_args
from urllib.parse import parse_qs

from fastapi import Depends, Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.intake import LARGE, MOST_IN_MEMORY, Body, Intake
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.strict_json import Reader, shown

Model = TypeVar("Model", bound=BaseModel)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
QUICK = 1 << 17  # bytes that are decoded at once
ACCEPTED: set[type[BaseModel]] = set()


# ---------------------------------------------------------------- bodies


async def json_body(request: Request) -> bytes:
    """The body of a request that says it is JSON; a browser cannot say so across origins without asking first."""
    _require_json(request)
    return await _received(request, MOST_IN_MEMORY)


async def large_body(request: Request) -> AsyncIterator[Body]:
    """As `json_body`, for data of any size: what is long waits on the disk until the request has been answered."""
    _require_json(request)
    intake = Intake(request.app.state.config.data_dir)
    try:
        yield await _taken_in(request, intake)
    finally:
        intake.close()


async def _taken_in(request: Request, intake: Intake) -> Body:
    waiting = bytearray()
    is_small = True
    async for piece in pieces(request, request.app.state.config.max_body):
        waiting += piece
        if len(waiting) >= LARGE:
            is_small = False
            await run_in_threadpool(intake.feed, bytes(waiting))
            waiting.clear()
    if is_small:
        return Body(bytes(waiting))
    await run_in_threadpool(intake.feed, bytes(waiting))
    return intake.body()


async def _received(request: Request, most: int) -> bytes:
    received = bytearray()
    async for piece in pieces(request, min(most, request.app.state.config.max_body)):
        received += piece
    return bytes(received)


async def pieces(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body as it comes; refuses (413) what is too large, before it has come where it says so itself."""
    told = request.headers.get("content-length", "")
    count = int(told) if told.isascii() and told.isdecimal() and len(told) < 20 else 0
    if count <= most:
        count = 0
        async for piece in request.stream():
            count += len(piece)
            if count > most:
                break
            yield piece
    if count > most:
        raise Refusal(413, {"detail": f"The request is larger than {most} bytes."})


def _require_json(request: Request) -> None:
    if media_type(request) != JSON:
        raise Refusal(415, {"detail": f"The body must be {JSON}."})
    parameters = request.headers.get("content-type", "").lower().replace('"', "").replace(" ", "").split(";")[1:]
    if any(one.startswith("charset=") and one not in {"charset=utf-8", "charset=utf8"} for one in parameters):
        raise Refusal(415, {"detail": "The body must be UTF-8."})
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, {"detail": "The body must not be compressed."})


def media_type(request: Request) -> str:
    """The content type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


# ---------------------------------------------------------------- models in


@cache
def body_of(model: type[Model]) -> Callable[..., Coroutine[Any, Any, Model]]:
    """A dependency that reads the request's JSON as `model`."""

    async def read(body: Annotated[bytes, Depends(json_body)]) -> Model:
        return await _apart(len(body), lambda: parsed(model, body))

    async def read_large(body: Annotated[Body, Depends(large_body)]) -> Model:
        reader = Reader(body.long, keeps_data=True)
        return await _apart(len(body.skeleton), lambda: checked(model, reader.read(body.skeleton)))

    return read_large if takes_data(model) else read


async def _apart(size: int, work: Callable[[], Model]) -> Model:
    """Decode what is large in a thread; for a millisecond's work the change of threads would take longer."""
    return work() if size <= QUICK else await run_in_threadpool(work)


def takes_data(model: type[BaseModel]) -> bool:
    """Whether the model has data objects, and so may be of any size."""
    field = model.model_fields.get("data")
    if field is None:
        return False
    return any(DataDraft in get_args(one) for one in (field.annotation, *get_args(field.annotation)))


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form; of repeated ones the last."""
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise Refusal(400, {"detail": "The form cannot be read."}) from error
    return {name: values[-1] for name, values in fields.items()}


def parsed(model: type[Model], body: bytes) -> Model:
    """A small JSON body as a model."""
    return checked(model, Reader().read(body))


def checked(model: type[Model], value: Any) -> Model:
    """JSON as a model; what does not fit is answered with 400 and the field's name."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems: dict[str, list[str]] = {}
        for one in error.errors(include_url=False, include_input=False, include_context=False):
            field = shown(str(one["loc"][0])) if one["loc"] else "detail"
            problems.setdefault(field, []).append(one["msg"])
        raise Refusal(400, problems) from error


# ---------------------------------------------------------------- answers out


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


def accepts(model: type[BaseModel], *, forms: bool = False) -> dict[str, Any]:
    """What OpenAPI is told of a body that we read ourselves; `docs` adds the schemas to the document."""
    ACCEPTED.add(model)
    schema = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    return {"requestBody": {"required": True, "content": {JSON: schema} | ({FORM: schema} if forms else {})}}


def given(body: BaseModel, *names: str) -> dict[str, Any]:
    """Those of the named fields that the body sets; null counts as absent, in PUT too, as clients leave fields out."""
    values = {name: getattr(body, name) for name in names if name in body.model_fields_set}
    return {name: value for name, value in values.items() if value is not None}
