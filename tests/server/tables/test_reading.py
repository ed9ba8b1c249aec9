"""Tables from anybody: rows and CSV out of a child process, and no file that does harm to more than itself."""

from __future__ import annotations

import csv
import datetime
import io
import math
import struct
from pathlib import Path

import pyarrow as pa
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.tables import reading
from gofigr_jupyter.server.tables.decoder import harmless, headings
from gofigr_jupyter.server.tables.reading import Column, Rows, Stored, Unreadable


@pytest.fixture
def store(app: FastAPI) -> Store:
    found: Store = app.state.store
    return found


def as_parquet(table: pa.Table, **options) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(table, stream, **options)
    return stream.getvalue()


def kept(store: Store, content: bytes) -> Stored:
    with store.keeping([DataDraft(name="t", type="dataframe", data=content)]) as (one,):
        assert one.stored is not None
        return Stored(one.stored.hash, one.stored.size, one.stored.chunks, None)


ALL_SORTS = pa.table(
    {
        "number": pa.array([1.5, math.nan, None]),
        "whole": pa.array([1, 2, 2**60]),
        "when": pa.array([datetime.datetime(2020, 1, 1, 12, 30, tzinfo=datetime.UTC), None, None], pa.timestamp("us", "Europe/Zurich")),
        "day": pa.array([datetime.datetime(2020, 1, 1), None, None], pa.timestamp("ms")),  # noqa: DTZ001
        "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
        "yes": pa.array([True, False, None]),
        "list": pa.array([[1], [2, 3], None]),
    }
)  # fmt: skip


@pytest.mark.slow
def test_rows_of_all_sorts(store: Store) -> None:
    table = kept(store, as_parquet(ALL_SORTS))
    found = reading.rows(store, table)
    assert [one.type for one in found.columns] == [
        "number",
        "whole number",
        "time",
        "time",
        "text",
        "yes or no",
        "text",
    ]
    assert found.total == 3
    first = dict(zip(ALL_SORTS.column_names, found.rows[0], strict=True))
    assert first == {
        "number": 1.5, "whole": 1, "when": "2020-01-01 13:30:00+0100", "day": "2020-01-01 00:00:00", "kind": "a",
        "yes": True, "list": "[1]",
    }  # fmt: skip
    assert math.isnan(found.rows[1][0])
    assert found.rows[2][1] == 2**60
    assert store.cache.get(reading._key(table)) is not None
    assert reading.rows(store, table).rows[2] == found.rows[2]


@pytest.mark.slow
def test_any_page_of_a_long_table(store: Store) -> None:
    table = kept(store, as_parquet(pa.table({"n": range(25_000)}), row_group_size=7_000))
    for offset in (0, 6_950, 7_000, 24_990, 30_000):
        found = reading.rows(store, table, offset, 100)
        assert [row[0] for row in found.rows] == list(range(25_000))[offset : offset + 100]
        assert found.total == 25_000


@pytest.mark.slow
def test_the_head_is_of_one_series_where_one_is_meant(store: Store) -> None:
    named = pa.field("s", pa.string(), metadata={"role": "series"})
    names = ["a"] * 1_000 + ["b"] * 3 + ["c"] * 1_500
    both = pa.table([pa.array(names), pa.array(range(2_503))], schema=pa.schema([named, pa.field("n", pa.int64())]))
    table = kept(store, as_parquet(both))
    assert [row[1] for row in reading.head(store, table).rows] == list(range(50))
    found = reading.head(store, table, "b")
    assert [row[1] for row in found.rows] == [1_000, 1_001, 1_002]
    assert found.total > len(found.rows), "more may come later in the table"
    assert reading.head(store, table, "nobody").total == 2_503


def test_csv_says_the_same_and_no_spreadsheet_runs_it(store: Store) -> None:
    fields = [
        pa.field("x", pa.float64(), metadata={"label": "Force", "unit": "N"}),
        pa.field("y", pa.string(), metadata={"label": "=1+1"}),
    ]
    table = pa.table(
        [pa.array([-0.1, math.nan, None]), pa.array(['=HYPERLINK("x")', "-3", "@é"])], schema=pa.schema(fields)
    )
    with reading.as_csv(store, kept(store, as_parquet(table))) as written:
        rows = list(csv.reader(io.StringIO(written.read().decode(), newline="")))
    assert rows == [["Force (N)", "'=1+1"], ["-0.1", '\'=HYPERLINK("x")'], ["NaN", "-3"], ["", "'@é"]]


@given(st.text(max_size=20))
def test_no_text_begins_a_formula(text: str) -> None:
    found = harmless(text)
    assert found.endswith(text)
    if found[:1] in {"=", "@", "\t"}:
        pytest.fail(found)


def test_headings_are_told_apart() -> None:
    def column(name: str, label: str = "", unit: str = "") -> dict[str, str]:
        return {"name": name, "label": label, "unit": unit}

    assert headings([column("x"), column("y", "Force", "N"), column("z", "Force", "N")]) == [
        "x",
        "Force (N) [y]",
        "Force (N) [z]",
    ]


def test_the_same_over_the_rows_of_a_page() -> None:
    columns = (Column("x"), Column("y", "Force", "N"), Column("z", "Force", "N"), Column("w", "Width"))
    assert Rows(columns, (), 0, 0).headings == ("x", "Force [y]", "Force [z]", "Width")


def bomb() -> bytes:
    """A small file of very many rows."""
    column = pa.array([0], pa.int8()).take(pa.nulls(20_000_000, pa.int64()).fill_null(0))
    return as_parquet(pa.table({"x": column}), compression="zstd")


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1",
        b"PAR1" + b"\xff" * 200 + struct.pack("<I", 200) + b"PAR1",
        as_parquet(ALL_SORTS)[:-20],
        b"\0" * 100 + as_parquet(ALL_SORTS)[100:],
        b"a,b\n1,2\n",
        pytest.param(None, id="bomb"),
    ],
)
def test_what_is_no_table_costs_its_own_answer_only(store: Store, content: bytes | None) -> None:
    bad = kept(store, bomb() if content is None else content)
    good = kept(store, as_parquet(pa.table({"n": [1]})))
    with pytest.raises(Unreadable):
        reading.rows(store, bad)
    with pytest.raises(Unreadable):
        reading.as_csv(store, bad)
    heads = reading.heads(store, [bad, good])
    assert heads[0] is None
    assert heads[1] is not None
    assert heads[1].rows == ((1,),)


def test_large_files_and_damaged_ones_are_refused(store: Store, app: FastAPI) -> None:
    table = kept(store, as_parquet(pa.table({"n": [1]})))
    with pytest.raises(Unreadable):
        reading.rows(store, table._replace(size_bytes=reading.MOST_BYTES + 1))
    folder: Path = app.state.config.data_dir / "blobs"
    for chunk in (path for path in folder.rglob("*") if path.is_file()):
        chunk.write_bytes(b"rot")
    with pytest.raises(Unreadable):
        reading.rows(store, table)


def test_an_answer_of_the_child_is_not_believed() -> None:
    for kept_ in (
        None,
        b"",
        b"[]",
        b"{}",
        b'{"columns": 3, "rows": []}',
        b'{"columns": [], "rows": [3], "offset": 0, "total": 1}',
    ):
        assert reading._rows_of(kept_) is None
