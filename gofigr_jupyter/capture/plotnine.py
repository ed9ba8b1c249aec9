"""plotnine's plots: title and source in the kernel, further formats in the worker's child process.

Kernel side: reads what was displayed and pickles the plot, with the variables that its mappings name; draws nothing,
imports plotnine never. Figures of `ggplot.draw()` are matplotlib's and seen there; here they are drawn again, too.
This is the only file that knows plotnine.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from gofigr_jupyter.capture import matplotlib, rc
from gofigr_jupyter.capture.mime import displayed, has_picture, one_line
from gofigr_jupyter.capture.pickling import Bounded, in_short, pickled_source
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.records import Missing, Rendition, Source

KIND = matplotlib.PLOTNINE

_NAME = re.compile(r"[^\W\d]\w*")
_LONG = 100  # of a longer list in a mapping, which holds data, so many items are searched for names
_MAX_TITLES = 3
# What drawing leaves on a plot: all of it is made anew when it is drawn again.
_DRAWN = ("figure", "axs", "_gridspec", "gridspec", "plotspecs", "__copy")


# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """A plot stands for itself."""
    return shown


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A plot whose picture is in a displayed bundle; `show()` sends that of a copy, so pictures tell which is which."""
    if shown is None or not has_picture(data):
        return None
    return Seen(KIND, title(shown), displayed(data, metadata), source(shown))


def asked(shown: Any) -> Seen:
    """A plot given to publish(): drawn now, as showing would draw it. Raises what plotnine raises."""
    data, metadata = shown._repr_mimebundle_()
    return Seen(KIND, title(shown), displayed(data, metadata), source(shown))


def title(plot: Any) -> str | None:
    """The plot's title; those of the parts, "A · B", for a composition with few."""
    try:
        parts = [one_line(getattr(getattr(part, "labels", None), "title", None)) for part in _plots(plot)]
        distinct = list(dict.fromkeys(part for part in parts if part))
        return one_line(" · ".join(distinct)) if 1 <= len(distinct) <= _MAX_TITLES else None
    except Exception:  # noqa: BLE001 -- no title is better than a failed cell
        return None


def source(plot: Any) -> Source | Missing:
    """A pickle of the plot itself, with the variables that it names, and matplotlib's settings. Never raises."""

    def content() -> dict[str, Any]:
        return {"plot": _undrawn(plot), **rc.noted()}

    try:
        environments = {type(part.environment) for part in _plots(plot)}
        reducers = dict.fromkeys(environments, _reduced(plot))
    except Exception as error:  # noqa: BLE001 -- another version, a plot half made
        return Missing(f"the plot cannot be read ({in_short(error)})")
    whole = pickled_source(content, reducers)
    # a variable that cannot be pickled may only share its name with a word of the plot
    return whole if isinstance(whole, Source) else pickled_source(content, {})


def _plots(plot: Any) -> Iterator[Any]:
    """The plots of a composition, or the plot."""
    items = getattr(plot, "items", None)
    if not isinstance(items, list):
        yield plot
        return
    for item in items:
        yield from _plots(item)


def _undrawn(plot: Any) -> Any:
    """A shallow copy without what drawing left on it; the author's own is not touched."""
    clone = copy.copy(plot)
    state = vars(clone)
    for name in _DRAWN:
        state.pop(name, None)
    if "_build_objs" in state:
        state["_build_objs"] = SimpleNamespace()
    if isinstance(state.get("items"), list):
        state["items"] = [_undrawn(item) for item in state["items"]]
    return clone


def _reduced(plot: Any) -> Callable[[Any], Any]:
    """How a plot's environment, all names of the session, is pickled: as the few that the plot's own words name."""
    words = {word for part in _plots(plot) for word in _words_of(part)}

    def reduce(environment: Any) -> Any:
        known: dict[str, Any] = {}
        for namespace in environment.namespaces:
            known |= {word: namespace[word] for word in words - known.keys() if word in namespace}
        return type(environment), ([known],)

    return reduce


def _words_of(plot: Any) -> Iterator[str]:
    """Names in mappings, facets and parameters, which are expressions; columns of the data come before variables."""
    columns = {str(name) for name in getattr(plot.data, "columns", ())}
    parts = [plot.mapping, vars(plot.facet)]
    for layer in plot.layers:
        parts += [getattr(layer, "mapping", None), getattr(getattr(layer, "stat", None), "params", None)]
    return (word for part in parts for word in _words(part) if word not in columns)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _NAME.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list | tuple):
        for item in value[:_LONG]:
            yield from _words(item)
    elif type(value).__module__.startswith("plotnine.mapping"):  # stage(), after_stat(): expressions in an object
        yield from _words(vars(value))


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Draw the plot in each format (`png`, `svg`, `pdf`), in order. For a process of its own, as matplotlib's."""
    try:
        content = rc.loaded(source)
    except Exception as error:  # noqa: BLE001 -- anything may happen while objects of others are made
        reason = Missing(f"the plot cannot be loaded again ({in_short(error)})")
        yield from (Rendition(file_format, reason) for file_format in formats)
        return
    if "figure" in content:
        yield from matplotlib.drawn(content, formats)
        return
    for file_format in formats:
        try:
            yield Rendition(file_format, _saved(content["plot"], file_format))
        except Exception as error:  # noqa: BLE001 -- plots and data of others
            yield Rendition(file_format, Missing(f"drawing failed ({in_short(error)})"))


def _saved(plot: Any, file_format: str) -> bytes:
    stream, undated = Bounded(), rc.undated(file_format)
    if isinstance(getattr(plot, "items", None), list):  # compositions pass no options on
        copy.deepcopy(plot).draw().savefig(stream, format=file_format, **undated)
    else:
        plot.save(stream, format=file_format, verbose=False, limitsize=False, **undated)
    return stream.getvalue()
