"""What the cells of a session read and write: listens while they run, and tells it as InputFiles when they have ended.

In: opened paths from the audit hook and from native readers, cells' beginnings and ends from the session. Out: records.
While a file is opened it is only looked at (size and time); what it is, and its hash, is found out later.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from gofigr_jupyter.extension import reads_audit, reads_native
from gofigr_jupyter.extension.hooks import guarded
from gofigr_jupyter.extension.moment import working_dir
from gofigr_jupyter.extension.reads_open import still_open
from gofigr_jupyter.provenance import inputs
from gofigr_jupyter.provenance.inputs_rules import Rules
from gofigr_jupyter.provenance.inputs_state import MOST_FILES, Hashing, State, files_of, has_changed, state_of
from gofigr_jupyter.records import InputFile
from gofigr_jupyter.settings import Settings

_WRITES, _EMPTIES = os.O_WRONLY | os.O_RDWR, os.O_TRUNC | os.O_EXCL
_PATIENCE = 0.02  # seconds at most that a cell with a figure waits for the hashes of small files that it has just read
_SMALL = 8_000_000  # bytes of them altogether
_LOOK_EVERY = 2.0  # seconds between two looks at whether files have changed
_MOST_CELLS = 16  # of one file, each with an entry of its own
IsStale = Callable[[InputFile], bool]


@dataclass(frozen=True, slots=True)
class _Note:
    path: str
    read_by: str
    state: State | None  # None: an address, a folder or a pattern
    is_asked_for: bool = False


@dataclass
class _Cell:
    reads: dict[str, _Note] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    count: int | None = None
    folder: str = ""


class Reads:
    """One for each session. `on_change` is told, in a thread of its own, when a file is no longer what was read."""

    def __init__(self, settings: Callable[[], Settings], on_change: Callable[[IsStale], None]) -> None:
        self._settings = settings
        self._on_change = on_change
        self._lock = threading.RLock()
        self._cells = [_Cell()]  # the first stands for what runs outside any cell
        self._files: dict[tuple[str, int | None], InputFile] = {}
        self._written: dict[int | None, set[str]] = {}
        self._unlisted = 0
        self._is_allowed = False
        self._looked_at = 0.0
        self._now: dict[str, tuple[State | None, str | None]] = {}
        self._around = inputs.Surroundings((), ())
        self._never: tuple[str, ...] = ()
        self._inherited: set[str] = set()
        self._hashing: Hashing | None = None
        self._native: reads_native.Doors | None = None

    # -------------------------------------------------------- life

    @guarded
    def open(self, *, in_cell: bool) -> None:
        """Begin to listen."""
        settings = self._settings()
        self._around = inputs.surroundings(settings.home, working_dir())
        self._never = self._around.never
        self._inherited = set(still_open(self._never, set()))
        if in_cell:
            self.cell_started()
        self._hashing = Hashing()
        self._native = reads_native.Doors(self.read)
        self._native.open()
        reads_audit.listen(self)

    @guarded
    def close(self, namespace: dict[str, Any] | None = None) -> None:
        """Let go of everything; `namespace` is the user's, in case wrapped functions were imported into it."""
        reads_audit.leave(self)
        if self._native is not None:
            self._native.close(namespace)
        if self._hashing is not None:
            self._hashing.stop()

    def cell_started(self) -> None:
        """A cell begins, perhaps inside another."""
        self._cells.append(_Cell(folder=working_dir()))

    @guarded
    def cell_finished(self, count: int | None) -> None:
        """A cell has ended: what it read becomes part of the session."""
        if len(self._cells) > 1:
            cell = self._cells.pop()
            cell.count = count
            if not self._is_off:
                for path in still_open(self._never, self._inherited | cell.written | cell.reads.keys()):
                    self._note(cell, path, "a library", state_of(path))
            self._take(cell)
            self._look_for_changes()

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
            self._note(cell, path, by, state)
        if flags & _WRITES:
            cell.written.add(path)

    def fetched(self, address: str) -> None:
        """The audit hook: an address is about to be read."""
        by = None if self._is_off else reads_audit.who_reads(sys._getframe(1), self._never)
        if by is not None and inputs.is_address(address):
            self._note(self._cells[-1], inputs.clean_address(address), by, None)

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
                self._note(cell, inputs.clean_address(text), read_by, None)
            return
        path = _absolute(os.path.expanduser(text.removeprefix("local://").removeprefix("file://")))  # noqa: PTH111
        if path.startswith(self._never):
            return
        if writes:
            cell.written.add(path)
        else:
            self._note(cell, path, read_by, state_of(path), is_asked_for=is_asked_for)

    def _note(self, cell: _Cell, path: str, by: str, state: State | None, *, is_asked_for: bool = False) -> None:
        known = cell.reads.get(path)
        if known is not None:
            if is_asked_for and not known.is_asked_for:
                cell.reads[path] = replace(known, read_by=by, is_asked_for=True)
            return
        if len(cell.reads) >= 2 * MOST_FILES:
            self._unlisted += 1
            return
        cell.reads[path] = _Note(path, by, state, is_asked_for)
        if state is not None and self._hashing is not None and inputs.is_input(path, cell.folder, self._around):
            self._hashing.ask(path, state)

    # -------------------------------------------------------- what was read

    def inputs(self, *, for_figure: bool = False) -> tuple[tuple[InputFile, ...], int]:
        """All that the session has read so far, in order, and how many files more it was.

        With `for_figure` it waits a moment for the hashes of small files.
        """
        with self._lock:
            for cell in self._cells:
                self._take(cell)
            files = [file for file in self._files.values() if file.keep or not self._is_off]
        if for_figure:
            self._wait_for_small(files)
        return tuple(map(self._completed, files)), self._unlisted

    def of_cell(self, count: int | None) -> tuple[InputFile, ...]:
        """What one cell read."""
        with self._lock:
            return tuple(self._completed(file) for file in self._files.values() if file.cell == count)

    def written(self, count: int | None = None) -> frozenset[str]:
        """The paths that a cell, or with None any cell, opened for writing."""
        with self._lock:
            sets = self._written.values() if count is None else [self._written.get(count, set())]
            return frozenset().union(*sets, *(cell.written for cell in self._cells if count is None))

    def allow(self) -> None:
        """The user says: what this session reads may go to the server."""
        self._is_allowed = True

    def _take(self, cell: _Cell) -> None:
        """Turn notes into records; what is no input falls away here."""
        with self._lock:
            notes, cell.reads = list(cell.reads.values()), {}
            self._written.setdefault(cell.count, set()).update(cell.written)
            written = self.written()
            for note in notes:
                if inputs.is_address(note.path):
                    self._add(cell, note, note.path)
                    continue
                for path in [note.path] if note.state is not None else files_of(note.path):
                    if inputs.is_input(path, cell.folder, self._around) and not inputs.is_scratch(path, written):
                        self._add(cell, note, path)

    def _add(self, cell: _Cell, note: _Note, path: str) -> None:
        state = note.state if path == note.path else state_of(path)
        if state is None and not inputs.is_address(path):
            return
        if len(self._files) >= MOST_FILES:
            self._unlisted += 1
            return
        size, modified = state or (None, None)
        file = InputFile(path, note.read_by, cell.count, size, modified, keep=note.is_asked_for)
        cells = [key for key in self._files if key[0] == path]
        for key in cells[: max(0, len(cells) - _MOST_CELLS + 1)]:
            del self._files[key]
        self._files.pop((path, cell.count), None)
        self._files[path, cell.count] = file
        if state is not None and self._hashing is not None:
            self._hashing.ask(path, state)

    def _completed(self, file: InputFile) -> InputFile:
        """With its hash, if that is known by now, and whether it may go along."""
        if file.size is None or file.modified_ns is None:
            return replace(file, why_not="an address, not a file")
        digest = self._hashing.get(file.path, (file.size, file.modified_ns)) if self._hashing is not None else None
        why_not = Rules.of(self._settings(), is_allowed=self._is_allowed or file.keep).refusal(file.path, file.size)
        return replace(file, digest=digest, keep=not why_not, why_not=why_not)

    def _wait_for_small(self, files: Iterable[InputFile]) -> None:
        keys, total = [], 0
        for file in files:
            if file.size is not None and file.modified_ns is not None and total + file.size <= _SMALL:
                total += file.size
                keys.append((file.path, file.size, file.modified_ns))
        if keys and self._hashing is not None:
            self._hashing.wait(keys, _PATIENCE)

    # -------------------------------------------------------- what has changed since

    def _look_for_changes(self) -> None:
        if self._files and self._hashing is not None and time.monotonic() - self._looked_at > _LOOK_EVERY:
            self._looked_at = time.monotonic()
            self._hashing.later(self.look_for_changes)

    def look_for_changes(self) -> None:
        """Look at every file again; in the thread of the hashes, for disks may be slow."""
        with self._lock:
            files = {file.path: file for file in self._files.values() if file.size is not None}
        for path, file in files.items():
            state = state_of(path)
            is_touched = state is not None and has_changed(file, state)
            # Perhaps it holds the same as before: the hash tells.
            digest = self._hashing.now(path, state) if is_touched and state and self._hashing is not None else None
            self._now[path] = (state, digest)
        self._on_change(self.is_stale)

    def is_stale(self, file: InputFile) -> bool:
        """Whether a file, as it was seen last, is no longer what was read."""
        now = self._now.get(file.path)
        if now is None or file.size is None or file.modified_ns is None:
            return False
        known = self._hashing.get(file.path, (file.size, file.modified_ns)) if self._hashing is not None else None
        return has_changed(replace(file, digest=file.digest or known), *now)


def _absolute(path: str) -> str:
    return os.path.normpath(path if os.path.isabs(path) else os.path.join(working_dir(), path))  # noqa: PTH117, PTH118
