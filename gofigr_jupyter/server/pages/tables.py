"""The page of a table, a hundred rows at a time, and all its rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.child import Unreadable
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.pages.plotted import cell
from gofigr_jupyter.server.pages.rendering import Paging, page
from gofigr_jupyter.server.pages.routes import PageRoute, page_number
from gofigr_jupyter.server.pages.trail import trail
from gofigr_jupyter.server.pages.words import file_name, plain
from gofigr_jupyter.server.policy import READ
from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.routes.files import INERT, label
from gofigr_jupyter.server.store import find
from gofigr_jupyter.server.store.tables import Revision
from gofigr_jupyter.server.tables import reading
from gofigr_jupyter.server.tables.reading import Stored

family = Family("pages", route_class=PageRoute, in_schema=False)
_PIECE = 1 << 16


@family.route(["GET", "HEAD"], "/table/{data_id}", READ)
def show_table(request: Request, data_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A table, a hundred rows a page."""
    number = page_number(request)
    with store.reading() as db:
        row = find.data_item(db, data_id)
        owner = gate.admit(db, find.owner_of(row))
        if not reading.is_table(row):
            raise not_found()
        stem = f"{owner.figure.name} r{owner.revision_index + 1}" if isinstance(owner, Revision) else owner.asset.name
        stored = Stored(row.hash, row.size_bytes, list(row.chunks), row.bucket_id)
        values = {
            "name": plain(row.name, 200) or "Table",
            "data_id": row.id,
            "size_bytes": row.size_bytes,
            "csv": file_name(f"{stem}-{row.name or 'table'}", "csv"),
            "parquet": file_name(f"{stem}-{row.name or 'table'}", "parquet"),
            "trail": [*trail(db, gate, owner), ("table", row.id, row.name or "Table")],
        }
    try:
        found = reading.rows(store, stored, (number - 1) * reading.PAGE_ROWS)
    except Unreadable as error:
        values |= {"found": None, "problem": str(error), "rows": (), "paging": Paging.of(1, 0, 1)}
    else:
        shown = [[cell(one) for one in line] for line in found.rows]
        paging = Paging.of(number, found.total, reading.PAGE_ROWS)
        values |= {"found": found, "problem": "", "rows": shown, "paging": paging}
    return page(request, "table.html", gate.visitor, values)


@family.route(["GET", "HEAD"], "/csv/{data_id}/{name}", READ)
def download_csv(data_id: str, name: str, gate: GateOf, store: StoreOf) -> Response:
    """All rows of a table as CSV, as a download named `name`."""
    with store.reading() as db:
        row = find.data_item(db, data_id)
        gate.admit(db, find.owner_of(row))
        if not reading.is_table(row):
            raise not_found()
        stored = Stored(row.hash, row.size_bytes, list(row.chunks), row.bucket_id)
    try:
        written = reading.as_csv(store, stored)
    except Unreadable as error:
        raise not_found() from error
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(label(name), safe='')}",
        "content-security-policy": INERT,
        "cache-control": "private, no-cache",
    }
    return StreamingResponse(_pieces(written), media_type="text/csv; charset=utf-8", headers=headers)


def _pieces(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while piece := written.read(_PIECE):
            yield piece
