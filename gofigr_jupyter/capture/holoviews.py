"""HoloViews and hvPlot: elements, layouts and Panel's views of them, with the source of the library that drew them.

Kernel side: the picture out of the displayed HTML (matplotlib), the document of its script (bokeh) or the figure
behind the view (plotly); imports nothing. Worker side: handed on to the library that the source belongs to.
"""

from __future__ import annotations

import base64
import binascii
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gofigr_jupyter.capture import bokeh, matplotlib, panel, plotly
from gofigr_jupyter.capture.mime import PICTURES, displayed, one_line
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Displayed, Missing, Rendition, Source

KIND = "holoviews"

_IMAGE = re.compile(r"<img\s[^>]*?src=['\"]data:(image/[\w+.-]+);base64,\s*([A-Za-z0-9+/=\s]+)['\"]")
_MAP = ("holoviews.core.ndmapping", "MultiDimensionalMapping")
_PANEL = ("panel.viewable", "Viewable")
_DRAWERS = {"pickle": matplotlib, "plotly": plotly, bokeh.KIND: bokeh}

# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """An element stands for itself."""
    return shown


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """What the display hook of HoloViews made of an object; None for a text, an error or a view without a plot."""
    pictures = displayed(data, metadata) or _pictures_in(data.get("text/html"))
    document = bokeh.document_in(bokeh.script_in(data))
    if document is not None and shown is not None and _is_panel(shown) and not _holds_element(shown):
        return panel.see(shown, document)
    if document is not None:
        return _of_document(shown, document, pictures)
    if any(picture.mime_type in PICTURES for picture in pictures):
        figure = _state("matplotlib")
        source = _figure_source(figure)
        return Seen(KIND, _title(shown, matplotlib.title(figure)), pictures, source, weakly(shown))
    return None


def asked(shown: Any) -> Seen:
    """An element given to publish(): drawn by its current backend, as display would."""
    backend = _store().current_backend
    state = _store().renderers[backend].get_plot(shown).state
    if backend == "matplotlib":
        picture = (Displayed("image/png", matplotlib.snapshot(state)),)
        return Seen(KIND, _title(shown, matplotlib.title(state)), picture, _figure_source(state), weakly(shown))
    if backend == "plotly":
        return Seen(KIND, _title(shown, plotly.title(state)), (), _plotly_source(state), weakly(shown))
    document = bokeh.document_of(state)
    return Seen(KIND, _title(shown, bokeh.title(document)), (), bokeh.source(document), weakly(shown))


def _of_document(shown: Any, document: str, pictures: tuple[Displayed, ...]) -> Seen:
    if '"name":"panel.models.plotly.PlotlyPlot","id"' in document:
        state = _state("plotly")
        if state is not None:
            return Seen(KIND, _title(shown, plotly.title(state)), pictures, _plotly_source(state), weakly(shown))
    return Seen(KIND, _title(shown, bokeh.title(document)), pictures, bokeh.source(document), weakly(shown))


def _pictures_in(page: Any) -> tuple[Displayed, ...]:
    """The picture that a piece of HTML holds: the very bytes that the browser decodes."""
    text = "".join(page) if isinstance(page, list) else page
    found = _IMAGE.search(text) if isinstance(text, str) else None
    if found is None or found.group(1) not in PICTURES:
        return ()
    try:
        return (Displayed(found.group(1), base64.b64decode(found.group(2))),)
    except binascii.Error:
        return ()


def _title(shown: Any, drawn: str | None) -> str | None:
    """The title that was drawn, else the label that the author gave; without the place in a map that a slider has."""
    try:
        for name in _dimensions(shown) if drawn else ():
            drawn = (drawn or "").partition(f"{name}: ")[0].strip()
        return drawn or one_line(getattr(shown, "label", None))
    except Exception:  # noqa: BLE001 -- no title is better than a failed cell
        return drawn


def _dimensions(shown: Any) -> list[str]:
    """What the sliders of a map choose by: their values stand in the title of each frame."""
    is_map = _MAP in {(base.__module__, base.__name__) for base in type(shown).__mro__}
    return [str(dimension.label) for dimension in shown.kdims] if is_map else []


def _state(backend: str) -> Any:
    """The figure that a backend has just drawn: of the plot itself, or of the first plot in a view; None if gone."""
    try:
        plot = _store().renderers[backend].last_plot
        inner = getattr(plot, "_plots", None)  # a view of Panel's: (plot, pane) for each place where it is shown
        if inner:
            plot = next(reversed(inner.values()))[0]
        return getattr(plot, "state", None)
    except Exception:  # noqa: BLE001 -- its registry may look otherwise in another version
        return None


def _figure_source(figure: Any) -> Source | Missing:
    if matplotlib.figure_of(figure) is None:
        return Missing("the figure behind it was gone before it could be read")
    return matplotlib.source(figure, save={"bbox_inches": "tight", "dpi": _store().renderers["matplotlib"].dpi})


def _plotly_source(state: Any) -> Source | Missing:
    """The JSON of a figure that HoloViews keeps as a plain dict, with arrays in it."""
    try:
        content = {name: state[name] for name in ("data", "layout", "frames") if state.get(name)}
        encoder = sys.modules.get("plotly.io")
        if encoder is None:
            return plotly.source(content)
        return Source("plotly", str(encoder.to_json(content, validate=False)).encode())
    except Exception as error:  # noqa: BLE001 -- traces can hold objects that refuse in their own way
        return Missing(f"the figure cannot be written as JSON ({type(error).__name__}: {error})"[:300])


def _store() -> Any:
    return sys.modules["holoviews.core.options"].Store


def _is_panel(shown: Any) -> bool:
    return _PANEL in {(base.__module__, base.__name__) for base in type(shown).__mro__}


def _holds_element(view: Any) -> bool:
    """Whether a view of Panel's shows something of HoloViews."""
    try:
        return any(type(part).__module__ == "panel.pane.holoviews" for part in view.select())
    except Exception:  # noqa: BLE001 -- templates and custom views may refuse
        return False


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Each format by the library that drew the figure; Missing where this one never has it."""
    drawer = _DRAWERS.get(source.format)
    for file_format in formats:
        if drawer is None:
            yield Rendition(file_format, Missing(f"no library is known that draws {source.format}"))
        else:
            yield from drawer.render(source, [file_format])
