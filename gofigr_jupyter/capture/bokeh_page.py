"""A bokeh document as a page that needs no network: bokeh's own scripts first, the document's JSON last.

In: the document's JSON. Out: HTML, or a picture of it, or Missing with the reason. For the worker's child process.
Scripts and style sheets come from the installed packages, also those that extensions (Panel) would load from a CDN.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gofigr_jupyter.capture import chrome
from gofigr_jupyter.capture.bokeh_parts import Parts, parts_of
from gofigr_jupyter.capture.mime import compact_json
from gofigr_jupyter.records import Missing

# Everything before the document is the same in every page: a store that cuts files into pieces keeps it once.
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Figure</title>
<style>
html, body { margin: 0; background: #fff; }
#figure { display: flow-root; }
</style>
"""
_BODY = """<script>
addEventListener("DOMContentLoaded", async () => {
  const doc = JSON.parse(document.getElementById("document").textContent);
  const place = document.getElementById("figure"), roots = {};
  for (const root of doc.roots) {
    const element = document.createElement("div");
    element.id = "root-" + root.id;
    element.style.display = "contents";
    place.append(element);
    roots[root.id] = element.id;
  }
  await Bokeh.embed.embed_items({figure: doc}, [{docid: "figure", roots, root_ids: Object.keys(roots)}]);
});
</script>
</head><body><div id="figure"></div><script type="application/json" id="document">"""
_END = "</script></body></html>\n"
_UNSEEN = re.compile(r"\.(CommManager|BrowserInfo|Location|NotificationArea\w*)$")  # they serve a running kernel
# some views with sliders (a HoloMap's) are drawn, yet never call themselves idle
_READY = "Bokeh.documents.length && (Bokeh.documents.every((doc) => doc.is_idle) || performance.now() > 25_000)"


def page(document: Mapping[str, Any]) -> bytes | Missing:
    """An interactive page; Missing where bokeh, or a package of which it draws parts, is not installed."""
    try:
        parts = parts_of(document)
        scripts = _scripts(parts)
    except ImportError as error:
        return Missing(f"{error.name or error} is not installed where pages are made")
    roots = [root for root in document.get("roots") or () if not _UNSEEN.search(str(root.get("name")))]
    shown = _localised({**document, "roots": roots}, parts.extensions)
    # "<" in the JSON could end the script element or open a comment
    return (_HEAD + scripts + _BODY).encode() + compact_json(shown).replace(b"<", b"\\u003c") + _END.encode()


def picture(document: Mapping[str, Any]) -> bytes | Missing:
    """A PNG of the page."""
    made = page(document)
    return made if isinstance(made, Missing) else chrome.picture(made, ready=_READY, place="#figure > * > *")


@cache
def _scripts(parts: Parts) -> str:
    resources = importlib.import_module("bokeh.resources").Resources(
        mode="inline", minified=True, components=list(parts.components)
    )
    texts = [
        *resources.js_raw,
        *(text for name in parts.with_scripts for text in _library(name)),
        *(text for name in parts.extensions for text in _extension(name)),
    ]
    # a script that says so in one of its own strings would end itself
    return "".join(f"<script>\n{text}\n</script>\n" for text in (t.replace("</script", "<\\/script") for t in texts))


def _extension(name: str) -> Iterator[str]:
    path = _folder(name) / "dist" / f"{name}.min.js"
    if path.is_file():
        yield path.read_text(encoding="utf-8")


def _library(model: str) -> Iterator[str]:
    """The scripts that a model of an extension asks for, out of the folder where its package keeps them."""
    module, _, name = model.rpartition(".")
    package = module.partition(".")[0]
    for url in getattr(importlib.import_module(module), name).__javascript__:
        _, _, rest = str(url).partition("/bundled/")
        path = _kept(package, f"bundled/{rest}")
        if rest and path is not None:
            yield path.read_text(encoding="utf-8")


@cache
def _folder(name: str) -> Path:
    """Where a package lies, without importing it."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ImportError(f"No module named {name!r}", name=name)
    return Path(next(iter(found.submodule_search_locations)))


def _localised(value: Any, extensions: tuple[str, ...]) -> Any:
    """The document with the style sheets of extensions written into it, in the place of their links."""
    if isinstance(value, list):
        return [_localised(item, extensions) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("name") == "ImportedStyleSheet" and "id" in value:
        css = _style(str(value.get("attributes", {}).get("url", "")), extensions)
        return {**value, "name": "InlineStyleSheet", "attributes": {"css": css}}
    return {key: _localised(item, extensions) for key, item in value.items()}


def _style(url: str, extensions: tuple[str, ...]) -> str:
    """The text behind a link into an extension's `dist` folder; nothing for others, as without network."""
    _, found, rest = urlsplit(url).path.partition("/dist/")
    for name in extensions if found else ():
        path = _kept(name, rest)
        if path is not None and path.suffix == ".css":
            return path.read_text(encoding="utf-8")
    return ""


def _kept(package: str, name: str) -> Path | None:
    """A file of those that a package keeps for pages."""
    root = (_folder(package) / "dist").resolve()
    path = (root / name).resolve()
    return path if path.is_relative_to(root) and path.is_file() else None
