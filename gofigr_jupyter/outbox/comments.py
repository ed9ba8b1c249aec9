"""Comments on their way: a small file for each, from when its server could not be asked until that has it.

In: from the kernel, what somebody has said of a revision. Out: for the worker, in the order in which it was said; for
threads, to show it meanwhile. The id was drawn where it was written: to deliver it twice makes one comment. One that is
taken back is gone; when its server may have it by then, its file is `.unwanted`, until it is sure that it has not.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import OutboxError
from gofigr_jupyter.outbox.box import Outbox, stamp
from gofigr_jupyter.outbox.files import alone, read_json, trouble, write_json
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.outbox.syncing import open_folder
from gofigr_jupyter.records import State

_UNWANTED = ".unwanted"


@dataclass(frozen=True, slots=True)
class WaitingComment:
    """What somebody has said of a revision, to one server, by one account.

    `anchor` is as the contract has it; `user` and `who` are the writer's names, where they were known. `problem` says
    why the server will never take it; then a person decides. `was_sent` says that the server may have it.
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
    was_sent: bool = False


def put_comment(home: Path, comment: WaitingComment) -> None:
    """Keep one: when this returns, no kill and no power failure loses it. Raises OutboxError.

    One that is there already keeps its place in the order.
    """
    with alone(_folder(home)):
        path = find_comment(home, comment.client_id)
        before = _read(path) if path is not None else None
        if path is None:
            path = _folder(home) / f"{stamp(datetime.now(UTC))}-{comment.client_id}.json"
        _write(path, replace(comment, was_sent=comment.was_sent or (before is not None and before.was_sent)))


def send_off(path: Path) -> WaitingComment | None:
    """What one says now, right before it is sent; None when it is not to be sent any more. Raises OutboxError.

    Whoever takes it back from here on knows that the server may have it.
    """
    with alone(path.parent):
        comment = _read(path)
        if comment is None or comment.problem is not None:
            return None
        if not comment.was_sent:
            _write(path, replace(comment, was_sent=True))
        return comment


def unsent(path: Path) -> None:
    """It did not get as far as its server, after all. Raises OutboxError."""
    _change(path, was_sent=False)


def fail_comment(path: Path, problem: str) -> None:
    """Put one aside, with the reason; unless somebody has taken it back meanwhile. Raises OutboxError."""
    _change(path, problem=problem, was_sent=False)  # a server that has refused it does not have it


def arrived(home: Path, client_id: str) -> None:
    """The server has it; one that was taken back meanwhile stays unwanted. Raises OutboxError."""
    if _folder(home).exists():
        with alone(_folder(home)):
            path = find_comment(home, client_id)
            if path is not None:
                path.unlink(missing_ok=True)


def waiting_comments(home: Path, revision: str | None = None) -> dict[Path, WaitingComment]:
    """Those of one revision, or all, in the order in which they were said; failed ones too. By where they lie."""
    found = _found(home, "*.json")
    return {path: one for path, one in found.items() if revision in {None, one.revision}}


def find_comment(home: Path, client_id: str) -> Path | None:
    """Where one lies."""
    return next(iter(_folder(home).glob(f"*-{client_id}.json")), None)


def take_back(home: Path, client_id: str) -> bool:
    """It is no longer wanted, and will not be sent. Raises OutboxError.

    Whether that was in time. Otherwise its server may have it, and the worker has to see that it goes there, too.
    """
    if not _folder(home).exists():
        return True
    with alone(_folder(home)):
        path = find_comment(home, client_id)
        comment = _read(path) if path is not None else None
        if path is None or comment is None:
            return True
        try:
            path.replace(path.with_suffix(_UNWANTED)) if comment.was_sent else path.unlink()
        except OSError as error:
            raise OutboxError(trouble(error, path)) from error
        _settle(path.parent)
        return not comment.was_sent


def unwanted(home: Path) -> dict[Path, WaitingComment]:
    """Those that were taken back when their server may have had them; by the file to delete when it has none."""
    return _found(home, f"*{_UNWANTED}")


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
    failed = [path for path, one in waiting_comments(home).items() if one.problem is not None]
    return sum(_change(path, problem=None) for path in failed)


def _found(home: Path, names: str) -> dict[Path, WaitingComment]:
    try:
        paths = sorted(_folder(home).glob(names))
    except OSError:
        return {}
    read = {path: _read(path) for path in paths}
    return {path: one for path, one in read.items() if one is not None}


def _read(path: Path) -> WaitingComment | None:
    content = read_json(path)
    try:
        return None if content is None else WaitingComment(**content)
    except TypeError:  # of a version that we don't know: it stays for that version
        return None


def _change(path: Path, **changes: Any) -> bool:
    """Whether it is still there."""
    with alone(path.parent):
        comment = _read(path)
        if comment is not None:
            _write(path, replace(comment, **changes))
        return comment is not None


def _write(path: Path, comment: WaitingComment) -> None:
    write_json(path, asdict(comment), durable=True)
    _settle(path.parent)


def _settle(place: Path) -> None:
    """What its names say now is not undone by a power failure."""
    with suppress(OSError):  # not every file system can sync a folder
        folder = open_folder(place)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _folder(home: Path) -> Path:
    return home / "outbox" / "comments"
