"""Canvases that live in the page (`%matplotlib widget`): they change without any message to see it by.

In: the figures of each cell, at its start and end. Out: which of the older ones this cell has changed. Holds weak
references and pictures only.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from blake3 import blake3

from gofigr_jupyter.capture import matplotlib
from gofigr_jupyter.extension.shown import Figure
from gofigr_jupyter.records import Displayed


@dataclass
class Live:
    """One canvas: the figure that was last made of it, and how its pixels were when the running cell began."""

    reference: weakref.ref[Any]
    figure: Figure
    pixels_before: str = ""


class LiveCanvases:
    """All canvases of a session that are still alive."""

    def __init__(self) -> None:
        self._known: list[Live] = []

    def cell_started(self) -> None:
        """Note how each one looks, so that zooming by hand between cells is not taken for the cell's work."""
        self._known = [live for live in self._known if live.reference() is not None]
        for live in self._known:
            live.pixels_before = _pixels(live.reference())

    def take(self, figure: Figure) -> None:
        """Bring a figure that a canvas shows to its state now, and follow the canvas from here on."""
        obj = figure.reference() if figure.reference is not None else None
        if obj is None or figure.reference is None:
            return
        figure.title, figure.source = matplotlib.title(obj), matplotlib.source(obj)
        figure.displayed = (Displayed("image/png", matplotlib.snapshot(obj)),)
        self._known = [live for live in self._known if live.reference() is not obj]
        self._known.append(Live(figure.reference, figure))

    def changed(self) -> Iterator[tuple[Figure, Any]]:
        """The canvases that this cell has changed, each with its last figure. Draws only where there is a sign."""
        for live in list(self._known):
            obj = live.reference()
            if obj is None or not (obj.stale or _pixels(obj) != live.pixels_before):
                continue
            if not live.figure.same_picture((Displayed("image/png", matplotlib.snapshot(obj)),)):
                yield live.figure, obj


def _pixels(figure: Any) -> str:
    """A fingerprint of what was drawn last; drawing nothing."""
    try:
        return blake3(bytes(figure.canvas.buffer_rgba())).hexdigest()
    except Exception:  # noqa: BLE001 - canvases of other kinds, closed ones
        return ""
