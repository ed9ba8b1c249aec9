"""Family figures: analyses, figures, revisions, and the data objects that a revision is made of."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gofigr_jupyter.schema.base import AnyJson, Base64Bytes, JsonObject, Timestamp, Wire

DataType = Literal["dataframe", "code", "image", "text", "file"]


class DataObject(Wire):
    """One piece of a revision: bytes with a type. `data` is None in lists. GoFigr's (seen).

    `hash` is BLAKE3-256 of the raw bytes in hex, `size_bytes` their number.
    """

    api_id: str | None = None
    name: str | None = None
    type: DataType
    hash: str | None = None
    size_bytes: int = 0
    is_clean_room: bool = False
    metadata: JsonObject = Field(default_factory=dict)
    data: Base64Bytes | None = None


class DataDraft(Wire):
    """One data object on its way in; with a known `api_id` it is changed in place. GoFigr's (seen)."""

    api_id: str | None = None
    name: str | None = None
    type: DataType
    is_clean_room: bool = False
    metadata: JsonObject = Field(default_factory=dict)
    data: Base64Bytes | None = None


class Link(Wire):
    """Figure revision <-> asset revision; `use_type` is `direct` or `indirect`. GoFigr's (seen)."""

    figure_revision: str | None = None
    asset_revision: str
    use_type: str = "direct"


class Revision(Wire):
    """One published state of a figure; `data` and `assets` only in the full form. GoFigr's (seen).

    `revision_index` counts from 0, oldest first.
    """

    api_id: str | None = None
    figure: str | None = None
    metadata: AnyJson = None
    revision_index: int = 0
    size_bytes: int = 0
    is_processing: bool = False
    is_clean_room: bool = False
    data: list[DataObject] | None = None
    assets: list[Link] | None = None
    short_id: str | None = None
    client_id: str | None = None
    figure_metadata: dict[str, Any] | None = None
    created_by: str | None = None
    created_on: Timestamp | None = None
    updated_by: str | None = None
    updated_on: Timestamp | None = None


class RevisionDraft(Wire):
    """Body of `POST revision/` and, in part, of PUT and PATCH. GoFigr's (seen).

    `client_id` is a UUID minted by the client; the server takes it as the revision's id and answers 409 to a repeat.
    """

    figure: str | None = None
    metadata: AnyJson = None
    data: list[DataDraft] | None = None
    assets: list[Link] | None = None
    is_clean_room: bool | None = None
    client_id: str | None = None
    short_id: str | None = None


class AppendData(Wire):
    """Body of `POST revision/{id}/append_data/`. GoFigr's (seen)."""

    data: list[DataDraft]


class Figure(Wire):
    """A figure: a name and its revisions (`revisions` only in the full form). GoFigr's (seen)."""

    api_id: str | None = None
    name: str
    description: str | None = None
    size_bytes: int = 0
    analysis: str | None = None
    revisions: list[Revision] | None = None
    created_by: str | None = None
    created_on: Timestamp | None = None
    updated_by: str | None = None
    updated_on: Timestamp | None = None
    child_updated_by: str | None = None
    child_updated_on: Timestamp | None = None


class FigureDraft(Wire):
    """Body of `POST figure/`. GoFigr's (seen); `client_id` (an id of the client's choice, 409 on repeat) is ours."""

    name: str | None = None
    description: str | None = None
    analysis: str | None = None
    client_id: str | None = None


class Analysis(Wire):
    """An analysis: a folder of figures inside a workspace (`figures` only in the full form). GoFigr's (seen)."""

    api_id: str | None = None
    name: str
    description: str | None = None
    size_bytes: int = 0
    workspace: str | None = None
    figures: list[Figure] | None = None
    created_by: str | None = None
    created_on: Timestamp | None = None
    updated_by: str | None = None
    updated_on: Timestamp | None = None
    child_updated_by: str | None = None
    child_updated_on: Timestamp | None = None


class AnalysisDraft(Wire):
    """Body of `POST analysis/`. GoFigr's (seen); `client_id` as in FigureDraft."""

    name: str | None = None
    description: str | None = None
    workspace: str | None = None
    client_id: str | None = None


class Thumbnail(Wire):
    """Answer of `.../thumbnail/{size}`: an image that fits into size x size pixels, or null. GoFigr's (seen)."""

    thumbnail: Base64Bytes | None = None
