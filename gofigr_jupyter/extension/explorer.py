"""A reproducible function with its parameters as controls: each change runs it again and replaces its figures in place.

In: a clean room. Out: a panel, the figures beneath it, and revisions: of the first state with its cell, then of each
state that rests for a moment, or at a click. Changes that come while the function runs are taken together. The function
always runs between cells, in the kernel's main thread.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gofigr_jupyter.cleanroom.room import CleanRoom
from gofigr_jupyter.cleanroom.running import Run, call, running
from gofigr_jupyter.extension import current
from gofigr_jupyter.extension.hooks import guarded
from gofigr_jupyter.extension.session import Session
from gofigr_jupyter.extension.shown import Cell
from gofigr_jupyter.extension.stage import Outcome, Output, perform
from gofigr_jupyter.records import Moment
from gofigr_jupyter.widgets.controls import Controls

REST = 1.5  # seconds without a change, after which a state is worth a revision
_SHOWN_AGAIN = {"text/plain": "", "text/html": ""}  # what stands where a run shows less than the first did


@dataclass
class Slot:
    """One place under the panel that the runs fill in turn, and the card beneath it."""

    display_id: str
    card: Any = None


class Explorer:
    """One interactive call."""

    def __init__(self, shell: Any, room: CleanRoom, given: Mapping[str, Any]) -> None:
        self._shell, self._room, self._given = shell, room, given
        self._values = room.values()
        self._session = _session_of(shell)
        self._moment: Moment | None = None
        self._parent: Any = getattr(shell.display_pub, "parent_header", None)
        self._slots: list[Slot] = []
        self._shown: Cell | None = None  # the figures on the page that are not published yet
        self._changes = 0
        self._is_due = False
        self._is_closed = False
        self._controls = Controls(
            room.name,
            room.params(self._values),
            self._values,
            on_change=self.changed,
            on_publish=self.publish if self._session is not None else None,
        )

    # -------------------------------------------------------- the first run, inside the cell

    def open(self) -> None:
        """Run, and show panel and figures; raises what the function raises."""
        run = Run(self._room)
        values = copy.deepcopy(self._values)
        outcome = perform(self._shell, lambda: call(run, values, self._given), self._session)
        if outcome.error is not None:
            for text in outcome.printed:
                print(text["text"], end="")
            self._controls.close()
            raise outcome.error
        self._controls.print(outcome.told())
        self._say_what_happens()
        self._display(self._controls.bundle(), f"gofigr-controls-{uuid.uuid4().hex}")
        with running(run):
            for output in outcome.outputs:
                self._slots.append(self._place(output))
        if self._session is not None:
            self._moment = self._session.moment
            self._shell.events.register("post_run_cell", self._counted)
            _replace_former(self, self._moment)

    def _place(self, output: Output) -> Slot:
        """Show one output of the first run as any cell would; the session takes its figure from there."""
        slot = Slot(f"explored-{uuid.uuid4().hex}")
        publisher, transient = self._shell.display_pub, {"display_id": slot.display_id}
        if self._session is None:
            publisher.publish(output.data, output.metadata, transient=transient)
            return slot
        with self._session.doors.showing(output.obj):
            publisher.publish(output.data, output.metadata, transient=transient)
        figure = self._session.shown_as(slot.display_id)
        slot.card = figure.card if figure is not None else None
        return slot

    def _display(self, bundle: dict[str, Any], display_id: str) -> None:
        publisher, transient = self._shell.display_pub, {"display_id": display_id}
        if self._session is None:
            publisher.publish(bundle, {}, transient=transient)
            return
        with self._session.doors.muted():
            publisher.publish(bundle, {}, transient=transient)

    @guarded
    def _counted(self, result: Any) -> None:
        """The cell has ended: only now its number is known."""
        self._shell.events.unregister("post_run_cell", self._counted)
        if self._moment is not None:
            self._moment = replace(self._moment, execution_count=getattr(result, "execution_count", None))

    # -------------------------------------------------------- the runs that follow

    @guarded
    def changed(self) -> None:
        """A control says something else; from any thread, as often as it likes."""
        if self._is_due or self._is_closed:
            return
        self._is_due = True
        self._shell.kernel.io_loop.add_callback(self._run)

    @guarded
    def _run(self) -> None:
        self._is_due = False
        if self._is_closed:
            return
        self._changes += 1
        self._controls.say("Drawing…")
        values = {**copy.deepcopy(self._values), **self._controls.values()}
        room = self._room.with_values(self._controls.values())
        run, session = Run(room), self._listening()
        if session is None or self._moment is None:
            outcome = perform(self._shell, lambda: call(run, values, self._given), session)
            self._shown = None
        else:
            with session.aside(self._moment) as cell:
                outcome = perform(self._shell, lambda: call(run, values, self._given), session, cell)
            self._shown = cell if outcome.error is None else None
        self._replace(outcome)
        if outcome.error is not None:
            self._controls.say(f"{type(outcome.error).__name__}; the picture is of earlier values")
            return
        self._say_what_happens()
        if self._shown is not None and session is not None and session.settings.auto_publish:
            self._shell.kernel.io_loop.call_later(REST, self._rested, self._changes)

    def _replace(self, outcome: Outcome) -> None:
        """Put what the run has shown into the places of the first run; what has no place goes into the panel."""
        extra = [] if outcome.error is not None else outcome.outputs[len(self._slots) :]
        more = [{"output_type": "display_data", "data": one.data, "metadata": one.metadata} for one in extra]
        self._controls.print([*outcome.told(), *more])
        if outcome.error is not None:
            return
        for at, slot in enumerate(self._slots):
            if at < len(outcome.outputs):
                output = outcome.outputs[at]
                self._update(slot, output.data, output.metadata)
                if output.figure is not None:
                    output.figure.card = slot.card
            else:
                self._update(slot, dict(_SHOWN_AGAIN), {})

    def _update(self, slot: Slot, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        publisher = self._shell.display_pub
        content = {"data": data, "metadata": metadata, "transient": {"display_id": slot.display_id}}
        publisher.session.send(
            publisher.pub_socket, "update_display_data", content, parent=self._parent, ident=publisher.topic
        )

    # -------------------------------------------------------- publishing

    @guarded
    def _rested(self, changes: int) -> None:
        if changes == self._changes and not self._is_due:
            self.publish()

    @guarded
    def publish(self) -> None:
        """Make a revision of what is on the page, if it is none yet."""
        session, cell = self._listening(), self._shown
        if session is None:
            self._controls.say("%load_ext gofigr_jupyter, and run the cell again")
            return
        if cell is None or not cell.figures:
            self._controls.say("This is published already" if self._slots else "There is no figure to publish")
            return
        self._shown = None
        without_card = [figure for figure in cell.figures if figure.card is None]
        session.publish_aside(cell)
        self._controls.say("Kept as a revision", *[figure.ids.link for figure in without_card][:1])

    def _listening(self) -> Session | None:
        """The session, as long as it is not unloaded."""
        return self._session if self._session is not None and _session_of(self._shell) is self._session else None

    def _say_what_happens(self) -> None:
        session = self._listening()
        if session is None or not self._controls.is_adjustable:
            self._controls.say("")
        elif session.settings.auto_publish:
            self._controls.say("What you come to rest at is published")
        else:
            self._controls.say("Nothing is published before you say so")

    def close(self) -> None:
        """The cell has run again: this panel is gone from the page."""
        self._is_closed = True
        self._controls.close()


def _session_of(shell: Any) -> Session | None:
    loads = current.of_shell(shell)
    return loads[-1].session if loads else None


_explorers: dict[str, list[tuple[Moment, Explorer]]] = {}


def _replace_former(explorer: Explorer, moment: Moment) -> None:
    """Close the panels that an earlier run of the same cell has made; several of one run stand together."""
    if moment.cell_id is None:
        return
    known = _explorers.setdefault(moment.cell_id, [])
    for before, former in known:
        if before.started_at != moment.started_at:
            former.close()
    known[:] = [(before, one) for before, one in known if before.started_at == moment.started_at]
    known.append((moment, explorer))
