"""plotly figures: title and JSON in the kernel, interactive HTML and pictures in the worker's child process.

Kernel side: works on what was displayed where it can, since that JSON exists already; imports plotly never.
Worker side: `render` makes a page that works offline, clean JSON, and a PNG where Kaleido finds a Chrome.
This is the only file that knows plotly.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gofigr_jupyter.capture.mime import PLOTLY_MIME, compact_json, one_line
from gofigr_jupyter.records import Missing, Source

TYPES: tuple[tuple[str, str], ...] = (("plotly.basedatatypes", "BaseFigure"),)
KIND = "plotly"

_CALL = "Plotly.newPlot("
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_FRAMES = re.compile(r"Plotly\.addFrames\(\s*(['\"])[^'\"]*\1\s*,\s*")
_FIRST_ARGUMENT = re.compile(r"\s*(?:(['\"])[^'\"]*\1|[\w.$]+)\s*,\s*")


# ---------------------------------------------------------------- kernel side


def is_figure(shown: Any) -> bool:
    """Whether an object is a plotly figure (a `Figure` or a `FigureWidget`)."""
    return any((c.__module__, c.__name__) == TYPES[0] for c in type(shown).__mro__)


def title(figure: Any) -> str | None:
    """The figure's title without markup, from a live figure or from its JSON as a dict."""
    try:
        layout = figure.get("layout") if isinstance(figure, Mapping) else figure.layout
        found = _item(layout, "title")
        text = found if isinstance(found, str) else _item(found, "text")
        return plain(text) if isinstance(text, str) else None
    except Exception:  # noqa: BLE001 -- no title is better than a failed cell
        return None


def source(figure: Any) -> Source | Missing:
    """The figure's JSON, from a live figure, from its dict, or from displayed JSON bytes (the cheapest)."""
    try:
        if isinstance(figure, bytes):
            return Source("plotly", figure)
        if isinstance(figure, Mapping):
            return Source("plotly", compact_json(figure))
        return Source("plotly", figure.to_json(validate=False).encode())
    except Exception as error:  # noqa: BLE001 -- traces can hold objects that refuse in their own way
        return Missing(f"the figure cannot be written as JSON ({type(error).__name__}: {error})"[:300])


def from_bundle(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The figure in a displayed MIME bundle: plotly's own MIME type, or the call in a plotly HTML output."""
    for mime_type, value in data.items():
        if mime_type == PLOTLY_MIME:
            return _as_dict(value)
    page = data.get("text/html")
    if isinstance(page, list):  # nbformat splits long texts into lists of lines
        page = "".join(page)
    return from_html(page) if isinstance(page, str) else None


def from_html(page: str) -> dict[str, Any] | None:
    """The figure that a piece of HTML draws with `Plotly.newPlot(div, data, layout, config)`."""
    end = len(page)
    # from the end: plotly.js itself, if inlined, comes before
    while (start := page.rfind(_CALL, 0, end)) >= 0:
        found = _call_arguments(page, start + len(_CALL))
        if found is not None:
            return found
        end = start
    return None


def plain(text: str) -> str | None:
    """Plotly's little HTML (`<b>`, `<br>`, `&amp;`) as one line of plain text."""
    return one_line(html.unescape(_TAG.sub("", _BREAK.sub(" ", text))))


def _item(container: Any, name: str) -> Any:
    if container is None:
        return None
    return container.get(name) if isinstance(container, Mapping) else container[name]


def _as_dict(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str | bytes):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return dict(value) if isinstance(value, Mapping) and "data" in value else None


def _call_arguments(page: str, position: int) -> dict[str, Any] | None:
    names = ("data", "layout", "config")
    found: dict[str, Any] = {}
    first = _FIRST_ARGUMENT.match(page, position)
    if first is None:
        return None
    position = first.end()
    decoder = json.JSONDecoder()
    for name in names:
        try:
            found[name], position = decoder.raw_decode(page, position)
        except ValueError:
            break
        comma = re.compile(r"\s*,\s*").match(page, position)
        if comma is None:
            break
        position = comma.end()
    if not isinstance(found.get("data"), list):
        return None
    frames = _FRAMES.search(page, position)
    if frames is not None:
        with suppress(ValueError):
            found["frames"], _ = decoder.raw_decode(page, frames.end())
    return found
