"""What the child makes of a table: columns, series, positions and values; and of what is no table."""

from __future__ import annotations

import datetime
import io
import json
import math
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from gofigr_jupyter.server.tables import profile, profiler
from tests.server.insight.shelf import profiled


def table(*columns: tuple[str, Any, str]) -> pa.Table:
    fields = [pa.field(name, pa.array(values).type, metadata={"role": role}) for name, values, role in columns]
    return pa.table([pa.array(values) for _, values, _ in columns], schema=pa.schema(fields))


def test_series_and_what_is_measured() -> None:
    found = profiled(table(("series", ["a", "a", "b"], "series"), ("x", [1, 2, 1], "x"), ("y", [5.0, 6.0, 9.0], "y")))
    assert (found.rows, found.key, found.series, found.along, found.across) == (3, "series", 2, "x", "y")
    assert [(group.name, group.rows) for group in found.groups] == [("", 3), ("a", 2), ("b", 1)]
    assert found.parts[0].columns["y"].mean == 5.5
    assert found.parts[0].extremes == {"least": 1, "greatest": 2}
    assert found.whole.first == (1, 5.0)


def test_one_series_is_the_whole() -> None:
    found = profiled(table(("series", ["a", "a"], "series"), ("x", [1, 2], "x"), ("y", [5.0, 6.0], "y")))
    assert (found.only, len(found.groups), found.parts) == ("a", 1, found.groups)


@pytest.mark.parametrize(
    ("columns", "along", "across"),
    [
        ([("x", ["a", "b"], "x"), ("y", [1, 2], "y")], "x", "y"),
        ([("y", ["a", "b"], "y"), ("x", [1, 2], "x")], "y", "x"),
        ([("label", ["a", "b"], "label"), ("value", [1, 2], "value")], None, "value"),
        ([("x_low", [0.0, 1.0], "x"), ("x_high", [1.0, 2.0], "x"), ("y", [1, 2], "y")], "x", "y"),
        ([("x", [1, 2], "x"), ("y", [1, 2], "y"), ("y_low", [0, 1], "y"), ("y_high", [2, 3], "y")], "x", "y"),
        ([("x", ["a", "b"], "x"), ("y", ["c", "d"], "y")], None, None),
    ],
)
def test_along_what_and_what(columns: list[tuple[str, Any, str]], along: str | None, across: str | None) -> None:
    found = profiled(table(*columns))
    assert (found.along, found.across) == (along, across)


def test_what_is_no_number_is_missing() -> None:
    found = profiled(table(("x", [1.0, None, math.nan, math.inf], "x"), ("y", [1.0, 2.0, 3.0, 4.0], "y")))
    assert (found.whole.columns["x"].missing, found.whole.columns["x"].count) == (3, 1)


def test_times_count_in_seconds() -> None:
    days = [datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=n) for n in range(5)]
    found = profiled(table(("x", days, "x"), ("y", [0.0, 2.0, 4.0, 6.0, 8.0], "y")))
    assert found.whole.trend is not None
    assert found.whole.trend.slope * 86_400 == pytest.approx(2)
    assert str(found.whole.columns["x"].least_cell).startswith("2026-01-01")
    assert found.columns[0].is_time


@pytest.mark.parametrize("values", [[1e308, -1e308, 1e308] * 4, [5e-324] * 12, [0.0] * 12])
def test_numbers_at_the_ends_of_what_there_is(values: list[float]) -> None:
    found = profiled(table(("x", [float(n) for n in range(12)], "x"), ("y", values, "y")))
    assert found.whole.columns["y"].count == 12


def test_empty_and_odd_tables() -> None:
    assert profiled(table(("x", pa.array([], pa.float64()), "x"), ("y", pa.array([], pa.float64()), "y"))).rows == 0
    wide = profiled(table(*((f"c{n}", [n], "") for n in range(100))))
    assert len(wide.columns) == profiler.MOST_COLUMNS
    many = profiled(table(("series", [str(n) for n in range(100)], "series"), ("y", list(range(100)), "y")))
    assert (many.series, len(many.groups)) == (100, profiler.MOST_GROUPS + 1)


def test_several_files_one_of_them_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    parquet.write_table(table(("y", [1, 2], "y")), stream)
    good = stream.getvalue()
    monkeypatch.setattr("sys.argv", ["profiler", "1", "4", str(len(good))])
    (broken, _), (fine, (rows,)) = profiler.read(io.BytesIO(b"PAR1" + good))
    assert set(broken) == {"problem"}
    assert profile.of(fine).rows == 2
    assert json.loads(rows)["rows"] == [[1]]
    with pytest.raises(ValueError, match="Profile"):
        profile.of(broken)


def test_a_child_loads_nothing_that_takes_longer_than_its_work() -> None:
    command = [sys.executable, "-X", "importtime", "-P", "-m", profiler.__name__, "100"]
    loaded = subprocess.run(command, input=b"", capture_output=True, check=True).stderr
    assert b"pyarrow.parquet" in loaded
    assert b"numpy" not in loaded
    assert b"cloudpickle" not in loaded
