"""Family assets: the files that figures are made from, their revisions, and how both are found again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.assets import (
    Asset,
    AssetDraft,
    AssetRevision,
    AssetRevisionDraft,
    FindByHash,
    FindByName,
    Unlink,
)
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.identity import fresh_id
from gofigr_jupyter.server.policy import SIGNED_IN, WRITE, Gate
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.routes import nodes
from gofigr_jupyter.server.routes.nodes import ATTRIBUTION, Kind, naming, needed
from gofigr_jupyter.server.store import find, links, lookup, shapes, tables, tree
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.views import ViewOf
from gofigr_jupyter.server.web import body_of, given

family = Family("assets")
AssetBody = Annotated[AssetDraft, Depends(body_of(AssetDraft))]
VersionBody = Annotated[AssetRevisionDraft, Depends(body_of(AssetRevisionDraft))]
NameBody = Annotated[FindByName, Depends(body_of(FindByName))]
HashBody = Annotated[FindByHash, Depends(body_of(FindByHash))]
UnlinkBody = Annotated[Unlink, Depends(body_of(Unlink))]

nodes.serve(family, Kind("asset", tables.Asset, find.asset, shapes.assets, Asset, list[Asset]))
nodes.serve(
    family,
    Kind(
        "asset_revision",
        tables.AssetRevision,
        find.asset_revision,
        shapes.asset_revisions,
        AssetRevision,
        list[AssetRevision],
    ),
)


# ---------------------------------------------------------------- assets


@family.post("/asset", WRITE, answers=Asset, status=201, takes=AssetDraft)
def create_asset(gate: GateOf, store: StoreOf, view: ViewOf, body: AssetBody) -> Response:
    """A new asset in a workspace, perhaps for one analysis alone; 409 when `client_id` is taken."""
    needed(body.name, "name")
    workspace_id = needed(body.workspace, "workspace")
    with store.writing() as db:
        parent = gate.admit(db, find.workspace(db, workspace_id))
        values = {"id": fresh_id(db, tables.Asset, body.client_id)} | naming(body, *ATTRIBUTION)
        if body.analysis:
            values["analysis_id"] = _scope(db, gate, body.analysis, parent)
        shape = view.of(db, tree.create_asset(db, parent, values, gate.actor.username))
    return view.answer(shape, 201)


@family.put("/asset/{api_id}", WRITE, answers=Asset, takes=AssetDraft)
@family.patch("/asset/{api_id}", WRITE, answers=Asset, takes=AssetDraft)
def change_asset(
    api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: AssetBody, *, silent: bool = False
) -> Response:
    """Change what the body names; another `workspace` moves it there, away from its analysis."""
    with store.writing() as db:
        row = gate.admit(db, find.asset(db, api_id))
        nodes.move(db, gate, row, find.workspace(db, body.workspace) if body.workspace else None)
        changes = naming(body, *ATTRIBUTION)
        if body.analysis and body.analysis.lower() != row.analysis_id:
            changes["analysis_id"] = _scope(db, gate, body.analysis, row.workspace)
        elif row.analysis_id and find.analysis(db, row.analysis_id).workspace_id != row.workspace_id:
            changes["analysis_id"] = None
        tree.update(db, row, changes, gate.actor.username, silent=silent)
        shape = view.of(db, row)
    return view.answer(shape)


def _scope(db: Transaction, gate: Gate, analysis_id: str, workspace: tables.Workspace) -> str:
    """The one analysis that an asset is for; it must lie in the asset's workspace."""
    analysis = gate.admit(db, find.analysis(db, analysis_id))
    if analysis.workspace_id != workspace.id:
        raise invalid("analysis", "This analysis is in another workspace.")
    return analysis.id


@family.post("/asset/find_by_name", SIGNED_IN, answers=list[Asset], takes=FindByName)
def find_by_name(gate: GateOf, store: StoreOf, view: ViewOf, body: NameBody) -> Response:
    """The assets of exactly this name that the caller may read, oldest first; with `analysis` only those for it."""
    with store.reading() as db:
        found = lookup.assets_named(db, policy.readable_assets(db, gate.actor), body.name, body.analysis)
    return view.answer(found)


# ---------------------------------------------------------------- their revisions


@family.post("/asset_revision", WRITE, answers=AssetRevision, status=201, takes=AssetRevisionDraft)
def create_asset_revision(gate: GateOf, store: StoreOf, view: ViewOf, body: VersionBody) -> Response:
    """A new revision of an asset with its data; 409 when `client_id` is taken."""
    asset_id = needed(body.asset, "asset")

    def place(db: Transaction) -> tuple[tables.Asset, dict[str, Any]]:
        parent = gate.admit(db, find.asset(db, asset_id))
        values = {"id": fresh_id(db, tables.AssetRevision, body.client_id), "meta": body.metadata}
        return parent, values | given(body, *ATTRIBUTION)

    def make(db: Transaction, placed: tuple[tables.Asset, dict[str, Any]]) -> tables.AssetRevision:
        return tree.create_asset_revision(db, *placed, gate.actor.username)

    return nodes.publish(store, view, body.data, place, make, is_new=True)


@family.put("/asset_revision/{api_id}", WRITE, answers=AssetRevision, takes=AssetRevisionDraft)
@family.patch("/asset_revision/{api_id}", WRITE, answers=AssetRevision, takes=AssetRevisionDraft)
def change_asset_revision(
    api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: VersionBody, *, silent: bool = False
) -> Response:
    """Change what the body names: `data` is the complete new list, unless it is empty; `figure_revisions` is not read.

    Another `asset` moves it there. `silent` leaves no line in the log.
    """

    def place(db: Transaction) -> tables.AssetRevision:
        return gate.admit(db, find.asset_revision(db, api_id))

    def make(db: Transaction, row: tables.AssetRevision) -> tables.AssetRevision:
        nodes.move(db, gate, row, find.asset(db, body.asset) if body.asset else None)
        changes = given(body, *ATTRIBUTION)
        if body.metadata is not None:
            changes["meta"] = body.metadata
        tree.update(db, row, changes, gate.actor.username, silent=silent)
        return row

    return nodes.publish(store, view, body.data, place, make, is_new=False)


@family.post("/asset_revision/find_by_hash", SIGNED_IN, answers=list[AssetRevision], takes=FindByHash)
def find_by_hash(gate: GateOf, store: StoreOf, view: ViewOf, body: HashBody) -> Response:
    """The asset revisions with exactly these bytes that the caller may read, oldest first; `analysis` as above."""
    with store.reading() as db:
        readable = policy.readable_asset_revisions(db, gate.actor)
        found = lookup.revisions_with(db, readable, body.digest, body.analysis)
    return view.answer(found)


@family.post("/asset_revision/{api_id}/unlink", WRITE, answers=AssetRevision, takes=Unlink)
def unlink(api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: UnlinkBody) -> Response:
    """Take away the link to a revision of a figure, which changes that one; 404 when they are not linked."""
    with store.writing() as db:
        row = gate.admit(db, find.asset_revision(db, api_id))
        user = gate.admit(db, find.revision(db, body.figure_revision))
        if not links.remove(db, user, row):
            raise not_found()
        tree.update(db, user, {}, gate.actor.username)
        shape = view.of(db, row)
    return view.answer(shape)
