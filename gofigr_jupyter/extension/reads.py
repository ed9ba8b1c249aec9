"""What the cells of a session read and write: listens while they run, and hands it on when they have ended.

In: opened paths from the audit hook and from native readers, cells' beginnings and ends from the session. Out: notes,
which `reads_kept` turns into records. While a file is opened it is only looked at: its size and time.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gofigr_jupyter.extension import reads_audit, reads_native
from gofigr_jupyter.extension.hooks import guarded
from gofigr_jupyter.extension.moment import working_dir
from gofigr_jupyter.extension.reads_kept import IsStale, Kept, Note
from gofigr_jupyter.extension.reads_open import OpenFiles
from gofigr_jupyter.provenance import inputs
from gofigr_jupyter.provenance.inputs_state import MOST_FILES, state_of
from gofigr_jupyter.records import InputFile
from gofigr_jupyter.settings import Settings

_WRITES, _EMPTIES = os.O_WRONLY | os.O_RDWR, os.O_TRUNC | os.O_EXCL


@dataclass
class _Cell:
    reads: dict[str, Note] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    count: int | None = None
    folder: str = ""


class Reads:
    """One for each session. `on_change` is told, in a thread of its own, when files have been looked at again."""

    def __init__(self, settings: Callable[[], Settings], on_change: Callable[[IsStale], None]) -> None:
        self._settings = settings
        self._kept = Kept(settings, on_change)
        self._lock = threading.RLock()
        self._cells = [_Cell()]  # the first stands for what runs outside any cell
        self._written: dict[int | None, set[str]] = {}
        self._around = inputs.Surroundings((), ())
        self._never: tuple[str, ...] = ()
        self._inherited: set[str] = set()
        self._open_files = OpenFiles()
        self._native: reads_native.Doors | None = None

    # -------------------------------------------------------- life

    @guarded
    def open(self, *, in_cell: bool) -> None:
        """Begin to listen."""
        self._around = inputs.surroundings(self._settings().home, working_dir())
        self._never = self._around.never
        self._inherited = set(self._open_files.look(self._never, lambda _: False))
        if in_cell:
            self.cell_started()
        self._kept.open()
        self._native = reads_native.Doors(self.read)
        self._native.open()
        self._listen()

    @guarded
    def close(self, namespace: dict[str, Any] | None = None) -> None:
        """Let go of everything; `namespace` is the user's, in case wrapped functions were imported into it."""
        reads_audit.leave(self)
        if self._native is not None:
            self._native.close(namespace)
        self._kept.close()

    def cell_started(self) -> None:
        """A cell begins, perhaps inside another."""
        self._listen()  # the setting may have been switched on meanwhile
        self._cells.append(_Cell(folder=working_dir()))

    @guarded
    def cell_finished(self, count: int | None) -> None:
        """A cell has ended: what it read becomes part of the session."""
        if len(self._cells) > 1:
            cell = self._cells.pop()
            cell.count = count
            if not self._is_off:
                known = (self._inherited, self._kept.paths, cell.written, cell.reads)
                for path in self._open_files.look(self._never, lambda path: any(path in paths for paths in known)):
                    self._note(cell, Note(path, "a library", state_of(path)))
            self._take(cell)
            self._kept.look_soon()

    def _listen(self) -> None:
        # A process that has an audit hook has it for good: whoever switches this off before loading gets none.
        if not self._is_off and self._native is not None:
            reads_audit.listen(self)

    @property
    def _is_off(self) -> bool:
        return self._settings().inputs == "off"

    # -------------------------------------------------------- listening, on the time of the user's own open()

    def opened(self, path: Any, flags: int) -> None:
        """The audit hook: a file is about to be opened."""
        if not isinstance(path, str):
            if isinstance(path, int):
                return
            path = os.fsdecode(path)
        if path.startswith(self._never) or self._is_off:
            return
        cell = self._cells[-1]
        if path in cell.reads and path not in cell.written and not flags & _WRITES:
            return
        by = reads_audit.who_reads(sys._getframe(1), self._never)
        if by is None:
            return
        path = _absolute(path)
        if by == "import" and path.endswith(".pyc"):
            path = importlib.util.source_from_cache(path)
        state = None if flags & (_EMPTIES | os.O_WRONLY) else state_of(path)
        if state is not None:
            if path in cell.written:  # what is read now is no longer what was read before
                cell.reads.pop(path, None)
            self._note(cell, Note(path, by, state))
        if flags & _WRITES:
            cell.written.add(path)

    def fetched(self, address: str) -> None:
        """The audit hook: an address is about to be read."""
        by = None if self._is_off else reads_audit.who_reads(sys._getframe(1), self._never)
        if by is not None and inputs.is_address(address):
            self._note(self._cells[-1], Note(inputs.clean_address(address), by, None))

    def read(self, what: Any, read_by: str, *, writes: bool = False, is_asked_for: bool = False) -> None:
        """A native reader, or one of ours: it reads this path, address, folder or pattern, or a list of such."""
        if isinstance(what, list | tuple):
            for one in what[:MOST_FILES]:
                self.read(one, read_by, writes=writes, is_asked_for=is_asked_for)
            return
        if not isinstance(what, str | bytes | os.PathLike) or (self._is_off and not is_asked_for):
            return  # an open file: its opening was heard
        by = reads_audit.who_reads(sys._getframe(1), self._never)
        if by is None and not is_asked_for:
            return
        read_by = by if by not in {None, "open", "import"} and not is_asked_for else read_by
        text, cell = os.fsdecode(what), self._cells[-1]
        if inputs.is_address(text):
            if not writes:
                self._note(cell, Note(inputs.clean_address(text), read_by, None))
            return
        path = _absolute(os.path.expanduser(text.removeprefix("local://").removeprefix("file://")))  # noqa: PTH111
        if path.startswith(self._never):
            return
        if writes:
            cell.written.add(path)
        else:
            self._note(cell, Note(path, read_by, state_of(path), is_asked_for))

    def _note(self, cell: _Cell, note: Note) -> None:
        known = cell.reads.get(note.path)
        if known is not None:
            if note.is_asked_for and not known.is_asked_for:
                cell.reads[note.path] = replace(known, read_by=note.read_by, is_asked_for=True)
            return
        if len(cell.reads) >= 2 * MOST_FILES:
            self._kept.count_only(note.path)
            return
        cell.reads[note.path] = note
        if note.state is not None and inputs.is_input(note.path, cell.folder, self._around):
            self._kept.hash(note.path, note.state)

    # -------------------------------------------------------- what was read

    def inputs(self, *, for_figure: bool = False) -> tuple[tuple[InputFile, ...], int]:
        """All that the session has read so far, and how many files more it was.

        With `for_figure` it waits a moment for the hashes of small files.
        """
        with self._lock:
            for cell in self._cells:
                self._take(cell)
        return self._kept.inputs(for_figure=for_figure)

    def of_cell(self, count: int | None) -> tuple[InputFile, ...]:
        """What one cell read."""
        return tuple(file for file in self._kept.inputs()[0] if file.cell == count)

    def written(self, count: int | None = None) -> frozenset[str]:
        """The paths that a cell, or with None any cell, opened for writing."""
        with self._lock:
            sets = self._written.values() if count is None else [self._written.get(count, set())]
            return frozenset().union(*sets, *(cell.written for cell in self._cells if count is None))

    def allow(self) -> None:
        """The user says: what this session reads may go to the server."""
        self._kept.is_allowed = True

    def look_for_changes(self) -> None:
        """Look at every file again, now."""
        self._kept.look()

    def is_stale(self, file: InputFile) -> bool:
        """Whether a file, as it was seen last, is no longer what was read."""
        return self._kept.is_stale(file)

    def _take(self, cell: _Cell) -> None:
        """What is no input falls away here."""
        with self._lock:
            notes, cell.reads = list(cell.reads.values()), {}
            self._written.setdefault(cell.count, set()).update(cell.written)
            written = self.written()

            def is_input(path: str) -> bool:
                is_scratch = inputs.is_scratch(path, cell.folder, written)
                return not is_scratch and inputs.is_input(path, cell.folder, self._around)

            for note in notes:
                self._kept.add(note, cell.count, is_input)


def _absolute(path: str) -> str:
    return os.path.normpath(path if os.path.isabs(path) else os.path.join(working_dir(), path))  # noqa: PTH117, PTH118
