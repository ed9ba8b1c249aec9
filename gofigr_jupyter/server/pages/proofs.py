"""The proof on pages: the last verdict of a revision, and what a reader may do for another.

In: a revision's items, and who reads. Out: frozen views. Anybody may have written what is read here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from gofigr_jupyter.proof import verdict
from gofigr_jupyter.server import proving, sessions
from gofigr_jupyter.server.auth import Actor, config_of
from gofigr_jupyter.server.pages.pictures import format_of, role_of
from gofigr_jupyter.server.pages.revision import Reading
from gofigr_jupyter.server.pages.words import plain
from gofigr_jupyter.server.policy import Act, Gate, allows
from gofigr_jupyter.server.store import work
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.store.tables import Analysis, Revision

LONGEST = 200_000  # bytes of a verdict that a page reads
MOST_LINES = 40
ROLE = "proof"


@dataclass(frozen=True, slots=True)
class Place:
    """A box of a picture in which it differs."""

    at: str
    size: str
    pixels: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The last verdict; `said` is empty while there is none. `picture` is the path of one that marks the places."""

    said: str = ""
    kind: str = ""
    reason: str = ""
    lines: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    trace: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """What a page offers: a form with this token where `can_run`, else a command; `task` is one that is under way."""

    can_run: bool
    command: str
    token: str = ""
    task: str = ""


def button(db: Transaction, request: Request, gate: Gate, row: Revision | Analysis, command: str) -> Button | None:
    """What the reader of this page can do; None where they may not write."""
    if gate.visitor is None or not allows(db, gate.visitor, Act.WRITE, row):
        return None
    can_run = config_of(request).embedded and gate.visitor.via == "cookie"
    task = _under_way(db, gate.visitor, row)
    return Button(can_run, command, sessions.form_token(request) if can_run else "", task or "")


def proof_of(meta: Any, items: Sequence[Item], read: Reading) -> Proof:
    """The verdict that is kept with a revision."""
    short = meta.get("verdict") if isinstance(meta, Mapping) else None
    said = verdict.said(short)
    if not said or not isinstance(short, Mapping):
        return Proof()
    kept = [item for item in items if role_of(item) == ROLE]
    record = next((item for item in kept if format_of(item) == "json"), None)
    full = _full(record, read)
    picture = next((item for item in kept if item.type == "image"), None)
    return Proof(
        said=said,
        kind=str(short["verdict"]),
        reason=plain(short.get("reason"), 500),
        lines=tuple(_lines(full)),
        places=tuple(_places(full)),
        trace="\n".join(plain(line, 300) for line in _list(full.get("trace"))[-MOST_LINES:]),
        picture=f"/file/{picture.id}/difference.png?inline=1&v={picture.hash[:12]}" if picture else "",
    )


def _under_way(db: Transaction, actor: Actor, row: Revision | Analysis) -> str | None:
    found = work.unfinished_of(db, actor.user_id, proving.KIND)
    return next((task.id for task in found if task.request.get("of") == row.id), None)


# ---------------------------------------------------------------- what anybody may have written, in words


def _full(record: Item | None, read: Reading) -> Mapping[str, Any]:
    found = read(record, LONGEST) if record is not None else None
    try:
        told = json.loads(found[0]) if found and not found[1] else {}
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _lines(full: Mapping[str, Any]) -> list[str]:
    changes = _dict(full.get("changes"))
    lines = [plain(one, 300) for one in _list(changes.get("inputs"))]
    for one in [*_list(changes.get("packages")), *_list(changes.get("python"))]:
        told = _dict(one)
        now = plain(told.get("now")) or "not installed"
        lines.append(f"{plain(told.get('name'))} {plain(told.get('was'))} → {now}")
    lines += [plain(one, 300) for one in _list(changes.get("code"))]
    lines += [plain(one, 300) for one in _list(full.get("hints"))]
    return [line for line in lines[:MOST_LINES] if line]


def _places(full: Mapping[str, Any]) -> list[Place]:
    found = []
    for one in _list(full.get("pictures")):
        for region in _list(_dict(_dict(one).get("measure")).get("regions")):
            if isinstance(region, list) and len(region) == 5 and all(type(edge) is int for edge in region):
                left, top, right, bottom, pixels = region
                found.append(Place(f"{left}, {top}", f"{right - left} × {bottom - top}", pixels))
    return found[:MOST_LINES]


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
