"""Family fig1: files on the web, asked for with a site's key, put to a signed address, read by who has theirs."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gofigr_jupyter.local import SITE_KEY_PREFIX
from gofigr_jupyter.schema.fig1 import (
    KEY_HEADER,
    NOT_SUPPORTED,
    OFFSET_HEADER,
    PARTIAL_TYPE,
    UPLOAD_SECONDS,
    Failure,
    Folder,
    FolderDraft,
    Stored,
    Success,
    UploadOrder,
    UploadTicket,
)
from gofigr_jupyter.server.auth import ConfigOf, StoreOf, store_of
from gofigr_jupyter.server.cdn import kinds, names, serving, signing, sites
from gofigr_jupyter.server.cdn.envelope import refusal, success
from gofigr_jupyter.server.cdn.names import BadName
from gofigr_jupyter.server.cdn.receiving import Receiver
from gofigr_jupyter.server.cdn.signing import Claim
from gofigr_jupyter.server.family import Family
from gofigr_jupyter.server.marking import base_of
from gofigr_jupyter.server.policy import SITE
from gofigr_jupyter.server.refusal import Refusal, not_found
from gofigr_jupyter.server.store import cdn, tables
from gofigr_jupyter.server.store.tables import SiteKey
from gofigr_jupyter.server.web import body_of

family = Family("fig1")
UploadBody = Annotated[UploadOrder, Depends(body_of(UploadOrder))]
FolderBody = Annotated[FolderDraft, Depends(body_of(FolderDraft))]
ANY = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
REFUSED: dict[int | str, dict[str, Any]] = {
    408: {"description": "the file stopped coming", "model": Failure},
    413: {"description": "too large", "model": Failure},
}


def key_of(request: Request, config: ConfigOf) -> SiteKey:
    """The key in the header, with its site. Refuses (401) none, several, and one that is no good."""
    store, given = store_of(request), request.headers.getlist(KEY_HEADER)
    if len(given) != 1 or not given[0].startswith(SITE_KEY_PREFIX):
        raise refusal(401, f"Send a site's key in the header {KEY_HEADER}.")
    with store.reading() as db:
        row = cdn.key_by_text(db, given[0])
    if row is None and config.embedded:
        row = sites.local_key(store, config.data_dir, given[0])
    if row is None:
        raise refusal(401, "This key is not valid (any more).")
    if cdn.needs_touch(row):
        with store.writing() as db:
            cdn.touch_key(db, row.id)
    return row


KeyOf = Annotated[SiteKey, Depends(key_of)]


# ---------------------------------------------------------------- uploads


@family.post("/api/sdk/assets/upload", SITE, answers=Success[UploadTicket], takes=UploadOrder)
def ask_for_upload(request: Request, key: KeyOf, store: StoreOf, config: ConfigOf, body: UploadBody) -> Response:
    """An address to PUT a file to within the hour, and the one that it has afterwards; no two get the same."""
    try:
        name, folders = names.file_name(body.filename), names.folders(body.folder or "")
    except BadName as error:
        raise refusal(400, f"{error}.") from error
    kind = kinds.declared(body.content_type, name)
    if kind is None:
        raise refusal(400, NOT_SUPPORTED)
    name = name if "." in name else f"{name}{kind.extensions[0]}"
    path = "".join(f"/{one}" for one in folders)
    with store.writing() as db:
        if not cdn.has_room(db, key.site_id, cdn.missing(db, key.site_id, folders)):
            raise _too_many()
        row = cdn.promise(db, key.site, f"{path}/{name}", kind.content_type, life=timedelta(seconds=UPLOAD_SECONDS))
    receiver: Receiver = request.app.state.receiver
    most = receiver.limits.of(kind.kind)
    claim = Claim(row.id, key.site_id, key.id, row.key, kind.content_type, most, int(time.time()) + UPLOAD_SECONDS)
    token = signing.sign(config.data_dir, claim)
    base = base_of(request)
    return success(UploadTicket(upload_url=f"{base}/cdn/upload/{token}", cdn_url=_address(base, row.key), key=row.key))


@family.put("/cdn/upload/{token}", SITE, answers=Success[Stored], responses=REFUSED, openapi_extra={"requestBody": ANY})
async def upload(request: Request, token: str) -> Response:
    """Put the file there, once: its bytes as the body, with the content type that was declared."""
    return await _received(request, token, goes_on=False)


@family.route("HEAD", "/cdn/upload/{token}", SITE, response_class=Response, include_in_schema=False)
async def offset(request: Request, token: str) -> Response:
    """How much has come of a file whose upload broke off, in the header `Upload-Offset`."""
    receiver: Receiver = request.app.state.receiver
    size = await receiver.size(token)
    return Response(status_code=204, headers={OFFSET_HEADER: str(size), "cache-control": "no-store"})


@family.patch(
    "/cdn/upload/{token}",
    SITE,
    answers=Success[Stored],
    responses={**REFUSED, 409: {"description": "not its next byte", "model": Failure}},
    openapi_extra={"requestBody": {"content": {PARTIAL_TYPE: ANY["content"]["*/*"]}}},
)
async def go_on(request: Request, token: str) -> Response:
    """The rest of a file whose upload broke off, from the byte that the header `Upload-Offset` names."""
    return await _received(request, token, goes_on=True)


async def _received(request: Request, token: str, *, goes_on: bool) -> Response:
    receiver: Receiver = request.app.state.receiver
    key = await receiver.receive(request, token, goes_on=goes_on)
    base = await run_in_threadpool(base_of, request)
    return success(Stored(cdn_url=_address(base, key), key=key))


# ---------------------------------------------------------------- folders


@family.get("/api/sdk/assets/folders", SITE, answers=Success[list[Folder]])
def folders(key: KeyOf, store: StoreOf) -> Response:
    """All folders of the site, by path."""
    with store.reading() as db:
        rows = cdn.folders(db, key.site_id)
    return success([_shape(row) for row in rows])


@family.post("/api/sdk/assets/folders", SITE, answers=Success[Folder], takes=FolderDraft, status=201)
def create_folder(key: KeyOf, store: StoreOf, body: FolderBody) -> Response:
    """A new folder, perhaps in another one; one that is there already is answered with 200."""
    try:
        name = names.folder_name(body.name)
        with store.writing() as db:
            above = cdn.folder(db, key.site_id, body.parent_id) if body.parent_id else None
            if body.parent_id and above is None:
                raise refusal(404, "There is no such folder.")
            path = names.folders(f"{above.path if above else ''}/{name}")
            more = cdn.missing(db, key.site_id, path)
            if not cdn.has_room(db, key.site_id, more):
                raise _too_many()
            row = cdn.make_folders(db, key.site_id, path)
    except BadName as error:
        raise refusal(400, f"{error}.") from error
    assert row is not None  # noqa: S101 - the path has a name
    return success(_shape(row), 201 if more else 200)


# ---------------------------------------------------------------- what everybody reads


@family.get("/cdn/sites/{slug}/{path:path}", SITE, response_class=Response, responses={200: ANY})
@family.route("HEAD", "/cdn/sites/{slug}/{path:path}", SITE, response_class=Response, include_in_schema=False)
def file(request: Request, slug: str, path: str, store: StoreOf) -> Response:
    """A file, for ever the same: with ETag, conditions and single ranges."""
    if "\0" in slug + path:
        raise not_found()
    with store.reading() as db:
        found = cdn.served(db, f"sites/{slug}/{path}")
    if found is None:
        raise not_found()
    return serving.answered(request, store, found)


def _address(base: str, key: str) -> str:
    return f"{base}/cdn/{quote(key)}"


def _shape(row: tables.CdnFolder) -> Folder:
    return Folder(id=row.id, name=row.name, path=row.path, created_at=row.created_on)


def _too_many() -> Refusal:
    return refusal(400, f"A site has at most {cdn.MOST_FOLDERS} folders.")
