"""The pages of assets: a file in all its states, and one state with what was made from it."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.pages.facts import facts_of
from gofigr_jupyter.server.pages.rendering import Paging, page, stage_of
from gofigr_jupyter.server.pages.revision import contents_of
from gofigr_jupyter.server.pages.routes import PER_PAGE, PageRoute, page_number, reading
from gofigr_jupyter.server.pages.trail import trail
from gofigr_jupyter.server.policy import READ, Act
from gofigr_jupyter.server.store import content, find, stock

family = Family("pages", route_class=PageRoute, in_schema=False)
MOST_USES = 100


@family.route(["GET", "HEAD"], "/asset/{asset_id}", READ)
def show_asset(request: Request, asset_id: str, gate: GateOf, store: StoreOf) -> Response:
    """An asset: its revisions and their files."""
    number = page_number(request)
    with store.reading() as db:
        asset = gate.admit(db, find.asset(db, asset_id))
        versions, total = stock.versions(db, asset.id, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
        values = {
            "asset": asset,
            "trail": trail(db, gate, asset),
            "versions": versions,
            "total": total,
            "paging": Paging.of(number, total, PER_PAGE),
        }
    return page(request, "asset.html", gate.visitor, values)


@family.route(["GET", "HEAD"], "/asset_revision/{version_id}", READ)
def show_asset_revision(request: Request, version_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A revision of an asset: its files, and those figures made from it that the reader may see."""
    with store.reading() as db:
        version = gate.admit(db, find.asset_revision(db, version_id))
        items, facts = stock.items(db, [version.id]), facts_of(version.meta)
        uses = policy.readable(db, gate.visitor, stock.made_from(db, version, MOST_USES))
        values = {
            "version": version,
            "trail": trail(db, gate, version),
            "facts": facts,
            "uses": uses,
            "most": MOST_USES,
            "shown": stage_of(items, version.asset.name) if any(item.type == "image" for item in items) else None,
            "is_open": policy.allows(db, gate.visitor, Act.READ, version.asset),
        }
        kept = content.kept_of(db, version)
    values["contents"] = contents_of(items, version.asset.name, facts, reading(kept, store))
    return page(request, "asset_revision.html", gate.visitor, values)
