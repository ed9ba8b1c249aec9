"""Which of bokeh's scripts a document needs: told by the names of its models and the texts in it.

In: the document's JSON. Out: components of bokeh's own, the packages that extend it, and those of their models that
bring a library of scripts. ImportError without bokeh.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MATHS = ("$$", "\\(", "\\[")
# plotly, Vega and others inside a view of Panel's
_WITH_SCRIPTS = re.compile(r"panel\.models\.(plotly|vega|echarts|deckgl|vtk)\.\w+")
_MATHS_MODELS = frozenset({"Ascii", "MathML", "TeX", "AsciiGlyph", "MathMLGlyph", "TeXGlyph"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What a page has to hold before it can draw."""

    components: tuple[str, ...]
    extensions: tuple[str, ...]
    with_scripts: tuple[str, ...] = ()


def parts_of(document: Mapping[str, Any]) -> Parts:
    """The parts that a document is drawn with."""
    importlib.import_module("bokeh.models")
    known = importlib.import_module("bokeh.model").Model.model_class_reverse_map
    names, texts = _read(document.get("roots"))
    names -= {item.get("name") for item in document.get("defs") or ()}  # the document itself tells what they are
    modules = {known[name].__module__ for name in names if name in known}
    extensions = sorted({name.partition(".")[0] for name in names if "." in name} - {"bokeh"})
    components = ["bokeh"]
    if "webgl" in texts:
        components.append("bokeh-gl")
    # an extension's models may be made of any of these
    if extensions or any(module.startswith("bokeh.models.widgets") for module in modules):
        components.append("bokeh-widgets")
    if extensions or any(module.startswith("bokeh.models.widgets.tables") for module in modules):
        components.append("bokeh-tables")
    if names & _MATHS_MODELS or any(mark in text for text in texts for mark in _MATHS):
        components.append("bokeh-mathjax")
    return Parts(tuple(components), tuple(extensions), tuple(sorted(filter(_WITH_SCRIPTS.fullmatch, names))))


def _read(value: Any) -> tuple[set[str], set[str]]:
    """The names of all models, and all texts short enough for a title or label."""
    names: set[str] = set()
    texts: set[str] = set()
    for item in _walk(value):
        if isinstance(item, str):
            if len(item) < 1000:
                texts.add(item)
        elif item.get("type") == "object" and isinstance(item.get("name"), str):
            names.add(item["name"])
    return names, texts


def _walk(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str):
            yield item
