"""The pages' addresses: who asks, may they, which rows, which template. Refusals are pages, too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf, actor_of, config_of
from gofigr_jupyter.server.family import Asked, Family, GateOf
from gofigr_jupyter.server.pages import assets, axes, cleanrooms, proofs
from gofigr_jupyter.server.pages.facts import facts_of
from gofigr_jupyter.server.pages.inputs import Inputs, inputs_of
from gofigr_jupyter.server.pages.plotted import named, plotted
from gofigr_jupyter.server.pages.rendering import Paging, Stage, page, stage_of
from gofigr_jupyter.server.pages.revision import Reading, contents_of
from gofigr_jupyter.server.pages.trail import trail
from gofigr_jupyter.server.pages.words import plain
from gofigr_jupyter.server.policy import LOOK_INSIDE, PUBLIC, READ, SIGNED_IN, Act, Gate
from gofigr_jupyter.server.refusal import Refusal, not_found
from gofigr_jupyter.server.store import content, find, gallery, stock
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Asset, AssetRevision, Revision

PER_PAGE = 60
LAST_PAGE = 100_000
# For <img> alone, which runs nothing of an SVG; opened by itself it is a download without origin and network.
SVG_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
    ),
    "content-disposition": "attachment",
    "cache-control": "private, max-age=31536000, immutable",
}
HEADINGS = {401: "Please open this page anew", 403: "This is not yours to see", 404: "Not here"}


class PageRoute(Asked):
    """A route whose refusals are pages that say how to go on."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with refusals turned into pages."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except Refusal as refusal:
                return _refused(request, refusal)

        return handle


family = Family("pages", route_class=PageRoute, in_schema=False)


def _refused(request: Request, refusal: Refusal) -> Response:
    try:
        actor = actor_of(request)
    except Refusal:
        actor = None
    path = urlsplit(str(request.url)).path
    reason, heading = plain(refusal.body.get("detail")), HEADINGS.get(refusal.status, "That did not work")
    if actor is None and refusal.status in {401, 403}:
        reason, heading = "signed out", "One step to your figures"
    elif refusal.status == 403:
        reason = "forbidden"
    elif refusal.status == 404:
        by_link = path.startswith("/r/")
        reason, heading = ("on its way", "Not here, or not yet") if by_link else ("not found", heading)
    values = {"heading": heading, "reason": reason, "onward": path}
    return page(request, "refused.html", actor, values, refusal.status)


# ---------------------------------------------------------------- lists


@family.route(["GET", "HEAD"], "/", SIGNED_IN)
def show_gallery(request: Request, gate: GateOf, store: StoreOf, q: str = "") -> Response:
    """The newest figures of all workspaces; `q` searches their names."""
    number, search = page_number(request), plain(q, gallery.LONGEST_QUERY)
    with store.reading() as db:
        mine = policy.visible_workspaces(db, gate.actor)
        found, total = _figures(db, mine, number, search=search)
        workspaces = gallery.workspaces(db, mine)
    values = {
        "figures": found,
        "total": total,
        "workspaces": workspaces,
        "search": search,
        "paging": Paging.of(number, total, PER_PAGE, q=search),
    }
    return page(request, "gallery.html", gate.visitor, values)


