"""A function run with its displays and prints caught: what it would have shown, in order, and nothing on the page.

In: a kernel's shell and a call. Out: an Outcome. Everything that is changed for the while is as before afterwards.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

from gofigr_jupyter.extension.session import Session
from gofigr_jupyter.extension.shown import Cell, Figure


@dataclass
class Output:
    """One display: its bundle, the object that it shows, and the figure of the session that it belongs to."""

    data: dict[str, Any]
    metadata: dict[str, Any]
    obj: Any = None
    figure: Figure | None = None
    display_id: str | None = None


@dataclass
class Outcome:
    """What a call has shown, printed (as outputs of the notebook format) and raised."""

    outputs: list[Output] = field(default_factory=list)
    printed: list[dict[str, Any]] = field(default_factory=list)
    error: BaseException | None = None

    def told(self) -> list[dict[str, Any]]:
        """The prints, and the error beneath them, as a notebook would show it."""
        if self.error is None:
            return self.printed
        kind, lines = type(self.error).__name__, traceback.format_exception(self.error)
        error = {"output_type": "error", "ename": kind, "evalue": str(self.error), "traceback": lines}
        return [*self.printed, error]


def perform(shell: Any, call: Callable[[], Any], session: Session | None, cell: Cell | None = None) -> Outcome:
    """Run it. With a `cell` of the session's, the figures are noted there; else the session hears nothing."""
    outcome = Outcome()
    with _prints(outcome), _displays(shell, outcome, session, cell):
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - an interrupt, too, ends the call and not the kernel
            outcome.error = error
    return outcome


class _Printed(io.TextIOBase):
    """Takes what is written, together with what was written to its twin, in order."""

    def __init__(self, name: str, outcome: Outcome) -> None:
        super().__init__()
        self._name, self._printed = name, outcome.printed

    def write(self, text: str) -> int:
        last = self._printed[-1] if self._printed else None
        if last is not None and last["name"] == self._name:
            last["text"] += text
        elif text:
            self._printed.append({"output_type": "stream", "name": self._name, "text": text})
        return len(text)

    def writable(self) -> bool:
        return True


@contextmanager
def _prints(outcome: Outcome) -> Iterator[None]:
    sys.stdout.flush()
    with redirect_stdout(_Printed("stdout", outcome)), redirect_stderr(_Printed("stderr", outcome)):
        yield


@contextmanager
def _displays(shell: Any, outcome: Outcome, session: Session | None, cell: Cell | None) -> Iterator[None]:
    """A hook behind the session's own: it takes each message and lets none out."""
    shown: set[int] = set()

    def take(message: dict[str, Any]) -> None:
        content, kind = message["content"], message.get("msg_type") or message["header"]["msg_type"]
        if kind == "clear_output":
            outcome.outputs.clear()
            return
        transient = content.get("transient") or {}
        output = Output(content.get("data", {}), content.get("metadata", {}), display_id=transient.get("display_id"))
        if session is not None and cell is None:
            output.obj = session.doors.behind(output.data)
        elif cell is not None:
            fresh = [figure for figure in cell.figures if figure.was_shown and id(figure) not in shown]
            output.figure = fresh[-1] if fresh else None
            shown.update(map(id, fresh))
        if kind == "update_display_data" and output.display_id is not None:
            _update(outcome.outputs, output)
        else:
            outcome.outputs.append(output)

    publisher = shell.display_pub
    publisher.register_hook(take)
    try:
        if session is not None and cell is None:
            with session.doors.muted():
                yield
        else:
            yield
    finally:
        publisher.unregister_hook(take)


def _update(outputs: list[Output], newer: Output) -> None:
    for output in outputs:
        if output.display_id == newer.display_id:
            output.data, output.metadata, output.obj = newer.data, newer.metadata, newer.obj
