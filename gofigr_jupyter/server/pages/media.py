"""The pages of the media library: a site's folders and files, and one file with what is to be copied of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from gofigr_jupyter import media as types
from gofigr_jupyter import showing
from gofigr_jupyter.schema.sites import Order, SiteFile
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import ConfigOf, StoreOf
from gofigr_jupyter.server.cdn import entries, kinds, names
from gofigr_jupyter.server.cdn.darkroom import Darkroom
from gofigr_jupyter.server.cdn.receiving import Receiver
from gofigr_jupyter.server.cdn.sites import USUAL
from gofigr_jupyter.server.documents import reading
from gofigr_jupyter.server.documents.passages import LONGEST
from gofigr_jupyter.server.documents.reading import Document
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.pages.rendering import Paging, page
from gofigr_jupyter.server.pages.routes import PER_PAGE, PageRoute, page_number
from gofigr_jupyter.server.pages.trail import trail
from gofigr_jupyter.server.pages.words import format_label, plain
from gofigr_jupyter.server.policy import LOOK_INSIDE, SIGNED_IN, Act, Gate
from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.store import find, gallery, library, people
from gofigr_jupyter.server.store.cdn import PAPERS
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.library import FileEntry, Look
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Site, Workspace

family = Family("pages", route_class=PageRoute, in_schema=False)
MOST_PASSAGES = 3
ORDERS: tuple[Order, ...] = ("newest", "name")


@dataclass(frozen=True, slots=True)
class Shown:
    """A file on a page: `path` is its own below the base, `sort` says how it is previewed, `label` is its type.

    `words` are what a picture is called where it cannot be seen; `develops` says whether it comes in other sizes.
    """

    file: SiteFile
    path: str
    sort: str
    label: str
    words: str
    develops: bool

    @classmethod
    def of(cls, request: Request, one: FileEntry) -> Shown:
        """A file as it is listed."""
        kind, sort = types.declared(one.content_type), one.content_type.partition("/")[0]
        return cls(
            file=entries.file_shape(request, one),
            path=names.address("", one.key),
            sort=sort if sort in {"image", "video", "audio"} else "document",
            label=format_label(kinds.data_format(kind)) if kind else plain(one.content_type, 40),
            words=showing.alt_of(one.name),
            develops=Darkroom.takes(one.content_type),
        )


@family.route(["GET", "HEAD"], "/media", SIGNED_IN)
def find_library(gate: GateOf, config: ConfigOf, store: StoreOf) -> Response:
    """On to the library of one's own workspace, or of the one that changed last."""
    with store.reading() as db:
        mine = gallery.workspaces(db, policy.visible_workspaces(db, gate.actor))
        if not mine:
            raise not_found()
        own = {one.id for one in people.workspaces_called(db, None, gate.actor.user_id)}
        chosen = next((one.id for one in mine if one.id in own), mine[0].id)
    return RedirectResponse(f"{config.base_path}/workspace/{chosen}/media", 302)


@family.route(["GET", "HEAD"], "/workspace/{workspace_id}/media", LOOK_INSIDE)
def show_library(request: Request, workspace_id: str, gate: GateOf, store: StoreOf) -> Response:
    """The files of a site of a workspace: `folder`, `q`, `order`, `page`, and `site` where there are several."""
    asked, number = request.query_params, page_number(request)
    order = next((one for one in ORDERS if one == asked.get("order")), ORDERS[0])
    look = Look(asked.get("folder", ""), plain(asked.get("q"), gallery.LONGEST_QUERY), order)
    receiver: Receiver = request.app.state.receiver
    with store.reading() as db:
        place = gate.admit(db, find.workspace(db, workspace_id))
        sites = library.sites(db, [place.id])
        usual = next((one.id for one in sites if one.name == USUAL), sites[0].id if sites else "")
        chosen = asked.get("site", usual)
        row = library.site(db, chosen) if chosen else None
        if row is not None and row.workspace_id != place.id:
            raise not_found()
        may_manage = policy.allows(db, gate.visitor, Act.MANAGE, place)
        more = {"site": chosen if chosen != usual else "", "folder": look.folder or "", "q": look.search}
        more |= {"order": order if order != ORDERS[0] else ""}
        values: dict[str, Any] = {
            "workspace": place,
            "workspaces": gallery.workspaces(db, policy.visible_workspaces(db, gate.actor)),
            "trail": trail(db, gate, place),
            "sites": sites,
            "site": row,
            "usual": usual,
            "look": look,
            "may_add": policy.allows(db, gate.visitor, Act.WRITE, place),
            "keys": library.keys(db, row.id) if row is not None and may_manage else [],
            "may_manage": may_manage,
            "limits": receiver.limits,
            "steps": _steps(place, look.path.split("/")[1:], more["site"]),
            "link": lambda folder: _link(place, site=more["site"], folder=folder.lstrip("/")),
        }
        values |= _listed(db, request, row, look, number)
        values["paging"] = Paging.of(number, values["total"], PER_PAGE, **more)
        return page(request, "media.html", gate.visitor, values)


