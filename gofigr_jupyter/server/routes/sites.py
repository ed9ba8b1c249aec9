"""Family sites: the media library for the members of a workspace. Its files are put and read as in the family fig1."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import Response

from gofigr_jupyter.schema.base import Id, Page
from gofigr_jupyter.schema.fig1 import Folder, FolderDraft, UploadTicket
from gofigr_jupyter.schema.sites import Order, SiteDraft, SiteFile, SiteKey, SiteKeyMade, SiteUploadOrder
from gofigr_jupyter.schema.sites import Site as SiteShape
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.cdn import askers, entries, names, tickets
from gofigr_jupyter.server.cdn.darkroom import Darkroom
from gofigr_jupyter.server.cdn.names import BadName
from gofigr_jupyter.server.cdn.sites import USUAL
from gofigr_jupyter.server.cdn.wishes import look_of
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.paging import PartOf
from gofigr_jupyter.server.policy import LOOK_INSIDE, MANAGE, SIGNED_IN, WRITE, Act, Gate
from gofigr_jupyter.server.refusal import Refusal, invalid, not_found
from gofigr_jupyter.server.routes.fig1 import shape_of
from gofigr_jupyter.server.routes.nodes import needed
from gofigr_jupyter.server.store import cdn, find, library, tables
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.gallery import LONGEST_QUERY
from gofigr_jupyter.server.store.library import Look
from gofigr_jupyter.server.web import answer, body_of, nothing

family = Family("sites")
Draft = Annotated[SiteDraft, Depends(body_of(SiteDraft))]
UploadBody = Annotated[SiteUploadOrder, Depends(body_of(SiteUploadOrder))]
FolderBody = Annotated[FolderDraft, Depends(body_of(FolderDraft))]
MOST_KEYS = 100
SITE_THERE: dict[int | str, dict[str, Any]] = {200: {"description": "it was there already", "model": SiteShape}}
FOLDER_THERE: dict[int | str, dict[str, Any]] = {200: {"description": "it was there already", "model": Folder}}


# ---------------------------------------------------------------- sites


@family.get("/site", SIGNED_IN, answers=list[SiteShape])
def list_sites(request: Request, gate: GateOf, store: StoreOf, workspace: Id | None = None) -> Response:
    """The sites of a workspace, or of all that the caller may see; oldest first."""
    with store.reading() as db:
        if workspace is None:
            places = policy.visible_workspaces(db, gate.actor)
        else:
            places = [gate.admit(db, find.workspace(db, workspace), Act.LOOK_INSIDE).id]
        return answer([entries.site_shape(request, one) for one in library.sites(db, places)])


@family.post("/site", WRITE, answers=SiteShape, status=201, takes=SiteDraft, responses=SITE_THERE)
def create_site(request: Request, gate: GateOf, store: StoreOf, body: Draft) -> Response:
    """The site of this name (`default`) in a workspace, made where there is none; then it is 201, else 200."""
    try:
        name = names.folder_name(body.name or USUAL)
    except BadName as error:
        raise invalid("name", f"{error}.") from error
    with store.writing() as db:
        place = gate.admit(db, find.workspace(db, needed(body.workspace, "workspace")))
        known = {one.id for one in library.sites(db, [place.id])}
        row = cdn.site_named(db, place, name)
        (made,) = library.sites(db, [place.id], site_id=row.id)
        return answer(entries.site_shape(request, made), 200 if row.id in known else 201)


# ---------------------------------------------------------------- files


async def _wanted(
    folder: Annotated[Id | None, Query(description="its path; empty: the top; absent: all folders")] = None,
    q: Annotated[str, Query(max_length=LONGEST_QUERY, description="words of the name, in folders below, too")] = "",
    order: Order = "newest",
) -> Look:
    return Look(folder, q, order)


Wanted = Annotated[Look, Depends(_wanted)]


@family.get("/site/{api_id}/file", LOOK_INSIDE, answers=Page[SiteFile])
def list_files(
    request: Request, api_id: str, *, gate: GateOf, store: StoreOf, part: PartOf, wanted: Wanted
) -> Response:
    """The files of a site, newest first or by name."""
    by_name = wanted.order == "name"
    after = part.text() if by_name else part.moment()
    with store.reading() as db:
        site_id = _admitted(db, gate, api_id).id
    request.app.state.doorstep.look_in(site_id)
    with store.reading() as db:
        found = library.files(db, _admitted(db, gate, api_id), wanted, after=after, limit=part.limit + 1)
        shown, onward = part.cut(found, lambda one: (one.key,) if by_name else (one.created_on, one.id))
        return answer(Page[SiteFile](results=[entries.file_shape(request, one) for one in shown], next=onward))


@family.get("/site/{api_id}/file/{file_id}", LOOK_INSIDE, answers=SiteFile)
def read_file(request: Request, api_id: str, file_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One file. With `w`, `h`, `fit`, `q`, `f` and `dpr`, as its address takes them, what shows the picture so."""
    with store.reading() as db:
        entry = library.file(db, file_id, _admitted(db, gate, api_id))
    try:
        look = look_of(request.query_params) if Darkroom.takes(entry.content_type) else {}
    except ValueError as error:
        raise Refusal(400, {"detail": str(error)}) from error
    return answer(entries.file_shape(request, entry, look))


