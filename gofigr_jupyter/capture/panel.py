"""Panel's views without anything of HoloViews: panes of figures and pictures, told by the view and by its document.

In: a live view and the document that was displayed. Out: the one figure that it shows, as its own library sees it, or
the whole document where there are several. Kernel side only; imports no library and draws nothing.
"""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Iterator
from typing import Any

from gofigr_jupyter.capture import bokeh, html, libraries, matplotlib, plotly
from gofigr_jupyter.capture.mime import FORMATS, one_line
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Displayed, Missing

_PLOTS = re.compile(
    r'"name":"panel\.models\.(?:plotly\.PlotlyPlot|vega\.VegaPlot|echarts\.ECharts|deckgl\.DeckGLPlot|vtk\.VTK\w+)","id"'
)
_TEXT = "panel.models.markup.HTML"  # what panes of pictures are made of
_BY_THEIR_LIBRARY = frozenset({"plotly", "vega"})  # a figure that is not drawn in the kernel to be seen
_MAX_TITLES = 3
_TYPES = {file_format: mime_type for mime_type, file_format in FORMATS.items()}


def see(view: Any, document: str) -> Seen | None:
    """What a view shows; None for a dashboard's buttons and texts."""
    pictures = list(_pictures(document)) if "data:image/" in document or "&lt;svg" in document else []
    plots = len(_PLOTS.findall(document)) + bokeh.draws(document)
    if not plots and not pictures:
        return None
    seen = None
    if plots + len(pictures) == 1:
        seen = _picture(view, pictures[0]) if pictures else _figure(view)
    return seen or Seen(bokeh.KIND, _title(view, document), (), bokeh.source(document), weakly(view))


def _picture(view: Any, picture: html.Picture) -> Seen | None:
    """The picture in the page, with the figure that it was drawn from where there is one."""
    mime_type = _TYPES.get(picture.format)
    if mime_type is None:
        return None
    shown = (Displayed(mime_type, picture.data),)
    for obj in _objects(view):
        figure = matplotlib.figure_of(obj)
        if figure is not None:
            return Seen(matplotlib.KIND, matplotlib.title(figure), shown, matplotlib.source(figure), weakly(view))
    return Seen("mime", one_line(picture.alt), shown, Missing("only the picture was shown"), weakly(view))


def _figure(view: Any) -> Seen | None:
    """The figure of a library that gives its specification; None for all others."""
    for obj in _objects(view):
        library = libraries.of_object(obj)
        if library is not None and library.kind in _BY_THEIR_LIBRARY:
            try:
                seen = library.adapter.asked(obj)
            except Exception:  # noqa: BLE001 -- what its library refuses, the document still shows
                return None
            return Seen(seen.kind, seen.title, seen.displayed, seen.source, weakly(view))
    return None


def _title(view: Any, document: str) -> str | None:
    """The title that bokeh draws, else those of the figures, "A · B", where they are few."""
    titles = list(filter(None, map(_title_of, _objects(view))))
    return bokeh.title(document) or (one_line(" · ".join(titles)) if len(titles) <= _MAX_TITLES else None)


def _title_of(obj: Any) -> str | None:
    figure, library = matplotlib.figure_of(obj), libraries.of_object(obj)
    if figure is not None:
        return matplotlib.title(figure)
    return plotly.title(obj) if library is not None and library.kind == plotly.KIND else None


def _objects(view: Any) -> Iterator[Any]:
    """What the panes of a view show."""
    try:
        for part in view.select():
            if (obj := getattr(part, "object", None)) is not None:
                yield obj
    except Exception:  # noqa: BLE001 -- templates and custom views may refuse
        return


def _pictures(document: str) -> Iterator[html.Picture]:
    waiting: list[Any] = [json.loads(document).get("roots")]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
            if item.get("name") == _TEXT and isinstance(text := (item.get("attributes") or {}).get("text"), str):
                picture = html.first_picture(markup.unescape(text))
                if picture is not None:
                    yield picture
