"""Family sites: the media library, which is Fig1's assets as people with an account see and fill them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gofigr_jupyter.schema.base import Draft, Id, Name, Timestamp, Wire
from gofigr_jupyter.schema.fig1 import SignedAddress, UploadOrder

Order = Literal["newest", "name"]


class Site(Wire, source="ours"):
    """What one web site keeps in a workspace; its files lie below `cdn_url`. Ours."""

    api_id: str
    workspace: str
    name: str
    cdn_url: str
    files: int
    size_bytes: int
    created_on: Timestamp


class SiteDraft(Draft, source="ours"):
    """Body of `POST site/`: the site of this name in a workspace, made where there is none. Ours."""

    workspace: Id | None = None
    name: Name | None = None


class SiteFile(Wire, source="ours"):
    """A file of a site, and what shows it elsewhere: its address, a piece of Markdown, a piece of HTML. Ours."""

    api_id: str
    site: str
    key: str
    name: str
    folder: str
    content_type: str
    size_bytes: int
    created_on: Timestamp
    cdn_url: SignedAddress
    markdown: str
    html: str


class SiteUploadOrder(UploadOrder, source="ours"):
    """Body of `POST site/{id}/upload/`: as Fig1's, and perhaps the size, so that too much is refused at once. Ours."""

    size_bytes: int | None = Field(default=None, ge=0, le=1 << 53)


class SiteKey(Wire, source="ours"):
    """A key with which programs put files on a site; `ending` are its last letters. Ours."""

    api_id: str
    ending: str
    created_on: Timestamp
    last_used: Timestamp | None = None


class SiteKeyMade(SiteKey, source="ours"):
    """Answer 201 of `POST site/{id}/key/`: a new key with its text, which is told this once. Ours."""

    key: str = Field(repr=False)
