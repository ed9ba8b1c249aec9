"""The dispatcher: finds parcels in the outbox, gives each to the lane of its server, keeps house, ends when idle."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gofigr_jupyter.errors import OutboxError, ParcelDamaged
from gofigr_jupyter.outbox.box import Entry, Outbox
from gofigr_jupyter.outbox.comments import deliverable, unwanted
from gofigr_jupyter.outbox.consents import consents
from gofigr_jupyter.outbox.errands import errands
from gofigr_jupyter.outbox.files import write_json
from gofigr_jupyter.outbox.latest import forget_latest
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.outbox.renames import renames
from gofigr_jupyter.records import State
from gofigr_jupyter.spawn import alive, hold
from gofigr_jupyter.worker.courier import Key
from gofigr_jupyter.worker.lane import Draws, Lane
from gofigr_jupyter.worker.report import report
from gofigr_jupyter.worker.verdicts import judge

log = logging.getLogger(__name__)

IDLE_SECONDS = 600.0
POLL_SECONDS = 0.15
_HOUSEKEEPING_SECONDS = 1.0
_SWEEP_SECONDS = 3600.0


class Worker:
    """One for each state folder, as long as it holds the lock; `run` returns when it has been idle for long."""

    def __init__(self, home: Path, draws: Draws, *, idle: float = IDLE_SECONDS, poll: float = POLL_SECONDS) -> None:
        self.home = home
        self.box = Outbox(home)
        self._draws = draws
        self._drawing = threading.Lock()
        self._idle = idle
        self._poll = poll
        self._lanes: dict[Key, Lane] = {}
        self._stop = threading.Event()
        self._busy_at = time.monotonic()
        self._poked_at = self.box.poked_at()
        self._kept_at = self._swept_at = -_SWEEP_SECONDS
        self._status: object = None

    def run(self) -> None:
        """Work until idle or stopped. Does nothing when another worker has the lock."""
        held = hold(self.home, "worker")
        while held is not None:
            log.info("worker %d begins", os.getpid())
            self._work()
            held.release()
            # A kernel that has seen our lock a moment ago relies on us.
            held = hold(self.home, "worker") if self._has_work() and not self._stop.is_set() else None
        self._close()

    def stop(self) -> None:
        """Come to an end soon; callable from a signal handler and from other threads."""
        self._stop.set()

    def _work(self) -> None:
        self._busy_at = time.monotonic()
        while not self._stop.is_set():
            with suppress(OutboxError):  # an outbox that cannot be listed now may be later
                self._dispatch()
            now = time.monotonic()
            if any(lane.is_busy for lane in self._lanes.values()):
                self._busy_at = now
            elif now - self._busy_at > self._idle:
                return
            if now - self._kept_at >= _HOUSEKEEPING_SECONDS:
                self._kept_at = now
                self._keep_house()
            self._stop.wait(self._poll)

    def _has_work(self) -> bool:
        try:
            comments = deliverable(self.home) or unwanted(self.home)
            return bool(self.box.list("new", "taken") or comments or errands(self.home))
        except OutboxError:
            return False

    def _dispatch(self) -> None:
        known = {name for lane in self._lanes.values() for name in lane.names()}  # before looking at the disk
        for entry in self.box.list("new", "taken"):
            if entry.name not in known:
                self._offer(entry)

    def _offer(self, entry: Entry) -> None:
        try:
            target = self.box.peek(entry).target
        except ParcelDamaged as error:
            self._put_aside(entry, error)
            return
        except OutboxError:
            return  # the next round may be luckier
        receipt = read_receipt(self.home, entry.client_id) if entry.folder == "taken" else None
        is_published = receipt is not None and receipt.state in {State.PUBLISHED, State.COMPLETE}
        self._lane((target.url, target.account)).offer(entry, is_published=is_published)

    def _put_aside(self, entry: Entry, error: ParcelDamaged) -> None:
        if not entry.path.exists():
            return
        verdict = judge(error)
        with suppress(OutboxError):
            report(self.home, entry.client_id, State.FAILED, problem=verdict.problem, advice=verdict.advice)
            self.box.fail(entry, verdict.problem)
            forget_latest(self.home, entry.client_id)

    def _lane(self, key: Key) -> Lane:
        if key not in self._lanes:
            self._lanes[key] = Lane(self.home, key, self._draws, self._drawing)
            self._lanes[key].start()
        return self._lanes[key]

    # ------------------------------------------------------------ keeping house

    def _keep_house(self) -> None:
        poked = self.box.poked_at()
        for lane in self._lanes.values():
            if poked != self._poked_at or (lane.trouble is not None and lane.connection.changed()):
                lane.hurry()
        self._poked_at = poked
        if (None, None) not in self._lanes and alive(self.home, "server"):
            self._lane((None, None))  # it keeps the stock of short ids, for links in the very first cell
        for rename in renames(self.home).values():
            self._lane((rename.url, rename.account))
        for consent in consents(self.home).values():
            self._lane((consent.url, consent.account))
        for comment in (deliverable(self.home) | unwanted(self.home)).values():
            self._lane((comment.url, comment.account))
        for errand in errands(self.home).values():
            self._lane((errand.url, errand.account))
        if time.monotonic() - self._swept_at >= _SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            with suppress(OutboxError):
                self.box.sweep()
        with suppress(OutboxError):
            self._tell_status()

    def _tell_status(self) -> None:
        lanes = [
            {
                "server": lane.key[0] or "embedded",
                "pending": len(lane.names()),
                "problem": lane.trouble.problem if lane.trouble else None,
                "advice": lane.trouble.advice if lane.trouble else None,
                "next_try_in": round(lane.next_try) if lane.trouble else None,
            }
            for lane in self._lanes.values()
        ]
        status = {"pid": os.getpid(), "python": sys.executable, "waiting": len(self.box.list("new")), "servers": lanes}
        if status != self._status:
            self._status = status
            write_json(self.home / "run" / "worker.json", status | {"at": datetime.now(UTC).isoformat()})

    def _close(self) -> None:
        for lane in self._lanes.values():
            lane.stop()
        self._draws.close()
        log.info("worker %d ends", os.getpid())


def idle_seconds(environ: Callable[[str], str | None] = os.environ.get) -> float:
    """How long an idle worker stays; `GOFIGR_JUPYTER_WORKER_IDLE` overrides."""
    try:
        return float(environ("GOFIGR_JUPYTER_WORKER_IDLE") or IDLE_SECONDS)
    except ValueError:
        return IDLE_SECONDS
