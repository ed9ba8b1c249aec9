"""One loaded extension: listens at the doors, keeps the running cell's figures, publishes them when the cell ends.

In: messages with their objects, and cell events, from `hooks.Doors`. Out: figures of ended cells through
`outgoing.Outgoing`, cards through `cards.Cards`. What is one figure is decided in `shown`.
"""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.cleanroom.running import run_of
from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.extension import suppression
from gofigr_jupyter.extension.areas import area_now
from gofigr_jupyter.extension.canvases import LiveCanvases
from gofigr_jupyter.extension.cards import Cards
from gofigr_jupyter.extension.hooks import Doors, Send, guarded, tell
from gofigr_jupyter.extension.moment import History, read_hints, read_moment, working_dir
from gofigr_jupyter.extension.outgoing import Outgoing
from gofigr_jupyter.extension.reads import Reads
from gofigr_jupyter.extension.rescue import provenance_anyway, seen_anyway
from gofigr_jupyter.extension.runs import Runs
from gofigr_jupyter.extension.shown import Cell, Figure, Request, live_object, look
from gofigr_jupyter.extension.watch import Watch
from gofigr_jupyter.provenance.collect import Facts, collect
from gofigr_jupyter.publishing import Publisher
from gofigr_jupyter.records import Moment, Notebook, Provenance
from gofigr_jupyter.settings import Settings

if TYPE_CHECKING:
    from gofigr_jupyter.extension.insights import Insights
    from gofigr_jupyter.extension.threads import Threads

_FIRST_LOOK = 0.15  # seconds at most; without them a first figure would not know its packages and commit
_LATE_QUIET = 1.0  # seconds without a display, after which figures shown outside any cell are published


