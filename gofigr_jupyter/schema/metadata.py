"""Family metadata: a mailbox by which a page in a browser tells a kernel what it cannot know, such as its notebook."""

from __future__ import annotations

from pydantic import Field

from gofigr_jupyter.schema.base import AnyJson, Draft, Timestamp, Wire


class MetadataProxy(Wire, source="seen"):
    """A mailbox; `updated` is None until something was put in. Only `initiator` can read it. GoFigr's (seen)."""

    api_id: str
    initiator: str
    token: str | None = Field(default=None, repr=False)
    created: Timestamp
    expiry: Timestamp
    updated: Timestamp | None = None
    metadata: AnyJson = None


class MetadataProxyDraft(Draft, source="seen"):
    """Body of `POST metadata/`; an `expiry` that is missing or too far is brought nearer. GoFigr's (seen)."""

    expiry: Timestamp | None = None
    metadata: AnyJson = None


class MetadataMessage(Draft, source="seen"):
    """Body of `POST metadata/{token}`: what is put in, in place of what was there. GoFigr's (seen)."""

    metadata: AnyJson = None
