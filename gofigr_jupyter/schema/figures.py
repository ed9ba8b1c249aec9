"""Family figures: analyses, figures, revisions, and the data objects that a revision is made of."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gofigr_jupyter.schema.authorship import Attributed, AttributedDraft, Authored, Described, Parent
from gofigr_jupyter.schema.base import (
    AnyJson,
    Base64Bytes,
    Content,
    Draft,
    Flag,
    GivenObject,
    Id,
    JsonObject,
    Name,
    Prose,
    Truth,
    Wire,
)

DataType = Literal["dataframe", "code", "image", "text", "file"]
UseType = Literal["direct", "indirect"]
MAX_DATA = 1_000  # objects in one request; more would keep all other writers waiting for seconds
MAX_LINKS = 10_000  # of one revision


class DataObject(Wire, source="seen"):
    """One piece of a revision: bytes with a type. `data` is None in lists.

    `hash` is BLAKE3-256 of the raw bytes in hex, `size_bytes` their number. GoFigr's (seen).
    """

    api_id: str | None = None
    name: str | None = None
    type: DataType
    hash: str | None = None
    size_bytes: int = 0
    is_clean_room: bool = False
    metadata: JsonObject = Field(default_factory=dict)
    data: Base64Bytes | None = None


class TableHead(Wire, source="ours"):
    """Answer of `GET data/{id}/rows/`: the first rows of a table, or of one series in it; `is_cut` when there are more.

    A cell is a number, a text, true, false or null; times are text. Ours.
    """

    columns: list[str]
    rows: list[list[Any]]
    is_cut: bool = False


class DataDraft(Draft, source="seen"):
    """One data object on its way in; with a known `api_id` it is changed in place. GoFigr's (seen)."""

    api_id: Id | None = None
    name: Name | None = None
    type: DataType
    is_clean_room: Flag = False
    metadata: GivenObject = Field(default_factory=dict)
    data: Content | None = None


class Link(Wire, source="seen"):
    """Figure revision <-> asset revision; `use_type` is `direct` or `indirect`. GoFigr's (seen)."""

    figure_revision: str | None = None
    asset_revision: str
    use_type: UseType | str = "direct"


class LinkDraft(Draft, source="seen"):
    """A link on its way in; `figure_revision` is the revision that carries it, whatever it says. GoFigr's (seen)."""

    figure_revision: Id | None = None
    asset_revision: Id
    use_type: UseType = "direct"


class Revision(Authored, Attributed, Described, source="seen"):
    """One published state of a figure; `data` and `assets` only in the full form.

    `revision_index` counts from 0, oldest first. GoFigr's (seen).
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


class RevisionDraft(AttributedDraft, source="seen"):
    """Body of `POST revision/` and, in part, of PUT and PATCH.

    `client_id` is a UUID minted by the client; the server takes it as the revision's id and answers 409 to a repeat.
    `api_id` may repeat it. `data` is the complete list; an empty one in a change leaves what is there. GoFigr's (seen).
    """

    api_id: Id | None = None
    figure: Id | None = None
    metadata: AnyJson = None
    data: list[DataDraft] | None = Field(default=None, max_length=MAX_DATA)
    assets: list[LinkDraft] | None = Field(default=None, max_length=MAX_LINKS)
    is_clean_room: Truth | None = None
    client_id: Id | None = None
    short_id: str | None = Field(default=None, max_length=64)


class AutoAssignDraft(RevisionDraft, source="seen"):
    """Body of `POST revision/auto-assign/`: the analysis is named, the figure is found by title. GoFigr's (seen)."""

    analysis: Id | None = None


class DeriveDraft(Draft, source="seen"):
    """Body of `POST revision/{id}/derive/`: the figure that gets the new revision. GoFigr's (seen)."""

    figure: Id | None = None
    metadata: AnyJson = None


class AppendData(Draft, source="seen"):
    """Body of `POST revision/{id}/append_data/`. GoFigr's (seen)."""

    data: list[DataDraft] = Field(max_length=MAX_DATA)


class Figure(Parent, Attributed, Described, source="seen"):
    """A figure: a name and its revisions (`revisions` only in the full form). GoFigr's (seen)."""

    api_id: str | None = None
    name: str
    description: str | None = None
    size_bytes: int = 0
    analysis: str | None = None
    revisions: list[Revision] | None = None


class FigureDraft(AttributedDraft, source="seen"):
    """Body of `POST figure/`; in PUT and PATCH what is absent stays, and another `analysis` is a move.

    GoFigr's (seen); `client_id` (an id of the client's choice, 409 on repeat) is ours.
    """

    name: Name | None = None
    description: Prose | None = None
    analysis: Id | None = None
    client_id: Id | None = None


class Analysis(Parent, source="seen"):
    """An analysis: a folder of figures inside a workspace (`figures` only in the full form). GoFigr's (seen)."""

    api_id: str | None = None
    name: str
    description: str | None = None
    size_bytes: int = 0
    workspace: str | None = None
    figures: list[Figure] | None = None


class AnalysisDraft(Draft, source="seen"):
    """Body of `POST analysis/`; in PUT and PATCH another `workspace` is a move.

    GoFigr's (seen); `client_id` as in FigureDraft.
    """

    name: Name | None = None
    description: Prose | None = None
    workspace: Id | None = None
    client_id: Id | None = None


class Thumbnail(Wire, source="seen"):
    """Answer of `.../thumbnail/{size}`: an image that fits into size x size pixels, or null. GoFigr's (seen)."""

    thumbnail: Base64Bytes | None = None
