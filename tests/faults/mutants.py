"""Promises broken on purpose, and disturbances that an honest river survives: applied in a process before it begins.

`GOFIGR_TEST_MUTANT` names them, separated by spaces; each knows in which process it lives. What the harness is worth
is how surely its verdict finds the mutants.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

Change = Callable[[], None]
KNOWN: dict[str, tuple[str, Change]] = {}


def change(role: str) -> Callable[[Change], Change]:
    """Register what can be applied in processes of a role."""

    def note(function: Change) -> Change:
        KNOWN[function.__name__] = (role, function)
        return function

    return note


def apply(names: str, role: str) -> None:
    """Apply those of the named changes that belong to this process."""
    for name in names.split():
        where, function = KNOWN[name]
        if where == role:
            function()


def apply_in_kernel() -> None:
    """For the first cell of a kernel."""
    apply(os.environ["GOFIGR_TEST_MUTANT"], "kernel")


# ---------------------------------------------------------------- mutants


@change("kernel")
def acknowledge_before_commit() -> None:
    """`put` returns while the parcel is still on its way to the disk."""
    from gofigr_jupyter.outbox.box import Outbox

    honest = Outbox.put

    def hasty(self: Outbox, parcel: Any) -> None:
        def later() -> None:
            time.sleep(0.4)
            honest(self, parcel)

        threading.Thread(target=later).start()

    Outbox.put = hasty  # type: ignore[method-assign]


@change("worker")
def no_idempotency() -> None:
    """Each try publishes under another id."""
    from gofigr_jupyter.worker import lane

    publish, complete, is_shown, ids = lane.publish, lane.complete, lane.is_shown, {}

    def renamed(parcel: Any) -> Any:
        return replace(parcel, client_id=ids.get(parcel.client_id, parcel.client_id), short_id=None)

    def anew(gf: Any, places: Any, parcel: Any) -> Any:
        ids[parcel.client_id] = str(uuid.uuid4())
        return publish(gf, places, renamed(parcel))

    lane.publish = anew
    lane.is_shown = lambda gf, revision, parcel: is_shown(gf, revision, renamed(parcel))
    lane.complete = lambda gf, parcel, renditions: complete(gf, renamed(parcel), renditions)


@change("worker")
def done_without_read_back() -> None:
    """What was sent is believed to be there."""
    from gofigr_jupyter.worker import lane
    from gofigr_jupyter.worker.upload import missing_forms, rendition_drafts

    def believing(gf: Any, parcel: Any, renditions: Any) -> Any:
        gf.revisions.append_data(parcel.client_id, rendition_drafts(parcel, renditions))
        return gf.revisions.get(parcel.client_id), missing_forms(renditions)

    lane.complete = believing
    lane.is_shown = lambda *_: True


@change("worker")
def order_not_kept() -> None:
    """The newest parcel goes first."""
    from gofigr_jupyter.worker.queue import Queue

    honest = Queue.next_first

    def newest(self: Queue) -> Any:
        found = honest(self)
        time.sleep(0.05)  # others have come meanwhile
        return self._first[-1] if found is not None and self._first else found

    Queue.next_first = newest  # type: ignore[method-assign]


# ---------------------------------------------------------------- disturbances


@change("worker")
def dies_after_post() -> None:
    """Killed, once, when the server has the revision and nobody here knows it yet."""
    from gofigr_jupyter.client.transport import Transport

    honest = Transport.request

    @wraps(honest)
    def fatal(self: Transport, method: str, path: str, **more: Any) -> Any:
        answer = honest(self, method, path, **more)
        if method == "POST" and path.endswith("/revision/") and _once("died"):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    Transport.request = fatal  # type: ignore[method-assign]


@change("server")
def loses_the_picture() -> None:
    """The server drops the first displayed picture that it is sent, and says nothing."""
    _spoil(lambda drafts, at: [*drafts[:at], *drafts[at + 1 :]])


@change("server")
def garbles_the_picture() -> None:
    """The server keeps other bytes than it was sent, and says nothing."""
    _spoil(lambda drafts, at: [*drafts[:at], drafts[at].model_copy(update={"data": b"garbled"}), *drafts[at + 1 :]])


def _spoil(harm: Callable[[list[Any], int], list[Any]]) -> None:
    from gofigr_jupyter.server.store import store

    honest = store.keep_bytes

    def spoiling(blobs: Any, drafts: Any, bucket_id: Any) -> Any:
        given = list(drafts)
        place = next((n for n, draft in enumerate(given) if draft.metadata.get("role") == "displayed"), None)
        if place is not None and _once("spoiled"):
            given = harm(given, place)
        return honest(blobs, given, bucket_id)

    store.keep_bytes = spoiling


def _once(what: str) -> bool:
    """Whether this has not happened before in this home."""
    try:
        (Path(os.environ["GOFIGR_JUPYTER_HOME"]) / f"test-{what}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
