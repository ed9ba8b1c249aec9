"""Family assets: files that figures are made from, and their revisions; a file that is known is not sent again."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from blake3 import blake3

from gofigr_jupyter.client.bodies import Progress
from gofigr_jupyter.client.data import DataObject
from gofigr_jupyter.client.live import Shown, fetched
from gofigr_jupyter.client.pieces import Piece, carried, drafts, file
from gofigr_jupyter.client.resource import Ident, Shareable, drafted, id_of, maybe_id, read_as, to_wire
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.schema import assets as wire
from gofigr_jupyter.schema.assets import AssetDraft, AssetRevisionDraft, FindByHash, FindByName, Unlink
from gofigr_jupyter.schema.base import Draft
from gofigr_jupyter.schema.figures import Link

_PIECE = 1 << 20


class AssetRevision(Shown, wire.AssetRevision):
    """One state of an asset; `data` and `figure_revisions` (who used it) are fetched when they are asked for."""

    family: ClassVar[str] = "asset_revision"
    on_demand: ClassVar[tuple[str, ...]] = ("data", "figure_revisions")
    draft: ClassVar[type[Draft]] = AssetRevisionDraft

    api_id: str
    data: list[DataObject] = fetched()  # type: ignore[assignment]  # never None here: fetched instead
    figure_revisions: list[Link] = fetched()


class Asset(Shown, wire.Asset):
    """A file in all its states, oldest first; `revisions` are fetched when they are asked for."""

    family: ClassVar[str] = "asset"
    on_demand: ClassVar[tuple[str, ...]] = ("revisions",)
    draft: ClassVar[type[Draft]] = AssetDraft

    api_id: str
    revisions: list[AssetRevision] = fetched()  # type: ignore[assignment]  # as above


class Assets(Shareable[Asset, AssetDraft]):
    """Files that figures are made from."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "asset", Asset)

    def create(
        self,
        draft: AssetDraft | None = None,
        *,
        name: str | None = None,
        workspace: Ident | None = None,
        analysis: Ident | None = None,
        description: str | None = None,
    ) -> Asset:
        """Make one in a workspace; with an `analysis` it is found for that one alone."""
        places = {"workspace": maybe_id(workspace), "analysis": maybe_id(analysis)}
        return super().create(drafted(AssetDraft, draft, name=name, description=description, **places))

    def change(
        self,
        api_id: Ident,
        draft: AssetDraft | None = None,
        *,
        name: str | None = None,
        workspace: Ident | None = None,
        analysis: Ident | None = None,
        description: str | None = None,
        silent: bool = False,
    ) -> Asset:
        """Set what is named, leave the rest; another `workspace` moves it. `silent` keeps it out of the log."""
        places = {"workspace": maybe_id(workspace), "analysis": maybe_id(analysis)}
        chosen = drafted(AssetDraft, draft, name=name, description=description, **places)
        return super().change(api_id, chosen, silent=silent)

    def find_by_name(self, name: str, analysis: Ident | None = None) -> builtins.list[Asset]:
        """All of exactly this name, in all workspaces of the caller; with `analysis` only those for it alone."""
        body = to_wire(drafted(FindByName, None, name=name, analysis=maybe_id(analysis)))
        answer = self.transport.request("POST", f"{self.path}find_by_name/", body=body, repeatable=True)
        return read_as(builtins.list[Asset], answer, self.transport)

    def sync(
        self,
        path: str | Path,
        workspace: Ident,
        *,
        analysis: Ident | None = None,
        name: str | None = None,
        progress: Progress | None = None,
    ) -> AssetRevision:
        """The revision that holds this file: the one that is there, or a new one.

        The file is sent only when nobody has sent its content before; `name` is the file's own if not given. Raises
        OSError when it cannot be read.
        """
        revisions = AssetRevisions(self.transport)
        known = revisions.find_by_hash(hash_of(path), analysis)
        if known:
            return known[0]
        label, place = name or Path(path).name, id_of(workspace)
        same = [one for one in self.find_by_name(label, analysis) if one.workspace == place]
        asset = same[0] if same else self.create(name=label, workspace=place, analysis=analysis)
        return revisions.create(asset=asset, data=[file(path, name=label)], progress=progress)


class AssetRevisions(Shareable[AssetRevision, AssetRevisionDraft]):
    """States of assets."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "asset_revision", AssetRevision)

    def create(
        self,
        draft: AssetRevisionDraft | None = None,
        *,
        asset: Ident | None = None,
        data: Iterable[Piece] | None = None,
        metadata: Any = None,
        progress: Progress | None = None,
    ) -> AssetRevision:
        """Add a state to an asset; `data` are drafts or paths of files, `progress` is told the bytes sent."""
        pieces = None if data is None else drafts(data)
        chosen = drafted(AssetRevisionDraft, draft, asset=maybe_id(asset), data=pieces, metadata=metadata)
        return self._read(self.transport.request("POST", self.path, body=carried(chosen), progress=progress))

    def change(
        self,
        api_id: Ident,
        draft: AssetRevisionDraft | None = None,
        *,
        metadata: Any = None,
        data: Iterable[Piece] | None = None,
        silent: bool = False,
    ) -> AssetRevision:
        """Set what is named, leave the rest; `data` replace all that was there, but empty `data` nothing."""
        pieces = None if data is None else drafts(data)
        return super().change(api_id, drafted(AssetRevisionDraft, draft, data=pieces, metadata=metadata), silent=silent)

    def _body(self, draft: AssetRevisionDraft) -> dict[str, Any]:
        return to_wire(draft) if draft.data is None else carried(draft)

    def find_by_hash(self, digest: str, analysis: Ident | None = None) -> builtins.list[AssetRevision]:
        """All that hold a file of this BLAKE3-256 (hex), in all workspaces of the caller, oldest first.

        With `analysis` only those of assets for it alone.
        """
        body = to_wire(drafted(FindByHash, None, digest=digest, analysis=maybe_id(analysis)))
        answer = self.transport.request("POST", f"{self.path}find_by_hash/", body=body, repeatable=True)
        return read_as(builtins.list[AssetRevision], answer, self.transport)

    def unlink(self, api_id: Ident, figure_revision: Ident) -> AssetRevision:
        """Take back that a figure revision was made from it. Raises NotFound when they are not linked."""
        body = to_wire(drafted(Unlink, None, figure_revision=id_of(figure_revision)))
        return self._read(self.transport.request("POST", f"{self.at(api_id)}unlink/", body=body))


def hash_of(path: str | Path) -> str:
    """The BLAKE3-256 of a file in hex, by which the contract knows it; reads it in pieces."""
    digest = blake3()
    with Path(path).open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
