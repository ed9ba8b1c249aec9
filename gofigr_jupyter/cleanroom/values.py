"""Arguments as JSON and parquet, and back as the very types that they were.

In: numbers, text, dates, paths, enumerations, tables, arrays, and lists, tuples, sets and dictionaries of them. Out: a
plain value that any reader of the manifest understands, and a hint by which Python restores what JSON cannot say.
Imports neither NumPy nor pandas: whoever hands over their objects has them loaded.
"""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum, IntEnum, StrEnum
from pathlib import Path, PurePath
from typing import Any
from zoneinfo import ZoneInfo

from gofigr_jupyter.cleanroom import tables
from gofigr_jupyter.cleanroom.tables import Hint
from gofigr_jupyter.errors import CleanRoomSerializationError

MAX_CLEAN_ROOM_BYTES = 100 * 1024 * 1024  # of all tables together, in memory
_LARGEST_ARRAY = 10 * 1024 * 1024  # bytes; arrays are stored as text, which takes several times as much, and a second

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
    heavy = sum(map(tables.weight, values.values()))
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
    kind = tables.kind_of(value)
    if kind is not None:
        frame, told = tables.write(kind, value)
        return Encoded(frame=frame, hint=told)
    plain, hint = _plain(value)
    return Encoded(plain, hint)


def decode(stored: Encoded) -> Any:
    """The argument as it was."""
    if stored.frame is not None:
        try:
            return tables.read(stored.frame, stored.hint)
        except KeyError as error:
            raise CleanRoomSerializationError(f"a table of the unknown kind {error}") from error
    return _restored(stored.value, stored.hint)


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
    if value.nbytes > _LARGEST_ARRAY:
        raise _UnsupportedError(f"array of {value.nbytes / 2**20:.0f} MB (a table holds as much as that)")
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


def _as_member(value: Any, hint: Hint) -> Any:
    """The member of the author's own class where that can be imported; else of one made like it.

    The value goes before the hint: other clients change the one, and know nothing of the other.
    """
    members: list[tuple[str, Any]] = list(hint["members"].items())
    name = next((name for name, plain in members if plain == value), hint["member"])
    if hint["module"] != "__main__" and "." not in hint["class"] and hint["module"] in sys.modules:
        kind = getattr(sys.modules[hint["module"]], hint["class"], None)
        if isinstance(kind, type) and issubclass(kind, Enum) and name in kind.__members__:
            return kind[name]
    base: Any = {"str": StrEnum, "int": IntEnum}.get(hint["mixin"], Enum)
    made: Any = base(hint["class"].rpartition(".")[2], members)
    return made[name]


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
