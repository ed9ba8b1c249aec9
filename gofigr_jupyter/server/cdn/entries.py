"""Sites and files as they are told to people: with their addresses, and what shows a file elsewhere."""

from __future__ import annotations

from fastapi import Request

from gofigr_jupyter import showing
from gofigr_jupyter.schema.sites import Site, SiteFile
from gofigr_jupyter.server.cdn import names
from gofigr_jupyter.server.marking import base_of
from gofigr_jupyter.server.store.library import FileEntry, SiteEntry
from gofigr_jupyter.showing import Look

PLAIN: Look = {}


def site_shape(request: Request, one: SiteEntry) -> Site:
    """A site, with how much is there."""
    return Site(
        api_id=one.id,
        workspace=one.workspace_id,
        name=one.name,
        cdn_url=names.address(base_of(request), f"sites/{one.slug}/"),
        files=one.files,
        size_bytes=one.size_bytes,
        created_on=one.created_on,
    )


def file_shape(request: Request, one: FileEntry, look: Look = PLAIN) -> SiteFile:
    """A file; in another look, where its address, Markdown and HTML are to show it so."""
    address = names.address(base_of(request), one.key)
    words = showing.alt_of(one.name) if one.content_type.startswith("image/") else one.name
    return SiteFile(
        api_id=one.id,
        site=one.site_id,
        key=one.key,
        name=one.name,
        folder=one.folder,
        content_type=one.content_type,
        size_bytes=one.size_bytes,
        created_on=one.created_on,
        cdn_url=showing.address(address, look),
        markdown=showing.markdown(address, words, one.content_type, look),
        html=showing.html(address, words, one.content_type, look),
    )
