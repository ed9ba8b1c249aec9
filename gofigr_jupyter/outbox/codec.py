"""A Parcel as files and back: one JSON text, and the bytes beside it, each with size and BLAKE3.

Knows the records only by their type hints, so that a new field needs no line here. Touches no disk.
"""

from __future__ import annotations

import json
import math
import secrets
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from blake3 import blake3

from gofigr_jupyter.errors import ParcelDamaged
from gofigr_jupyter.records import Environment, Missing, Parcel

# The hash covers the exact text of the parcel, so the frame around it has a fixed length.
_HEAD = b'{"format": 1, "blake3": "%s", "parcel": '
_HEAD_LENGTH = len(_HEAD % (b"0" * 64))
_HASH_AT = slice(_HEAD_LENGTH - 77, _HEAD_LENGTH - 13)

# Hundreds of packages, the same for every figure of a session: written once, and put in where its mark stands.
_last_environment: tuple[Environment | None, bytes] = (None, b"")
_ENVIRONMENT = f"environment {secrets.token_hex(16)}"

Loader = Callable[[Mapping[str, Any]], bytes]


def encode(parcel: Parcel) -> tuple[bytes, dict[str, bytes]]:
    """The text of `parcel.json`, and the files that it speaks of by name."""
    files: dict[str, bytes] = {}

    def plainly(value: Any) -> Any:
        kind: type = type(value)
        if isinstance(value, Missing):
            return {"missing": value.reason}
        if value is environment:
            return _ENVIRONMENT
        if _names(kind):
            return _content(value)
        if isinstance(value, bytes | bytearray | memoryview):
            name = f"blob-{len(files)}"
            files[name] = data = bytes(value)
            return {"file": name, "size": len(data), "blake3": blake3(data).hexdigest()}
        return value.isoformat() if isinstance(value, datetime) else plain(value)

    def written(value: Any) -> bytes:
        return json.dumps(value, default=plainly, ensure_ascii=False).encode("utf-8", "replace")

    global _last_environment  # noqa: PLW0603 - the last one of this process
    environment, kept = parcel.provenance.environment, _last_environment
    if environment is not kept[0] and isinstance(environment, Environment):
        kept = _last_environment = (environment, written(_content(environment)))
    body = written(_content(parcel))
    if environment is kept[0]:
        body = body.replace(f'"{_ENVIRONMENT}"'.encode(), kept[1], 1)
    return _HEAD % blake3(body).hexdigest().encode() + body + b"}", files


def decode(text: bytes, load: Loader) -> Parcel:
    """Rebuild a Parcel; `load` gives the bytes of a `{"file", "size", "blake3"}`. Raises ParcelDamaged."""
    return cast(Parcel, _build(Parcel, _opened(text), load))


def blobs(text: bytes) -> Iterator[Mapping[str, Any]]:
    """Every `{"file", "size", "blake3"}` that the text of a parcel speaks of. Raises ParcelDamaged."""
    capture, attachments = (_opened(text)[name] for name in ("capture", "attachments"))
    holders = [*capture["displayed"], *attachments]
    if "data" in capture["source"]:
        holders.append(capture["source"])
    yield from (holder["data"] for holder in holders)


def checked(data: bytes, blob: Mapping[str, Any]) -> bytes:
    """The bytes, if they are those that were put; raises ParcelDamaged otherwise."""
    if len(data) != blob["size"] or blake3(data).hexdigest() != blob["blake3"]:
        raise ParcelDamaged(f"{blob['file']} is not what was saved")
    return data


def plain(value: Any) -> Any:
    """What JSON can carry of a value that people chose freely; infinities and unknown objects become text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        value = value.item()  # NumPy's scalars know their plain value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _content(record: Any) -> dict[str, Any]:
    kind: type = type(record)
    content = {name: getattr(record, name) for name in _names(kind)}
    if "metadata" in content:  # the one field that people fill freely
        content["metadata"] = plain(content["metadata"])
    return content


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a record; none of anything else."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


@cache
def _hints(record: type) -> Mapping[str, Any]:
    return get_type_hints(record)


def _opened(text: bytes) -> dict[str, Any]:
    body = text[_HEAD_LENGTH:-1]
    if text[_HASH_AT] != blake3(body).hexdigest().encode():
        raise ParcelDamaged("parcel.json is not what was saved")
    return cast(dict[str, Any], json.loads(body))


def _build(hint: Any, value: Any, load: Loader) -> Any:
    """The value that a type hint asks for, from its JSON."""
    if get_origin(hint) in {Union, types.UnionType}:
        return _build_one_of(get_args(hint), value, load)
    if hint is bytes:
        return load(value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if get_origin(hint) is tuple:
        return tuple(_build(get_args(hint)[0], item, load) for item in value)
    if isinstance(hint, type) and is_dataclass(hint):
        hints = _hints(hint)  # a field that an older version lacked keeps its default
        known = (name for name in _names(hint) if name in value)
        return hint(**{name: _build(hints[name], value[name], load) for name in known})
    return value


def _build_one_of(hints: tuple[Any, ...], value: Any, load: Loader) -> Any:
    if value is None:
        return None
    if isinstance(value, dict) and value.keys() == {"missing"} and Missing in hints:
        return Missing(value["missing"])
    return _build(next(hint for hint in hints if hint not in {Missing, type(None)}), value, load)
