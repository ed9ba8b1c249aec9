"""The files that a session has read, as records: each with its hash, once that is known, and whether it may go along.

In: notes of ended cells. Out: InputFiles, and word of those that are no longer what was read. The hashing is done in a
thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from gofigr_jupyter.provenance.inputs import is_address
from gofigr_jupyter.provenance.inputs_rules import Rules
from gofigr_jupyter.provenance.inputs_state import MOST_FILES, Hashing, State, files_of, has_changed, state_of
from gofigr_jupyter.records import InputFile
from gofigr_jupyter.settings import Settings

_PATIENCE = 0.02  # seconds at most that a cell with a figure waits for the hashes of small files that it has just read
_SMALL = 8_000_000  # bytes of them altogether
_LARGEST = 256_000_000  # bytes of a file that is hashed in the kernel's process
_LOOK_EVERY = 2.0  # seconds between two looks at whether files have changed
_MOST_CELLS = 16  # of one file, each with an entry of its own
_MOST_KEPT = 10  # times the limit of one file: a folder of many must not fill the disk unasked
_MOST_COUNTED = 100_000
_TOO_MUCH = f"the session has read more than {_MOST_KEPT} x input_size_limit"
IsStale = Callable[[InputFile], bool]


@dataclass(frozen=True, slots=True)
class Note:
    """A reading as it was heard; `state` is None for an address, a folder or a pattern."""

    path: str
    read_by: str
    state: State | None
    is_asked_for: bool = False


class Kept:
    """One for each session; `is_allowed`: the user has said that everything may go."""

    def __init__(self, settings: Callable[[], Settings], on_change: Callable[[IsStale], None]) -> None:
        self.is_allowed = False
        self._settings = settings
        self._on_change = on_change
        self._lock = threading.RLock()
        self._files: dict[str, dict[int | None, InputFile]] = {}
        self._listed = 0
        self._beyond: set[str] = set()
        self._now: dict[str, tuple[State | None, str | None]] = {}
        self._looked_at = 0.0
        self._hashing: Hashing | None = None

    def open(self) -> None:
        """Begin to hash."""
        self._hashing = Hashing()

    def close(self) -> None:
        """End the thread."""
        if self._hashing is not None:
            self._hashing.stop()

    @property
    def paths(self) -> frozenset[str]:
        """All that was read."""
        return frozenset(self._files)

    def hash(self, path: str, state: State) -> None:
        """Have a file hashed, soon; a very large one is left to the worker, off this process."""
        if self._hashing is not None and state[0] <= _LARGEST:
            self._hashing.ask(path, state)

    # -------------------------------------------------------- adding

    def add(self, note: Note, cell: int | None, is_input: Callable[[str], bool]) -> None:
        """What a cell has read: a file, an address, or all that a folder or a pattern stands for."""
        if is_address(note.path):
            self._add(InputFile(note.path, note.read_by, cell))
        elif note.state is not None:
            self._add_file(note, cell, note.path, note.state, is_input)
        else:
            for path in files_of(note.path):
                if (state := state_of(path)) is not None:
                    self._add_file(note, cell, path, state, is_input)

    def count_only(self, path: str) -> None:
        """There are too many to list them all."""
        if len(self._beyond) < _MOST_COUNTED:
            self._beyond.add(path)

    def _add_file(self, note: Note, cell: int | None, path: str, state: State, is_input: Callable[[str], bool]) -> None:
        if is_input(path):
            self._add(InputFile(path, note.read_by, cell, *state, keep=note.is_asked_for))
            self.hash(path, state)

    def _add(self, file: InputFile) -> None:
        with self._lock:
            entries, is_full = self._files.get(file.path, {}), self._listed >= MOST_FILES
            if is_full and not entries:
                self.count_only(file.path)
                return
            others = [cell for cell in entries if cell != file.cell]
            others = [] if is_full else others[1 - _MOST_CELLS :]
            now = {cell: entries[cell] for cell in others} | {file.cell: file}
            self._files[file.path] = now
            self._listed += len(now) - len(entries)

    # -------------------------------------------------------- telling

    def inputs(self, *, for_figure: bool = False) -> tuple[tuple[InputFile, ...], int]:
        """All files and addresses, and how many more there were; `for_figure` waits a moment for small hashes."""
        settings, kept, told = self._settings(), 0, []
        with self._lock:
            files = [file for entries in self._files.values() for file in entries.values()]
        if settings.inputs == "off":
            files = [file for file in files if file.keep]
        if for_figure:
            self._wait_for_small(files)
        rules = Rules.of(settings, is_allowed=self.is_allowed), Rules.of(settings, is_allowed=True)
        for file in files:
            one = self._completed(file, rules[file.keep])
            kept += (one.size or 0) if one.keep else 0
            if one.keep and kept > _MOST_KEPT * settings.input_size_limit:
                one = replace(one, keep=False, why_not=_TOO_MUCH)
            told.append(one)
        return tuple(told), len(self._beyond - self._files.keys())

    def _completed(self, file: InputFile, rules: Rules) -> InputFile:
        """With its hash, if that is known by now, and whether it may go along."""
        if file.size is None:
            return replace(file, why_not="an address, not a file")
        why_not = rules.refusal(file.path, file.size)
        return replace(file, digest=self._digest(file), keep=not why_not, why_not=why_not)

    def _digest(self, file: InputFile) -> str | None:
        if file.size is None or file.modified_ns is None or self._hashing is None:
            return None
        return self._hashing.get(file.path, (file.size, file.modified_ns))

    def _wait_for_small(self, files: Iterable[InputFile]) -> None:
        keys, total = [], 0
        for file in files:
            if file.size is not None and file.modified_ns is not None and total + file.size <= _SMALL:
                total += file.size
                keys.append((file.path, file.size, file.modified_ns))
        if keys and self._hashing is not None:
            self._hashing.wait(keys, _PATIENCE)

    # -------------------------------------------------------- what has changed since

    def look_soon(self) -> None:
        """Look at every file again, in the thread of the hashes, for disks may be slow; not too often."""
        if self._files and self._hashing is not None and time.monotonic() - self._looked_at > _LOOK_EVERY:
            self._looked_at = time.monotonic()
            self._hashing.later(self.look)

    def look(self) -> None:
        """Look at every file again, and tell."""
        with self._lock:
            newest = [next(reversed(entries.values())) for entries in self._files.values()]
        for file in newest:
            if file.size is not None:
                state = state_of(file.path)
                is_touched = state is not None and state[0] <= _LARGEST and has_changed(file, state)
                # Perhaps it holds the same as before: the hash tells.
                digest = self._hashing.now(file.path, state) if is_touched and state and self._hashing else None
                self._now[file.path] = (state, digest)
        self._on_change(self.is_stale)

    def is_stale(self, file: InputFile) -> bool:
        """Whether a file, as it was seen last, is no longer what was read."""
        now = self._now.get(file.path)
        if now is None or file.size is None:
            return False
        return has_changed(replace(file, digest=file.digest or self._digest(file)), *now)
