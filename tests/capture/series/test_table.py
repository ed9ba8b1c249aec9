"""Values of all sorts keep their type and themselves, in Arrow and in Parquet."""

from __future__ import annotations

import datetime
import io
import math
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from gofigr_jupyter.capture.series.table import Column, Table, array, constant, text

ZURICH = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ([1, 2, None], pa.int64()),
        ([1, 2.5], pa.float64()),
        ([True, False], pa.bool_()),
        (["a", None], pa.string()),
        ([None, None], pa.float64()),
        (np.array([1, 2], "int16"), pa.int16()),
        (np.array([1.5], "float32"), pa.float32()),
        (np.array([1.5], "float16"), pa.float32()),
        (np.array([1.5], ">f8"), pa.float64()),
        (np.array(["x", "yz"]), pa.string()),
        (np.array(["2020-01-01"], "datetime64[D]"), pa.timestamp("s")),
        (np.array(["2020-01-01T05"], "datetime64[h]"), pa.timestamp("s")),
        (np.array(["2020-01-01T05:00:00.123456789"], "datetime64[ns]"), pa.timestamp("ns")),
        ([datetime.datetime(2020, 5, 1, 12, tzinfo=ZURICH)], pa.timestamp("us", "Europe/Zurich")),
        ([datetime.date(2020, 5, 1)], pa.timestamp("s")),
        (pd.Series(pd.date_range("2020", periods=2, tz="Europe/Zurich")), None),
        (pd.Categorical(["a", "b", "a"]), pa.dictionary(pa.int8(), pa.string())),
    ],
)
def test_types_are_kept(given, kind):
    made = array(given)
    if kind is not None and pa.types.is_dictionary(kind):
        assert pa.types.is_dictionary(made.type)
    elif kind is not None:
        assert made.type == kind
    else:
        assert made.type.tz == "Europe/Zurich"
    assert len(made) == len(given)


def test_masked_is_null_and_nan_is_nan():
    made = array(np.ma.array([1.0, math.nan, 3.0], mask=[False, False, True])).to_pylist()
    assert made[0] == 1.0
    assert math.isnan(made[1])
    assert made[2] is None
    assert math.isnan(array(pd.Series([math.nan]))[0].as_py())
    assert array(np.ma.masked_all(2)).null_count == 2


def test_what_has_no_type_in_common_is_text():
    assert array([1, "a", None]).to_pylist() == ["1", "a", None]
    assert array([b"caf\xc3\xa9"]).to_pylist() == ["café"]
    assert array(np.array([1 + 2j])).to_pylist() == ["(1+2j)"]
    assert array([{"a": 1}, [2]]).type == pa.string()
    assert array([Decimal("1.5")]).to_pylist() == [Decimal("1.5")]


def test_labels_are_stored_once():
    assert text(["a", "b", "a", None]).to_pylist() == ["a", "b", "a", None]
    assert constant("x", 3).to_pylist() == ["x"] * 3
    assert constant("x", 0).to_pylist() == []


@given(st.lists(st.floats() | st.none(), max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_parquet_holds_the_same(numbers, label, unit):
    label, unit = (one.encode("utf-8", "replace").decode() for one in (label, unit))
    table = Table("T", (Column("x", array(numbers).cast(pa.float64()), label, unit, "x"),))
    packed = table.packed()
    assert packed.data == table.packed().data
    found = parquet.read_table(io.BytesIO(packed.data))
    assert [repr(one) for one in found.column("x").to_pylist()] == [repr(one) for one in numbers]
    assert packed.columns[0].get("label", "") == label
    told = found.schema.field("x").metadata
    assert told.get(b"unit", b"").decode() == unit
    assert told[b"role"] == b"x"


def test_pandas_reads_it():
    packed = Table(
        "T", (Column("when", array(np.array(["2020-01-01"], "datetime64[us]"))), Column("c", text(["a"])))
    ).packed()
    found = pd.read_parquet(io.BytesIO(packed.data), engine="pyarrow")
    assert found["when"][0] == pd.Timestamp("2020-01-01")
    assert found["c"].tolist() == ["a"]
