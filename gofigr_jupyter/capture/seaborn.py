"""Plots of seaborn.objects: title and source in the kernel, further formats in the worker's child process.

All else of seaborn draws figures of matplotlib, which are seen there. A `Plot` shows a picture of its own making and
keeps no figure: it is pickled itself. Kernel side: reads, never raises, imports seaborn never.
This is the only file that knows seaborn.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gofigr_jupyter.capture import matplotlib, rc
from gofigr_jupyter.capture.mime import displayed, has_picture, one_line
from gofigr_jupyter.capture.pickling import in_short, pickled_source
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Displayed, Missing, Rendition, Source

KIND = "seaborn"

_SAVE = {"bbox_inches": "tight", "dpi": 192}  # as seaborn saves what it shows


# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """A plot stands for itself."""
    return shown


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A plot whose picture is in a displayed bundle."""
    if shown is None or not has_picture(data):
        return None
    return _seen(shown, displayed(data, metadata))


def asked(shown: Any) -> Seen:
    """A plot given to publish(): drawn now, as showing would draw it. Raises what seaborn raises."""
    png, svg = shown._repr_png_(), shown._repr_svg_()
    data = {"image/svg+xml": svg, "image/png": png[0] if isinstance(png, tuple) else png}
    metadata = {"image/png": png[1]} if isinstance(png, tuple) else {}
    return _seen(shown, displayed({name: value for name, value in data.items() if value is not None}, metadata))


def title(plot: Any) -> str | None:
    """The title given to the plot, or to the axes that it was compiled to."""
    try:
        figure = getattr(plot, "_figure", None)
        return matplotlib.title(figure) if figure is not None else one_line(plot._labels.get("title"))
    except Exception:  # noqa: BLE001 -- no title is better than a failed cell
        return None


def source(plot: Any) -> Source | Missing:
    """A pickle of the plot, or of the figure of one that was compiled, and of its theme. Never raises."""

    def content() -> dict[str, Any]:
        settings = rc.noted()
        figure = getattr(plot, "_figure", None)
        if figure is not None:
            settings["rc"] = settings["rc"] | plot._theme
            return {"figure": figure, "save": _SAVE, **settings}
        return {"plot": plot, "theme": dict(plot._theme_with_defaults()), **settings}

    return pickled_source(content, {})


def _seen(plot: Any, shown: tuple[Displayed, ...]) -> Seen:
    return Seen(KIND, title(plot), shown, source(plot), weakly(plot))


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Draw the plot in each format (`png`, `svg`, `pdf`), in order. For a process of its own, as matplotlib's."""
    try:
        content = rc.loaded(source)
        if "figure" not in content:
            content = _compiled(content)
    except Exception as error:  # noqa: BLE001 -- anything may happen while objects of others are made
        reason = Missing(f"the plot cannot be loaded again ({in_short(error)})")
        yield from (Rendition(file_format, reason) for file_format in formats)
        return
    yield from matplotlib.drawn(content, formats)


def _compiled(content: Mapping[str, Any]) -> dict[str, Any]:
    """What matplotlib needs to draw a plot: seaborn's theme holds while it is compiled and while it is saved."""
    theme = content["theme"]
    plotter = content["plot"].theme(theme).plot()
    library = importlib.import_module("matplotlib")
    for name, value in theme.items():
        library.rcParams[name] = value
    return {"figure": plotter._figure, "save": _SAVE}
