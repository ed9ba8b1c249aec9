"""Family assets: files that figures are made from, their revisions, and how they are found."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gofigr_jupyter.schema.authorship import Attributed, AttributedDraft, Authored, Parent
from gofigr_jupyter.schema.base import AnyJson, Draft, Id, Name, Prose
from gofigr_jupyter.schema.figures import MAX_DATA, DataDraft, DataObject, Link


class AssetRevision(Authored, Attributed, source="seen"):
    """One state of an asset; `data` and `figure_revisions` (who used it) only in the full form. GoFigr's (seen)."""

    api_id: str | None = None
    asset: str | None = None
    metadata: AnyJson = None
    revision_index: int = 0
    size_bytes: int = 0
    is_processing: bool = False
    data: list[DataObject] | None = None
    figure_revisions: list[Link] | None = None


class AssetRevisionDraft(AttributedDraft, source="seen"):
    """Body of `POST asset_revision/` and, in part, of PUT and PATCH.

    Clients echo `figure_revisions`; it is never read. GoFigr's (seen); `client_id` as in RevisionDraft is ours.
    """

    api_id: Id | None = None
    asset: Id | None = None
    metadata: AnyJson = None
    data: list[DataDraft] | None = Field(default=None, max_length=MAX_DATA)
    figure_revisions: AnyJson = None
    client_id: Id | None = None


class Asset(Parent, Attributed, source="seen"):
    """A file in all its states (`revisions` only in the full form).

    With an `analysis` it is found for that one alone. GoFigr's (seen).
    """

    api_id: str | None = None
    name: str
    description: str | None = None
    size_bytes: int = 0
    workspace: str | None = None
    analysis: str | None = None
    revisions: list[AssetRevision] | None = None


class AssetDraft(AttributedDraft, source="seen"):
    """Body of `POST asset/`; in PUT and PATCH another `workspace` is a move.

    GoFigr's (seen); `client_id` as in FigureDraft is ours.
    """

    name: Name | None = None
    description: Prose | None = None
    workspace: Id | None = None
    analysis: Id | None = None
    client_id: Id | None = None


class FindByName(Draft, source="seen"):
    """Body of `POST asset/find_by_name/`: the exact name; with `analysis` only among that one's. GoFigr's (seen)."""

    name: Name
    analysis: Id | None = None


class FindByHash(Draft, source="seen"):
    """Body of `POST asset_revision/find_by_hash/`: the BLAKE3-256 of a file in hex. GoFigr's (seen)."""

    digest: Name
    hash_type: Literal["blake3"] = "blake3"
    analysis: Id | None = None


class Unlink(Draft, source="ours"):
    """Body of `POST asset_revision/{id}/unlink/`. Ours."""

    figure_revision: Id
