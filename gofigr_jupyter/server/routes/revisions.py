"""Family figures, second part: revisions, what they were made from, and those that a clean room makes of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.figures import AppendData, AutoAssignDraft, DeriveDraft, LinkDraft, Revision, RevisionDraft
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.identity import fresh_id, fresh_short_id
from gofigr_jupyter.server.policy import READ_SIGNED_IN, WRITE, Act, Gate
from gofigr_jupyter.server.refusal import forbidden
from gofigr_jupyter.server.routes import nodes
from gofigr_jupyter.server.routes.nodes import ATTRIBUTION, Kind, needed
from gofigr_jupyter.server.store import cloning, content, find, links, placing, shapes, tables, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.views import View, ViewOf
from gofigr_jupyter.server.web import body_of, given

family = Family("figures")
Draft = Annotated[RevisionDraft, Depends(body_of(RevisionDraft))]
Unassigned = Annotated[AutoAssignDraft, Depends(body_of(AutoAssignDraft))]
Appended = Annotated[AppendData, Depends(body_of(AppendData))]
Derived = Annotated[DeriveDraft, Depends(body_of(DeriveDraft))]
UNTITLED = "Untitled figure"
LONGEST_TITLE = 300

nodes.serve(family, Kind("revision", tables.Revision, find.revision, shapes.revisions, Revision, list[Revision]))


# ---------------------------------------------------------------- new ones


@family.post("/revision", WRITE, answers=Revision, status=201, takes=RevisionDraft)
def create_revision(gate: GateOf, store: StoreOf, view: ViewOf, body: Draft) -> Response:
    """A new revision with all its data; 409 when `client_id` is taken. Durable when it has been answered."""
    figure_id = needed(body.figure, "figure")
    return _created(gate, store, view, body, lambda db: find.figure(db, figure_id))


@family.post("/revision/auto-assign", WRITE, answers=Revision, status=201, takes=AutoAssignDraft)
def assign_revision(gate: GateOf, store: StoreOf, view: ViewOf, body: Unassigned) -> Response:
    """A new revision of the figure that has its title: the `title` of its metadata. It is made where there is none."""
    analysis_id = needed(body.analysis, "analysis")
    return _created(gate, store, view, body, lambda db: find.analysis(db, analysis_id))


def _created(
    gate: Gate,
    store: Store,
    view: View,
    body: RevisionDraft,
    parent: Callable[[Transaction], tables.Figure | tables.Analysis],
) -> Response:
    def place(db: Transaction) -> tuple[tables.Figure | tables.Analysis, dict[str, Any], dict[str, str]]:
        return gate.admit(db, parent(db)), _values(db, gate, body), _uses(db, gate, body.assets or ())

    def make(
        db: Transaction, placed: tuple[tables.Figure | tables.Analysis, dict[str, Any], dict[str, str]]
    ) -> tables.Revision:
        above, values, uses = placed
        username = gate.actor.username
        figure = above if isinstance(above, tables.Figure) else _titled(db, above, body.metadata, username)
        row = tree.create_revision(db, figure, values, username)
        if uses:
            links.replace(db, row, uses)
        return row

    return nodes.publish(store, view, body.data, place, make, is_new=True)


def _values(db: Transaction, gate: Gate, body: RevisionDraft) -> dict[str, Any]:
    api_id = fresh_id(db, tables.Revision, body.client_id)
    return given(body, *ATTRIBUTION) | {
        "id": api_id,
        "client_id": api_id if body.client_id else None,
        "short_id": fresh_short_id(db, gate.actor, body.short_id),
        "meta": body.metadata,
        "is_clean_room": bool(body.is_clean_room),
    }


def _titled(db: Transaction, analysis: tables.Analysis, metadata: Any, username: str) -> tables.Figure:
    said = metadata.get("title") if isinstance(metadata, dict) else None
    title = said.strip()[:LONGEST_TITLE] if isinstance(said, str) else ""
    title = title or UNTITLED
    values = {"id": tree.new_id(), "name": title}
    return tree.figure_named(db, analysis, title) or tree.create_figure(db, analysis, values, username)


# ---------------------------------------------------------------- changes


@family.put("/revision/{api_id}", WRITE, answers=Revision, takes=RevisionDraft)
@family.patch("/revision/{api_id}", WRITE, answers=Revision, takes=RevisionDraft)
def change_revision(
    api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: Draft, *, silent: bool = False
) -> Response:
    """Change what the body names: `data` is the complete new list, unless it is empty, and so is `assets`, even then.

    Another `figure` moves it there. `silent` leaves no line in the log.
    """

    def place(db: Transaction) -> tables.Revision:
        return gate.admit(db, find.revision(db, api_id))

    def make(db: Transaction, row: tables.Revision) -> tables.Revision:
        nodes.move(db, gate, row, find.figure(db, body.figure) if body.figure else None)
        changes = given(body, "is_clean_room", *ATTRIBUTION)
        if body.metadata is not None:
            changes["meta"] = body.metadata
        if row.short_id is None:  # once it has one it keeps it: links with it are out in the world
            changes["short_id"] = fresh_short_id(db, gate.actor, body.short_id)
        if body.assets is not None:
            linked = {link.asset_revision_id for link in links.of(db, row)}
            links.replace(db, row, _uses(db, gate, body.assets, linked))
        tree.update(db, row, changes, gate.actor.username, silent=silent)
        return row

    return nodes.publish(store, view, body.data, place, make, is_new=False)


def _uses(
    db: Transaction, gate: Gate, drafts: Sequence[LinkDraft], linked: frozenset[str] | set[str] = frozenset()
) -> dict[str, str]:
    """The links that a body asks for, by asset revision; refuses (403) new ones to what the caller cannot read.

    Those that are there may stay: who saves a revision sends them back, readable or not.
    """
    uses = {draft.asset_revision.lower(): str(draft.use_type) for draft in drafts}
    fresh = find.asset_revisions(db, uses.keys() - linked)
    if fresh and len(policy.readable(db, gate.visitor, fresh)) < len(fresh):
        raise forbidden()
    return uses


@family.post("/revision/{api_id}/append_data", WRITE, answers=Revision, takes=AppendData)
def append_data(api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: Appended) -> Response:
    """Add data objects; those whose `local_id` the revision has already are left out, so that a repeat is harmless.

    Clean room data takes the place of what has its type and name: that was copied from the revision it derives from.
    """
    with store.reading() as db:
        bucket_id = placing.in_force(db, gate.admit(db, find.revision(db, api_id)))
    with store.keeping(body.data, bucket_id) as incoming, store.writing() as db:
        row = gate.admit(db, find.revision(db, api_id))
        if content.append(db, row, incoming):
            tree.update(db, row, {}, gate.actor.username, silent=True)
        shape = view.of(db, row)
    return view.answer(shape)


@family.post("/revision/{api_id}/derive", READ_SIGNED_IN, answers=Revision, status=201, takes=DeriveDraft)
def derive(api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: Derived) -> Response:
    """A new revision of a figure, with the data frames and the clean room of this one; the rest is appended to it."""
    figure_id = needed(body.figure, "figure")
    with store.writing() as db:
        source = gate.admit(db, find.revision(db, api_id))
        target = gate.admit(db, find.figure(db, figure_id), Act.WRITE)
        meta = source.meta if body.metadata is None else body.metadata
        values = {"id": tree.new_id(), "meta": meta, "is_clean_room": source.is_clean_room}
        row = tree.create_revision(db, target, values, gate.actor.username)
        cloning.copy_clean_room(db, source, row)
        shape = view.of(db, row)
    return view.answer(shape, 201)
