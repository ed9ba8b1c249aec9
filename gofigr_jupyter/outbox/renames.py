"""Notes to the worker: an analysis that got a session's name is to bear its notebook's, now that this is known.

In: from the kernel, when the notebook's name arrives after figures have gone out. Out: for the worker.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from gofigr_jupyter.outbox.files import read_json, write_json
from gofigr_jupyter.records import Ref


@dataclass(frozen=True, slots=True)
class Rename:
    """From one analysis name to another, on one server, for one account."""

    url: str | None
    account: str | None
    workspace: Ref
    old: str
    new: str


def put_rename(home: Path, rename: Rename) -> None:
    """Leave a note. Raises OutboxError."""
    write_json(_folder(home) / f"{uuid.uuid4().hex}.json", asdict(rename))


def renames(home: Path) -> dict[Path, Rename]:
    """All notes, by the file to delete when one is carried out."""
    found = {}
    try:
        paths = sorted(_folder(home).glob("*.json"))
    except OSError:
        return {}
    for path in paths:
        content = read_json(path)
        try:
            if content is not None:
                found[path] = Rename(**{**content, "workspace": Ref(**content["workspace"])})
        except (KeyError, TypeError):
            path.unlink(missing_ok=True)  # of a version that we don't know
    return found


def _folder(home: Path) -> Path:
    return home / "outbox" / "renames"
