"""One lane for each server and account, so that none holds up another: parcels in, receipts and moves out.

Each of the two phases has a thread; whatever a parcel meets becomes a receipt, and the lane goes on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError, ConnectionFailed, GoFigrError, NotFound, OutboxError
from gofigr_jupyter.outbox import drawings, prefixes
from gofigr_jupyter.outbox.box import Entry, Outbox
from gofigr_jupyter.outbox.consents import Consent, consents
from gofigr_jupyter.outbox.latest import forget_latest
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.outbox.renames import renames
from gofigr_jupyter.records import Parcel, Rendition, State
from gofigr_jupyter.schema.figures import Revision
from gofigr_jupyter.worker.accounts import Connection
from gofigr_jupyter.worker.backoff import Backoff
from gofigr_jupyter.worker.cdn import Carrier, ask_for_cdn
from gofigr_jupyter.worker.comments import Postman
from gofigr_jupyter.worker.courier import Key
from gofigr_jupyter.worker.forms import all_forms
from gofigr_jupyter.worker.inputs import Inputs
from gofigr_jupyter.worker.inputs_record import direct_paths
from gofigr_jupyter.worker.publish import UnsettledError, complete, is_shown, publish
from gofigr_jupyter.worker.queue import Queue
from gofigr_jupyter.worker.renaming import carry_out
from gofigr_jupyter.worker.report import of_parcel, of_revision, report
from gofigr_jupyter.worker.targets import Places
from gofigr_jupyter.worker.traces import for_server, note
from gofigr_jupyter.worker.verdicts import Verdict, judge

log = logging.getLogger(__name__)

_START_SECONDS = 15.0  # how long the embedded server may take to answer before that is worth a word
_TIDY_EVERY = 2.0


class Draws(Protocol):
    """What draws further forms; one figure at a time."""

    def render(self, parcel: Parcel) -> list[Rendition]:
        """All further forms; never raises."""

    def close(self) -> None:
        """End what it started."""


class Lane:
    """The road to one server as one account; `drawing` is shared by all lanes, since the cores are the user's."""

    def __init__(self, home: Path, key: Key, draws: Draws, drawing: threading.Lock) -> None:
        self.home = home
        self.key = key
        self.trouble: Verdict | None = None
        self.connection = Connection(home, *key)
        self._box = Outbox(home)
        self._backoff = Backoff(0.1, 2.0) if key[0] is None else Backoff()
        self._queue = Queue(self._backoff)
        self._couriers = (
            Postman(home, key, self.connection, Backoff()),
            Carrier(home, key, self.connection, Backoff()),
        )
        self._draws = draws
        self._drawing = drawing
        self._drawn: tuple[str, list[Rendition]] | None = None
        self._places = Places()
        self._inputs = Inputs()
        self._told: dict[str, str] = {}  # parcel -> the problem that its receipt names
        self._telling = threading.Lock()  # a receipt is read and then replaced, and both threads do it
        self._tidied_at = -_TIDY_EVERY
        loops = (self._publish_all, self._complete_all)
        self._threads = [threading.Thread(target=loop, daemon=True) for loop in loops]

    # ------------------------------------------------------------ for the dispatcher

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()
        for courier in self._couriers:
            courier.start()

    def stop(self) -> None:
        """Finish what is on the wire, begin nothing new."""
        self._queue.stop()
        for thread in self._threads:
            thread.join(5)
        for courier in self._couriers:
            courier.stop()
        self.connection.close()

    def offer(self, entry: Entry, *, is_published: bool) -> None:
        """Take a parcel on; one that was published before only needs phase 2."""
        self._queue.offer(entry, is_published=is_published)
        if self.trouble is not None:
            self._tell_waiting(self.trouble)

    def hurry(self) -> None:
        """Try at once."""
        self._queue.hurry()
        for courier in self._couriers:
            courier.hurry()

    def names(self) -> set[str]:
        """The parcels that are not finished."""
        return {entry.name for entry in self._queue.entries()}

    @property
    def is_busy(self) -> bool:
        """Whether anything is not finished, comments and pictures for a CDN included."""
        return bool(self.names()) or any(courier.is_busy for courier in self._couriers)

    @property
    def next_try(self) -> float:
        """Seconds until the next try."""
        return self._backoff.remaining

    # ------------------------------------------------------------ phase 1

    def _publish_all(self) -> None:
        while (entry := self._queue.next_first()) is not None:
            self._guard(entry, self._publish)

    def _publish(self, entry: Entry) -> None:
        if entry.folder != "taken":
            entry = self._queue.move(entry, self._box.claim(entry))
        parcel = self._box.read(entry)
        if entry.name not in self._told:
            report(self.home, parcel.client_id, State.UPLOADING, **of_parcel(parcel))
        gf = self.connection.client()
        revision = publish(gf, self._places, parcel)
        if is_shown(gf, revision, parcel):
            self._say(State.PUBLISHED, parcel, revision)
        self._queue.promote(entry)

    def _say(self, state: State, parcel: Parcel, revision: Revision, **changes: object) -> None:
        known = of_parcel(parcel) | of_revision(parcel, revision)
        with self._telling:
            report(self.home, parcel.client_id, state, **known, **changes)

    # ------------------------------------------------------------ phase 2

    def _complete_all(self) -> None:
        while (entry := self._queue.next_second(self._tidy)) is not None:
            self._guard(entry, self._complete)

    def _complete(self, entry: Entry) -> None:
        parcel = self._box.read(entry)
        gf = self.connection.client()
        try:
            drawn = self._renditions(entry, parcel)
            revision, missing = complete(gf, parcel, for_server(parcel, drawn))
            missing |= ask_for_cdn(self.home, parcel)
            missing |= self._link_inputs(gf, parcel)
        except NotFound:  # the server has lost it again: from the start
            report(self.home, parcel.client_id, State.UPLOADING, **of_parcel(parcel))
            self._queue.demote(entry)
        except UnsettledError as error:
            advice = "It is compared again until the server shows it"
            verdict = Verdict(waits=True, problem=f"Not settled: {error}", advice=advice)
            self._queue.pause(entry, verdict)
            self._tell(entry, verdict)
        else:
            note(self.home, parcel, revision, drawn)
            self._say(State.COMPLETE, parcel, revision, missing=missing)
            self._box.settle(entry)
            drawings.forget(self.home, parcel.client_id)
            self._queue.drop(entry)
            self._drawn = None

    def _link_inputs(self, gf: GoFigr, parcel: Parcel, *, is_allowed: bool = False) -> dict[str, str]:
        """Last of all, for a file may take long to send; the figure with all its forms is there by now."""
        if not parcel.provenance.inputs:
            return {}
        direct = direct_paths(parcel)
        refused = self._inputs.link(gf, self._places, parcel, is_allowed=is_allowed, direct=direct)
        return {} if refused is None else {"inputs": refused}

    def _renditions(self, entry: Entry, parcel: Parcel) -> list[Rendition]:
        """Draw, or take what was drawn before the server failed."""
        if self._drawn is None or self._drawn[0] != entry.name:
            picture = drawings.take(self.home, parcel.client_id)  # before the lock, for it may wait
            with self._drawing:
                self._drawn = (entry.name, all_forms(parcel, picture, self._draws.render))
        return self._drawn[1]

    def _tidy(self) -> None:
        """What can be done while nothing waits; failing at it is no trouble."""
        if time.monotonic() - self._tidied_at < _TIDY_EVERY or self._backoff.failures:
            return
        self._tidied_at = time.monotonic()
        self._keep_stock()
        for path, consent in consents(self.home).items():
            if (consent.url, consent.account) == self.key:
                with suppress(APIError, OSError, OutboxError):
                    if self._has_sent_inputs(consent):
                        path.unlink(missing_ok=True)
        for path, rename in renames(self.home).items():
            if (rename.url, rename.account) == self.key:
                with suppress(APIError, OSError):
                    carry_out(self.connection.client(), self._places, rename)
                    path.unlink(missing_ok=True)

    def _has_sent_inputs(self, consent: Consent) -> bool:
        """Somebody has said that the input files of a figure may go: whether that is dealt with."""
        entry = self._box.find(consent.client_id)
        if entry is not None and entry.folder == "done":
            self._link_inputs(self.connection.client(), self._box.peek(entry), is_allowed=True)
        return entry is None or entry.folder in {"done", "failed"}

    def _keep_stock(self) -> None:
        """Reserve short-id prefixes for kernels to come."""
        shelf = prefixes.server_key(self.key[0])
        with suppress(APIError, OutboxError, OSError):
            for _ in range(prefixes.TARGET_STOCK - prefixes.count(self.home, shelf)):
                prefixes.stock(self.home, shelf, self.connection.client().reserve_prefix())

    # ------------------------------------------------------------ what went wrong

    def _guard(self, entry: Entry, phase: Callable[[Entry], None]) -> None:
        try:
            phase(entry)
        except Exception as error:  # noqa: BLE001 - a parcel that trips a bug of ours must not stop the others
            if not self._queue.is_stopping:
                self._met(self._queue.current(entry), error)
        else:
            self.trouble = None
            self._backoff.reset()
            if entry.name not in self.names():
                self._told.pop(entry.name, None)

    def _met(self, entry: Entry, error: Exception) -> None:
        if not entry.path.exists():  # somebody has moved it; where it lies now, it will be found again
            self._queue.drop(entry)
            return
        error = self.connection.meant(error)
        if not isinstance(error, GoFigrError):
            log.error("parcel %s", entry.client_id, exc_info=error)
        verdict = judge(error)
        if not verdict.waits:
            self._put_aside(entry, verdict)
            return
        self._backoff.failed(verdict)
        is_starting = self.key[0] is None and isinstance(error, ConnectionFailed)
        if is_starting and time.monotonic() - self._backoff.since < _START_SECONDS:
            return
        log.warning("%s: %s; waits %.0f s", self.key[0] or "embedded", verdict.problem, self.next_try)
        self.trouble = verdict
        self._tell_waiting(verdict)

    def _put_aside(self, entry: Entry, verdict: Verdict) -> None:
        known = {"problem": verdict.problem, "advice": verdict.advice}
        with suppress(OutboxError):  # a damaged parcel has no name to tell
            known |= of_parcel(self._box.peek(entry))
        try:
            with self._telling:
                report(self.home, entry.client_id, State.FAILED, **known)
            self._box.fail(entry, verdict.problem)
        except OutboxError as error:  # a full disk: it stays where it is, and is judged again
            self._backoff.failed(judge(error))
            return
        forget_latest(self.home, entry.client_id)
        self._queue.drop(entry)

    def _tell_waiting(self, verdict: Verdict) -> None:
        for entry in self._queue.entries():
            self._tell(entry, verdict)

    def _tell(self, entry: Entry, verdict: Verdict) -> None:
        """Tell the reader of the card once; what is published stays published."""
        if self._told.get(entry.name) == verdict.problem:
            return
        self._told[entry.name] = verdict.problem
        with suppress(OutboxError), self._telling:
            before = read_receipt(self.home, entry.client_id)
            if before is not None and before.state in {State.COMPLETE, State.FAILED}:
                return  # the other thread is just putting it away
            is_published = before is not None and before.state is State.PUBLISHED
            changes = {"problem": verdict.problem, "advice": verdict.advice, "attempts": self._backoff.failures}
            if before is None or not before.figure_name:
                changes |= of_parcel(self._box.peek(entry))
            report(self.home, entry.client_id, State.PUBLISHED if is_published else State.WAITING, **changes)
