"""The axes of plotnine's plots as facts, from its own scales: what matplotlib is told of a logarithm is linear.

In: a plot whose layers have their data. Out: axes by names, in the directions of their aesthetics, as in the tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import units
from gofigr_jupyter.capture.series.axes import Axis, Limit
from gofigr_jupyter.capture.series.spans import instants, ordered
from gofigr_jupyter.capture.series.table import array

_SCALES = {"identity": "linear", "reverse": "linear", "log10": "log", "log2": "log", "datetime": "time"}
_BARS = frozenset(("geom_bar", "geom_col", "geom_area"))


def axes_of(plot: Any, title: str, first: int) -> Iterator[tuple[str, Axis]]:
    """The axes of a plot, whose panels count from `first`; each scale once, with the first panel that has it.

    Goes the rest of the steps in which plotnine makes positions of data, and so changes the plot.
    """
    layers, layout = plot.layers, plot.layout
    zoned = {direction for direction in "xy" if _has_zone(plot.scales.get_scales(direction))}  # before breaks are made
    layers.compute_position(layout)
    layout.reset_position_scales()
    layout.train_position(layers, plot.scales)
    layout.map_position(layers)
    layout.setup_panel_params(plot.coordinates)
    bars = {direction for layer in layers if (direction := _bars(layer))}
    seen: set[int] = set()
    for number, panel in enumerate(layout.panel_params):
        for view in (panel.x, panel.y):
            if id(view.scale) not in seen:
                seen.add(id(view.scale))
                axis = _axis(plot, view, title, first + number, zoned)
                yield name_of(axis.direction, first, number), replace(axis, bars=axis.direction in bars)


def name_of(direction: str, first: int, number: int = 0) -> str:
    """The name of the axis of a panel; those of the first one hold for all series where scales are shared."""
    return f"{direction} {first} {number}"


def _axis(plot: Any, view: Any, title: str, index: int, zoned: set[str]) -> Axis:
    direction = "x" if "x" in view.aesthetics else "y"
    label, unit = units.split(one_line(view.name) or one_line(getattr(plot.labels, direction, None)) or "")
    scale = _scale(view.scale)
    low, high, is_inverted = (None, None, False) if scale == "category" else _limits(view, has_zone=direction in zoned)
    return Axis(
        panel=title,
        index=index,
        direction=direction,
        label=label,
        unit=unit,
        scale=scale,
        low=low,
        high=high,
        is_inverted=is_inverted,
    )


def _scale(scale: Any) -> str:
    if any(base.__name__ == "scale_discrete" for base in type(scale).__mro__):
        return "category"
    name = type(scale._trans).__name__.removesuffix("_trans")
    return _SCALES.get(name, name)


def _has_zone(scale: Any) -> bool:
    return getattr(getattr(scale, "_trans", None), "tz", None) is not None


def _limits(view: Any, *, has_zone: bool) -> tuple[Limit, Limit, bool]:
    """The ends of what is shown, back from where they are drawn."""
    ends = array(list(view.scale.inverse(np.asarray(view.range, dtype=float))))
    if pa.types.is_timestamp(ends.type):
        if not has_zone:  # plotnine makes UTC of times without one
            ends = ends.cast(pa.timestamp("us"), safe=False)
        return ordered(*instants(ends))
    if pa.types.is_floating(ends.type) or pa.types.is_integer(ends.type):
        return ordered(*(float(one) for one in ends.to_pylist()))
    return None, None, False


def _bars(layer: Any) -> str:
    """In which direction bars or areas of a layer start from zero; "" where none do."""
    if not any(base.__name__ in _BARS for base in type(layer.geom).__mro__):
        return ""
    is_flat = "flipped_aes" in layer.data.columns and bool(layer.data["flipped_aes"].any())
    return "x" if is_flat else "y"
