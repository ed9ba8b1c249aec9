"""What counts as a figure shown: told by the outputs alone, knowing nothing of how the extension captures.

A picture's MIME type, a specification's, or the call by which a library's HTML draws. Each figure has a key, equal for
equal pictures, so that one figure displayed twice in a cell is known as one.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from tests.galleries.steady import steady

PICTURES = ("image/png", "image/jpeg", "image/svg+xml", "image/gif", "image/webp", "application/pdf")
_SPECIFICATION = re.compile(r"application/vnd\.(plotly|vega|vegalite)\.v\d+(?:\.\d+)*[+.]json")
_DRAWING_CALLS = ("Plotly.newPlot(", "vegaEmbed(", "$3Dmol.createViewer")
_EXEC = ("application/vnd.bokehjs_exec.v0+json", "application/vnd.holoviews_exec.v0+json")
_BOKEH_DRAWS = re.compile(r'"name":"(?:Figure|Plot|GMap|panel\.models\.plotly\.PlotlyPlot)","id"|data:image/')
_IMAGE = re.compile(r"<img\s[^>]*src=['\"]data:(image/[\w+.-]+);base64,\s*([^'\"]+)['\"]")


def pictures_in(data: dict[str, Any]) -> dict[str, Any]:
    """The pictures and specifications of a bundle, as text; an HTML's own picture where there is no other."""
    found = {name: data[name] for name in data if name in PICTURES or _SPECIFICATION.fullmatch(name)}
    embedded = None if found or "logo-block" in _html(data) else _IMAGE.search(_html(data))
    return {embedded.group(1): embedded.group(2)} if embedded else found


def figure_in(data: dict[str, Any]) -> str | None:
    """The key of the figure that a bundle shows, or None."""
    pictures = pictures_in(data)
    if pictures:
        return _key(pictures)
    script = str(data.get("application/javascript", "")) + _html(data)
    if any(name in data for name in _EXEC) and "docs_json" in script:
        return _key(script) if _BOKEH_DRAWS.search(script) else None
    if any(call in script for call in _DRAWING_CALLS):
        return _key(script)
    return _key(script) if str(data.get("text/plain", "")).startswith("FigureWidget(") else None


class Page:
    """What stands under a cell: displays in order, as clearing and updating leave them."""

    def __init__(self) -> None:
        self.shown: list[tuple[str | None, str, dict[str, Any]]] = []  # display id, key, pictures
        self._clears_next = False

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """One message."""
        if kind == "clear_output":
            self._clears_next = bool(content.get("wait"))
            if not self._clears_next:
                self.shown.clear()
            return
        if self._clears_next and kind != "update_display_data":
            self._clears_next = False
            self.shown.clear()
        if kind not in {"display_data", "execute_result", "update_display_data"}:
            return
        key, name = figure_in(content["data"]), content.get("transient", {}).get("display_id")
        if key is None:
            return
        entry = (name, key, pictures_in(content["data"]))
        if kind == "update_display_data":
            self.shown = [entry if one[0] == name else one for one in self.shown]
        else:
            self.shown.append(entry)

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The different figures on the page: their pictures by key."""
        return {key: pictures for _, key, pictures in self.shown}


def _html(data: dict[str, Any]) -> str:
    page = data.get("text/html", "")
    return "".join(page) if isinstance(page, list) else str(page)


def _key(content: Any) -> str:
    text = content if isinstance(content, str) else json.dumps(content, sort_keys=True)
    return hashlib.sha256(steady(text).encode()).hexdigest()
