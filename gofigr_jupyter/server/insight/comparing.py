"""Two revisions beside one another: their pictures counted out in a child process, and the differences in words.

In: records and a store. Out: Changes, and facts about them; a reason is given only where just one thing changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from gofigr_jupyter.proof.changes import hints
from gofigr_jupyter.proof.recorded import Code, Piece
from gofigr_jupyter.schema.insight import Changes, Evidence, EvidenceRef, PictureChange
from gofigr_jupyter.server import child
from gofigr_jupyter.server.child import Unreadable
from gofigr_jupyter.server.insight import changes as computed
from gofigr_jupyter.server.insight import seeing
from gofigr_jupyter.server.insight.about_making import fenced, in_code
from gofigr_jupyter.server.insight.facts import Fact, Topic, in_metadata, words_of
from gofigr_jupyter.server.insight.record import Record, Rowed
from gofigr_jupyter.server.insight.wording import cell, counted, listed, name, number
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.store import Store

SECONDS = 20.0
MOST_HUNKS = 6
MOST_LINES = 30
MOST_TOLD = 10
_CHILD = "gofigr_jupyter.server.insight.pixels"


def compared(store: Store, before: tuple[Rowed, Record], after: tuple[Rowed, Record]) -> Changes:
    """What differs between two revisions, the older one first."""
    return computed.between(before[1], after[1], _picture(store, before, after))


# ---------------------------------------------------------------- pictures


def _picture(store: Store, before: tuple[Rowed, Record], after: tuple[Rowed, Record]) -> PictureChange | None:
    """None where there are no two pictures with pixels to compare."""
    first, second = (seeing.shown(record) for _, record in (before, after))
    if first is None or second is None:
        return None
    if first.hash == second.hash:
        return PictureChange()
    with suppress(Unreadable, DamagedBlob, OutOfReach, ValueError, KeyError, TypeError):
        told = _measured(store, (before[0], first), (after[0], second))
        return PictureChange(differing_pixels=int(told["differing"]), bounding_box=told["box"])
    return None


def _measured(store: Store, *pictures: tuple[Rowed, Piece]) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(prefix="gofigr-pixels-") as copy:
        for rowed, piece in pictures:
            copy.writelines(store.read(*rowed.found.kept[piece.id]))
        copy.flush()
        arguments = [str(pictures[0][1].size_bytes)]
        found = list(child.frames(_CHILD, Path(copy.name), lambda: None, arguments=arguments, seconds=SECONDS))
    return found[0][0] if found else {}


# ---------------------------------------------------------------- in words


def facts(changes: Changes, before: Record, after: Record) -> Iterator[Fact]:
    """The differences, and what they come from where that is plain."""
    yield _reason(changes, before, after)
    yield from _picture_facts(changes, before)
    yield from _code_facts(changes, after)
    for what, entries, noun in (
        ("path", changes.inputs, "input file"),
        ("name", changes.packages, "package"),
    ):
        if entries:
            yield _listed(entries, what, noun, after)
    yield from _data_facts(changes, after)


def other(record: Record) -> Evidence:
    """Evidence that is a revision as a whole."""
    return Evidence(kind="revision", label=f"Revision {record.number}", ref=EvidenceRef(revision=record.id))


def _reason(changes: Changes, before: Record, after: Record) -> Fact:
    span = f"between revision {before.number} and revision {after.number}"
    if computed.is_none(changes):
        return Fact(Topic.CHANGES, f"Nothing that is recorded differs {span}.", other(before))
    parts = {"the code": changes.code, "the inputs": changes.inputs, "the packages": changes.packages}
    differing, same = [key for key, found in parts.items() if found], [key for key, found in parts.items() if not found]
    is_other = bool(changes.data or (changes.picture and changes.picture.differing_pixels))
    if not differing:
        text = f"Neither code, inputs nor packages differ {span}, but what was drawn does{_chance(after)}."
    elif not is_other:
        text = f"What differs {span} is {listed(differing)}; the plotted data and the picture are the same."
    elif len(differing) == 1:
        text = f"What differs {span} is {differing[0]} alone, so the difference in what is shown comes from there"
        text += f" ({listed(same)} are the same)."
    else:
        text = f"Several things differ {span}: {listed(differing)}. Which of them made the difference is not recorded."
    return Fact(Topic.CHANGES, text, other(before))


def _chance(record: Record) -> str:
    code = record.made.code
    found = list(hints(code.text)) if isinstance(code, Code) else []
    return f": of the code it can be said that {'; '.join(name(one) for one in found)}" if found else ""


def _picture_facts(changes: Changes, before: Record) -> Iterator[Fact]:
    picture = changes.picture
    if picture is None:
        text = "The pictures cannot be compared pixel by pixel."
    elif not picture.differing_pixels:
        text = "The pictures are the same, pixel by pixel."
    else:
        text = f"{counted(picture.differing_pixels, 'pixel')} of the picture differ"
        box = picture.bounding_box
        text += f", between ({box[0]}, {box[1]}) and ({box[2]}, {box[3]})" if box else ""
        text += "."
    value = picture.differing_pixels if picture else None
    ref = EvidenceRef(revision=before.id)
    yield Fact(Topic.CHANGES, text, Evidence(kind="revision", label=f"Revision {before.number}", ref=ref, value=value))


def _code_facts(changes: Changes, after: Record) -> Iterator[Fact]:
    piece = after.piece("slice", "script", "cell", "history")
    for hunk in changes.code[:MOST_HUNKS]:
        lines = [f"- {line}" for line in hunk["before"]] + [f"+ {line}" for line in hunk["after"]]
        cut = lines[:MOST_LINES] + ([f"  ({len(lines) - MOST_LINES} more lines)"] if len(lines) > MOST_LINES else [])
        first, last = hunk["lines"]
        where = f"line {first}" if first == last else f"lines {first} to {last}"
        text = f"Code was {hunk['change']} at {where}:\n\n{fenced(cut, 'diff')}"
        yield Fact(Topic.CHANGES, text, in_code(piece, after, (first, last)))
    if len(changes.code) > MOST_HUNKS:
        text = f"{counted(len(changes.code) - MOST_HUNKS, 'more place')} of the code differ."
        yield Fact(Topic.CHANGES, text, in_code(piece, after, None))


def _listed(entries: list[Any], key: str, noun: str, after: Record) -> Fact:
    told = listed((_entry(one, key) for one in entries), MOST_TOLD)
    text = f"{counted(len(entries), noun)} {'differs' if len(entries) == 1 else 'differ'}: {told}."
    names = words_of(*(one[key] for one in entries))
    return Fact(Topic.CHANGES, text, in_metadata(after, noun.capitalize(), len(entries)), names)


def _entry(one: dict[str, Any], key: str) -> str:
    label = name(str(one[key]).rpartition("/")[2] or one[key])
    if one["change"] != "changed":
        return f"{label} ({one['change']})"
    was, now = (name(str(one[side])[:12]) for side in ("before", "after"))
    return f"{label} ({was} → {now})"


def _data_facts(changes: Changes, after: Record) -> Iterator[Fact]:
    if not changes.data:
        yield Fact(Topic.CHANGES, "The plotted data are the same.", other(after))
    for one in changes.data[:MOST_TOLD]:
        table = next((it for it in after.tables if it.name == one["table"]), None)
        ref = EvidenceRef(data=table.id, series=one.get("series") or None) if table else EvidenceRef(revision=after.id)
        place = Evidence(kind="table", label=one["table"][:200], ref=ref, value=one.get("after"))
        yield Fact(Topic.CHANGES, _change(one), place, words_of(one["table"], one.get("series") or one["table"]))
    if len(changes.data) > MOST_TOLD:
        text = f"{counted(len(changes.data) - MOST_TOLD, 'more difference')} of the plotted data are not listed here."
        yield Fact(Topic.CHANGES, text, other(after))


def _change(one: dict[str, Any]) -> str:
    subject = listed(name(part) for part in _places(one))
    if one["change"] != "changed":
        return f"{subject} was {one['change']}."
    if "before" not in one:
        return f"{subject} has changed: {one.get('what', 'its values')}."
    was, now = one["before"], one["after"]
    text = f"{subject}: {one['what']} was {_side(was)} and is {_side(now)}"
    if isinstance(was, int | float) and isinstance(now, int | float) and was:
        text += f" ({number(100 * (now - was) / abs(was))} %)"
    return f"{text}."


def _places(one: dict[str, Any]) -> Iterable[str]:
    yield one["table"]
    yield from (str(one[key]) for key in ("series", "column") if one.get(key))


def _side(value: Any) -> str:
    return "nothing" if value is None else cell(value)
