"""Comments on their way: a small file for each, from when its server could not be asked until that has it.

In: from the kernel, what somebody has said of a revision. Out: for the worker, in the order in which it was said; for
threads, to show it meanwhile. The id was drawn where it was written: to deliver it twice makes one comment.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gofigr_jupyter.outbox.box import Outbox, stamp
from gofigr_jupyter.outbox.files import read_json, write_json
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.outbox.syncing import open_folder
from gofigr_jupyter.records import State


@dataclass(frozen=True, slots=True)
class WaitingComment:
    """What somebody has said of a revision, to one server, by one account.

    `anchor` is as the contract has it; `user` and `who` are the writer's names, where they were known. `problem` says
    why the server will never take it; then a person decides.
    """

    client_id: str
    revision: str
    url: str | None
    account: str | None
    content: str
    said_at: str  # ISO 8601 with offset
    parent: str | None = None
    anchor: dict[str, Any] | None = None
    user: str = ""
    who: str = ""
    problem: str | None = None


def put_comment(home: Path, comment: WaitingComment) -> None:
    """Keep one: when this returns, no kill and no power failure loses it. Raises OutboxError.

    One that is there already keeps its place in the order.
    """
    path = find_comment(home, comment.client_id)
    if path is None:
        path = _folder(home) / f"{stamp(datetime.now(UTC))}-{comment.client_id}.json"
    _write(path, comment)


def fail_comment(path: Path, comment: WaitingComment, problem: str) -> None:
    """Put one aside, with the reason; unless somebody has taken it back meanwhile. Raises OutboxError."""
    if path.exists():
        _write(path, replace(comment, problem=problem))


def waiting_comments(home: Path, revision: str | None = None) -> dict[Path, WaitingComment]:
    """Those of one revision, or all, in the order in which they were said; failed ones too.

    By the file that is to be deleted when a comment has arrived.
    """
    found = {}
    try:
        paths = sorted(_folder(home).glob("*.json"))
    except OSError:
        return {}
    for path in paths:
        content = read_json(path)
        with suppress(TypeError):  # of a version that we don't know: it stays for that version
            if content is not None and revision in {None, content.get("revision")}:
                found[path] = WaitingComment(**content)
    return found


def find_comment(home: Path, client_id: str) -> Path | None:
    """Where one lies."""
    return next(iter(_folder(home).glob(f"*-{client_id}.json")), None)


def take_back(home: Path, client_id: str) -> None:
    """It is delivered, or no longer wanted."""
    path = find_comment(home, client_id)
    if path is not None:
        path.unlink(missing_ok=True)


def deliverable(home: Path) -> dict[Path, WaitingComment]:
    """Those that wait for their server, or for a revision that is on its way; in their order."""
    waiting = {path: one for path, one in waiting_comments(home).items() if one.problem is None}
    return {path: one for path, one in waiting.items() if holding(home, one.revision) != "failed"}


def holding(home: Path, revision: str) -> str | None:
    """The folder of the outbox in which a revision waits that its server does not have yet; None when it has."""
    entry = next((one for one in Outbox(home).list("new", "taken", "failed") if one.client_id == revision), None)
    receipt = read_receipt(home, revision) if entry is not None else None
    if entry is None or (receipt is not None and receipt.state in {State.PUBLISHED, State.COMPLETE}):
        return None
    return entry.folder


def retry_comments(home: Path) -> int:
    """Put failed ones back in the queue; returns how many."""
    failed = {path: one for path, one in waiting_comments(home).items() if one.problem is not None}
    for path, comment in failed.items():
        _write(path, replace(comment, problem=None))
    return len(failed)


def _write(path: Path, comment: WaitingComment) -> None:
    write_json(path, asdict(comment), durable=True)
    with suppress(OSError):  # not every file system can sync a folder
        folder = open_folder(path.parent)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _folder(home: Path) -> Path:
    return home / "outbox" / "comments"
