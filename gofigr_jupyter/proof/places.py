"""Where input files are laid out, so that the code finds them below one folder: at the very paths that it names.

In: recorded inputs and code. Out: for each input a path below the folder, and what to write in place of a path that
leads elsewhere (absolute, or out of the folder). Touches no file; no path that it gives leads out of the folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gofigr_jupyter.proof.recorded import Cell, Input

APART = "inputs"  # the folder for what the code names by a path that cannot be kept
_LITERAL = re.compile(r"""(?<![\w'"])([rRuU]?)(?:'([^'\\\n]*)'|"([^"\\\n]*)")""")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
# What some system refuses, what no encoding has, and what makes a name look like another.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Placed:
    """An input and where it lies below the folder.

    `literal` is what the code says instead, if that has to be replaced; `is_found` is false where no line of the code
    names the file, so that nobody knows whether it will be found there.
    """

    input: Input
    path: str
    literal: str | None = None
    is_found: bool = True
    named: str | None = None  # how the code names it now


def placed(
    inputs: Iterable[Input], cells: Sequence[Cell], folder: str | None, reserved: Iterable[str] = ()
) -> tuple[Placed, ...]:
    """A place for each input that is a file; `folder` is where the session worked, `reserved` names are not free."""
    literals = tuple(dict.fromkeys(_literals(cells)))
    taken = dict.fromkeys(reserved, "")  # path in lower case, for there are disks that know no other -> what is there
    found = []
    for one in inputs:
        if _URL.match(one.path):
            continue
        place = _place(one, literals, (folder or "").replace("\\", "/"))
        key = one.digest or one.path
        path, number = place.path, 1
        while taken.setdefault(path.lower(), key) != key:
            number += 1
            path = f"{APART}/{number}/{safe_name(one.name)}"
        if path != place.path:
            literal = place.literal or place.named or _said(one, literals)
            place = replace(place, path=path, literal=literal, is_found=literal is not None)
        found.append(place)
    return tuple(found)


def urls(inputs: Iterable[Input]) -> tuple[str, ...]:
    """The inputs that come from the network, which no folder can hold."""
    return tuple(one.path for one in inputs if _URL.match(one.path))


def rewritten(source: str, places: Iterable[Placed]) -> str:
    """The code with the paths replaced that lead elsewhere; only whole string literals are touched."""
    other = {place.literal: place.path for place in places if place.literal is not None}
    if not other:
        return source

    def put(match: re.Match[str]) -> str:
        told = match[2] if match[2] is not None else match[3]
        return repr(other[told]) if told in other else match[0]

    return _LITERAL.sub(put, source)


def replacements(places: Iterable[Placed]) -> Mapping[str, str]:
    """What is replaced by what."""
    return {place.literal: place.path for place in places if place.literal is not None}


def safe_name(name: str) -> str:
    """A file name that every system takes."""
    cleaned = _UNSAFE.sub("_", name.replace("/", "_")).strip(" .")[-_LONGEST:].strip(" .")
    return f"_{cleaned}" if _RESERVED.fullmatch(cleaned) else cleaned or "file"


def is_safe(path: str) -> bool:
    """Whether a relative path stays below its folder, on every system."""
    parts = path.split("/")
    return all(part == safe_name(part) for part in parts) and len(path) < 4 * _LONGEST


def _place(one: Input, literals: Sequence[str], folder: str) -> Placed:
    path = one.path.replace("\\", "/") if re.match(r"[A-Za-z]:[\\/]", one.path) else one.path
    is_absolute = path.startswith("/") or bool(re.match(r"[A-Za-z]:/", path))
    if not is_absolute:
        plain = _plain(path)
        if plain is not None:
            return Placed(one, plain)
        return Placed(one, f"{APART}/{safe_name(one.name)}", literal=_said(one, literals), is_found=path in literals)
    for literal in literals:  # named relative to where the session worked
        plain = _plain(literal)
        if plain is not None and path.endswith(f"/{plain}"):
            return Placed(one, plain, named=literal)
    said = _said(one, literals)
    if said is None and folder and path.startswith(f"{folder}/"):
        plain = _plain(path[len(folder) + 1 :])
        if plain is not None:
            return Placed(one, plain)
    if said is None and path.endswith(".py"):  # a module, which is found by its name
        return Placed(one, safe_name(one.name))
    return Placed(one, f"{APART}/{safe_name(one.name)}", literal=said, is_found=said is not None)


def _plain(path: str) -> str | None:
    """A relative path in its one spelling; None for what leads out of the folder or is no path."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith(("/", "~")) or not parts or _URL.match(path):
        return None
    joined = "/".join(parts)
    return joined if is_safe(joined) else None


def _said(one: Input, literals: Iterable[str]) -> str | None:
    """The literal of the code that names an input by a path which cannot be kept."""
    for literal in literals:
        tail = literal.removeprefix("~").replace("\\", "/")
        while tail.startswith("../"):
            tail = tail[3:]
        if literal == one.path or (tail and tail[0] == "/" and literal[0] == "~" and one.path.endswith(tail)):
            return literal
        if literal.startswith("../") and one.path.replace("\\", "/").endswith(f"/{tail}"):
            return literal
    return None


def _literals(cells: Iterable[Cell]) -> Iterator[str]:
    for cell in cells:
        for match in _LITERAL.finditer(cell.source):
            told = match[2] if match[2] is not None else match[3]
            if told:
                yield told
