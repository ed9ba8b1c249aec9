"""matplotlib figures: title and source in the kernel, further formats in the worker's child process.

Kernel side: reads, never raises, never changes the figure, never imports matplotlib.
Worker side: `render` loads the source again and draws it with the settings that the shown picture had.
This file must not know notebooks, cells or servers.
"""

from __future__ import annotations

import copyreg
import gc
import importlib
import io
import pickle
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from gofigr_jupyter.capture.mime import PICTURES, WIDGET_VIEW, displayed, one_line
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Displayed, Missing, Rendition, Source

KIND = "matplotlib"
MAX_SOURCE_BYTES = 100_000_000
_SAVE_OPTIONS = frozenset({"bbox_inches", "pad_inches", "bbox_extra_artists", "facecolor", "edgecolor", "dpi"})
_MAX_TITLES = 3
_RECENT_FONTS = 16

# Settings of the session, not of the picture.
_SESSION_ONLY = (
    "backend",
    "interactive",
    "keymap.",
    "webagg.",
    "toolbar",
    "savefig.directory",
    "figure.max_open",
)


# ---------------------------------------------------------------- kernel side


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A figure in a displayed bundle; without its object it is a picture like any other."""
    figure = figure_of(shown)
    if figure is None or not _is_shown_in(data):
        return None
    return _seen(figure, displayed(data, metadata), is_live=WIDGET_VIEW in data)


def asked(shown: Any) -> Seen:
    """A figure given to publish(): its picture is drawn now, from a copy."""
    figure = figure_of(shown)
    return _seen(figure, (Displayed("image/png", snapshot(figure)),))


def figure_of(shown: Any) -> Any | None:
    """The figure behind what was displayed: itself, or a canvas's; None for anything else."""
    try:
        for candidate in (shown, getattr(shown, "figure", None)):
            if candidate is not None and _is_figure(candidate):
                return candidate
    except Exception:  # noqa: BLE001 -- objects of others may raise anything from an attribute
        return None
    return None


def title(figure: Any) -> str | None:
    """What a person would call the figure: its suptitle, else its axes' titles if few, else its label.

    Several axes with titles of their own give "A · B"; more than three different ones name parts only.
    """
    try:
        whole = _suptitle(figure)
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
    try:
        content = {
            "figure": figure,
            "rc": changed_settings(),
            "save": dict(save_options(figure) if save is None else save),
            "fonts": _recent_fonts(),
        }
        data = _pickled(content, figure)
    except Exception as error:  # noqa: BLE001 -- whatever hangs on a figure may refuse in its own way
        return Missing(f"the figure cannot be pickled ({_in_short(error)})")
    return Source("pickle", data, python=sys.executable or "", path=tuple(map(str, sys.path)))


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


def changed_settings() -> dict[str, Any]:
    """The rcParams that differ from matplotlib's defaults and matter for drawing."""
    module = sys.modules.get("matplotlib")
    if module is None:
        return {}
    # dict.items: RcParams resolves the backend and warns about deprecated names when asked in its own way
    defaults = dict(dict.items(module.rcParamsDefault))
    missing = object()
    return {
        name: value
        for name, value in dict.items(module.rcParams)
        if not _same(value, defaults.get(name, missing)) and not name.startswith(_SESSION_ONLY)
    }


def save_options(figure: Any) -> dict[str, Any]:
    """The arguments that inline pictures are saved with; none where another canvas shows the figure."""
    config = sys.modules.get("matplotlib_inline.config")
    canvas = getattr(figure, "canvas", None)
    if config is None or not config.InlineBackend.initialized() or hasattr(canvas, "send_event"):
        return {}  # send_event: a canvas that lives in the browser shows the whole figure
    options = {"bbox_inches": "tight"} | dict(config.InlineBackend.instance().print_figure_kwargs)
    return {name: value for name, value in options.items() if name in _SAVE_OPTIONS}


def _seen(figure: Any, shown: tuple[Displayed, ...], *, is_live: bool = False) -> Seen:
    return Seen(KIND, title(figure), shown, source(figure), weakly(figure), is_live)


def _is_shown_in(data: Mapping[str, Any]) -> bool:
    if WIDGET_VIEW in data or any(name in PICTURES for name in data):
        return True
    return "Figure" in str(data.get("text/plain", ""))[:120]


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


def _same(value: Any, default: Any) -> bool:
    if value is default:
        return True
    try:
        return type(value) is type(default) and bool(value == default)
    except (ValueError, TypeError):  # arrays
        return False


def _recent_fonts() -> list[str]:
    """Files of the fonts registered last: those added with `addfont`, which the child lacks, among them."""
    manager = getattr(sys.modules.get("matplotlib.font_manager"), "fontManager", None)
    entries = list(getattr(manager, "ttflist", ()))[-_RECENT_FONTS:]
    return [str(entry.fname) for entry in entries]