@family.delete("/site/{api_id}/file/{file_id}", WRITE)
def delete_file(api_id: str, file_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete a file and the asset that it is kept as. Its address stays taken: caches may have what was there."""
    with store.writing() as db:
        kept = library.kept_as(db, library.file(db, file_id, _admitted(db, gate, api_id)))
        library.remove(db, gate.admit(db, kept), gate.actor.username)  # it may have been moved to another workspace
    return nothing()


@family.post("/site/{api_id}/upload", WRITE, answers=UploadTicket, status=201, takes=SiteUploadOrder)
def ask_for_upload(request: Request, api_id: str, gate: GateOf, store: StoreOf, body: UploadBody) -> Response:
    """An address to PUT a file to within the hour, and the one that it has afterwards; the ticket is as Fig1's."""
    with store.writing() as db:
        row = _admitted(db, gate, api_id)
        asker = askers.of_actor(gate.actor)
        return answer(tickets.issued(request, db, row, asker, body, size_bytes=body.size_bytes or 0), 201)


# ---------------------------------------------------------------- folders


@family.get("/site/{api_id}/folder", LOOK_INSIDE, answers=list[Folder])
def list_folders(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """All folders of a site, by path."""
    with store.reading() as db:
        return answer([shape_of(one) for one in cdn.folders(db, _admitted(db, gate, api_id).id)])


@family.post("/site/{api_id}/folder", WRITE, answers=Folder, status=201, takes=FolderDraft, responses=FOLDER_THERE)
def create_folder(api_id: str, gate: GateOf, store: StoreOf, body: FolderBody) -> Response:
    """A new folder, perhaps in another one; one that is there already is answered with 200."""
    with store.writing() as db:
        made, is_new = tickets.made_folder(db, _admitted(db, gate, api_id).id, body)
        return answer(shape_of(made), 201 if is_new else 200)


# ---------------------------------------------------------------- keys


@family.get("/site/{api_id}/key", MANAGE, answers=list[SiteKey])
def list_keys(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """The keys with which programs put files there, without what is secret of them; oldest first."""
    with store.reading() as db:
        rows = library.keys(db, _admitted(db, gate, api_id).id)
        return answer([SiteKey(**_key(one)) for one in rows])


@family.post("/site/{api_id}/key", MANAGE, answers=SiteKeyMade, status=201)
def create_key(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A new key; its text is in this answer and in none after it."""
    with store.writing() as db:
        row = _admitted(db, gate, api_id)
        if len(library.keys(db, row.id)) >= MOST_KEYS:
            raise Refusal(400, {"detail": f"A site has at most {MOST_KEYS} keys."})
        made, text = cdn.create_key(db, row)
        return answer(SiteKeyMade(**_key(made), key=text), 201)


@family.delete("/site/{api_id}/key/{key_id}", MANAGE)
def delete_key(api_id: str, key_id: str, gate: GateOf, store: StoreOf) -> Response:
    """End a key at once, and the upload addresses that it asked for. Files stay where they are."""
    with store.writing() as db:
        row = _admitted(db, gate, api_id)
        if key_id.lower() not in {one.id for one in library.keys(db, row.id)}:
            raise not_found()
        cdn.remove_key(db, key_id.lower())
    return nothing()


# ---------------------------------------------------------------- shapes


def _admitted(db: Transaction, gate: Gate, api_id: str) -> tables.Site:
    row = library.site(db, api_id)
    gate.admit(db, row.workspace)
    return row


def _key(row: tables.SiteKey) -> dict[str, Any]:
    return {"api_id": row.id, "ending": row.ending, "created_on": row.created_on, "last_used": row.last_used}
