"""Lets pages speak while a cell runs, without touching that cell.

ipykernel counts what a page says as an execution, and hears it in a subshell: a thread. At the end matplotlib
shows and closes the figures that the running cell is still drawing. What is said here concerns no figure.
"""

from __future__ import annotations

from typing import Any

_CONTROL = "jupyter.widget.control"  # where a page that is opened or drawn anew asks for the state of all widgets


def quieten(line: Any) -> None:
    """Let the messages of this comm be heard at once and end no cell."""
    if hasattr(line, "_reply_subshell_for"):
        # ipykernel 7.4 sends a page's messages to the loop that wrote to the page last: to the busy one.
        # Without this they go where the page addressed them: to a subshell that is free.
        line._reply_subshell_for = None
    if hear := getattr(line, "_msg_callback", None):
        line.handle_msg = hear


class Control:
    """The line for the state of all widgets: pages open it, wherever there is one widget, as ours is."""

    def __init__(self) -> None:
        self._theirs: Any = None
        self._ours: Any = None

    def quieten(self) -> None:
        """From now on, pages that open it disturb no cell."""
        theirs = _targets().get(_CONTROL)
        if theirs is None or theirs is self._ours:
            return

        def opened(line: Any, message: Any) -> None:
            theirs(line, message)
            quieten(line)

        self._theirs, self._ours = theirs, opened
        _targets()[_CONTROL] = opened

    def restore(self) -> None:
        """Put back what was there, unless somebody has taken its place."""
        if self._ours is not None and _targets().get(_CONTROL) is self._ours:
            _targets()[_CONTROL] = self._theirs
        self._theirs = self._ours = None


def _targets() -> dict[str, Any]:
    import comm  # noqa: PLC0415 - there wherever widgets are

    targets = getattr(comm.get_comm_manager(), "targets", None)
    return targets if isinstance(targets, dict) else {}
