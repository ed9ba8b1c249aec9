"""Family fig1: files on a CDN, as Fig1's assets API has them. What it says is always wrapped in an `Envelope`."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from gofigr_jupyter.schema.base import NO_NUL, Draft, Id, Name, Timestamp, Wire

NOT_SUPPORTED = "File type not supported"  # 400
EXPIRED = "Upload URL has expired. Request a new one."  # 400

Content = TypeVar("Content")
SignedAddress = Annotated[str, Field(max_length=8_000, json_schema_extra=NO_NUL)]  # tokens in signatures are long


def too_large(megabytes: int) -> str:
    """The text of a 413."""
    return f"File exceeds maximum size of {megabytes}MB"


class Envelope(Wire, Generic[Content], source="seen"):
    """What each answer is wrapped in: `data` of a success, or the `error` in words. Fig1's (seen)."""

    success: bool
    data: Content | None = None
    error: str | None = None


class UploadOrder(Draft, source="seen"):
    """Body of `POST /api/sdk/assets/upload`: asks where a file may be sent to. Fig1's (seen)."""

    filename: Name
    content_type: Name = Field(validation_alias="contentType", serialization_alias="contentType")
    folder: Name | None = None


class UploadTicket(Wire, source="seen"):
    """Where to PUT the bytes, within `expires_in` seconds, and where they can be seen afterwards. Fig1's (seen)."""

    upload_url: SignedAddress = Field(validation_alias="uploadUrl", serialization_alias="uploadUrl")
    cdn_url: SignedAddress = Field(validation_alias="cdnUrl", serialization_alias="cdnUrl")
    key: Name
    expires_in: int = Field(default=3600, validation_alias="expiresIn", serialization_alias="expiresIn")


class Folder(Wire, source="seen"):
    """A folder of assets; `path` begins with a slash. Fig1's (seen)."""

    id: Id = Field(validation_alias="_id", serialization_alias="_id")
    name: Name
    path: Name
    created_at: Timestamp | None = Field(default=None, validation_alias="createdAt", serialization_alias="createdAt")


class FolderDraft(Draft, source="seen"):
    """Body of `POST /api/sdk/assets/folders`: a folder, in another where `parent_id` says so. Fig1's (seen)."""

    name: Name
    parent_id: Id | None = Field(default=None, validation_alias="parentId", serialization_alias="parentId")