class Session:
    """What `%load_ext` makes and `%unload_ext` ends; one per shell."""

    def __init__(self, shell: Any, settings: Settings) -> None:
        self.shell = shell
        self.settings = settings
        self.id = str(uuid.uuid4())
        self.facts = Facts(on_notebook=self._notebook_arrived)
        self.watch = Watch(settings.home, is_embedded=settings.is_embedded)
        self.doors = Doors(shell, self)
        self.cards = Cards(self)
        self.threads: Threads | None = None  # made when somebody first wants to see a conversation
        self.insights: Insights | None = None  # and this, when somebody first wants to ask
        self.reads = Reads(lambda: self.settings, self.cards.inputs_changed)
        self._outgoing = Outgoing(self.cards)
        self._publisher: Publisher | None = None
        self._lock = threading.RLock()
        self._cells: list[Cell] = []
        self._late: Cell | None = None
        self._late_since = 0.0
        self._last: Cell | None = None
        self._canvases = LiveCanvases()
        self._runs = Runs(shell)
        self._history = History()
        self._looked_at: set[str] = set()

    # -------------------------------------------------------- life

    def open(self) -> None:
        """Hang onto the shell and begin to read what takes time, in the background."""
        self.facts.start(working_dir(), read_hints(self.shell))
        if is_in_cell := _runs_a_cell(self.shell):
            self._cells.append(Cell(read_moment(self.shell, None, self.id)))
        self.reads.open(in_cell=is_in_cell)
        self.doors.open()
        self.watch.start(self._tick)
        self.watch.wake()

    def close(self) -> None:
        """Let go of the shell; what was shown so far is published."""
        with self._lock:
            self._finish_late(force=True)
            for cell in self._cells:
                self._finish(cell)
            self._cells.clear()
        self.doors.close()
        self.reads.close(self.shell.user_ns)
        self.watch.stop()
        self.facts.stop()
        self.cards.close()
        for opened in (self.threads, self.insights):
            if opened is not None:
                opened.close()
        if self._publisher is not None:
            self._publisher.outbox.close()

    @property
    def publisher(self) -> Publisher | None:
        """The way into the outbox; None, and the user told once, when the state folder cannot be used."""
        if self._publisher is None or self._publisher.settings is not self.settings:
            try:
                self._publisher = Publisher(self.settings)
            except (OSError, GoFigrError) as error:
                self._publisher = None
                tell(
                    "home",
                    f"figures are not saved: {self.settings.home} cannot be used ({error}). "
                    "Set GOFIGR_JUPYTER_HOME to a folder that can be written to, then %reload_ext gofigr_jupyter.",
                )
        return self._publisher

    @property
    def is_busy(self) -> bool:
        """Whether a cell is running."""
        return bool(self._cells)

    # -------------------------------------------------------- listening

    def cell_started(self, info: Any) -> None:
        """A cell begins, perhaps inside another (`%run`, `run_cell`)."""
        with self._lock:
            self._finish_late(force=True)
            moment = read_moment(self.shell, info, self.id)
            self._cells.append(Cell(moment))
            self._runs.cell_started(info)
            self._note_reads(self.reads.cell_started)
            self.cards.cell_started(moment)
            self._canvases.cell_started()
        self.facts.refresh(moment.working_dir, moment.hints)

    def cell_finished(self, result: Any) -> None:
        """A cell has ended: what it shows now is published."""
        with self._lock:
            if self._cells:
                cell = self._cells.pop()
                cell.moment = replace(cell.moment, execution_count=getattr(result, "execution_count", None))
                self._runs.cell_finished(cell.moment.cell_id, result)
                self._note_reads(self.reads.cell_finished, cell.moment.execution_count)
                self._finish(cell)

    @guarded
    def _note_reads(self, note: Callable[..., None], *about: Any) -> None:
        # A guard of its own: what cannot be noted of a cell must not cost its figures.
        note(*about)

    def message_sent(self, message: dict[str, Any], obj: Any, send: Any) -> bool:
        """One outgoing message: take the figure from it, and put the card beneath."""
        kind, content = message.get("msg_type") or message["header"]["msg_type"], message["content"]
        with self._lock:
            if kind == "clear_output":
                self.cards.withdraw(self._cell().clear(area_now(), wait=bool(content.get("wait"))))
                return False
            if kind not in {"display_data", "execute_result", "update_display_data"}:
                return False
            cell = self._cell()
            if kind != "update_display_data":
                self.cards.catch_up(cell)
                self.cards.withdraw(cell.about_to_show(area_now()))
            try:
                figure = self._seen(cell, kind, content, obj)
            except Exception as error:  # noqa: BLE001 - whatever the object does, what was displayed is kept
                figure = None if suppression.is_suppressed(obj) else self._seen_anyway(cell, kind, content, error)
        if figure is None or figure.card is not None or not self.cards.wanted or cell.has_cleared or send is None:
            return False
        send(message)
        self._show_card(cell, figure, send)
        return True

    @guarded
    def _show_card(self, cell: Cell, figure: Figure, send: Send) -> None:
        # A guard of its own: the figure has been sent, an error here must not make it be sent again.
        self.cards.show(cell, figure, send)

    def _cell(self) -> Cell:
        """The running cell; outside any, one for what threads and timers show after theirs has ended."""
        if self._cells:
            return self._cells[-1]
        if self._late is None:
            moment = self._last.moment if self._last else read_moment(self.shell, None, self.id)
            self._late = Cell(moment)
            self.watch.wake()
        self._late_since = time.monotonic()
        return self._late

    def _seen(self, cell: Cell, kind: str, content: dict[str, Any], obj: Any) -> Figure | None:
        """Find or make the figure that a message shows."""
        target = live_object(obj) if obj is not None else None
        known = cell.find(target)
        is_wanted = self.settings.auto_publish or cell.is_aside or (known is not None and known.request is not None)
        if suppression.is_suppressed(target) or not is_wanted:
            return None
        if self.publisher is None:
            return None
        seen = look(content.get("data", {}), content.get("metadata", {}), obj)
        if seen is None:
            return None
        known = known or cell.find_picture(seen)
        display_id = content.get("transient", {}).get("display_id")
        if kind == "update_display_data":
            known = next((f for f in cell.figures if f.display_id and f.display_id == display_id), None)
            if known is not None:
                known.take(seen)
                return None
        elif known is not None and (not known.was_shown or known.shows(seen)):
            known.take(seen)
            known.display_id = display_id or known.display_id
            return known
        return self._add(cell, seen, display_id=display_id, request=known.request if known else None)

    def _seen_anyway(self, cell: Cell, kind: str, content: dict[str, Any], error: Exception) -> Figure | None:
        """Keep the displayed bytes of a figure that cannot be read; an update would have no figure to update."""
        seen = seen_anyway(content, error)
        if seen is None or kind == "update_display_data" or not self.settings.auto_publish or self.publisher is None:
            return None
        return self._add(cell, seen)

    def _add(self, cell: Cell, seen: Seen, **more: Any) -> Figure:
        publisher = self.publisher
        if publisher is None:
            raise GoFigrError(f"{self.settings.home} cannot be written to; set GOFIGR_JUPYTER_HOME")
        run = run_of(seen.reference() if seen.reference is not None else None)
        figure = Figure(
            publisher=publisher,
            ids=publisher.mint(),
            kind=seen.kind,
            title=seen.title,
            displayed=seen.displayed,
            source=seen.source,
            reference=seen.reference,
            is_live=seen.is_live,
            position=len(cell.figures) + 1,
            area=area_now(),
            run=run,
            run_name=run.next_name() if run is not None else "",
            **more,
        )
        cell.figures.append(figure)
        return figure

    # -------------------------------------------------------- publishing on request

    def request(self, obj: Any, seen: Seen, request: Request) -> Figure:
        """publish() was called: the figure goes out with the running cell, under what the author asked for."""
        with self._lock:
            cell = self._cell()
            figure = cell.find(live_object(obj)) or cell.find_picture(seen)
            if figure is None:
                figure = self._add(cell, seen, was_shown=False)
            figure.request = request
            return figure

    def publish_now(self, figure: Figure) -> None:
        """Somebody waits for what publish() was called with: it goes out as it is, before its cell has ended."""
        with self._lock:
            cells = [*self._cells, *([self._late] if self._late is not None else [])]
            cell = next((one for one in cells if any(known is figure for known in one.figures)), None)
            if cell is None or figure.sent is not None:
                return
            cell.moment = replace(cell.moment, execution_count=self.shell.execution_count)
            self._outgoing.publish(cell, figure, self._provenance(cell), self._runs.showing(cell.figures, figure))
            figure.sent = figure.displayed
        self.watch.wake()

    # -------------------------------------------------------- interactive functions

    @property
    def moment(self) -> Moment:
        """Of the running cell."""
        with self._lock:
            return self._cell().moment

    def shown_as(self, display_id: str) -> Figure | None:
        """The figure of the running cell that was displayed under an id."""
        with self._lock:
            return next((one for one in self._cell().figures if one.display_id == display_id), None)

    @contextmanager
    def aside(self, moment: Moment) -> Iterator[Cell]:
        """Within this block, what is shown or published is only noted, in a cell that `publish_aside` may publish."""
        cell = Cell(moment, is_aside=True)
        with self._lock:
            self._cells.append(cell)
        try:
            yield cell
        finally:
            with self._lock:
                self._cells.remove(cell)

    def publish_aside(self, cell: Cell) -> None:
        """Publish what was noted; its figures stand in the page already, and so do their cards."""
        with self._lock:
            provenance = self._provenance(cell)
            for figure in cell.figures:
                self._outgoing.publish(cell, figure, provenance, self._runs.showing(cell.figures, figure))
        self.watch.wake()

    # -------------------------------------------------------- the end of a cell

    def _finish(self, cell: Cell) -> None:
        self._refresh_live(cell)
        self._last = Cell(cell.moment)
        if not cell.figures:
            return
        if cell.moment.working_dir not in self._looked_at:  # the session's first figure, or the first after a chdir
            self._looked_at.add(cell.moment.working_dir)
            self.facts.wait(_FIRST_LOOK)  # returns at once when all is read, as it is unless the cell was quick
        provenance = self._provenance(cell)
        for figure in cell.figures:
            self._outgoing.publish(cell, figure, provenance, self._runs.showing(cell.figures, figure))
        self.cards.catch_up(cell, at_end=True)
        self.watch.wake()

    def _provenance(self, cell: Cell) -> Provenance:
        moment = replace(cell.moment, history=self._history.read(self.shell), run=self._runs.notes())
        try:
            files, unlisted = self.reads.inputs(for_figure=True)
            return replace(collect(moment, self.facts), inputs=files, inputs_unlisted=unlisted)
        except Exception as error:  # noqa: BLE001 - a fact that cannot be read must not cost the figures
            return provenance_anyway(error)

    @guarded
    def _refresh_live(self, cell: Cell) -> None:
        """Canvases change without messages: at the end of a cell, take each as it now is."""
        for figure in cell.figures:
            if figure.is_live:
                self._canvases.take(figure)
        if not self.settings.auto_publish or self.publisher is None:
            return
        for before, obj in self._canvases.changed():
            if not suppression.is_suppressed(obj):
                seen = Seen(before.kind, None, (), before.source, before.reference, is_live=True)
                self._canvases.take(self._add(cell, seen, card=before.card, request=before.request))

    # -------------------------------------------------------- in the background

    @guarded
    def _notebook_arrived(self, notebook: Notebook) -> None:
        self._outgoing.notebook_arrived(self.settings.home, notebook)

    def _tick(self) -> bool:
        """A beat of the watch: late figures, receipts. Answers whether anything is still awaited."""
        with self._lock:
            self._finish_late()
            is_late = self._late is not None
        return self.cards.read_receipts() or is_late

    def _finish_late(self, *, force: bool = False) -> None:
        if self._late is not None and (force or time.monotonic() - self._late_since > _LATE_QUIET):
            late, self._late = self._late, None
            self._finish(late)


def _runs_a_cell(shell: Any) -> bool:
    """Whether a cell is running now (it loads us), and not a start-up file: IPython's display hook is in place then."""
    return sys.displayhook is getattr(shell.display_trap, "hook", None)
