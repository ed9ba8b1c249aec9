"""matplotlib figures: title and source in the kernel, further formats in the worker's child process.

Kernel side: reads, never raises, never changes the figure, never imports matplotlib.
Worker side: `render` loads the source again and draws it with the settings that the shown picture had.
This file must not know notebooks, cells or servers.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gofigr_jupyter.capture import rc
from gofigr_jupyter.capture.mime import PICTURES, WIDGET_VIEW, displayed, one_line
from gofigr_jupyter.capture.pickling import Bounded, in_short, pickled_source
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Displayed, Missing, Rendition, Source

KIND = "matplotlib"
PLOTNINE = "plotnine"
_SAVE_OPTIONS = frozenset({"bbox_inches", "pad_inches", "bbox_extra_artists", "facecolor", "edgecolor", "dpi"})
_MAX_TITLES = 3
_MARKERS_NAMES = frozenset({int, str})
_HOLDERS = ("figure", "figure_", "_figure", "_fig")  # canvases and axes; scikit-learn; seaborn; animations


# ---------------------------------------------------------------- kernel side


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A figure in a displayed bundle; without its object it is a picture like any other."""
    figure = figure_of(shown)
    if figure is None or not _is_shown_in(data, figure):
        return None
    return _seen(figure, displayed(data, metadata), is_live=WIDGET_VIEW in data)


def asked(shown: Any) -> Seen:
    """A figure given to publish(): its picture is drawn now, from a copy."""
    figure = figure_of(shown)
    return _seen(figure, (Displayed("image/png", snapshot(figure)),))


def figure_of(shown: Any) -> Any | None:
    """The figure behind an object: itself, or that of a canvas, of axes, of what else holds one; None without one."""
    try:
        if _is_figure(shown):
            return shown
        held = [found for name in _HOLDERS if (found := getattr(shown, name, None)) is not None]
        candidates = (*held, *(getattr(found, "figure", None) for found in held))  # axes may sit in a subfigure
        return next((candidate for candidate in candidates if _is_figure(candidate)), None)
    except Exception:  # noqa: BLE001 -- objects of others may raise anything from an attribute
        return None


def title(figure: Any) -> str | None:
    """What a person would call the figure: its suptitle, else its axes' titles if few, else its label.

    Several axes with titles of their own give "A · B"; more than three different ones name parts only.
    """
    try:
        whole = _suptitle(figure) or _plotnine_title(figure)
        if whole:
            return whole
        parts = [t for t in map(_suptitle, getattr(figure, "subfigs", ())) if t]
        parts += [t for t in map(_axes_title, getattr(figure, "axes", ())) if t]
        distinct = list(dict.fromkeys(parts))
        if 1 <= len(distinct) <= _MAX_TITLES:
            return one_line(" · ".join(distinct))
        return one_line(figure.get_label())  # plt.figure("Rainfall")
    except Exception:  # noqa: BLE001 -- no title is better than a failed cell
        return None


def source(figure: Any, *, save: Mapping[str, Any] | None = None) -> Source | Missing:
    """A pickle from which the figure can be drawn again as it was shown, or why there is none.

    Holds `figure`, `rc` (the settings that differ from matplotlib's own), `save` (how the shown picture was
    saved; found out when not given) and `fonts` (files that may have been added by hand).
    """

    def content() -> dict[str, Any]:
        options = save_options(figure) if save is None else save
        return {"figure": figure, "save": dict(options), **rc.noted()}

    return pickled_source(content, {type(figure): _reduced, **_shortened()})


def snapshot(figure: Any) -> bytes:
    """A PNG of the figure as it is now, drawn from a copy so that the figure stays untouched.

    Costs a whole drawing; for figures that are shown live and left no picture. Raises what matplotlib raises.
    """
    options = save_options(figure)
    pickled = source(figure, save=options)
    if isinstance(pickled, Source):
        return _saved(pickle.loads(pickled.data)["figure"], "png", options)  # noqa: S301 -- our own, a moment old
    stale = figure.stale
    try:
        return _saved(figure, "png", options)
    finally:
        figure._stale = stale  # the property would start a redraw of its own canvas


def save_options(figure: Any) -> dict[str, Any]:
    """The arguments that inline pictures are saved with; none where another canvas shows the figure."""
    config = sys.modules.get("matplotlib_inline.config")
    canvas = getattr(figure, "canvas", None)
    if config is None or not config.InlineBackend.initialized() or hasattr(canvas, "send_event"):
        return {}  # send_event: a canvas that lives in the browser shows the whole figure
    options = {"bbox_inches": "tight"} | dict(config.InlineBackend.instance().print_figure_kwargs)
    return {name: value for name, value in options.items() if name in _SAVE_OPTIONS}


def _seen(figure: Any, shown: tuple[Displayed, ...], *, is_live: bool = False) -> Seen:
    kind = PLOTNINE if _plot_of(figure) is not None else KIND
    return Seen(kind, title(figure), shown, source(figure), weakly(figure), is_live)


