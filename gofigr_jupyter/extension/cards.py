"""The cards of a session: each is put beneath its figure, follows its receipt, and answers its reader's clicks.

In: figures from `session`, receipts from the outbox. Out: display messages of our own, sent past our own hooks. What a
card looks like is known in `widgets.card` alone.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from gofigr_jupyter.extension.answers import answer
from gofigr_jupyter.extension.hooks import Send, tell
from gofigr_jupyter.extension.proofs import Proofs
from gofigr_jupyter.extension.shown import Cell, Figure
from gofigr_jupyter.outbox.errands import errands
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.provenance.inputs_rules import ASKS
from gofigr_jupyter.records import InputFile, Moment, Receipt, State
from gofigr_jupyter.widgets.card import Card, CardState, card_html, card_text

if TYPE_CHECKING:
    from gofigr_jupyter.extension.session import Session

_log = logging.getLogger("gofigr_jupyter")
_FINAL = {State.COMPLETE, State.FAILED}
_READ = 5.0  # seconds in which an answer on the card is read
_KEPT = 300  # cards that still answer clicks; older ones fall back to their link


@dataclass
class Shown:
    """A card on the page: its state now, and what is needed to change it."""

    state: CardState
    client_id: str
    cell_id: str | None
    card: Card | None = None
    display_id: str | None = None
    parent: Any = None
    is_awaited: bool = False
    inputs: tuple[InputFile, ...] = ()


class Cards:
    """Makes, updates and withdraws the cards of one session. Thread-safe: the watch and the kernel both call."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.RLock()
        self._cards: list[Shown] = []
        self._proofs = Proofs()

    @property
    def wanted(self) -> bool:
        """Whether the settings ask for cards."""
        return self._session.settings.card != "off"

    # -------------------------------------------------------- putting them on the page

    def show(self, cell: Cell, figure: Figure, send: Send | None = None) -> None:
        """Display the card of a figure, at this place of the output; right behind another display `send` is cheaper."""
        if not self.wanted:
            return
        with self._lock:
            shown = self._of(cell, figure)
            shown.display_id = f"gofigr-{uuid.uuid4().hex}"
            shell = self._session.shell
            shown.parent = getattr(shell.display_pub, "parent_header", None)
            data, transient = self._bundle(shown), {"display_id": shown.display_id}
            if send is not None:  # the streams have just been flushed: that takes 2 ms, for the thread that sends
                content = {"data": data, "metadata": {}, "transient": transient}
                send(shell.display_pub.session.msg("display_data", content, parent=shown.parent))
                return
            with self._session.doors.muted():
                shell.display_pub.publish(data, {}, transient=transient)

    def catch_up(self, cell: Cell, *, at_end: bool = False) -> None:
        """Show the cards that could not be shown with their figures; those of a drawing loop wait for its end."""
        if cell.has_cleared and not at_end:
            return
        for figure in cell.figures:
            if (figure.was_shown or at_end) and (figure.card is None or figure.card.display_id is None):
                self.show(cell, figure)

    def withdraw(self, figures: list[Figure]) -> None:
        """The figures were cleared from the page, their cards with them."""
        with self._lock:
            for figure in figures:
                if figure.card is not None:
                    self._close(figure.card)

    def cell_started(self, moment: Moment) -> None:
        """A cell runs again: its former output, cards included, goes; the oldest of all the others go too."""
        with self._lock:
            gone = [c for c in self._cards if moment.cell_id is not None and c.cell_id == moment.cell_id]
            idle = [c for c in self._cards if not c.is_awaited and c not in gone]
            for card in [*gone, *idle[: max(0, len(idle) - _KEPT)]]:
                self._close(card)

    def close(self) -> None:
        """Stop following; what is on the page stays as it is."""
        self._proofs.close()
        with self._lock:
            self._cards.clear()

    def _of(self, cell: Cell, figure: Figure) -> Shown:
        if figure.card is None:
            state = CardState(
                name=figure.name(cell.moment),
                state=State.SAVED,
                link=figure.ids.link,
                short_id=figure.ids.short_id,
            )
            figure.card = Shown(state, figure.ids.client_id, cell.moment.cell_id)
            self._cards.append(figure.card)
        shown: Shown = figure.card
        return shown

    def _bundle(self, shown: Shown) -> dict[str, Any]:
        compact = self._session.settings.card == "compact"
        if shown.card is None:
            try:
                shown.card = Card(shown.state, compact, lambda asked: answer(self._session, shown.client_id, asked))
            except Exception:  # noqa: BLE001 - a broken widget installation still leaves the HTML
                _log.exception("the card's widget could not be made")
                return {"text/html": card_html(shown.state, compact), "text/plain": card_text(shown.state)}
        return shown.card.bundle()

    def _close(self, shown: Shown) -> None:
        if shown in self._cards:
            self._cards.remove(shown)
        if shown.card is not None:
            for opened in (self._session.threads, self._session.insights):
                if opened is not None:
                    opened.leave(shown.card.key)
            with contextlib.suppress(Exception):  # the front end may be gone already
                shown.card.close()
        shown.card, shown.display_id = None, None

    # -------------------------------------------------------- what became of the figure

    def saved(self, figure: Figure, name: str, masked: int, inputs: tuple[InputFile, ...] = ()) -> None:
        """The parcel is on disk; from now on its receipt is awaited."""
        asks = {"wants_picture": figure.wants_picture}
        self._change(figure, name, masked=masked, state=State.SAVED, **asks, **_counted(inputs))
        if figure.card is not None:
            figure.card.inputs = inputs
            figure.card.is_awaited = True

    def unchanged(self, figure: Figure, name: str, masked: int, inputs: tuple[InputFile, ...] = ()) -> None:
        """The same picture from the same code is published already: the card shows that revision."""
        # A receipt is kept for a week; what has neither receipt nor parcel was finished before that.
        home, client_id = self._session.settings.home, figure.ids.client_id
        is_open = read_receipt(home, client_id) is not None or figure.publisher.outbox.find(client_id) is not None
        is_open = is_open or bool(errands(home, client_id))
        state = State.SAVED if is_open else State.COMPLETE
        known = {"link": figure.ids.link, "short_id": figure.ids.short_id, "masked": masked, **_counted(inputs)}
        self._change(figure, name, unchanged=True, state=state, **known)
        if figure.card is not None:
            figure.card.is_awaited, figure.card.inputs = is_open, inputs

    def not_saved(self, figure: Figure, name: str, problem: str) -> None:
        """The outbox could not take it; the card says so."""
        self._change(figure, name, state=State.FAILED, problem=problem, advice="Run the cell again when that is mended")

    def inputs_changed(self, is_stale: Callable[[InputFile], bool]) -> None:
        """Files were looked at again: cards say which are no longer what their figures were made from."""
        with self._lock:
            for shown in self._cards:
                stale = dict.fromkeys(PurePath(file.path).name for file in shown.inputs if is_stale(file))
                if shown.state.changed != tuple(stale):
                    shown.state = replace(shown.state, changed=tuple(stale))
                    if shown.card is not None:
                        shown.card.update(shown.state)
                        if not shown.is_awaited:
                            self._keep_for_later(shown)

    def inputs_allowed(self) -> list[str]:
        """The input files of all cards may go: the ids of those that have been asking."""
        with self._lock:
            asking = [shown for shown in self._cards if shown.state.asks]
            for shown in asking:
                shown.state = replace(shown.state, asks=0)
                if shown.card is not None:
                    shown.card.update(shown.state)
        # Not at once: an update draws the card anew, and with it goes the word that answers the click.
        timer = threading.Timer(_READ, self._keep_those_there, (asking,))
        timer.daemon = True
        timer.start()
        return [shown.client_id for shown in asking]

    def verify(self, client_id: str) -> dict[str, Any]:
        """Have a figure made again, beside the kernel; its cards say how far that is and what came of it."""

        def say(words: str) -> None:
            with self._lock:
                for shown in [one for one in self._cards if one.client_id == client_id]:
                    shown.state = replace(shown.state, proof=words)
                    if shown.card is not None:
                        shown.card.update(shown.state)

        return self._proofs.start(client_id, self._session.settings, say)

    def await_again(self, client_id: str) -> None:
        """A failed parcel is tried again: its card follows the receipt anew."""
        with self._lock:
            for shown in self._cards:
                if shown.client_id == client_id:
                    shown.is_awaited = True
        self._session.watch.wake()

    def _change(self, figure: Figure, name: str, **changes: Any) -> None:
        with self._lock:
            if figure.card is None:
                figure.card = Shown(
                    CardState(name=name, state=State.SAVED, link=figure.ids.link, short_id=figure.ids.short_id),
                    figure.ids.client_id,
                    None,
                )
                self._cards.append(figure.card)
            shown: Shown = figure.card
            shown.client_id = figure.ids.client_id
            shown.state = replace(shown.state, name=name, **changes)
            if shown.card is not None:
                shown.card.update(shown.state)

    # -------------------------------------------------------- following receipts, in the watch's thread

    def read_receipts(self) -> bool:
        """Bring every awaited card up to date; answers whether any is still awaited."""
        with self._lock:
            awaited = [card for card in self._cards if card.is_awaited]
        for shown in awaited:
            receipt = read_receipt(self._session.settings.home, shown.client_id)
            if receipt is not None:
                self._follow(shown, receipt)
        return any(card.is_awaited for card in awaited)

    def _follow(self, shown: Shown, receipt: Receipt) -> None:
        before = shown.state
        state = replace(
            CardState.of(receipt, masked=before.masked, unchanged=before.unchanged),
            inputs=before.inputs,
            asks=before.asks,
            changed=before.changed,
            name=before.name,
            link=receipt.link or before.link,
            short_id=receipt.short_id or before.short_id,
            proof=before.proof,
            wants_picture=before.wants_picture,
        )
        is_final = receipt.state in _FINAL
        is_over = is_final and not errands(self._session.settings.home, shown.client_id)
        if state == shown.state and not is_over:
            return
        with self._lock:
            shown.state = state
            shown.is_awaited = not is_over
            if shown.card is not None:
                shown.card.update(state)
            if is_final:
                self._keep_for_later(shown)
        if receipt.state is State.WAITING and not self.wanted:
            tell("waiting", f"figures wait on this machine: {receipt.problem}. {receipt.advice or ''}".strip())

    def _keep_those_there(self, asked: list[Shown]) -> None:
        with self._lock:
            for shown in asked:
                if shown in self._cards and not shown.is_awaited:
                    self._keep_for_later(shown)

    def _keep_for_later(self, shown: Shown) -> None:
        """Once, at the end: let the saved notebook hold the last state, for readers without a kernel."""
        session = getattr(self._session.shell.display_pub, "session", None)
        if shown.display_id is None or shown.card is None or session is None:
            return
        content = {"data": shown.card.bundle(), "metadata": {}, "transient": {"display_id": shown.display_id}}
        publisher = self._session.shell.display_pub
        session.send(publisher.pub_socket, "update_display_data", content, parent=shown.parent, ident=publisher.topic)


def _counted(inputs: tuple[InputFile, ...]) -> dict[str, Any]:
    paths = {file.path: file.why_not == ASKS for file in inputs}
    return {"inputs": len(paths), "asks": sum(paths.values())}
