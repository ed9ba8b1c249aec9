"""plotnine's plots: the data of each layer under the names of its aesthetics, statistics as plotnine computes them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import units
from gofigr_jupyter.capture.series.axes import Found
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib import figure
from gofigr_jupyter.capture.series.plotnine_axes import axes_of, name_of
from gofigr_jupyter.capture.series.table import Column, array, text

_ROLES = {"color": "colour", "fill": "colour", "size": "size", "shape": "shape", "group": "series", "label": "label"}
_LAYOUT = {"PANEL", "ROW", "COL", "SCALE_X", "SCALE_Y", "AXIS_X", "AXIS_Y"}
_INNER = {"group", "PANEL", "flipped_aes", "width", "weight", "newx", "relvarwidth"}


def series_of(plot: Any, left_out: list[str], axes: Found) -> Iterator[Series]:
    """All layers of a plot, or of the plots of a composition."""
    if isinstance(getattr(plot, "items", None), list):
        for item in plot.items:
            yield from series_of(item, left_out, axes)
        return
    try:
        built = copy.deepcopy(plot)
        found = list(_layers(built))
    except Exception:  # noqa: BLE001 -- another version of plotnine goes other ways; what it draws can still be read
        yield from figure.series_of(copy.deepcopy(plot).draw(), left_out, axes)
        return
    first = 1 + max((one.index for one in axes.axes.values()), default=-1)
    axes.note(lambda: axes_of(built, _title(built), first))
    names = tuple(name_of(direction, first) for direction in "xy")
    for name in names:
        if sum(one.startswith(name[:-1]) for one in axes.axes) > 1:  # panels have scales of their own
            axes.unknown.add(name)
    for one in found:
        yield one.under("", names)


def _layers(plot: Any) -> Iterator[Series]:
    """The layers after the steps in which plotnine makes data of them; changes the plot."""
    layers, scales, layout = plot.layers, plot.scales, plot.layout
    layers.update_labels(plot)
    layers.setup(plot)
    layout.setup(layers, plot)
    layers.compute_aesthetics(plot)
    given = [layer.data.copy() for layer in layers]
    layers.transform(scales)
    scales.add_missing(("x", "y"))
    layout.train_position(layers, scales)
    layout.map_position(layers)
    layers.compute_statistic(layout)
    layers.map_statistic(plot)
    layers.setup_data()
    for layer, data in zip(layers, given, strict=True):
        kind = type(layer.geom).__name__.removeprefix("geom_").replace("_", " ")
        is_given = type(layer.stat).__name__ == "stat_identity"
        found = data if is_given else _in_values(layer.data, layout)
        words = {**plot.mapping, **layer.mapping}
        columns = (*_facets(found, layout), *_columns(found, plot.labels, words, is_given=is_given))
        yield Series(_title(plot), kind, "", columns)


def _title(plot: Any) -> str:
    return one_line(getattr(plot.labels, "title", None)) or ""


def _columns(data: Any, labels: Any, mapping: Mapping[str, Any], *, is_given: bool) -> Iterator[Column]:
    named = [str(name) for name in data.columns]
    for name in named:
        if name in _INNER and not (name == "group" and "group" in mapping):
            continue
        values = data[name]
        if not is_given and values.map(lambda one: hasattr(one, "__len__") and not isinstance(one, str)).any():
            continue  # lists in cells, such as the outliers of each box
        words, unit = units.split(one_line(getattr(labels, name, None)) or one_line(mapping.get(name)) or "")
        role = _ROLES.get(name, name)
        found = array(values.to_numpy() if str(values.dtype) != "category" else text(values.tolist()))
        yield Column("colour" if name in {"color", "colour"} else name, found, words, unit, role)


def _facets(data: Any, layout: Any) -> Iterator[Column]:
    """The values of the variables that make the panels, row by row."""
    panels = layout.layout
    for name in panels.columns:
        if name not in _LAYOUT and "PANEL" in data.columns:
            known = dict(zip(panels["PANEL"].tolist(), panels[name].tolist(), strict=True))
            yield Column(str(name), text([known.get(one) for one in data["PANEL"].tolist()]), str(name), "", "facet")


def _in_values(data: Any, layout: Any) -> Any:
    """Positions back to what they stand for: categories, times, numbers before a logarithm; panel by panel."""
    data = data.copy()
    panels = layout.layout
    for direction in "xy":
        scales = getattr(layout, f"panel_scales_{direction}", None) or []
        which = dict(zip(panels["PANEL"].tolist(), panels[f"SCALE_{direction.upper()}"].tolist(), strict=True))
        for name in [one for one in data.columns if one in {direction, f"{direction}min", f"{direction}max"}]:
            found: list[Any] = [None] * len(data)
            for panel in dict.fromkeys(data["PANEL"].tolist()):
                rows = [i for i, one in enumerate(data["PANEL"].tolist()) if one == panel]
                scale = scales[int(which[panel]) - 1]
                for row, value in zip(rows, _inverse(scale, data[name].iloc[rows], name == direction), strict=True):
                    found[row] = value
            data[name] = found
    return data


def _inverse(scale: Any, positions: Any, is_middle: bool) -> list[Any]:
    if any(base.__name__ == "scale_discrete" for base in type(scale).__mro__):
        limits, whole = list(scale.final_limits), positions.round()
        if is_middle and (positions == whole).all():
            return [limits[int(one) - 1] if 0 < one <= len(limits) else None for one in whole]
        return list(positions)
    return list(scale.inverse(positions)) if hasattr(scale, "inverse") else list(positions)