@family.route(["GET", "HEAD"], "/workspace/{workspace_id}", LOOK_INSIDE)
def show_workspace(request: Request, workspace_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A workspace: its analyses and its newest figures."""
    number = page_number(request)
    with store.reading() as db:
        workspace = find.workspace(db, workspace_id)
        gate.admit(db, workspace)
        found, total = _figures(db, [workspace.id], number)
        analyses = gallery.analyses(db, workspace.id)
        paging = Paging.of(number, total, PER_PAGE)
        values = {
            "workspace": workspace,
            "trail": trail(db, gate, workspace),
            "analyses": analyses,
            "figures": found,
            "assets": stock.assets(db, workspace.id),
            "paging": paging,
        }
        return page(request, "workspace.html", gate.visitor, values)


@family.route(["GET", "HEAD"], "/analysis/{analysis_id}", READ)
def show_analysis(request: Request, analysis_id: str, gate: GateOf, store: StoreOf) -> Response:
    """An analysis: its figures."""
    number = page_number(request)
    with store.reading() as db:
        analysis = find.analysis(db, analysis_id)
        gate.admit(db, analysis)
        found, total = _figures(db, [analysis.workspace_id], number, analysis_id=analysis.id)
        paging = Paging.of(number, total, PER_PAGE)
        way = trail(db, gate, analysis)
        values = {"analysis": analysis, "trail": way, "figures": found, "total": total, "paging": paging}
        values["verify"] = proofs.button(db, request, gate, analysis, f"--analysis {analysis.id}")
        return page(request, "analysis.html", gate.visitor, values)


@family.route(["GET", "HEAD"], "/figure/{figure_id}", READ)
def show_figure(request: Request, figure_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A figure: its latest picture, and its revisions."""
    number = page_number(request)
    with store.reading() as db:
        figure = find.figure(db, figure_id)
        gate.admit(db, figure)
        found, total = gallery.revisions(db, figure.id, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
        newest = found if number == 1 else gallery.revisions(db, figure.id, limit=1)[0]
        latest = newest[0] if newest else None
        values = {
            "figure": figure,
            "trail": trail(db, gate, figure),
            "revisions": found,
            "total": total,
            "latest": latest,
            "shown": _latest_stage(latest, figure.name),
            "tables": named(gallery.items(db, [latest.id], types=("dataframe",))) if latest else (),
            "paging": Paging.of(number, total, PER_PAGE),
        }
        return page(request, "figure.html", gate.visitor, values)


def _latest_stage(latest: gallery.RevisionEntry | None, stem: str) -> Stage:
    return stage_of(latest.pictures, stem, facts_of(latest.meta).missing) if latest else Stage()


def _figures(
    db: Transaction, workspaces: list[str], number: int, *, search: str = "", analysis_id: str | None = None
) -> tuple[list[gallery.FigureEntry], int]:
    part = {"offset": (number - 1) * PER_PAGE, "limit": PER_PAGE}
    return gallery.figures(db, workspaces, search=search, analysis_id=analysis_id, **part)


def page_number(request: Request) -> int:
    """A page that cannot be read is the first: a mistyped address is no reason to show an error."""
    text = request.query_params.get("page", "")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdecimal() and len(text) < 9 else 1


# ---------------------------------------------------------------- one revision


@family.route(["GET", "HEAD"], "/revision/{revision_id}", READ)
def show_revision(request: Request, revision_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A revision: picture, code, packages, git, downloads."""
    with store.reading() as db:
        revision = find.revision(db, revision_id)
        gate.admit(db, revision)
        items = gallery.items(db, [revision.id])
        facts = facts_of(revision.meta)
        stem = f"{revision.figure.name} r{revision.revision_index + 1}"
        values = {
            "revision": revision,
            "trail": trail(db, gate, revision),
            "around": _around(db, gate, revision),
            "inputs": _inputs(db, gate, revision),
            "facts": facts,
            "shown": stage_of(items, stem, facts.missing),
            "origin": f"{request.url.scheme}://{request.url.netloc}",
            "verify": proofs.button(db, request, gate, revision, f"{revision.short_id or revision.id}"),
        }
        kept = content.kept_of(db, revision)
    read = reading(kept, store)
    values["room"] = room = cleanrooms.room_of(items, revision.id, stem, read)
    values["contents"] = contents_of(cleanrooms.others(items, room), stem, facts, read)
    values["plotted"] = plotted(store, items, kept, stem)
    values["axes"] = axes.told(items, read)
    values["proof"] = proofs.proof_of(revision.meta, items, read)
    return page(request, "revision.html", gate.visitor, values)


def _inputs(db: Transaction, gate: Gate, revision: Revision) -> Inputs:
    """What it was made from; that there is a newer revision of a file is told to those who may read that as well."""
    linked = stock.sources_of(db, revision)
    asked: list[AssetRevision | Asset] = [*linked, *(one.asset for one in linked)]
    seen = {one.id for one in policy.readable(db, gate.visitor, asked)}
    newest = stock.newest_of(db, [one for one in linked if one.asset_id in seen])
    return inputs_of(revision.meta, [one for one in linked if one.id in seen], newest)


def _around(db: Transaction, gate: Gate, revision: Revision) -> gallery.Neighbours:
    """What a reader of the whole figure can go on to; who reads this revision alone is not told of others."""
    if policy.allows(db, gate.visitor, Act.READ, revision.figure):
        return gallery.neighbours(db, revision)
    return gallery.Neighbours(None, None, revision.revision_index)


def reading(kept: Mapping[str, content.Kept], store: Store) -> Reading:
    """How the page of a revision reads the beginnings of its files."""

    def read(item: Item, limit: int) -> tuple[str, bool] | None:
        beginning = bytearray()
        try:
            for piece in store.read(*kept[item.id]):
                beginning += piece
                if len(beginning) > limit:
                    break
        except (DamagedBlob, OutOfReach):
            return None
        text = bytes(beginning[:limit]).decode("utf-8", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n"), len(beginning) > limit

    return read


@family.route(["GET", "HEAD"], "/r/{link}", READ)
def follow_link(request: Request, link: str, gate: GateOf, store: StoreOf) -> Response:
    """The short address of a revision, as it stands on cards and in QR codes."""
    with store.reading() as db:
        revision = gallery.revision_by_link(db, link)
        if revision is None:
            raise not_found()
        gate.admit(db, revision)
        return RedirectResponse(f"{config_of(request).base_path}/revision/{revision.id}", 302)


# ---------------------------------------------------------------- what pages are made of


@family.route(["GET", "HEAD"], "/svg/{data_id}", READ)
def show_svg(data_id: str, gate: GateOf, store: StoreOf) -> Response:
    """An SVG for an <img>."""
    with store.reading() as db:
        row = find.data_item(db, data_id)
        gate.admit(db, find.owner_of(row))
        if row.type != "image" or str(row.meta.get("format", "")).lower() != "svg":
            raise not_found()
        pieces = store.read(row.chunks, row.bucket_id)
    return Response(b"".join(pieces), media_type="image/svg+xml", headers=SVG_HEADERS)


@family.route(["GET", "HEAD"], "/static/{address}", PUBLIC)
def show_asset(address: str) -> Response:
    """Style, script, icon; for everybody."""
    asset = assets.BY_ADDRESS.get(address)
    if asset is None:
        raise not_found()
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)
