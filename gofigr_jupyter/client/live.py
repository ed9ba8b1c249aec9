"""Objects of the contract that know where they came from, so that one can go on from them.

In: an answer and its connection (pydantic's validation context). Out: the same model; what its light form leaves out is
fetched when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import PrivateAttr, model_validator

from gofigr_jupyter.client.resource import Resource, Shareable, drafted
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import ConfigurationError, ConnectionFailed
from gofigr_jupyter.schema.base import Draft, Wire


def fetched() -> Any:
    """The default of a field that light forms leave out: none, until it is asked for."""
    return None


class Live(Wire):
    """Base of what a client hands out, which has an id; `on_demand` names the fields that only the full form holds."""

    family: ClassVar[str]  # its collection in the API
    on_demand: ClassVar[tuple[str, ...]] = ()
    _transport: Transport | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: one for name, one in value.items() if one is not None or name not in cls.on_demand}

    def model_post_init(self, context: Any) -> None:
        """Keep the connection, and leave open what was left out."""
        self._transport = context
        for name in self.on_demand:
            if name not in self.__pydantic_fields_set__:
                del self.__dict__[name]
        self.__pydantic_fields_set__.clear()  # from now on: what somebody has assigned

    if not TYPE_CHECKING:  # or every misspelt name would pass for a field

        def __getattr__(self, name: str) -> Any:
            if name in type(self).on_demand:
                self._fill()
                return self.__dict__[name]
            return super().__getattr__(name)

    def refresh(self) -> Self:
        """Read it anew, in its full form; what was assigned and not saved is lost."""
        full = self._full()
        self.__dict__.clear()
        self.__dict__.update(full.__dict__)
        self.__pydantic_fields_set__.clear()
        return self

    def _fill(self) -> None:
        full = self._full()
        for name in self.on_demand:
            if name not in full.__dict__:
                raise ConnectionFailed(f"The server's answer is not of the contract: {name} is missing")
            self.__dict__.setdefault(name, full.__dict__[name])

    def _full(self) -> Self:
        return self._family.get(self._id)

    @property
    def _id(self) -> str:
        return str(self.__dict__["api_id"])

    @property
    def _family(self) -> Resource[Self, Draft]:
        return Resource(self._connection, self.family, type(self))

    @property
    def _connection(self) -> Transport:
        if self._transport is None:
            raise ConfigurationError("This object has lost its connection; get it anew from a client")
        return self._transport

    def __getstate__(self) -> dict[Any, Any]:
        """Copies in other processes have no connection."""
        return {**super().__getstate__(), "__pydantic_private__": {"_transport": None}}


class Stored(Live):
    """An object that can be changed: assign to its fields, then `save`."""

    draft: ClassVar[type[Draft]]  # what of it can be written

    def save(self, *, silent: bool = False) -> Self:
        """Write what was assigned, and the metadata, by PATCH; `silent` keeps it out of the activity log."""
        wanted = {*self.__pydantic_fields_set__, "metadata"} & {*self.__dict__} & {*self.draft.model_fields}
        body = drafted(self.draft, None, **self.model_dump(include=wanted))
        answer = self._family.change(self._id, body, silent=silent)
        self.__dict__.update(answer.__dict__)
        self.__pydantic_fields_set__.clear()
        return self

    def delete(self) -> None:
        """Delete it, and all below it."""
        self._family.delete(self._id)


class Shown(Stored):
    """An object that has a picture, and can be opened to others."""

    def thumbnail(self, size: int = 256) -> bytes | None:
        """A picture that fits into size x size pixels, if there is one."""
        return self._shared.thumbnail(self._id, size)

    def shared_with(self) -> list[str]:
        """The names of those who were given it to read."""
        return self._shared.shared_with(self._id)

    def share(self, username: str) -> None:
        """Let somebody read it, and all below it."""
        self._shared.share(self._id, username)

    def unshare(self, username: str) -> None:
        """Take that back; harmless where there was nothing to take."""
        self._shared.unshare(self._id, username)

    def link_sharing(self, enabled: bool | None = None) -> bool:
        """Whether everybody who has its address can read it; `enabled` opens or closes it first."""
        return self._shared.link_sharing(self._id, enabled)

    @property
    def _shared(self) -> Shareable[Self, Draft]:
        return Shareable(self._connection, self.family, type(self))
