"""Family figures, third part: the data objects that revisions, of figures and of assets, are made of."""

from __future__ import annotations

from starlette.responses import Response

from gofigr_jupyter.schema.figures import DataObject, TableHead
from gofigr_jupyter.schema.storage import DataStorage
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.child import Unreadable
from gofigr_jupyter.server.downloads import with_bytes
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import READ
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store import find, placing, shapes
from gofigr_jupyter.server.tables import reading
from gofigr_jupyter.server.tables.reading import Stored
from gofigr_jupyter.server.web import answer

family = Family("figures")
NO_TABLE = {"detail": "This is no table that can be read.", "code": "no_table"}


# PUT, PATCH and DELETE of a data object have no route: 405 for everybody, as the contract asks.
@family.get("/data/{api_id}", READ, answers=DataObject)
def read_data(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A data object with its bytes."""
    with store.reading() as db:
        row = find.data_item(db, api_id)
        gate.admit(db, find.owner_of(row))
        shape, size, pieces = shapes.data_object(row), row.size_bytes, store.read(row.chunks, row.bucket_id)
    return with_bytes(shape, size, pieces)


@family.get("/data/{api_id}/storage", READ, answers=DataStorage)
def read_storage(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Where its bytes lie: here, or in a bucket."""
    with store.reading() as db:
        row = find.data_item(db, api_id)
        gate.admit(db, find.owner_of(row))
        path = placing.path_of(db, row)
    return answer(DataStorage(vendor="GoFigr.io") if path is None else DataStorage(vendor="AWS", path=path))


@family.get("/data/{api_id}/rows", READ, answers=TableHead)
def read_rows(api_id: str, gate: GateOf, store: StoreOf, series: str = "") -> Response:
    """The first rows of a table, or of one series in it; 400 for what is no table."""
    with store.reading() as db:
        row = find.data_item(db, api_id)
        gate.admit(db, find.owner_of(row))
        if not reading.is_table(row):
            raise Refusal(400, NO_TABLE)
        stored = Stored(row.hash, row.size_bytes, list(row.chunks), row.bucket_id)
    try:
        found = reading.head(store, stored, series)
    except Unreadable as error:
        raise Refusal(400, NO_TABLE) from error
    named = zip(found.headings, found.columns, strict=True)
    columns = [f"{word} ({one.unit})" if one.unit else word for word, one in named]
    rows = [list(one) for one in found.rows]
    return answer(TableHead(columns=columns, rows=rows, is_cut=found.total > len(rows)))
