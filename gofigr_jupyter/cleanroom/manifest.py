"""A clean room as the data objects that GoFigr knows it by, and back.

"Clean Room Source" is the body of the function, "Clean Room Manifest" everything about it as JSON, and each table is a
parquet file named after its argument. The official client and GoFigr's pages read and write the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from gofigr_jupyter.cleanroom.room import Argument, CleanRoom, rendering_now
from gofigr_jupyter.cleanroom.source import Source
from gofigr_jupyter.errors import CleanRoomError
from gofigr_jupyter.records import Attachment

SOURCE, MANIFEST = "Clean Room Source", "Clean Room Manifest"
ROLE, MANIFEST_ROLE = "clean-room", "manifest"

Clean = Callable[[str], str]


class Piece(Protocol):
    """A data object of a revision."""

    @property
    def name(self) -> str | None:
        """What it is called."""

    @property
    def type(self) -> str:
        """The wire's type."""

    @property
    def is_clean_room(self) -> bool:
        """Whether it is part of a clean room."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What is known of it."""

    def bytes(self) -> bytes:
        """Its content."""


def attachments(room: CleanRoom, clean: Clean = str) -> tuple[Attachment, ...]:
    """The data objects of a room; `clean` takes secrets out of the text of its code and of its arguments."""
    code = {"language": "Python", "encoding": "utf-8", "role": ROLE, "function_name": room.name}
    told = {"encoding": "utf-8", "role": MANIFEST_ROLE}
    text = json.dumps(manifest(room, clean), ensure_ascii=False)
    found = [
        Attachment(SOURCE, "code", "clean_room", _bytes(clean(room.source.body)), metadata=code, is_clean_room=True),
        Attachment(MANIFEST, "text", "json", _bytes(text), metadata=told, is_clean_room=True),
    ]
    for name, argument in room.arguments.items():
        if argument.frame is not None:
            table = Attachment(
                name, "dataframe", "parquet", argument.frame, metadata={"role": ROLE}, is_clean_room=True
            )
            found.append(table)
    return tuple(found)


def manifest(room: CleanRoom, clean: Clean = str) -> dict[str, Any]:
    """Everything about a room but its code and tables."""
    return {
        "language": "python",
        "language_version": room.python,
        "function_name": room.name,
        "packages": dict(room.packages),
        "imports": dict(room.imports),
        "parameters": {name: _cleaned(name, one.entry, clean) for name, one in room.arguments.items()},
        "rendering": dict(rendering_now() if room.rendering is None else room.rendering),
    }


def read(pieces: Iterable[Piece]) -> CleanRoom:
    """The room that a revision's data objects tell of; raises CleanRoomError where they tell of none."""
    all_of_them = list(pieces)
    code, told = _named(all_of_them, SOURCE, "code"), _named(all_of_them, MANIFEST, "text")
    if code is None or told is None:
        raise CleanRoomError("This revision has no clean room: no reproducible function made it")
    try:
        facts = json.loads(told.bytes())
        language = facts.get("language", "python")
        entries = facts["parameters"]
        name = str(facts.get("function_name") or code.metadata.get("function_name") or "function")
        imports = {str(alias): str(module) for alias, module in (facts.get("imports") or {}).items()}
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise CleanRoomError(f"The manifest of this clean room cannot be read ({error})") from error
    if str(language).lower() != "python":
        raise CleanRoomError(f"This clean room is written in {language}, not in Python")
    if not name.isidentifier() or not all(map(str.isidentifier, entries)):
        raise CleanRoomError("The manifest of this clean room names what cannot be named in Python")
    return CleanRoom(
        source=Source(name, code.bytes().decode("utf-8", "replace"), tuple(entries)),
        imports=imports,
        packages=facts.get("packages") or {},
        arguments={one: _argument(one, entry, all_of_them) for one, entry in entries.items()},
        python=str(facts.get("language_version") or ""),
        rendering=facts.get("rendering") or {},
    )


def _named(pieces: list[Piece], name: str, kind: str) -> Piece | None:
    """The last of that name: what was appended takes the place of what was there."""
    return next((one for one in reversed(pieces) if one.name == name and one.type == kind), None)


def _argument(name: str, entry: Any, pieces: list[Piece]) -> Argument:
    if not isinstance(entry, Mapping):
        raise CleanRoomError(f"The manifest of this clean room does not say what {name} was")
    if entry.get("type") != "dataframe":
        return Argument(entry)
    tables = [one for one in pieces if one.name == name and one.type == "dataframe"]
    # A table of the same name may have been sent along with the figure; marks tell the two apart where there are any.
    table = next((one for one in reversed(tables) if one.is_clean_room), None) or next(reversed(tables), None)
    if table is None:
        raise CleanRoomError(f"The table {name} of this clean room is missing")
    return Argument(entry, table.bytes())


def _cleaned(name: str, entry: Mapping[str, Any], clean: Clean) -> dict[str, Any]:
    """The entry without secrets."""
    plain = ("value", "choices")
    return {word: _without_secrets(name, said, clean) if word in plain else said for word, said in entry.items()}


def _without_secrets(name: str, value: Any, clean: Clean) -> Any:
    """A text called `password` is one, whatever it says; others are known by their looks."""
    if isinstance(value, str):
        said = f"{name} = {value!r}"
        return value if clean(said) == said else "***"
    if isinstance(value, list) and any(isinstance(item, str | list | dict) for item in value):
        return [_without_secrets(name, item, clean) for item in value]
    if isinstance(value, dict):
        return {key: _without_secrets(str(key), item, clean) for key, item in value.items()}
    return value


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
