"""Family fig1: files on the web, in the shapes of Fig1's asset API; and how large a file of each kind may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, PlainSerializer

from gofigr_jupyter.schema.base import Draft, Id, Name, Timestamp, Wire

KEY_HEADER = "X-Fig1-API-Key"
UPLOAD_SECONDS = 3600
Group = Literal["images", "documents", "media"]


@dataclass(frozen=True)
class Limits:
    """How many bytes a file may have, by group."""

    images: int = 10 << 20
    documents: int = 50 << 20
    media: int = 500 << 20

    def of(self, group: Group) -> int:
        """The limit of one group."""
        limit: int = getattr(self, group)
        return limit


def too_large(limit: int) -> str:
    """What the sender of a file above the limit is told."""
    return f"File exceeds maximum size of {limit >> 20}MB"


def _with_z(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[Timestamp, PlainSerializer(_with_z, return_type=str, when_used="json")]


class UploadDraft(Draft, source="seen"):
    """Body of `POST /api/sdk/assets/upload`. Fig1's (seen)."""

    filename: Name
    contentType: Name  # noqa: N815 - Fig1's spelling
    folder: Name | None = None


class UploadTarget(Wire, source="seen"):
    """Where to PUT a file within `expiresIn` seconds, and where it is afterwards. Fig1's (seen)."""

    uploadUrl: str  # noqa: N815 - Fig1's spelling
    cdnUrl: str  # noqa: N815
    key: str
    expiresIn: int = UPLOAD_SECONDS  # noqa: N815


class CdnFolderDraft(Draft, source="seen"):
    """Body of `POST /api/sdk/assets/folders`; `parentId` is the `_id` of the folder above. Fig1's (seen)."""

    name: Name
    parentId: Id | None = None  # noqa: N815 - Fig1's spelling


class CdnFolder(Wire, source="seen"):
    """A folder; `path` begins with a slash. Fig1's (seen)."""

    id: str = Field(alias="_id")
    name: str
    path: str
    createdAt: Moment  # noqa: N815 - Fig1's spelling


class Stored(Wire, source="ours"):
    """Answer to a PUT that kept a file: where it is from now on. Ours; Fig1 answers as its object store does."""

    cdnUrl: str  # noqa: N815 - Fig1's spelling
    key: str


class Failure(Wire, source="seen"):
    """The envelope of every refusal; `error` is for people. Fig1's (seen)."""

    success: Literal[False] = False
    error: str


Content = TypeVar("Content")


class Success(Wire, Generic[Content], source="seen"):
    """The envelope of every other answer. Fig1's (seen)."""

    success: Literal[True] = True
    data: Content
