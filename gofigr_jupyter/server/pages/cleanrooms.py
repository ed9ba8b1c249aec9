"""The clean room on the page of a revision: the function that made the figure, what it was called with, how to call it.

In: a revision's items, and a way to read their beginnings. Out: a frozen view. Anybody may have written what is read
here, in Python or R; nothing of it is run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gofigr_jupyter.cleanroom.manifest import MANIFEST, ROLE, SOURCE
from gofigr_jupyter.server.pages.revision import Download, Listing, Reading, download_of, listing_of
from gofigr_jupyter.server.pages.words import plain
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.tables.reading import is_plotted

LONGEST = 1_000_000  # bytes of a manifest that a page reads
MOST = 60  # arguments, choices, packages
LONGEST_VALUE = 120
_FORMS = {"checkbox": "True, False", "text": "any text"}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: its value in words, or the table that it was; `choices` is empty where nothing was to be chosen."""

    name: str
    value: str = ""
    choices: str = ""
    table: Download | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A reproducible function as it was called. `again` is code that calls it again; empty where nobody can say how."""

    name: str
    call: str
    arguments: tuple[Argument, ...]
    needs: str
    body: Listing | None
    manifest: Download
    again: str
    held: frozenset[str]  # the ids of its items, which need no other place on the page


def room_of(items: Sequence[Item], revision_id: str, stem: str, read: Reading) -> Room | None:
    """The clean room of a revision; None when no reproducible function made it."""
    source, told = _last(items, SOURCE, "code"), _last(items, MANIFEST, "text")
    facts = _facts(told, read)
    if source is None or told is None or not facts:
        return None
    name = plain(facts.get("function_name"), 80) or plain(source.meta.get("function_name"), 80) or "function"
    entries = _dict(facts.get("parameters"))
    arguments = tuple(_arguments(entries, items, stem))
    listed = ", ".join([one.name for one in arguments] + ["…"] * (len(entries) > len(arguments)))
    tables = {one.table.item.id for one in arguments if one.table is not None}
    is_python = str(facts.get("language") or "python").lower() == "python" and name.isidentifier()
    return Room(
        name=name,
        call=f"{name}({listed})",
        arguments=arguments,
        needs=", ".join(_needs(facts)),
        body=listing_of(source, f"What {name}() does", stem, read),
        manifest=download_of(told, stem),
        again=_again(name, entries, revision_id) if is_python else "",
        held=frozenset({one.id for one in items if one.name in {SOURCE, MANIFEST}} | tables),
    )


def others(items: Sequence[Item], room: Room | None) -> list[Item]:
    """The items that are shown elsewhere on the page."""
    return [item for item in items if room is None or item.id not in room.held]


def _last(items: Sequence[Item], name: str, kind: str) -> Item | None:
    """The last of that name: what was appended takes the place of what was there."""
    return next((one for one in reversed(items) if one.name == name and one.type == kind), None)


def _facts(told: Item | None, read: Reading) -> Mapping[str, Any]:
    found = read(told, LONGEST) if told is not None else None
    try:
        facts = json.loads(found[0]) if found and not found[1] else {}
    except (ValueError, RecursionError):
        return {}
    return _dict(facts)


# ---------------------------------------------------------------- in words


def _arguments(entries: Mapping[str, Any], items: Sequence[Item], stem: str) -> Iterator[Argument]:
    for name in list(entries)[:MOST]:
        entry, shown = _dict(entries[name]), plain(name, 80) or "?"
        if entry.get("type") != "dataframe":
            yield Argument(shown, _value(entry.get("value")), _choices(entry))
            continue
        tables = [one for one in items if one.name == name and one.type == "dataframe" and not is_plotted(one)]
        # A table of the same name may have been sent along with the figure; our worker tells the two apart by role.
        table = _last([one for one in tables if one.meta.get("role") == ROLE] or tables, name, "dataframe")
        yield Argument(shown, table=download_of(table, stem) if table else None)


def _value(value: Any) -> str:
    """As it is written in Python; texts without their quotes."""
    if isinstance(value, list | dict) and len(value) > MOST:
        return f"{len(value):,} items"
    try:
        return plain(value if isinstance(value, str) else repr(value), LONGEST_VALUE)
    except RecursionError:  # whoever wrote that did not want it to be read
        return "…"


def _choices(entry: Mapping[str, Any]) -> str:
    """What else a reader could have chosen."""
    widget, hint = entry.get("widget"), _dict(entry.get("python"))
    if widget == "slider":
        low, high, step = (_value(entry.get(word)) for word in ("min", "max", "step"))
        return f"{low} to {high}, step {step}"
    choices = entry.get("choices")
    if widget == "dropdown" and isinstance(choices, list):
        return ", ".join(_value(one) for one in choices[:MOST])
    if widget == "text" and hint.get("is") in {"date", "datetime", "Timestamp"}:
        return "any date"
    return _FORMS.get(widget, "") if isinstance(widget, str) else ""


def _needs(facts: Mapping[str, Any]) -> Iterator[str]:
    """`Python 3.11.9`, `numpy 2.3`: what it ran with; modules of the standard library have no version."""
    language = plain(facts.get("language"), 20) or "python"
    yield f"{language.capitalize()} {plain(facts.get('language_version'), 40)}".strip()
    for name, version in list(_dict(facts.get("packages")).items())[:MOST]:
        if shown := plain(version, 40):
            yield f"{plain(name, 60)} {shown}"


def _again(name: str, entries: Mapping[str, Any], revision_id: str) -> str:
    """The call, with the first argument that can be written on the line; nothing of the author's but such names."""
    changed = ""
    for argument, told in entries.items():
        entry = _dict(told)
        value, is_typed = entry.get("value"), "python" in entry  # of what JSON cannot say, the plain value tells half
        is_adjustable = bool(entry.get("widget")) and argument.isidentifier()
        if is_adjustable and not is_typed and isinstance(value, bool | int | float | str) and len(repr(value)) < 60:
            changed = f"{argument}={value!r}"
            break
    return (
        "from gofigr_jupyter import GoFigr, clean_room\n\n"
        f'with GoFigr() as gf:\n    {name} = clean_room(gf.revisions.get("{revision_id}"))\n\n'
        f"{name}({changed})  # as it was, or with other values\n"
        f"{name}.explore()  # in a notebook: with a control for each\n"
    )


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
