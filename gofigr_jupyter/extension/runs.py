"""What the slicer needs to know of each run of a cell besides its text, noted in the kernel as the cell ends.

In: the shell, before and after each cell. Out: RunNotes, for the history of a figure's provenance. Some microseconds a
cell: names are compared by identity, types are named, no value is looked into and none is kept.
"""

from __future__ import annotations

import functools
import logging
import operator
from collections.abc import Callable, Sequence
from itertools import compress, count, islice
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, TypeVar

from gofigr_jupyter.extension.shown import Figure
from gofigr_jupyter.provenance.secrets import mask
from gofigr_jupyter.provenance.slicing.kinds import Kind, kind_of
from gofigr_jupyter.records import RunNotes, Showing

_log = logging.getLogger("gofigr_jupyter")
_MOST_NAMES = 5_000  # in the namespace; beyond that, comparing would take milliseconds
_MOST_TOLD = 60  # of one cell: a star import binds hundreds
_LOOKED_INTO = 20
_HOLDERS = frozenset({list, tuple, dict, set, frozenset})
_TIMED = "<timed exec>"  # what IPython calls the body of %%time
_KNOWN_BY_SYNTAX = frozenset({"function", "module", "type", "builtin_function_or_method", "ABCMeta"})


_Result = TypeVar("_Result")
_Parameters = ParamSpec("_Parameters")


def _or_else(
    default: Callable[[], _Result],
) -> Callable[[Callable[_Parameters, _Result]], Callable[_Parameters, _Result]]:
    """A note that cannot be taken costs a note, never a figure."""

    def wrap(method: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
        @functools.wraps(method)
        def safe(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
            try:
                return method(*args, **kwargs)
            except Exception:  # noqa: BLE001 - whatever it was
                _log.exception("in %s", method.__qualname__)
                return default()

        return safe

    return wrap


def _nothing() -> None:
    return None


def _of_holder(value: Any) -> Kind:
    """Whether a container of Python's own holds plain values; its first ones stand for all."""
    inside = value.values() if type(value) is dict else value
    try:
        first = list(islice(inside, _LOOKED_INTO))
    except RuntimeError:  # another thread changes it now
        return Kind.CONTAINER
    if any(kind_of(str(type(one).__module__), type(one).__name__) is not Kind.VALUE for one in first):
        return Kind.CONTAINER
    return Kind.VALUE if type(value) in {tuple, frozenset} else Kind.PLAIN


class _Names(NamedTuple):
    """The names of a namespace in its order, and what tells their objects apart: bare lists, which compare fastest."""

    names: list[str]
    identities: list[int]


def _changed(before: _Names, now: _Names) -> list[str]:
    """The names that are new or stand for something else."""
    same = len(before.names)
    if now.names[:same] != before.names:  # some were deleted since; behind them stands what is new
        same = next(compress(count(), map(operator.ne, before.names, now.names)), len(now.names))
    were = dict(zip(before.names[same:], before.identities[same:], strict=True))
    behind = zip(now.names[same:], now.identities[same:], strict=True)
    return [
        *compress(now.names[:same], map(operator.ne, before.identities, now.identities)),
        *(name for name, identity in behind if were.get(name) != identity),
    ]


class Runs:
    """The runs of one session's cells. Cells within cells are part of the outer one."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._running: list[int | None] = []
        self._seen = _Names([], [])
        self._cell_ids: dict[str, str] = {}
        self._python: dict[str, str] = {}
        self._failed_at: dict[str, int] = {}
        self._kinds: dict[str, dict[str, str]] = {}
        self._compared = 1
        self.cell_finished(None, None)  # what is there already was bound by nobody we know

    # -------------------------------------------------------- around a cell

    @_or_else(_nothing)
    def cell_started(self, info: Any) -> None:
        """A cell begins: it will be the history's next, if it is kept there."""
        raw, _ = self._histories()
        is_kept = bool(getattr(info, "store_history", True)) and not self._running
        self._running.append(len(raw) if is_kept else None)

    @_or_else(_nothing)
    def cell_finished(self, cell_id: str | None, result: Any) -> None:
        """A cell has ended: how, and what names it has bound to what."""
        before, self._seen = self._seen, self._look()
        number = self._running.pop() if self._running else None
        if number is None:
            return
        key = str(number)
        if cell_id:
            self._cell_ids[key] = cell_id
        if getattr(result, "error_before_exec", None) is not None:
            self._failed_at[key] = 0
        elif (error := getattr(result, "error_in_exec", None)) is not None:
            line = self._line(getattr(error, "__traceback__", None))
            if line is not None:
                self._failed_at[key] = line
        bound = [name for name in _changed(before, self._seen) if name[:1] != "_"]
        kinds = {name: word for name in bound[:_MOST_TOLD] if (word := self._kind(name)) is not None}
        if kinds:
            self._kinds[key] = kinds

    # -------------------------------------------------------- for a figure

    @_or_else(RunNotes)
    def notes(self) -> RunNotes:
        """All that is noted so far; a copy, as the notes grow."""
        raw, parsed = self._histories()
        for number in range(self._compared, min(len(raw), len(parsed))):
            if parsed[number] != raw[number].lstrip("\n"):
                self._python[str(number)] = mask(parsed[number])[0]
        self._compared = max(self._compared, len(raw))
        return RunNotes(dict(self._cell_ids), dict(self._python), dict(self._failed_at), dict(self._kinds))

    @_or_else(Showing)
    def showing(self, figures: Sequence[Figure], figure: Figure) -> Showing:
        """Which of a cell's figures one is; by its names, too, where there are several."""
        shown = [one for one in figures if one.was_shown]
        position = next((n for n, one in enumerate(shown, 1) if one is figure), 0)
        names: tuple[str, ...] = ()
        if len(shown) > 1 and figure.reference is not None:
            live = figure.reference()
            space = self._shell.user_ns
            if live is not None and len(space) <= _MOST_NAMES:
                names = tuple(n for n, value in list(space.items()) if value is live and not n.startswith("_"))[:5]
        return Showing(position, len(shown), names)

    # -------------------------------------------------------- looking

    def _histories(self) -> tuple[list[str], list[str]]:
        manager = getattr(self._shell, "history_manager", None)
        return getattr(manager, "input_hist_raw", None) or [], getattr(manager, "input_hist_parsed", None) or []

    def _look(self) -> _Names:
        space = getattr(self._shell, "user_ns", {})
        if len(space) > _MOST_NAMES:
            return _Names([], [])
        seen = dict(space)  # in one go: other threads may bind names, too
        # What tells objects apart as id() does, which would call every audit hook for each name.
        return _Names(list(seen), list(map(object.__hash__, seen.values())))

    def _kind(self, name: str) -> str | None:
        value = self._shell.user_ns.get(name)
        made_by = type(value)
        if made_by.__name__ in _KNOWN_BY_SYNTAX:
            return None
        if made_by in _HOLDERS:
            return _of_holder(value).value
        kind = kind_of(str(made_by.__module__), made_by.__name__)
        if kind is Kind.ARRAY and getattr(getattr(value, "dtype", None), "kind", "O") == "O":
            return Kind.OTHER.value  # an array of whatever: of axes, say
        return kind.value

    def _line(self, traceback: TracebackType | None) -> int | None:
        """The line of the cell's own statement that raised."""
        line, space = None, self._shell.user_ns
        while traceback is not None:
            code = traceback.tb_frame.f_code
            is_its_own = traceback.tb_frame.f_globals is space and code.co_name == "<module>"
            if is_its_own and (line is None or code.co_filename == _TIMED):
                line = traceback.tb_lineno
            traceback = traceback.tb_next
        return line
