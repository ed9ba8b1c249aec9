"""The one shape that most families share: a collection of objects with an id. Models in and out, no dicts."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConnectionFailed
from gofigr_jupyter.schema.base import Wire
from gofigr_jupyter.schema.figures import Thumbnail

API = "/api/v1.4.1"
Shape = TypeVar("Shape")
Model = TypeVar("Model", bound=Wire)
Draft = TypeVar("Draft", bound=Wire)


def read_as(shape: type[Shape], answer: Any) -> Shape:
    """The answer as a shape of the contract; raises ConnectionFailed when it is none."""
    try:
        return TypeAdapter(shape).validate_python(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        raise ConnectionFailed(
            f"The server's answer is not of the contract: {where}: {first['msg']}"
        ) from error


class Resource(Generic[Model, Draft]):
    """A collection `<name>/` of the API; every method raises errors of the APIError tree."""

    def __init__(self, transport: Transport, name: str, model: type[Model]) -> None:
        self.transport = transport
        self.path = f"{API}/{name}/"
        self.model = model

    def list(self) -> list[Model]:
        """All that the caller can see, in the light form."""
        answer = read_as(list[Any], self.transport.request("GET", self.path))
        return [read_as(self.model, item) for item in answer]

    def get(self, api_id: str) -> Model:
        """One object, in the full form."""
        return read_as(self.model, self.transport.request("GET", self.at(api_id)))

    def create(self, draft: Draft) -> Model:
        """Make one."""
        return read_as(self.model, self.transport.request("POST", self.path, body=draft.to_wire()))

    def change(self, api_id: str, draft: Draft, *, silent: bool = False) -> Model:
        """Set what the draft holds, leave the rest; `silent` keeps it out of the activity log."""
        params = {"silent": "true"} if silent else None
        answer = self.transport.request("PATCH", self.at(api_id), body=draft.to_wire(), params=params)
        return read_as(self.model, answer)

    def delete(self, api_id: str) -> None:
        """Delete one, and all below it."""
        self.transport.request("DELETE", self.at(api_id))

    def thumbnail(self, api_id: str, size: int = 256) -> bytes | None:
        """A picture that fits into size x size pixels, if there is one."""
        answer = self.transport.request("GET", f"{self.at(api_id)}thumbnail/{size}")
        return read_as(Thumbnail, answer).thumbnail

    def at(self, api_id: str) -> str:
        """The path of one object."""
        return f"{self.path}{api_id}/"
