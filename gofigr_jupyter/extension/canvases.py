"""Figures that live in the page (`%matplotlib widget`, `FigureWidget`, bokeh handles): they change without any display.

In: the figures of each cell, at its start and end. Out: which of the older ones this cell has changed. Holds weak
references and pictures only; what tells a change is known to each library's module.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from blake3 import blake3

from gofigr_jupyter.capture import libraries, matplotlib
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.extension.shown import Figure
from gofigr_jupyter.records import Displayed


@dataclass
class Live:
    """One of them: the figure that was last made of it, and its sign when the running cell began."""

    reference: weakref.ref[Any]
    figure: Figure
    sign_before: object = None


class LiveCanvases:
    """All of a session that are still alive."""

    def __init__(self) -> None:
        self._known: list[Live] = []

    def cell_started(self) -> None:
        """Note how each one looks, so that zooming by hand between cells is not taken for the cell's work."""
        self._known = [live for live in self._known if live.reference() is not None]
        for live in self._known:
            live.sign_before = _sign(live.reference())

    def take(self, figure: Figure) -> None:
        """Bring a figure that lives in the page to its state now, and follow it from here on."""
        obj = figure.reference() if figure.reference is not None else None
        if obj is None or figure.reference is None:
            return
        seen = _state(obj)
        if seen is not None:
            figure.title, figure.source, figure.displayed = seen.title, seen.source, seen.displayed
        self._known = [live for live in self._known if live.reference() is not obj]
        self._known.append(Live(figure.reference, figure))

    def changed(self) -> Iterator[tuple[Figure, Any]]:
        """Those that this cell has changed, each with its last figure. Draws only where there is a sign."""
        for live in list(self._known):
            obj = live.reference()
            sign = _sign(obj)
            if sign is None or sign == live.sign_before:
                continue
            seen = _state(obj)
            if seen is not None and not _shows_same(live.figure, seen):
                yield live.figure, obj


def _sign(obj: Any) -> object:
    """What differs when a figure has changed, got without drawing; None when there is nothing to be seen."""
    if obj is None:
        return None
    try:
        return _door(obj, "live_sign", _canvas_sign)(obj)
    except Exception:  # noqa: BLE001 - figures that are closed or half made
        return None


def _state(obj: Any) -> Seen | None:
    seen: Seen | None = _door(obj, "live_state", _canvas_state)(obj)
    return seen


def _door(obj: Any, name: str, canvas: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function of the library's module that knows how its figures live; else they are matplotlib's canvases."""
    library = libraries.of_object(obj)
    found: Callable[[Any], Any] = getattr(library.adapter, name, canvas) if library is not None else canvas
    return found


def _canvas_sign(figure: Any) -> object:
    return object() if figure.stale else blake3(bytes(figure.canvas.buffer_rgba())).hexdigest()


def _canvas_state(figure: Any) -> Seen:
    shown = (Displayed("image/png", matplotlib.snapshot(figure)),)
    return Seen(matplotlib.KIND, matplotlib.title(figure), shown, matplotlib.source(figure), is_live=True)


def _shows_same(figure: Figure, seen: Seen) -> bool:
    if figure.displayed or seen.displayed:
        return figure.same_picture(seen.displayed)
    return figure.source == seen.source
