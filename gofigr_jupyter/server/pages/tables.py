"""Tables on pages: those of a revision with their first rows, one of them page by page, and all its rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.pages.rendering import Paging, page
from gofigr_jupyter.server.pages.routes import PageRoute, page_number
from gofigr_jupyter.server.pages.trail import trail
from gofigr_jupyter.server.pages.words import file_name, plain
from gofigr_jupyter.server.policy import READ
from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.routes.files import INERT, label
from gofigr_jupyter.server.store import find
from gofigr_jupyter.server.store.content import Kept
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import DataItem, Revision
from gofigr_jupyter.server.tables import reading
from gofigr_jupyter.server.tables.reading import Rows, Stored

family = Family("pages", route_class=PageRoute, in_schema=False)
MOST_SHOWN = 12  # tables with their first rows on the page of a revision
FIRST_ROWS = 8
LONGEST_CELL = 80
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Plotted:
    """A table on the page of a revision; `head` is None where its rows cannot be shown there."""

    item: Item
    name: str
    csv: str
    parquet: str
    total: int
    head: Rows | None

    @property
    def first(self) -> Sequence[Sequence[str]]:
        """The first rows, in words."""
        return [[cell(one) for one in row] for row in (self.head.rows[:FIRST_ROWS] if self.head else ())]


def plotted(store: Store, items: Sequence[Item], kept: Mapping[str, Kept], stem: str) -> tuple[Plotted, ...]:
    """The plotted data of a revision; to be called after the transaction."""
    found = reading.plotted(items)
    stored = [Stored(one.hash, one.size_bytes, *kept[one.id]) for one in found[:MOST_SHOWN]]
    heads: list[Rows | None] = [*reading.heads(store, stored), *[None] * len(found[MOST_SHOWN:])]
    return tuple(_plotted(item, head, stem) for item, head in zip(found, heads, strict=True))


def _plotted(item: Item, head: Rows | None, stem: str) -> Plotted:
    name, told = plain(item.name, 200) or "Table", item.meta.get("rows")
    total = head.total if head else told if isinstance(told, int) and not isinstance(told, bool) else 0
    file = f"{stem}-{item.name or 'table'}"
    return Plotted(item, name, file_name(file, "csv"), file_name(file, "parquet"), total, head)


def cell(value: object) -> str:
    """A value as it stands in a table: numbers in full, long texts cut, empty for what is not there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value, LONGEST_CELL) if value is not None else ""


# ---------------------------------------------------------------- one table


@family.route(["GET", "HEAD"], "/table/{data_id}", READ)
def show_table(request: Request, data_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A table, a hundred rows a page."""
    number = page_number(request)
    with store.reading() as db:
        row = find.data_item(db, data_id)
        owner = gate.admit(db, find.owner_of(row))
        _check(row)
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
    except reading.Unreadable as error:
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
        _check(row)
        stored = Stored(row.hash, row.size_bytes, list(row.chunks), row.bucket_id)
    try:
        written = reading.as_csv(store, stored)
    except reading.Unreadable as error:
        raise not_found() from error
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(label(name), safe='')}",
        "content-security-policy": INERT,
        "cache-control": "private, no-cache",
    }
    return StreamingResponse(_pieces(written), media_type="text/csv; charset=utf-8", headers=headers)


def _check(row: DataItem) -> None:
    if row.type != "dataframe" or row.meta.get("format") != "parquet":
        raise not_found()


def _pieces(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while piece := written.read(_PIECE):
            yield piece
