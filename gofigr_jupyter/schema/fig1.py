"""Family fig1: files on a CDN, as Fig1's assets API has them. What it says is always wrapped in an envelope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, PlainSerializer

from gofigr_jupyter.media import MEGABYTES, Kind
from gofigr_jupyter.schema.base import NO_NUL, Draft, Id, Name, Timestamp, Wire

KEY_HEADER = "X-Fig1-API-Key"
UPLOAD_SECONDS = 3600  # that a signed address is good for
NOT_SUPPORTED = "File type not supported"  # 400
OFFSET_HEADER = "Upload-Offset"  # how much of a file is there: where a PUT broke, a PATCH may go on
PARTIAL_TYPE = "application/partial-upload"  # the content type of such a PATCH
EXPIRED = "Upload URL has expired. Request a new one."  # 400

Content = TypeVar("Content")
SignedAddress = Annotated[str, Field(max_length=8_000, json_schema_extra=NO_NUL)]  # tokens in signatures are long


@dataclass(frozen=True)
class Limits:
    """How many bytes a file may have, by its kind."""

    image: int = MEGABYTES["image"] << 20
    document: int = MEGABYTES["document"] << 20
    media: int = MEGABYTES["media"] << 20

    def of(self, kind: Kind) -> int:
        """The limit of one kind."""
        limit: int = getattr(self, kind)
        return limit


def too_large(limit: int) -> str:
    """The text of a 413; the limit in bytes."""
    return f"File exceeds maximum size of {limit >> 20}MB"


def _with_z(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[Timestamp, PlainSerializer(_with_z, return_type=str, when_used="json")]


class Envelope(Wire, Generic[Content], source="seen"):
    """What each answer is wrapped in, for who reads it: `data` of a success, or the `error` in words. Fig1's (seen)."""

    success: bool
    data: Content | None = None
    error: str | None = None


class Success(Wire, Generic[Content], source="seen"):
    """The same for who answers: what was asked for. Fig1's (seen)."""

    success: Literal[True] = True
    data: Content


class Failure(Wire, source="seen"):
    """And a refusal; `error` is for people. Fig1's (seen)."""

    success: Literal[False] = False
    error: str


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
    expires_in: int = Field(default=UPLOAD_SECONDS, validation_alias="expiresIn", serialization_alias="expiresIn")


class Folder(Wire, source="seen"):
    """A folder of assets; `path` begins with a slash. Fig1's (seen)."""

    id: Id = Field(validation_alias="_id", serialization_alias="_id")
    name: Name
    path: Name
    created_at: Moment | None = Field(default=None, validation_alias="createdAt", serialization_alias="createdAt")


class FolderDraft(Draft, source="seen"):
    """Body of `POST /api/sdk/assets/folders`: a folder, in another where `parent_id` says so. Fig1's (seen)."""

    name: Name
    parent_id: Id | None = Field(default=None, validation_alias="parentId", serialization_alias="parentId")


class Stored(Wire, source="ours"):
    """Answer to a PUT that kept a file: where it is from now on. Ours; Fig1 answers as its object store does."""

    cdn_url: SignedAddress = Field(validation_alias="cdnUrl", serialization_alias="cdnUrl")
    key: Name
