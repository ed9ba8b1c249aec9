"""Figures that live in the page, where one is made again: after they were displayed, they change without a message.

Out: what each widget that shows a figure shows now, by MIME type, in the form in which such a figure is kept. Loaded by
`child.py` in another process; imports nothing of this package.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"
PLOTLY = "application/vnd.plotly.v1+json"
VEGA = "application/vnd.vega+json"  # no version: which one the page would draw it with is not known here


def states() -> dict[str, dict[str, Any]]:
    """What they show, by their ids; also those that were never displayed, as only a cell that was left out did that."""
    found = {}
    for model, widget in list(_widgets().items()):
        with suppress(Exception):  # closed, or half made
            if data := _shown(widget):
                found[str(model)] = data
    return found


def model_of(data: Mapping[str, Any]) -> str:
    """The id of the widget that a bundle displays; empty where there is none."""
    view = data.get(VIEW)
    return str(view.get("model_id", "")) if isinstance(view, Mapping) else ""


def _shown(widget: Any) -> dict[str, Any]:
    """What a canvas of matplotlib, a `FigureWidget` of plotly or a `JupyterChart` of altair shows."""
    if hasattr(getattr(widget, "figure", None), "savefig"):
        return {"image/png": _picture(widget)}
    if hasattr(widget, "_last_layout_edit_id"):
        return {PLOTLY: json.loads(widget.to_json(validate=False))}
    specification = getattr(widget, "spec", None)
    return {VEGA: dict(specification)} if isinstance(specification, Mapping) else {}


def _picture(canvas: Any) -> bytes:
    """The whole figure, in its own colours and resolution."""
    figure, stream = canvas.figure, io.BytesIO()
    look = {"facecolor": figure.get_facecolor(), "edgecolor": figure.get_edgecolor(), "dpi": figure.dpi}
    canvas.print_figure(stream, format="png", **look)
    return stream.getvalue()


def _widgets() -> Mapping[Any, Any]:
    """All widgets by their ids; none where no code has loaded them."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    known = getattr(module, "_instances", None)  # since ipywidgets 8
    if known is None:
        known = getattr(getattr(module, "Widget", None), "widgets", {})
    return known if isinstance(known, Mapping) else {}
