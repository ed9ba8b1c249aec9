"""What all wire models share: tolerant reading, drafts that are checked, timestamps, binary fields, pages.

Servers newer than us must not break us, so unknown keys are kept; tests read with `strict_mode` to see them.
"""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar, Unpack

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    Strict,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from gofigr_jupyter.schema import sound

Source = Literal["seen", "ours"]
UNNAMED = frozenset({"_shallow"})  # GoFigr may or may not say it; nothing may depend on it

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
    """Base of every shape on the wire; each says as `source` whether GoFigr's own was *seen* or the shape is *ours*."""

    model_config = ConfigDict(extra="allow", populate_by_name=True, serialize_by_alias=True)
    wire_source: ClassVar[Source]

    def __init_subclass__(cls, *, source: Source | None = None, **kwargs: Unpack[ConfigDict]) -> None:
        super().__init_subclass__(**kwargs)
        if source is not None:
            cls.wire_source = source

    @model_validator(mode="after")
    def _no_unknown_keys_in_strict_mode(self) -> Self:
        if _strict.get() and (unknown := set(self.model_extra or ()) - UNNAMED):
            raise ValueError(f"{type(self).__name__} does not name {', '.join(sorted(unknown))}")
        return self

    def to_wire(self) -> dict[str, Any]:
        """The JSON object for a request: absent fields stay absent, as the official client does it."""
        return self.model_dump(mode="json", exclude_none=True, by_alias=True)


class Draft(Wire):
    """Base of what clients write: null counts as absent, read-only fields that clients echo are let through unread.

    What JSON or a database cannot hold (NaN, Infinity, lone surrogates, NUL in a text) is refused, the field named.
    """

    @field_validator("*", mode="after")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("a text cannot contain the character NUL")
        sound.check(value)
        return value


# ---------------------------------------------------------------- texts

NO_NUL: dict[str, Any] = {"pattern": "^[^\\x00]*$"}  # for readers of the schema; Draft checks it

Id = Annotated[str, Field(max_length=200)]  # not only UUIDs: an unknown parent is a 404, whatever it looks like
Name = Annotated[str, Field(max_length=sound.LONGEST_NAME, json_schema_extra=NO_NUL)]
Prose = Annotated[str, Field(max_length=sound.LONGEST_PROSE, json_schema_extra=NO_NUL)]
Message = Annotated[str, Field(min_length=1, max_length=20_000, json_schema_extra=NO_NUL)]  # of people, in Markdown
Address = Annotated[str, Field(max_length=2_000, json_schema_extra=NO_NUL)]
Secret = Annotated[str, Field(max_length=20_000, json_schema_extra=NO_NUL)]


# ---------------------------------------------------------------- times


def _aware(value: Any) -> Any:
    """Accept `2026-11-21 19:51:52.58+00:00`, ISO 8601, and naive times (which mean UTC)."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if not isinstance(value, datetime):
        raise ValueError("not a time in ISO 8601")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("in UTC this is outside the years 1 to 9999") from error


def render_time(value: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds: the same instant reads the same everywhere."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


Timestamp = Annotated[
    datetime,
    BeforeValidator(_aware),
    AfterValidator(_in_utc),
    PlainSerializer(render_time, return_type=str, when_used="json"),
]


# ---------------------------------------------------------------- bytes and JSON


def _decoded(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except ValueError as error:  # binascii.Error is one; characters beyond ASCII are a plain ValueError
            raise ValueError("not base64 (standard alphabet, padded, no line breaks)") from error
    return value


class Pieces(ABC):
    """Bytes that are not in memory: they come in pieces, from the start at each iteration.

    ValueError on the way when they turn out not to be what they should be.
    """

    @abstractmethod
    def __iter__(self) -> Iterator[bytes]: ...


def _encoded(value: bytes | Pieces) -> str:
    return base64.b64encode(value if isinstance(value, bytes) else b"".join(value)).decode("ascii")


BASE64 = {"type": "string", "format": "byte", "contentEncoding": "base64"}
Base64Bytes = Annotated[
    bytes,
    BeforeValidator(_decoded),
    PlainSerializer(_encoded, return_type=str, when_used="json"),
    WithJsonSchema(BASE64),
]

# As above, for what may be too large to be held in memory.
Content = Annotated[
    bytes | InstanceOf[Pieces],
    BeforeValidator(_decoded),
    PlainSerializer(_encoded, return_type=str, when_used="json"),
    WithJsonSchema(BASE64),
]


def _object(value: Any) -> Any:
    """R writes an empty list as `[]` where an object is meant."""
    return {} if value == [] or value is None else value


JsonObject = Annotated[dict[str, Any], BeforeValidator(_object)]


def _r_metadata(value: Any) -> Any:
    return {} if value == [] else value


AnyJson = Annotated[Any, BeforeValidator(_r_metadata)]


# In drafts, where the schema shall say all that is taken.
GivenObject = Annotated[
    JsonObject,
    WithJsonSchema(
        {"anyOf": [{"type": "object"}, {"type": "array", "maxItems": 0}, {"type": "null"}]},
    ),
]


def _off(value: Any) -> Any:
    return False if value is None else value


Truth = Annotated[bool, Strict()]  # "yes" and 1 are none
Flag = Annotated[  # null is absent, and absent is off
    bool,
    Strict(),
    BeforeValidator(_off),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "null"}]}),
]


# ---------------------------------------------------------------- pages

Item = TypeVar("Item")


class Page(Wire, Generic[Item], source="ours"):
    """A part of a list that can grow; `next` is the cursor of the following part, None on the last one. Ours."""

    results: list[Item]
    next: str | None = None