def _plot_of(figure: Any) -> Any:
    """The plot of plotnine that a figure was drawn from (`ggplot.draw()`): its layout engine tells."""
    try:
        engine = figure.get_layout_engine()
        is_plotnine = type(engine).__module__.startswith("plotnine.")
        return getattr(engine, "plot", None) or getattr(engine, "composition", engine) if is_plotnine else None
    except Exception:  # noqa: BLE001 -- before matplotlib 3.6 there is no such method
        return None


def _plotnine_title(figure: Any) -> str | None:
    labels = getattr(_plot_of(figure), "labels", None)
    return one_line(getattr(labels, "title", None))


def _is_shown_in(data: Mapping[str, Any], figure: Any) -> bool:
    if WIDGET_VIEW in data or any(name in PICTURES for name in data):
        return True
    is_empty = not (getattr(figure, "axes", True) or getattr(figure, "lines", True))  # shown inline as a word alone
    return not is_empty and "Figure" in str(data.get("text/plain", ""))[:120]


def _is_figure(candidate: Any) -> bool:
    return any((c.__module__, c.__name__) == ("matplotlib.figure", "Figure") for c in type(candidate).__mro__)


def _suptitle(figure: Any) -> str | None:
    text = getattr(figure, "_suptitle", None)  # get_suptitle() is missing before 3.8
    return one_line(text.get_text()) if text is not None else None


def _axes_title(axes: Any) -> str | None:
    if axes.get_label() == "<colorbar>" or not axes.get_visible():
        return None
    places = ("center", "left", "right")
    return next((t for t in (one_line(axes.get_title(loc=place)) for place in places) if t), None)


def _reduced(figure: Any) -> Any:
    """The figure's own reduction without its place in pyplot: loading must open no second figure."""
    reduced = figure.__reduce_ex__(4)
    if isinstance(reduced, tuple) and len(reduced) > 2 and isinstance(reduced[2], dict):
        state = {key: value for key, value in reduced[2].items() if key != "_restore_to_pylab"}
        return (*reduced[:2], state, *reduced[3:])
    return reduced


def _shortened() -> dict[type, Any]:
    """What the ticks of a plot hold hundreds of, to be pickled by a shorter road: a third of the time."""
    reducers: dict[type, Any] = {}
    if (markers := sys.modules.get("matplotlib.markers")) is not None:
        reducers[markers.MarkerStyle] = _reduced_marker
    if (cbook := sys.modules.get("matplotlib.cbook")) is not None:
        reducers[cbook.CallbackRegistry] = _reduced_registry
    return reducers


# These read attributes one by one: asking for an object's `__dict__` has Python make one, for good.


def _reduced_marker(marker: Any) -> Any:
    """Its paths and transforms follow from its name."""
    name, fill = getattr(marker, "_marker", None), getattr(marker, "_fillstyle", None)
    if type(name) in _MARKERS_NAMES and type(fill) is str and _is_as_named(marker):
        return type(marker), (name, fill)
    return marker.__reduce_ex__(5)


def _is_as_named(marker: Any) -> bool:
    try:
        return marker._user_transform is marker._user_capstyle is marker._user_joinstyle is None
    except AttributeError:  # another version of matplotlib has others
        return False


def _reduced_registry(registry: Any) -> Any:
    """Each artist has one, and hardly any is called back: an empty one is made anew."""
    signals = getattr(registry, "_signals", registry)
    if signals is registry or registry.callbacks:  # an older matplotlib, or there is somebody to call
        return registry.__reduce_ex__(5)
    return type(registry), (registry.exception_handler,), {"_signals": signals, "_cid_gen": 0}


def _saved(figure: Any, file_format: str, options: Mapping[str, Any]) -> bytes:
    """Save as IPython's inline display does, so that colours and margins are those of the shown picture."""
    arguments: dict[str, Any] = {
        "facecolor": figure.get_facecolor(),
        "edgecolor": figure.get_edgecolor(),
        "dpi": figure.dpi,
    }
    stream = Bounded()
    figure.canvas.print_figure(stream, format=file_format, **(arguments | dict(options)))
    return stream.getvalue()


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Draw the figure in each format (`png`, `svg`, `pdf`), in that order, as it looked when it was shown.

    For a process of its own: loading runs what the figure's author pickled, and settings change for good.
    """
    try:
        content = rc.loaded(source)
    except Exception as error:  # noqa: BLE001 -- anything may happen while objects of others are made
        reason = Missing(f"the figure cannot be loaded again ({in_short(error)})")
        yield from (Rendition(file_format, reason) for file_format in formats)
        return
    yield from drawn(content, formats)


def drawn(content: Mapping[str, Any], formats: Iterable[str]) -> Iterator[Rendition]:
    """The same of a pickle's content that is loaded already."""
    for file_format in formats:
        options = dict(content.get("save", {})) | rc.undated(file_format)
        try:
            yield Rendition(file_format, _saved(content["figure"], file_format, options))
        except Exception as error:  # noqa: BLE001 -- artists of others are drawn here
            yield Rendition(file_format, Missing(f"drawing failed ({in_short(error)})"))
