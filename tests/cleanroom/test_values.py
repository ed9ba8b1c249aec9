"""Arguments as JSON and parquet, and back as the very types that they were."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from gofigr_jupyter.cleanroom import values
from gofigr_jupyter.cleanroom.values import Encoded, decode, encode, encode_all
from gofigr_jupyter.errors import CleanRoomSerializationError


class Level(IntEnum):
    LOW = 1
    HIGH = 9


class Colour(Enum):
    RED = "r"
    BLUE = "b"


def there_and_back(value: Any) -> Any:
    """As a manifest would keep it."""
    stored = encode(value)
    plain, hint = json.loads(json.dumps([stored.value, stored.hint], allow_nan=False))
    return decode(Encoded(plain, hint, stored.frame))


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1.5, None, 3.0], name="dose"),
        pd.Series([1, 2], index=pd.Index(["a", "b"], name="who"), name="n"),
        pd.Series(pd.to_datetime(["2026-03-01", "2026-03-02"]), name="day"),
        pd.Series(["x", "y", "x"], dtype="category", name="arm"),
        pd.Series([1, 2, 3]),  # without a name
    ],
)
def test_series_of_pandas(series: pd.Series) -> None:
    pd.testing.assert_series_equal(there_and_back(series), series)


def test_tables_of_pandas() -> None:
    frame = pd.DataFrame(
        {"a": [1, 2], "b": ["x", None]}, index=pd.MultiIndex.from_tuples([(1, "p"), (2, "q")], names=["i", "j"])
    )
    pd.testing.assert_frame_equal(there_and_back(frame), frame)

    class Mine(pd.DataFrame):
        """What is made after a table is stored as one."""

    pd.testing.assert_frame_equal(there_and_back(Mine({"a": [1]})), pd.DataFrame({"a": [1]}))


def test_tables_and_series_of_polars() -> None:
    frame = pl.DataFrame({"a": [1, None], "when": [date(2026, 3, 1), None], "tags": [["x"], []]})
    assert_frame_equal(there_and_back(frame), frame)
    for series in (pl.Series("dose", [0.5, None]), pl.Series([1, 2])):
        assert_series_equal(there_and_back(series), series)


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 3, 1),
        datetime(2026, 3, 1, 12, 30, 5, 17),  # noqa: DTZ001 - people have such
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Zurich")),
        time(12, 30),
        timedelta(days=1, microseconds=3),
        pd.Timestamp("2026-03-01T12:00"),
        pd.Timestamp("2026-07-01T12:00", tz="Europe/Zurich"),
        pd.Timedelta("3h"),
        Path("data/doses.csv"),
        Level.HIGH,
        float("inf"),
        (1, [2.5, (None, True)], {"a": (1,)}),
        {1: "a", (2, 3): ["b"]},
        {"a", "b"},
        frozenset({1}),
        np.float32(0.5),
        np.bool_(True),
        np.datetime64("2026-03-01T12:00:00"),
        np.timedelta64(90, "s"),
    ],
)
def test_values_come_back_as_they_were(value: Any) -> None:
    back = there_and_back(value)
    assert back == value
    if not isinstance(value, Enum):  # of one that cannot be imported a likeness is made
        assert type(back) is type(value)
    if isinstance(value, datetime):
        assert back.tzinfo is None or str(back.tzinfo) in {str(value.tzinfo), "UTC", "UTC+00:00"}


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="uint8").reshape(2, 3),
        np.array([np.nan, -np.inf, 1.5], dtype="float16"),
        np.array(["a", "bc"]),
        np.array(["2026-03-01", "NaT"], dtype="datetime64[D]"),
        np.array([1, 2], dtype="timedelta64[m]"),
        np.zeros((0, 4)),
        np.array(5),
    ],
)
def test_arrays(array: np.ndarray) -> None:
    back = there_and_back(array)
    np.testing.assert_array_equal(back, array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)


def test_a_plain_value_needs_no_hint_and_another_clients_change_of_a_member_counts() -> None:
    assert encode([1, "a", None, {"b": 2.5}]) == Encoded([1, "a", None, {"b": 2.5}])
    stored = encode(Colour.RED)
    assert stored.value == "r"
    assert decode(Encoded("b", stored.hint)).name == "BLUE"
    assert decode(Encoded("no colour", stored.hint)).name == "RED"
    assert decode(stored) is Colour.RED  # this class can be found


def test_all_that_cannot_be_stored_is_named_at_once() -> None:
    holds_itself: list[Any] = []
    holds_itself.append(holds_itself)
    given = {
        "model": object(),
        "fine": 1,
        "ordered": OrderedDict(a=1),
        "masked": np.ma.masked_array([1], [True]),
        "complex": np.array([1j]),
        "nested": holds_itself,
        "huge": np.zeros(2_000_000),
        "mixed": pd.DataFrame({"a": [object()]}),
    }
    with pytest.raises(CleanRoomSerializationError) as error:
        encode_all(given)
    told = str(error.value)
    for word in ("'model' holds an object", "'ordered' holds an OrderedDict", "'masked' holds a MaskedArray",
                 "'complex' holds an array of complex128", "'nested' contains itself", "'huge' holds an array of 15 MB",
                 "'mixed' cannot be written"):  # fmt: skip
        assert word in told, (word, told)
    assert "'fine'" not in told


def test_tables_that_are_too_large_are_refused_before_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MAX_CLEAN_ROOM_BYTES", 1 << 20)
    big = {"a": pd.DataFrame({"x": np.zeros(100_000)}), "b": pl.Series("x", np.zeros(100_000))}
    with pytest.raises(CleanRoomSerializationError, match="2 MB, and 1 MB is the limit"):
        encode_all(big)


def test_what_nobody_knows() -> None:
    with pytest.raises(CleanRoomSerializationError, match=r"unknown kind 'vaex\.DataFrame'"):
        decode(Encoded(frame=b"PAR1", hint={"is": "vaex.DataFrame"}))
    with pytest.raises(CleanRoomSerializationError, match="unknown kind 'quaternion'"):
        decode(Encoded([1], {"is": "quaternion"}))
