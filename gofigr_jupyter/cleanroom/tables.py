"""Tables and series of pandas and polars as parquet, and back as what they were.

Imports neither library at first: whoever hands over its objects has it loaded.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Hint = dict[str, Any]
DEFAULT = "pandas.DataFrame"  # what a table without a hint is


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind is written, with what parquet cannot say of it, and read."""

    write: Callable[[Any], tuple[bytes, Hint]]
    read: Callable[[bytes, Mapping[str, Any]], Any]


def kind_of(value: Any) -> str | None:
    """`pandas.DataFrame`, for it and what is made after it; None for what is no table."""
    for base in type(value).__mro__:
        kind = f"{base.__module__.partition('.')[0]}.{base.__name__}"
        if kind in _KINDS:
            return kind
    return None


def write(kind: str, value: Any) -> tuple[bytes, Hint | None]:
    """As parquet, and a hint unless it is a pandas table."""
    frame, told = _KINDS[kind].write(value)
    return frame, None if kind == DEFAULT else {"is": kind, **told}


def read(data: bytes, hint: Mapping[str, Any] | None) -> Any:
    """The table again; raises KeyError for a kind that nobody knows here."""
    told = hint or {}
    return _KINDS[told.get("is", DEFAULT)].read(data, told)


def weight(value: Any) -> int:
    """What a table takes in memory, as far as it tells."""
    if hasattr(value, "memory_usage"):
        used = value.memory_usage(deep=True)
        return int(used.sum() if hasattr(used, "sum") else used)
    return int(value.estimated_size()) if hasattr(value, "estimated_size") else 0


def _pandas_written(frame: Any) -> tuple[bytes, Hint]:
    stream = io.BytesIO()
    frame.to_parquet(stream, engine="pyarrow")
    return stream.getvalue(), {}


def _pandas_read(data: bytes, _: Mapping[str, Any]) -> Any:
    return importlib.import_module("pandas").read_parquet(io.BytesIO(data), engine="pyarrow")


def _series_written(series: Any) -> tuple[bytes, Hint]:
    is_named = isinstance(series.name, str)
    written, _ = _pandas_written(series.to_frame(series.name if is_named else "values"))
    return written, {"named": is_named}


def _series_read(data: bytes, told: Mapping[str, Any]) -> Any:
    series = _pandas_read(data, told).iloc[:, 0]
    return series if told.get("named", True) else series.rename(None)


def _polars_written(frame: Any) -> tuple[bytes, Hint]:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue(), {}


def _polars_read(data: bytes, _: Mapping[str, Any]) -> Any:
    return importlib.import_module("polars").read_parquet(io.BytesIO(data))


_KINDS = {
    DEFAULT: _Kind(_pandas_written, _pandas_read),
    "pandas.Series": _Kind(_series_written, _series_read),
    "polars.DataFrame": _Kind(_polars_written, _polars_read),
    "polars.Series": _Kind(
        lambda series: _polars_written(series.to_frame()), lambda data, told: _polars_read(data, told).to_series()
    ),
}
