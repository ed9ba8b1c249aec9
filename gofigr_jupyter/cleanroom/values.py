"""Arguments as JSON and parquet, and back as the very types that they were.

In: numbers, text, dates, paths, enumerations, tables, arrays, and lists, tuples, sets and dictionaries of them. Out: a
plain value that any reader of the manifest understands, and a hint by which Python restores what JSON cannot say.
Imports neither NumPy nor pandas: whoever hands over their objects has them loaded.
"""

from __future__ import annotations

import importlib
import io
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum, IntEnum, StrEnum
from pathlib import Path, PurePath
from typing import Any
from zoneinfo import ZoneInfo

from gofigr_jupyter.errors import CleanRoomSerializationError

MAX_CLEAN_ROOM_BYTES = 100 * 1024 * 1024  # of all tables together, in memory

Hint = dict[str, Any]
_SUPPORTED = (
    "numbers, text, None, dates, paths, enumerations, pandas and polars tables and series, "
    "NumPy arrays of numbers, text or dates, and lists, tuples, sets and dictionaries of these"
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One argument as it is stored; `hint` is None where the plain value says all, `frame` is parquet."""

    value: Any = None
    hint: Hint | None = None
    frame: bytes | None = None


class _UnsupportedError(Exception):
    """Holds the name of the type that cannot be stored."""


def encode_all(values: Mapping[str, Any]) -> dict[str, Encoded]:
    """Every argument; raises CleanRoomSerializationError that names each one that cannot be stored, and why."""
    heavy = sum(map(_weight, values.values()))
    if heavy > MAX_CLEAN_ROOM_BYTES:
        limit = MAX_CLEAN_ROOM_BYTES // 2**20
        raise CleanRoomSerializationError(f"its tables take {heavy / 2**20:.0f} MB, and {limit} MB is the limit")
    done, refused = {}, []
    for name, value in values.items():
        try:
            done[name] = encode(value)
        except _UnsupportedError as error:
            refused.append(f"{name!r} holds {_article(str(error))}")
        except RecursionError:
            refused.append(f"{name!r} contains itself or is nested too deeply")
        except Exception as error:  # noqa: BLE001 - tables of others refuse parquet in their own ways
            refused.append(f"{name!r} cannot be written ({type(error).__name__}: {str(error)[:200]})")
    if refused:
        raise CleanRoomSerializationError(f"{'; '.join(refused)}. What can be stored: {_SUPPORTED}")
    return done


def encode(value: Any) -> Encoded:
    """One argument."""
    table = _table_kind(value)
    if table is not None:
        return _TABLES[table].write(value)
    plain, hint = _plain(value)
    return Encoded(plain, hint)


def decode(stored: Encoded) -> Any:
    """The argument as it was."""
    if stored.frame is not None:
        kind = (stored.hint or {}).get("is", "pandas.DataFrame")
        if kind not in _TABLES:
            raise CleanRoomSerializationError(f"a table of the unknown kind {kind!r}")
        return _TABLES[kind].read(stored.frame)
    return _restored(stored.value, stored.hint)


# ---------------------------------------------------------------- tables


@dataclass(frozen=True, slots=True)
class _Table:
    write: Callable[[Any], Encoded]
    read: Callable[[bytes], Any]


def _table_kind(value: Any) -> str | None:
    for base in type(value).__mro__:
        kind = f"{base.__module__.partition('.')[0]}.{base.__name__}"
        if kind in _TABLES:
            return kind
    return None


def _pandas_written(frame: Any) -> Encoded:
    stream = io.BytesIO()
    frame.to_parquet(stream, engine="pyarrow")
    return Encoded(frame=stream.getvalue())


def _pandas_read(data: bytes) -> Any:
    return importlib.import_module("pandas").read_parquet(io.BytesIO(data), engine="pyarrow")


def _series_written(series: Any) -> Encoded:
    named = isinstance(series.name, str)
    frame = series.to_frame(series.name if named else "values")
    return Encoded(frame=_pandas_written(frame).frame, hint={"is": "pandas.Series", "named": named})


def _series_read(data: bytes) -> Any:
    frame = _pandas_read(data)
    return frame.iloc[:, 0]


def _polars_written(frame: Any) -> Encoded:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return Encoded(frame=stream.getvalue(), hint={"is": "polars.DataFrame"})


def _polars_read(data: bytes) -> Any:
    return importlib.import_module("polars").read_parquet(io.BytesIO(data))


def _polars_series_written(series: Any) -> Encoded:
    return Encoded(frame=_polars_written(series.to_frame()).frame, hint={"is": "polars.Series"})


def _polars_series_read(data: bytes) -> Any:
    return _polars_read(data).to_series()


_TABLES = {
    "pandas.DataFrame": _Table(_pandas_written, _pandas_read),
    "pandas.Series": _Table(_series_written, _series_read),
    "polars.DataFrame": _Table(_polars_written, _polars_read),
    "polars.Series": _Table(_polars_series_written, _polars_series_read),
}


def _weight(value: Any) -> int:
    """What a table takes in memory, as far as it tells."""
    if hasattr(value, "memory_usage"):
        used = value.memory_usage(deep=True)
        return int(used.sum() if hasattr(used, "sum") else used)
    return int(value.estimated_size()) if hasattr(value, "estimated_size") else 0


# ---------------------------------------------------------------- everything else


def _plain(value: Any) -> tuple[Any, Hint | None]:
    kind = type(value)
    if value is None or kind in {bool, int, str}:
        return value, None
    if kind is float:
        return (value, None) if math.isfinite(value) else (_spelled(value), {"is": "float"})
    if kind.__module__.partition(".")[0] == "numpy" and hasattr(value, "dtype"):
        return _array(value)
    match value:
        case Enum():
            return _member(value)
        case datetime() | date() | time() | timedelta():
            return _temporal(value)
        case PurePath():
            return str(value), {"is": "path"}
        case list() | tuple() | set() | frozenset() if kind in {list, tuple, set, frozenset}:
            return _sequence(list(value), kind.__name__)
        case dict() if kind is dict:
            return _mapping(value)
    raise _UnsupportedError(kind.__qualname__)


def _sequence(items: list[Any], kind: str) -> tuple[Any, Hint | None]:
    pairs = [_plain(item) for item in items]
    hints = {str(at): hint for at, (_, hint) in enumerate(pairs) if hint is not None}
    values = [value for value, _ in pairs]
    return values, ({"is": kind, "items": hints} if hints or kind != "list" else None)


def _mapping(items: dict[Any, Any]) -> tuple[Any, Hint | None]:
    if not all(type(key) is str for key in items):
        pairs, hint = _sequence([list(pair) for pair in items.items()], "list")
        return pairs, {"is": "pairs", "items": hint}
    done = {key: _plain(value) for key, value in items.items()}
    hints = {key: hint for key, (_, hint) in done.items() if hint is not None}
    return {key: value for key, (value, _) in done.items()}, ({"is": "dict", "items": hints} if hints else None)


def _temporal(value: Any) -> tuple[Any, Hint]:
    kind = type(value)
    if kind.__module__.startswith("pandas"):
        name = "Timedelta" if isinstance(value, timedelta) else "Timestamp"
        return value.isoformat(), {"is": name, **_zone(value)}
    if kind is timedelta:
        return value.total_seconds(), {"is": "timedelta"}
    if kind not in {datetime, date, time}:
        raise _UnsupportedError(kind.__qualname__)
    return value.isoformat(), {"is": kind.__name__, **_zone(value)}


def _zone(value: Any) -> Hint:
    zone = getattr(getattr(value, "tzinfo", None), "key", None)  # ISO texts know the offset only
    return {"zone": zone} if isinstance(zone, str) else {}


def _member(value: Enum) -> tuple[Any, Hint]:
    kind = type(value)
    members = {name: _simple(member.value) for name, member in kind.__members__.items()}
    mixin = next((base.__name__ for base in (str, int) if isinstance(value, base)), None)
    hint = {"is": "enum", "class": kind.__qualname__, "module": kind.__module__, "member": value.name}
    return members[value.name], hint | {"members": members, "mixin": mixin}


def _simple(value: Any) -> Any:
    if type(value) in {bool, int, str} or (type(value) is float and math.isfinite(value)):
        return value
    raise _UnsupportedError(f"Enum with a value of type {type(value).__qualname__}")


def _array(value: Any) -> tuple[Any, Hint]:
    numpy, letter = _numpy(), value.dtype.kind
    if type(value) is not numpy.ndarray and not isinstance(value, numpy.generic):
        raise _UnsupportedError(type(value).__qualname__)  # masked arrays, matrices: their lists tell not all of them
    form: Hint = {"is": "scalar"} if isinstance(value, numpy.generic) else {"is": "array", "shape": [*value.shape]}
    if letter in "biu":
        plain = value.tolist()
    elif letter == "f" and value.dtype.itemsize <= 8:
        plain = value.tolist() if numpy.isfinite(value).all() else _finite(value.tolist())
    elif letter in "UM":
        plain = value.astype(str).tolist()
    elif letter == "m":
        plain = value.astype("int64").tolist()
    else:
        raise _UnsupportedError(f"array of {value.dtype}")
    return plain, {**form, "dtype": value.dtype.str}


def _finite(value: Any) -> Any:
    """Strict JSON has no infinities: they are spelled."""
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value if math.isfinite(value) else _spelled(value)


def _spelled(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _numpy() -> Any:
    return importlib.import_module("numpy")


# ---------------------------------------------------------------- and back


def _restored(value: Any, hint: Hint | None) -> Any:
    if hint is None:
        return value
    restore = _RESTORE.get(hint.get("is", ""))
    if restore is None:
        raise CleanRoomSerializationError(f"a value of the unknown kind {hint.get('is')!r}")
    return restore(value, hint)


def _items(value: list[Any], hint: Hint) -> list[Any]:
    hints = hint.get("items") or {}
    return [_restored(item, hints.get(str(at))) for at, item in enumerate(value)]


def _as_array(value: Any, hint: Hint) -> Any:
    numpy = _numpy()
    if numpy.dtype(hint["dtype"]).kind == "m":
        made = numpy.array(value, dtype="int64").astype(hint["dtype"])
    else:
        made = numpy.array(value, dtype=hint["dtype"])
    return made[()] if hint["is"] == "scalar" else made.reshape(hint["shape"])


def _as_member(_: Any, hint: Hint) -> Any:
    """The member of the author's own class where that can be imported; else of one made like it."""
    if hint["module"] != "__main__" and "." not in hint["class"] and hint["module"] in sys.modules:
        kind = getattr(sys.modules[hint["module"]], hint["class"], None)
        if isinstance(kind, type) and issubclass(kind, Enum) and hint["member"] in kind.__members__:
            return kind[hint["member"]]
    base: Any = {"str": StrEnum, "int": IntEnum}.get(hint["mixin"], Enum)
    members: list[tuple[str, Any]] = list(hint["members"].items())
    made: Any = base(hint["class"].rpartition(".")[2], members)
    return made[hint["member"]]


def _in_zone(value: Any, hint: Hint) -> Any:
    return value.astimezone(ZoneInfo(hint["zone"])) if "zone" in hint else value


def _pandas(name: str) -> Callable[[Any, Hint], Any]:
    return lambda value, hint: _in_zone(getattr(importlib.import_module("pandas"), name)(value), hint)


_RESTORE: dict[str, Callable[[Any, Hint], Any]] = {
    "float": lambda value, _: float(value),
    "list": _items,
    "tuple": lambda value, hint: tuple(_items(value, hint)),
    "set": lambda value, hint: set(_items(value, hint)),
    "frozenset": lambda value, hint: frozenset(_items(value, hint)),
    "dict": lambda value, hint: {key: _restored(item, hint["items"].get(key)) for key, item in value.items()},
    "pairs": lambda value, hint: dict(_restored(value, hint["items"])),
    "path": lambda value, _: Path(value),
    "date": lambda value, _: date.fromisoformat(value),
    "time": lambda value, _: time.fromisoformat(value),
    "datetime": lambda value, hint: _in_zone(datetime.fromisoformat(value), hint),
    "timedelta": lambda value, _: timedelta(seconds=value),
    "Timestamp": _pandas("Timestamp"),
    "Timedelta": _pandas("Timedelta"),
    "enum": _as_member,
    "array": _as_array,
    "scalar": _as_array,
}


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
