"""Family figures, third part: a revision to take away and run, as a zip, or its script or notebook alone."""

from __future__ import annotations

from itertools import chain
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Query, Request
from starlette.responses import Response, StreamingResponse

from gofigr_jupyter.proof import bundle
from gofigr_jupyter.server import bundles, marking, policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import READ
from gofigr_jupyter.server.routes.files import INERT
from gofigr_jupyter.server.store import find, gallery, stock

family = Family("figures")
Part = Annotated[Literal["all", "script", "notebook"], Query()]
ZIP = "application/zip"
FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {ZIP: {}, **{kind: {} for _, kind in bundle.PARTS.values()}}}
}


@family.get("/revision/{api_id}/bundle", READ, response_class=StreamingResponse, responses=FILES)
def read_bundle(request: Request, api_id: str, gate: GateOf, store: StoreOf, *, part: Part = "all") -> Response:
    """A zip of script, notebook, requirements, inputs and picture, described as an RO-Crate; or one part of it.

    Of the files that it was made from, those are in it that the caller may read and that were kept.
    """
    with store.reading() as db:
        row = gate.admit(db, find.revision(db, api_id))
        sources = policy.readable(db, gate.visitor, stock.sources_of(db, row))
        link = marking.link_to(row, marking.base_of(request))
        rows = bundles.found(db, row, gallery.items(db, [row.id]), sources, link)
    record = bundles.record(store, rows)
    if part == "all":
        pieces = iter(bundles.zipped(store, rows, record))
        first = next(pieces, b"")  # what is missing is an error, and no broken answer
        return StreamingResponse(chain([first], pieces), media_type=ZIP, headers=_headers(bundle.file_name(record)))
    name, kind = bundle.PARTS[part]
    content = bundle.part(record, part, bundles.scale(store, rows, record))
    return Response(content, media_type=kind, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return {"content-disposition": disposition, "content-security-policy": INERT}
