"""Family sites: the media library of workspaces - sites, their folders, files and keys. `Fig1` puts files there."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from typing import Any

from gofigr_jupyter.client.resource import API, Ident, drafted, id_of, items, maybe_id, read_as, step, to_wire
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.schema.fig1 import Folder, FolderDraft, UploadTicket
from gofigr_jupyter.schema.sites import Order, Site, SiteDraft, SiteFile, SiteKey, SiteKeyMade, SiteUploadOrder


class Sites:
    """What web sites keep in workspaces; every method raises errors of the APIError tree."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._path = f"{API}/site/"

    def list(self, workspace: Ident | None = None) -> builtins.list[Site]:
        """The sites of a workspace, or all."""
        named = maybe_id(workspace)
        params = None if named is None else {"workspace": named}
        return read_as(builtins.list[Site], self._transport.request("GET", self._path, params=params))

    def create(self, workspace: Ident, name: str | None = None) -> Site:
        """The site of this name (`default`) in a workspace, made where there is none."""
        body = to_wire(drafted(SiteDraft, None, workspace=id_of(workspace), name=name))
        return read_as(Site, self._transport.request("POST", self._path, body=body, repeatable=True))

    # ---------------------------------------------------------------- files

    def files(
        self, site: Ident, folder: str | None = None, *, q: str | None = None, order: Order = "newest"
    ) -> Iterator[SiteFile]:
        """The files of a site, fetched as they are used: all, or those in a folder ("" is the top).

        `q` are words of the name; with them, files in the folders below are found as well.
        """
        params = {"folder": folder, "q": q, "order": order}
        return items(self._transport, self._at(site, "file"), SiteFile, params)

    def file(self, site: Ident, file: Ident, look: Mapping[str, str | int] | None = None) -> SiteFile:
        """One file; with a `look` (w, h, fit, q, f, dpr) what shows the picture so."""
        params = {name: str(value) for name, value in (look or {}).items()}
        return read_as(SiteFile, self._transport.request("GET", self._at(site, "file", file), params=params))

    def delete_file(self, site: Ident, file: Ident) -> None:
        """Delete a file and the asset that it is kept as; its address stays taken."""
        self._transport.request("DELETE", self._at(site, "file", file))

    def ticket(
        self,
        site: Ident,
        filename: str,
        content_type: str,
        *,
        folder: str | None = None,
        size_bytes: int | None = None,
    ) -> UploadTicket:
        """Where to PUT a file to within the hour, and where it is seen afterwards."""
        fields: dict[str, Any] = {"filename": filename, "content_type": content_type, "folder": folder}
        body = to_wire(drafted(SiteUploadOrder, None, **fields, size_bytes=size_bytes))
        return read_as(UploadTicket, self._transport.request("POST", self._at(site, "upload"), body=body))

    # ---------------------------------------------------------------- folders and keys

    def folders(self, site: Ident) -> builtins.list[Folder]:
        """All folders of a site, by path."""
        return read_as(builtins.list[Folder], self._transport.request("GET", self._at(site, "folder")))

    def make_folder(self, site: Ident, name: str, parent: Ident | None = None) -> Folder:
        """A folder, perhaps in another one; the one that is there already, where there is one."""
        body = to_wire(drafted(FolderDraft, None, name=name, parent_id=maybe_id(parent)))
        return read_as(Folder, self._transport.request("POST", self._at(site, "folder"), body=body, repeatable=True))

    def keys(self, site: Ident) -> builtins.list[SiteKey]:
        """The keys with which programs put files on a site, without what is secret of them."""
        return read_as(builtins.list[SiteKey], self._transport.request("GET", self._at(site, "key")))

    def make_key(self, site: Ident) -> SiteKeyMade:
        """A new key; only this answer has its text."""
        return read_as(SiteKeyMade, self._transport.request("POST", self._at(site, "key"), body={}))

    def delete_key(self, site: Ident, key: Ident) -> None:
        """End a key, and the upload addresses that it asked for."""
        self._transport.request("DELETE", self._at(site, "key", key))

    def _at(self, site: Ident, what: str, which: Ident | None = None) -> str:
        path = f"{self._path}{step(id_of(site))}/{what}/"
        return path if which is None else f"{path}{step(id_of(which))}/"
