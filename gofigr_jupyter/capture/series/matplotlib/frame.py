"""Which part of a figure its picture shows, and where each axis runs in it: points of one are points of the other.

In: a figure, and the size of the picture that was shown. Out: fractions of that picture. Notebooks cut pictures to what
is drawn; nobody writes down how, so it is done again, and believed only if the size comes out the same.
"""

from __future__ import annotations

import importlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from gofigr_jupyter.capture.series.axes import Run
from gofigr_jupyter.capture.series.matplotlib.place import Place

_NEAR = 2.5  # pixels by which two ways of rounding may differ
_POINTS = 72  # in an inch, in which pictures without pixels are measured
_SHARP = (1, 2)  # pixels for one that is shown, on screens of either sort
_EVEN = frozenset(("linear", "log"))


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a figure that its picture shows, in inches from the figure's lower left corner."""

    left: float
    bottom: float
    right: float
    top: float
    dpi: float  # of the figure, in which it measures its parts

    def is_of(self, width: float, height: float, dpi: float) -> bool:
        """Whether a picture of this part has this size."""
        sizes = (((self.right - self.left) * dpi, width), ((self.top - self.bottom) * dpi, height))
        return all(abs(made - shown) <= _NEAR for made, shown in sizes)


def frame_of(figure: Any, shown: tuple[float, float] | None) -> Frame | None:
    """What a picture of this size (width, height) shows of the figure; None where that is not clear."""
    if shown is None:
        return None
    with suppress(Exception):  # whatever the figure's author has put into it
        own = float(figure.dpi)
        for dpi in (own * sharp for sharp in _SHARP):
            cut, whole = _parts(figure, dpi, own)
            for one in (cut, whole):
                if one.is_of(*shown, dpi) or one.is_of(*shown, _POINTS):
                    return one
    return None


def run_of(place: Place, direction: str, frame: Frame) -> Run | None:
    """Where an axis runs in the picture; None for those that are bent, or of a scale that is not even."""
    axes = place.axes
    if getattr(axes, "name", "") != "rectilinear" or place.axis(direction).get_scale() not in _EVEN:
        return None
    first, last = _numbers(place, direction, getattr(axes, f"get_{direction}lim")())
    box = axes.bbox
    if direction == "x":
        width = frame.right - frame.left
        start, end = ((inches / frame.dpi - frame.left) / width for inches in (box.x0, box.x1))
    else:
        height = frame.top - frame.bottom
        start, end = ((frame.top - inches / frame.dpi) / height for inches in (box.y0, box.y1))
    return Run(round(float(start), 6), round(float(end), 6), first, last)


def _parts(figure: Any, dpi: float, own: float) -> tuple[Frame, Frame]:
    """What notebooks show, all that is drawn and a margin around it; and the whole. Letters depend on `dpi`."""
    agg = importlib.import_module("matplotlib.backends.backend_agg")
    settings = importlib.import_module("matplotlib").rcParams
    figure.dpi = dpi
    try:
        canvas = agg.FigureCanvasAgg(figure)
        figure.draw_without_rendering()  # layouts and equal aspects are worked out only now
        box = figure.get_tightbbox(canvas.get_renderer()).padded(settings["savefig.pad_inches"])
    finally:
        figure.dpi = own
    width, height = figure.get_size_inches()
    cut = Frame(float(box.x0), float(box.y0), float(box.x1), float(box.y1), own)
    return cut, Frame(0.0, 0.0, float(width), float(height), own)


def _numbers(place: Place, direction: str, ends: tuple[float, float]) -> tuple[float, float]:
    """What the ends of an axis stand for, in the order in which it runs."""
    first, last = map(float, ends)
    if place.categories(direction) is None:
        shown = place.values(direction, np.array([first, last]))
        if isinstance(shown, pa.Array):
            first, last = (one / 1e6 for one in shown.cast(pa.timestamp("us", shown.type.tz)).cast("int64").to_pylist())
    return first, last
