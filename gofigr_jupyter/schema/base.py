"""What all wire models share: tolerant reading, timestamps, binary fields.

Servers newer than us must not break us, so unknown keys are kept; tests read with `strict_mode` to see them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema, model_validator

_strict: ContextVar[bool] = ContextVar("strict", default=False)


@contextmanager
def strict_mode() -> Iterator[None]:
    """Within this block a key that no model names is an error; for tests of the contract."""
    token = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(token)


class Wire(BaseModel):
    """Base of every shape on the wire."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    @model_validator(mode="after")
    def _no_unknown_keys_in_strict_mode(self) -> Self:
        if _strict.get() and self.model_extra:
            raise ValueError(f"{type(self).__name__} does not name {', '.join(sorted(self.model_extra))}")
        return self

    def to_wire(self) -> dict[str, Any]:
        """The JSON object for a request: absent fields stay absent, as the official client does it."""
        return self.model_dump(mode="json", exclude_none=True, by_alias=True)


def _aware(value: Any) -> Any:
    """Accept `2026-11-21 19:51:52.58+00:00`, ISO 8601, and naive times (which mean UTC)."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def render_time(value: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds: the same instant reads the same everywhere."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


Timestamp = Annotated[
    datetime, BeforeValidator(_aware), PlainSerializer(render_time, return_type=str, when_used="json")
]


def _decoded(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValueError("not base64 (standard alphabet, padded, no line breaks)") from error
    return value


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


Base64Bytes = Annotated[
    bytes,
    BeforeValidator(_decoded),
    PlainSerializer(_encoded, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]


def _object(value: Any) -> Any:
    """R writes an empty list as `[]` where an object is meant."""
    return {} if value == [] or value is None else value


JsonObject = Annotated[dict[str, Any], BeforeValidator(_object)]


def _r_metadata(value: Any) -> Any:
    return {} if value == [] else value


AnyJson = Annotated[Any, BeforeValidator(_r_metadata)]
