"""Whose picture is in a message: objects are noted while they are formatted, and known again by the bundle they made.

In: objects and bundles from the formatter's door. Out: the live object behind an outgoing message, or None. Each thread
has notes of its own; they hold weak references where objects allow them, and nothing beyond the cell's end.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from gofigr_jupyter.capture.libraries import LIBRARIES, of_object

_NEAR = 24  # frames between the message and the library's function that sends it

# Where libraries send bundles past the formatter, and which variable there holds the figure.
_SENDERS = {module: variable for library in LIBRARIES for module, variable in library.senders}


class Noted(threading.local):
    """What this thread is showing."""

    def __init__(self) -> None:
        self._formatting: list[Any] = []
        self._made: tuple[Callable[[], Any], Mapping[str, Any]] | None = None

    def begins(self, obj: Any) -> None:
        """An object is being formatted: what is sent meanwhile, it sends itself."""
        self._formatting.append(obj)
        self._made = None

    def ends(self, obj: Any, bundle: Any) -> None:
        """It has been formatted; an empty bundle says that it has shown itself, or nothing."""
        self._formatting.pop()
        if isinstance(bundle, Mapping) and bundle:
            self._made = _weakly(obj), bundle

    def behind(self, data: Mapping[str, Any]) -> Any:
        """The object that a message's bundle shows. Each object is told once; captured output leaves none behind."""
        made, self._made = self._made, None
        if made is not None and _is_of(made[1], data):
            sender = _sender()  # PyVista's show() displays a plain picture of the plotter
            return sender if sender is not None else made[0]()
        return self._formatting[-1] if self._formatting else _sender()

    def forget(self) -> None:
        """The cell has ended."""
        self._made = None


def _weakly(obj: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(obj)
    except TypeError:
        return lambda: obj


def _is_of(bundle: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether a message carries this bundle: pictures are encoded on the way, texts stay as they are."""
    return bundle.keys() == data.keys() and bundle.get("text/plain") == data.get("text/plain")


def _sender() -> Any:
    """The figure whose own method sends this message (`plotly`'s and plotnine's `show()`), from the calls under way."""
    frame = sys._getframe(1)
    for _ in range(_NEAR):
        following = frame.f_back
        if following is None:
            return None
        frame = following
        variable = _SENDERS.get(frame.f_globals.get("__name__", ""))
        if variable is not None and of_object(obj := frame.f_locals.get(variable)) is not None:
            return obj
    return None
