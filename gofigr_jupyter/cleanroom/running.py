"""Which clean room is running now, and which figures came out of one: so that whoever publishes them can say so.

In: a room and its figures. Out: the Run behind a figure, for as long as the figure lives.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from gofigr_jupyter.cleanroom import names, packages, pyplot
from gofigr_jupyter.cleanroom.room import CleanRoom


class Run:
    """One call of a room's function; its figures are published together with the room."""

    def __init__(self, room: CleanRoom) -> None:
        self.room = room
        self._count = itertools.count(1)

    def next_name(self) -> str:
        """A name for the next figure without title: the function's, with a number from the second on."""
        number = next(self._count)
        return self.room.name if number == 1 else f"{self.room.name} {number}"


_current: ContextVar[Run | None] = ContextVar("gofigr_clean_room", default=None)
_made: dict[int, tuple[weakref.ref[Any], Run]] = {}


def run_of(figure: Any) -> Run | None:
    """The run that made a figure, or that is going on now."""
    known = _made.get(id(figure)) if figure is not None else None
    return known[1] if known is not None and known[0]() is figure else _current.get()


def note(figure: Any, run: Run) -> None:
    """Remember, weakly, that an object is a run's."""
    key = id(figure)
    try:
        _made[key] = (weakref.ref(figure, lambda _: _made.pop(key, None)), run)
    except TypeError:  # numbers, text, tuples: no figure
        return


@contextmanager
def running(run: Run) -> Iterator[None]:
    """Within this block, what is shown or published is the run's."""
    token = _current.set(run)
    try:
        yield
    finally:
        _current.reset(token)


def call(run: Run, values: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """Run the function with these arguments, alone with its imports and with what is given; answers what it returns.

    Raises CleanRoomError for what the room lacks here, and whatever the function raises.
    """
    room = run.room
    wanted = names.free_names(room.source.code())
    function = room.source.function(packages.namespace(room.imports, wanted, given))
    with running(run), pyplot.set_aside():
        result = function(**values)
        for figure in pyplot.show():
            note(figure, run)
    for one in result if isinstance(result, tuple | list) else (result,):
        note(one, run)
    return result