def _listed(db: Transaction, request: Request, row: Site | None, look: Look, number: int) -> dict[str, Any]:
    """The folder, the folders in it and a page of its files; of a site that is not there yet, nothing."""
    if row is None:
        return {"folder": None, "folders": [], "files": [], "total": 0}
    folder = library.folder(db, row.id, look.path) if look.path else None
    if look.path and folder is None:
        raise not_found()
    found = library.files(db, row, look, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
    return {
        "folder": folder,
        "folders": [] if look.search else library.folders_in(db, row.id, folder.id if folder else None),
        "files": [Shown.of(request, one) for one in found],
        "total": library.count(db, row, look),
    }


@family.route(["GET", "HEAD"], "/media/{file_id}", LOOK_INSIDE)
def show_file(request: Request, file_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One file: large, with all that is to be copied of it; a picture in every size and format."""
    beginning = _beginning(store, gate, file_id)
    with store.reading() as db:
        one = library.file(db, file_id)
        row = library.site(db, one.site_id)
        place = gate.admit(db, row.workspace)
        kept = library.kept_as(db, one)
        folders = [part for part in one.folder.split("/") if part]
        usual = next((each.id for each in library.sites(db, [place.id]) if each.name == USUAL), row.id)
        site = row.id if row.id != usual else ""
        values = {
            "workspace": place,
            "trail": trail(db, gate, place),
            "steps": [*_steps(place, folders, site), ("", one.name)],
            "site": row,
            "shown": Shown.of(request, one),
            "beginning": beginning,
            "asset": kept.asset if policy.allows(db, gate.visitor, Act.READ, kept.asset) else None,
            "may_delete": policy.allows(db, gate.visitor, Act.WRITE, place)
            and policy.allows(db, gate.visitor, Act.WRITE, kept),
            "back": _link(place, site=site, folder="/".join(folders)),
        }
        return page(request, "media_file.html", gate.visitor, values)


def _beginning(store: Store, gate: Gate, file_id: str) -> list[tuple[str, list[str]]]:
    """The first passages of a document: where each stands, and its lines. It may have to be read, in no transaction."""
    with store.reading() as db:
        one = library.file(db, file_id)
        gate.admit(db, library.site(db, one.site_id).workspace)
        if one.content_type not in PAPERS:
            return []
        document = Document.of(library.bytes_of(db, one))
    found = reading.passages(store, document)[:MOST_PASSAGES]
    return [(plain(at, 60), [plain(line, LONGEST) for line in text.splitlines()]) for at, text in found]


def _steps(place: Workspace, folders: Sequence[str], site: str) -> list[tuple[str, str]]:
    """The way from the library down to a folder: paths and names."""
    ways = ["/".join(folders[:depth]) for depth in range(len(folders) + 1)]
    return [(_link(place, site=site, folder=way), name) for way, name in zip(ways, ("Media", *folders), strict=True)]


def _link(place: Workspace, **query: str) -> str:
    """The path of the library, below the base."""
    said = urlencode({name: value for name, value in query.items() if value})
    return f"/workspace/{place.id}/media{'?' if said else ''}{said}"
