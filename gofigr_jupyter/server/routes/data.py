"""Family figures, second part: revisions, and the data objects that they are made of."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.figures import AppendData, DataObject, Revision, RevisionDraft, Thumbnail
from gofigr_jupyter.server import policy, thumbnails
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.identity import fresh_id, fresh_short_id
from gofigr_jupyter.server.policy import READ, SIGNED_IN, WRITE
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.store import content, find, shapes, tables, tree
from gofigr_jupyter.server.thumbnails import Size
from gofigr_jupyter.server.web import answer, body_of, given, nothing

family = Family("figures")
Draft = Annotated[RevisionDraft, Depends(body_of(RevisionDraft))]
Appended = Annotated[AppendData, Depends(body_of(AppendData))]


@family.get("/revision", SIGNED_IN, answers=list[Revision])
def list_revisions(gate: GateOf, store: StoreOf) -> Response:
    """All revisions the caller may see, without data."""
    with store.reading() as db:
        return answer(shapes.revisions(db, shapes.in_workspaces(policy.visible_workspaces(db, gate.actor))))


@family.post("/revision", WRITE, answers=Revision, status=201, takes=RevisionDraft)
def create_revision(gate: GateOf, store: StoreOf, body: Draft) -> Response:
    """A new revision with all its data; 409 when `client_id` is taken. Durable when it has been answered."""
    if not body.figure:
        raise invalid("figure", "This field is required.")
    _without_assets(body)
    with store.reading() as db:  # refuse before any bytes are written
        gate.admit(db, find.figure(db, body.figure))
        fresh_id(db, tables.Revision, body.client_id)
        fresh_short_id(db, gate.actor, body.short_id)
    with store.keeping(body.data or ()) as incoming, store.writing() as db:
        parent = find.figure(db, body.figure)
        gate.admit(db, parent)
        api_id = fresh_id(db, tables.Revision, body.client_id)
        values = {
            "id": api_id,
            "client_id": api_id if body.client_id else None,
            "short_id": fresh_short_id(db, gate.actor, body.short_id),
            "meta": body.metadata,
            "is_clean_room": bool(body.is_clean_room),
        }
        row = tree.create_revision(db, parent, values, gate.actor.username)
        content.replace(db, row, incoming)
        return answer(shapes.revision(db, row), 201)


@family.get("/revision/{api_id}", READ, answers=Revision)
def read_revision(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A revision with its data objects, which come without bytes."""
    with store.reading() as db:
        row = find.revision(db, api_id)
        gate.admit(db, row)
        return answer(shapes.revision(db, row))


@family.put("/revision/{api_id}", WRITE, answers=Revision, takes=RevisionDraft)
@family.patch("/revision/{api_id}", WRITE, answers=Revision, takes=RevisionDraft)
def change_revision(api_id: str, gate: GateOf, store: StoreOf, body: Draft, *, silent: bool = False) -> Response:
    """Change what the body names. `data` is the complete new list; an empty one changes nothing."""
    _without_assets(body)
    with store.reading() as db:
        gate.admit(db, find.revision(db, api_id))
    with store.keeping(body.data or ()) as incoming, store.writing() as db:
        row = find.revision(db, api_id)
        gate.admit(db, row)
        if body.figure and body.figure != row.figure_id:
            target = find.figure(db, body.figure)
            gate.admit(db, target)
            tree.move(db, row, target, gate.actor.username)
        changes = given(body, "is_clean_room")
        if body.metadata is not None:
            changes["meta"] = body.metadata
        if body.short_id not in {None, row.short_id}:
            changes["short_id"] = fresh_short_id(db, gate.actor, body.short_id)
        if incoming:
            content.replace(db, row, incoming)
        tree.update(db, row, changes, gate.actor.username, silent=silent)
        return answer(shapes.revision(db, row))


@family.delete("/revision/{api_id}", WRITE)
def delete_revision(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete a revision and its data."""
    with store.writing() as db:
        row = find.revision(db, api_id)
        gate.admit(db, row)
        tree.remove(db, row, gate.actor.username)
    return nothing()


@family.post("/revision/{api_id}/append_data", WRITE, answers=Revision, takes=AppendData)
def append_data(api_id: str, gate: GateOf, store: StoreOf, body: Appended) -> Response:
    """Add data objects; those whose `local_id` the revision has already are left out, so that a repeat is harmless."""
    with store.reading() as db:
        gate.admit(db, find.revision(db, api_id))
    with store.keeping(body.data) as incoming, store.writing() as db:
        row = find.revision(db, api_id)
        gate.admit(db, row)
        if content.append(db, row, incoming):
            tree.update(db, row, {}, gate.actor.username, silent=True)
        return answer(shapes.revision(db, row))


@family.get("/revision/{api_id}/thumbnail/{size}", READ, answers=Thumbnail)
def revision_thumbnail(api_id: str, size: Size, gate: GateOf, store: StoreOf) -> Response:
    """A small picture of it."""
    return answer(Thumbnail(thumbnail=thumbnails.of(store, gate, find.revision, api_id, size)))


# PUT, PATCH and DELETE of a data object have no route: 405 for everybody, as the contract asks.
@family.get("/data/{api_id}", READ, answers=DataObject)
def read_data(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A data object with its bytes."""
    with store.reading() as db:
        row = find.data_item(db, api_id)
        gate.admit(db, find.owner_of(row))
        shape, chunks = shapes.data_object(row), row.chunks
    shape.data = b"".join(store.read(chunks))
    return answer(shape)


@family.get("/data/{api_id}/storage", READ)
def read_storage(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Where its bytes lie."""
    with store.reading() as db:
        gate.admit(db, find.owner_of(find.data_item(db, api_id)))
    return answer({"vendor": "GoFigr.io", "path": None})


def _without_assets(body: RevisionDraft) -> None:
    if body.assets:
        raise invalid("assets", "There is no such asset revision on this server.")
