"""The only reader of the shell: the cell as it ran becomes a Moment; outside notebooks the running script does.

In: an IPython shell and the event's ExecutionInfo. Out: records. Nothing here keeps a reference to the shell.
"""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gofigr_jupyter.records import HistoryEntry, Moment

# Environment variables by which front ends and hosts tell which document runs.
_HINT_VARIABLES = (
    "JPY_SESSION_NAME",
    "JPY_PARENT_PID",
    "COLAB_RELEASE_TAG",
    "COLAB_NOTEBOOK_ID",
    "KAGGLE_KERNEL_RUN_TYPE",
    "KAGGLE_URL_BASE",
    "JUPYTERHUB_SERVICE_PREFIX",
)
# Names that front ends put into the user's namespace.
_HINT_NAMES = ("__vsc_ipynb_file__", "__session__")
_KERNEL_ID = re.compile(r"kernel-([0-9a-fA-F-]{36})\.json$")


def read_moment(shell: Any, info: Any, session_id: str) -> Moment:
    """The cell that is about to run, or that just ran, as the shell's event describes it.

    `info` may be None (the cell that loaded the extension has no event); the shell's own history tells then. The
    execution count comes with the cell's result: IPython 8 and 9 count at different moments.
    """
    source = getattr(info, "raw_cell", None)
    if source is None:
        raw = getattr(getattr(shell, "history_manager", None), "input_hist_raw", None) or [""]
        source = raw[-1]
    cell_id = getattr(info, "cell_id", None) or _parent_cell_id(shell)
    return Moment(
        source=str(source),
        session_id=session_id,
        working_dir=working_dir(),
        started_at=datetime.now(UTC),
        cell_id=cell_id,
        hints=read_hints(shell, cell_id),
    )


class History:
    """The cells that a session has run, with their execution counts; what was read before is not read again."""

    def __init__(self) -> None:
        self._entries: list[HistoryEntry] = []
        self._read = 0
        self._last: object = None

    def read(self, shell: Any) -> tuple[HistoryEntry, ...]:
        """All of them, to this moment."""
        raw = getattr(getattr(shell, "history_manager", None), "input_hist_raw", None) or []
        if not (self._read and len(raw) >= self._read and raw[self._read - 1] is self._last):  # begun anew by %reset
            self._entries, self._read = [], 0
        new = enumerate(raw[self._read :], self._read)
        self._entries += [HistoryEntry(count, str(text)) for count, text in new if count and text]
        self._read, self._last = len(raw), raw[-1] if raw else None
        return tuple(self._entries)


def read_hints(shell: Any, cell_id: str | None = None) -> dict[str, str]:
    """All that may tell the notebook's name and path, as plain strings."""
    hints = {name: value for name in _HINT_VARIABLES if (value := os.environ.get(name))}
    namespace = getattr(shell, "user_ns", {})
    hints |= {name: value for name in _HINT_NAMES if isinstance(value := namespace.get(name), str)}
    if cell_id and "vscode-notebook-cell" in cell_id:
        hints["vscode-notebook-cell"] = cell_id
    connection = getattr(getattr(getattr(shell, "kernel", None), "parent", None), "connection_file", "") or ""
    if match := _KERNEL_ID.search(str(connection)):
        hints["kernel_id"] = match.group(1)
        hints.setdefault("JUPYTER_RUNTIME_DIR", str(Path(connection).parent))  # where the server left its address
    return hints


def script_moment(session_id: str) -> Moment:
    """Outside IPython: the running script, with its text as the source."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    source = ""
    if path:
        try:
            source = Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:  # removed or unreadable meanwhile: the name still tells
            source = ""
    return Moment(
        source=source,
        session_id=session_id,
        working_dir=working_dir(),
        started_at=datetime.now(UTC),
        script=str(Path(path).absolute()) if path else None,
    )


def working_dir() -> str:
    """The current folder; empty when it was deleted under us."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""


def _parent_cell_id(shell: Any) -> str | None:
    parent = getattr(getattr(shell, "kernel", None), "get_parent", None)
    try:
        metadata = (parent() if parent else {}).get("metadata", {})
    except Exception:  # noqa: BLE001 - the shape of the parent message is the front end's affair
        return None
    cell_id = metadata.get("cellId")
    return cell_id if isinstance(cell_id, str) else None