def _pickled(content: dict[str, Any], figure: Any) -> bytes:
    """Pickle in C where that will do; by cloudpickle, slower, where something lives in this session only."""
    with warnings.catch_warnings(), _no_collection():
        warnings.simplefilter("ignore")
        try:
            data = _dumped(pickle.Pickler, content, figure)
        except OverflowError:
            raise
        except Exception:  # noqa: BLE001 -- lambdas, local classes: cloudpickle's field
            data = b"__main__"
        if b"__main__" not in data:  # plain pickle writes classes of the notebook as mere names
            return data
        return _dumped(importlib.import_module("cloudpickle").Pickler, content, figure)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Put off garbage collection: pickling allocates much, and would pay for the cycles of all earlier figures."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _dumped(pickler: Any, content: dict[str, Any], figure: Any) -> bytes:
    stream = _Bounded()
    writer = pickler(stream, protocol=5)
    # a table, since a reducer_override is asked about every object and doubles the time
    known = getattr(writer, "dispatch_table", copyreg.dispatch_table)
    table = {**known, type(figure): _reduced_figure}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        table[numpy.ndarray] = _reduced_array
    writer.dispatch_table = table
    writer.dump(content)
    return stream.getvalue()


def _reduced_array(array: Any) -> Any:
    """Small arrays by a shorter road than numpy's: a grid of axes holds thousands of 3 x 3 matrices."""
    if array.size > 64 or array.dtype.kind not in "biuf" or not array.flags.c_contiguous:
        return array.__reduce_ex__(5)
    return type(array), (array.shape, array.dtype, bytearray(array.tobytes()))


def _reduced_figure(figure: Any) -> Any:
    """The figure's own reduction without its place in pyplot: loading must open no second figure."""
    reduced = figure.__reduce_ex__(4)
    if isinstance(reduced, tuple) and len(reduced) > 2 and isinstance(reduced[2], dict):
        state = {key: value for key, value in reduced[2].items() if key != "_restore_to_pylab"}
        return (*reduced[:2], state, *reduced[3:])
    return reduced


class _Bounded(io.BytesIO):
    """Stops a pickle that drags a session along, or an endless SVG, before it costs time and memory."""

    def write(self, data: Any) -> int:
        written = super().write(data)
        if self.tell() > MAX_SOURCE_BYTES:
            raise OverflowError(f"more than {MAX_SOURCE_BYTES // 1_000_000} MB")
        return written


def _in_short(error: BaseException) -> str:
    return one_line(f"{type(error).__name__}: {error}".rstrip(": "), 160) or "unknown"


def _saved(figure: Any, file_format: str, options: Mapping[str, Any]) -> bytes:
    """Save as IPython's inline display does, so that colours and margins are those of the shown picture."""
    arguments: dict[str, Any] = {
        "facecolor": figure.get_facecolor(),
        "edgecolor": figure.get_edgecolor(),
        "dpi": figure.dpi,
    }
    stream = _Bounded()
    figure.canvas.print_figure(stream, format=file_format, **(arguments | dict(options)))
    return stream.getvalue()


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Draw the figure in each format (`png`, `svg`, `pdf`), in that order, as it looked when it was shown.

    For a process of its own: loading runs what the figure's author pickled, and settings change for good.
    """
    try:
        content = _loaded(source)
    except Exception as error:  # noqa: BLE001 -- anything may happen while objects of others are made
        reason = Missing(f"the figure cannot be loaded again ({_in_short(error)})")
        yield from (Rendition(file_format, reason) for file_format in formats)
        return
    for file_format in formats:
        # without a date the same figure gives the same bytes, so that a retry sends nothing twice
        undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(file_format)
        options = dict(content.get("save", {})) | ({"metadata": undated} if undated else {})
        try:
            yield Rendition(file_format, _saved(content["figure"], file_format, options))
        except Exception as error:  # noqa: BLE001 -- artists of others are drawn here
            yield Rendition(file_format, Missing(f"drawing failed ({_in_short(error)})"))


def _loaded(source: Source) -> dict[str, Any]:
    """Unpickle, and take over the settings of the session: fonts and ticks are looked up while drawing."""
    library = importlib.import_module("matplotlib")
    library.use("agg")
    library.rcdefaults()
    content: dict[str, Any] = pickle.loads(source.data)  # noqa: S301 -- its author could start this process
    settings = {"svg.hashsalt": "gofigr"} | content.get("rc", {})
    for name, value in settings.items():
        with suppress(Exception):  # another version may not know the setting, or not this value
            library.rcParams[name] = value
    manager = importlib.import_module("matplotlib.font_manager").fontManager
    known = {str(entry.fname) for entry in manager.ttflist}
    for path in content.get("fonts", ()):
        if path not in known:
            with suppress(Exception):  # the file is gone: matplotlib falls back to a font that is there
                manager.addfont(path)
    return content
