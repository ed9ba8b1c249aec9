"""The environment of a revision as rows of a table: from our JSON, else from the lines of a `pip freeze`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gofigr_jupyter.server.pages.words import plain, web_link

MAX_ROWS = 3000
PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:===?\s*([^\s;#]+)|@\s*([^\s;#]+))")
EDITABLE = re.compile(r"(?:-e|--editable)\s+(\S+)")
OURS = re.compile(r"-e ([\w.-]+) @ (\S+)")
EGG = re.compile(r"[#&]egg=([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Row:
    """An installed distribution; `mark` is `editable`, `VCS`, `local` or empty, `link` a web address or not."""

    name: str
    version: str
    mark: str = ""
    origin: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """The packages, and what else is known of the Python, as label and value."""

    rows: tuple[Row, ...]
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def unusual(self) -> int:
        """How many did not come from a package index."""
        return sum(bool(row.mark) for row in self.rows)


def from_json(text: str) -> Environment | None:
    """Our own record; None when it is not one."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("packages"), list):
        return None
    rows = [_row(entry) for entry in value["packages"][:MAX_ROWS] if isinstance(entry, dict)]
    implementation = " ".join(filter(None, (plain(value.get("implementation")), plain(value.get("python")))))
    facts = {
        "Python": implementation,
        "Platform": plain(value.get("platform")),
        "Interpreter": plain(value.get("executable")),
    }
    return Environment(_sorted(rows), tuple((label, fact) for label, fact in facts.items() if fact))


def from_freeze(text: str) -> Environment:
    """What the lines of a `pip freeze` say; other lines are passed over."""
    rows: list[Row] = []
    for line in text.splitlines()[:MAX_ROWS]:
        stripped = line.strip()
        if found := OURS.fullmatch(stripped):
            rows.append(_marked(found[1], "", True, found[2]))
        elif found := EDITABLE.match(stripped):
            origin = found[1]
            egg = EGG.search(origin)
            name = egg[1] if egg else origin.partition("#")[0].rstrip("/").rsplit("/", 1)[-1]
            rows.append(_marked(plain(name), "", True, origin))
        elif found := PINNED.match(stripped):
            rows.append(_marked(found[1], found[2] or "", False, found[3] or ""))
    return Environment(_sorted(rows))


def _row(entry: Mapping[str, Any]) -> Row:
    origin = entry.get("origin")
    editable = entry.get("is_editable") is True
    where = origin if isinstance(origin, str) else ""
    return _marked(plain(entry.get("name")), plain(entry.get("version")), editable, where)


def _marked(name: str, version: str, editable: bool, origin: str) -> Row:
    is_vcs = origin.split("+", 1)[0] in {"git", "hg", "svn", "bzr"} or origin.startswith("git@")
    mark = "editable" if editable else "VCS" if is_vcs else "local" if origin else ""
    address = origin.split("+", 1)[1] if is_vcs and "+" in origin else origin
    return Row(name, plain(version, 80), mark, plain(origin, 200), web_link(address))


def _sorted(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted((row for row in rows if row.name), key=lambda row: row.name.casefold()))
