"""The one shape that most families share: a collection of objects with an id. Models in and out, no dicts.

Wherever an object of the tree is named, its id will do, or the object itself.
"""

from __future__ import annotations

import builtins
from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConfigurationError, ConnectionFailed
from gofigr_jupyter.schema.base import Wire
from gofigr_jupyter.schema.figures import Thumbnail
from gofigr_jupyter.schema.sharing import LinkSharing, UserSharing

API = "/api/v1.4.1"
_EMPTY_PAGES = 100  # in a row; a server that has nothing to say must stop saying it
Shape = TypeVar("Shape")
Model = TypeVar("Model", bound=Wire)
Draft = TypeVar("Draft", bound=BaseModel)


class HasId(Protocol):
    """Any object of the tree."""

    @property
    def api_id(self) -> str | None:
        """Its id."""


Ident = str | HasId


def id_of(what: Ident) -> str:
    """The id of an object, or the id itself. Raises ConfigurationError when there is none."""
    found = what if isinstance(what, str) else what.api_id
    if not found:
        raise ConfigurationError("An id is needed here, and there is none")
    return found


def maybe_id(what: Ident | None) -> str | None:
    """As `id_of`, where nothing may be named."""
    return None if what is None else id_of(what)


def step(text: str) -> str:
    """One step of a path: nothing in an id or a name can lead to another place."""
    return quote(text, safe="")


def read_as(shape: type[Shape], answer: Any, transport: Transport | None = None) -> Shape:
    """The answer as a shape of the contract, tied to its connection; raises ConnectionFailed when it is none."""
    try:
        adapter: TypeAdapter[Shape] = _adapter(shape)  # type: ignore[arg-type]  # types are hashable
        found = adapter.validate_python(answer, context=transport)
    except (ValidationError, RecursionError) as error:
        raise ConnectionFailed(f"The server's answer is not of the contract: {_first(error)}") from error
    return found


def drafted(shape: type[Draft], draft: Draft | None, **fields: Any) -> Draft:
    """What is to be written: a draft, with the fields that are named beside it.

    Raises ConfigurationError, the field named, for what no server would take.
    """
    named = {name: value for name, value in fields.items() if value is not None}
    if draft is not None and not named:
        return draft
    given = {} if draft is None else {name: getattr(draft, name) for name in draft.model_fields_set}
    try:
        return shape.model_validate(given | named)
    except ValidationError as error:
        raise ConfigurationError(_first(error)) from error


def _first(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "it is nested too deeply"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"


@cache
def _adapter(shape: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter[Any](shape)  # type: ignore[arg-type]  # types are hashable


def items(transport: Transport, path: str, model: type[Model], params: Mapping[str, str | None]) -> Iterator[Model]:
    """All objects of a list, one page fetched when the one before is used up; bare arrays are one page."""
    asked = {name: value for name, value in params.items() if value is not None}
    seen: set[str] = set()
    empty = 0
    while True:
        answer = transport.request("GET", path, params=asked)
        is_page = isinstance(answer, dict)
        found = read_as(builtins.list[Any], answer.get("results") if is_page else answer)
        for item in found:
            yield read_as(model, item, transport)
        cursor = answer.get("next") if is_page else None
        if cursor is None:
            return
        empty = 0 if found else empty + 1
        if not isinstance(cursor, str) or cursor in seen or empty > _EMPTY_PAGES:
            raise ConnectionFailed(f"The server's list {path} leads in a circle")
        seen.add(cursor)
        asked["cursor"] = cursor


class Collection(Generic[Model, Draft]):
    """A collection `<name>/` of the API; every method raises errors of the APIError tree."""

    def __init__(self, transport: Transport, name: str, model: type[Model]) -> None:
        self.transport = transport
        self.path = f"{API}/{name}/"
        self.model = model

    def iter(self) -> Iterator[Model]:
        """All that the caller can see, in the light form, fetched as it is used."""
        return items(self.transport, self.path, self.model, {})

    def list(self) -> list[Model]:
        """All that the caller can see, in the light form."""
        return [*self.iter()]

    def create(self, draft: Draft) -> Model:
        """Make one."""
        return self._read(self.transport.request("POST", self.path, body=self._body(draft)))

    def delete(self, api_id: Ident) -> None:
        """Delete one, and all below it."""
        self.transport.request("DELETE", self.at(api_id))

    def at(self, api_id: Ident) -> str:
        """The path of one object."""
        return f"{self.path}{step(id_of(api_id))}/"

    def _body(self, draft: Draft) -> dict[str, Any]:
        return to_wire(draft)

    def _read(self, answer: Any) -> Model:
        return read_as(self.model, answer, self.transport)


class Resource(Collection[Model, Draft]):
    """A collection whose objects can be read one by one, and changed."""

    def get(self, api_id: Ident) -> Model:
        """One object, in the full form."""
        return self._read(self.transport.request("GET", self.at(api_id)))

    def update(self, api_id: Ident, draft: Draft, *, silent: bool = False) -> Model:
        """Write the draft by PUT: what it holds is set, what it lacks stays, as in `change`."""
        return self._write("PUT", api_id, self._body(draft), silent=silent)

    def change(self, api_id: Ident, draft: Draft, *, silent: bool = False) -> Model:
        """Set what the draft holds, leave the rest; `silent` keeps it out of the activity log."""
        return self._write("PATCH", api_id, self._body(draft), silent=silent)

    def _write(self, method: str, api_id: Ident, body: dict[str, Any], *, silent: bool) -> Model:
        params = {"silent": "true"} if silent else None
        return self._read(self.transport.request(method, self.at(api_id), body=body, params=params))


class Shareable(Resource[Model, Draft]):
    """A collection whose objects have a picture, and can be opened one by one to others."""

    def thumbnail(self, api_id: Ident, size: int = 256) -> bytes | None:
        """A picture that fits into size x size pixels, if there is one."""
        answer = self.transport.request("GET", f"{self.at(api_id)}thumbnail/{size:d}")
        return read_as(Thumbnail, answer).thumbnail

    def shared_with(self, api_id: Ident) -> builtins.list[str]:
        """The names of those who were given it to read."""
        answer = self.transport.request("GET", f"{self.at(api_id)}share/user/")
        return [one.username for one in read_as(builtins.list[UserSharing], answer) if one.sharing_enabled]

    def share(self, api_id: Ident, username: str) -> None:
        """Let somebody read it, and all below it."""
        self._share(api_id, username, enabled=True)

    def unshare(self, api_id: Ident, username: str) -> None:
        """Take that back; harmless where there was nothing to take."""
        self._share(api_id, username, enabled=False)

    def link_sharing(self, api_id: Ident, enabled: bool | None = None) -> bool:
        """Whether everybody who has its address can read it; `enabled` opens or closes it first."""
        path = f"{self.at(api_id)}share/link/"
        if enabled is None:
            answer = self.transport.request("GET", path)
        else:
            answer = self.transport.request("POST", path, body={"enabled": enabled}, repeatable=True)
        return read_as(LinkSharing, answer).enabled

    def _share(self, api_id: Ident, username: str, *, enabled: bool) -> None:
        body = drafted(UserSharing, None, username=username, sharing_enabled=enabled)
        self.transport.request("POST", f"{self.at(api_id)}share/user/", body=to_wire(body), repeatable=True)


def to_wire(draft: BaseModel) -> dict[str, Any]:
    """The JSON object for a request: absent fields stay absent, as the official client does it."""
    return draft.model_dump(mode="json", exclude_none=True, by_alias=True)
