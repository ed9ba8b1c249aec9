"""bokeh figures: the document's JSON in the kernel; an offline page, that JSON and pictures in the worker's child.

Kernel side: takes the document from the script that was displayed, since that is what the reader sees; loads no
bokeh. Its ids, drawn anew at each run, are counted from one, so that the same figure gives the same bytes.
The page itself is made in `bokeh_page`.
"""

from __future__ import annotations

import importlib
import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from gofigr_jupyter.capture import bokeh_page
from gofigr_jupyter.capture.mime import displayed, one_line
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Missing, Rendition, Source

KIND = "bokeh"
EXEC = "application/vnd.bokehjs_exec.v0+json"

_DOCUMENT = re.compile(r'docs_json = \{"[^"]*":(\{.*\})\};')
_DRAWS = re.compile(r'"name":"(?:Figure|Plot|GMap)","id"')
_TITLE = re.compile(r'"name":"Title","id":"[^"]*","attributes":\{(?:"\w+":"[^"]*",)*"text":("(?:[^"\\]|\\.)*")')
_ID = re.compile(r'"id":"([^"\\]+)"')
# Panel counts the parts of a layout through the whole session, and calls them by their numbers.
_COUNTED = re.compile(r'"name":"(Row|Column|HSpacer|VSpacer|Spacer|HoloViews|WidgetBox|HTML|Bokeh)\d{5,}"')
_CHANNEL = re.compile(r'"(comm_id|client_comm_id|plot_id)":"[^"]*"')  # where a view of Panel's talks to its kernel
_HANDLE = '"notebook_comms_target"'
_MAX_TITLES = 3

# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """A model stands for itself."""
    return shown


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A figure in a displayed script; the list of properties that a figure prints as a cell's result draws nothing."""
    script = script_in(data)
    document = document_in(script)
    if document is None or not draws(document):
        return None
    model = shown if shown is not None else _shown_model(metadata)
    return _seen(document, model, data, metadata, is_live=_HANDLE in script)


def asked(shown: Any) -> Seen:
    """A figure given to publish(): the JSON that show() would send."""
    return _seen(document_of(shown), shown, {}, {})


def live_sign(model: Any) -> object:
    """What tells whether a figure shown with a handle looks different from before; None: the page shows no change."""
    handle = _handle_of(model)
    return _written_now(handle.doc) if handle is not None else None


def live_state(model: Any) -> Seen | None:
    """The figure as push_notebook() has left it on the page; None while it is not what the page shows."""
    handle = _handle_of(model)
    return _seen(_written_now(handle.doc), model, {}, {}, is_live=True) if handle is not None else None


def script_in(data: Mapping[str, Any]) -> str:
    """The JavaScript of a bundle, alone or inside its HTML."""
    for mime_type in ("application/javascript", "text/html"):
        value = data.get(mime_type)
        text = "".join(value) if isinstance(value, list) else value
        if isinstance(text, str) and "docs_json = {" in text:
            return text
    return ""


def document_in(script: str) -> str | None:
    """The document that a script embeds, as JSON with ids of its own; None where there is none."""
    found = _DOCUMENT.search(script)
    return _steady(found.group(1)) if found else None


def document_of(model: Any) -> str:
    """The document that show() would send of a live model. Raises what bokeh raises."""
    with _unheard():
        # a document of its own for the while, as show() does it: the model's own stays what it is
        script, _, _ = importlib.import_module("bokeh.embed.notebook").notebook_content(model)
    found = document_in(script)
    if found is None:
        raise ValueError("bokeh wrote it in a form that is not known here")
    return found


def draws(document: str) -> bool:
    """Whether a document shows a plot, and not only buttons and tables."""
    return _DRAWS.search(document) is not None


def title(document: str) -> str | None:
    """The title of the plot, or of a few plots: "A · B"."""
    texts = [one_line(json.loads(found.group(1))) for found in _TITLE.finditer(document)]
    distinct = list(dict.fromkeys(filter(None, texts)))
    return one_line(" · ".join(distinct)) if 1 <= len(distinct) <= _MAX_TITLES else None


def source(document: str) -> Source:
    """The source that a page is made of; by the Python of this session, whose bokeh speaks this JSON."""
    return Source(KIND, document.encode("utf-8", "surrogatepass"), python=sys.executable or "")


def _seen(
    document: str, model: Any, data: Mapping[str, Any], metadata: Mapping[str, Any], *, is_live: bool = False
) -> Seen:
    return Seen(KIND, title(document), displayed(data, metadata), source(document), weakly(model), is_live)


def _steady(document: str) -> str:
    """The same JSON with ids counted from one: as keys of bokeh's own they stand nowhere else."""
    numbers = count(1)
    known: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in known:
            known[name] = next(numbers)
        return f'"id":"p{known[name]}"'

    return _CHANNEL.sub(r'"\1":""', _COUNTED.sub(r'"name":"\1"', _ID.sub(numbered, document)))


def _shown_model(metadata: Mapping[str, Any]) -> Any:
    """The live model of a displayed script; show() has put it into the current document."""
    library = sys.modules.get("bokeh.io")
    model_id = (metadata.get(EXEC) or {}).get("id")
    try:
        return library.curdoc().get_model_by_id(model_id) if library is not None and model_id else None
    except Exception:  # noqa: BLE001 -- without the model the script still tells all that is shown
        return None


def _handle_of(model: Any) -> Any:
    """The handle of a model's display, where it is the last one given and has no change that waits to be pushed."""
    try:
        handle = sys.modules["bokeh.io.state"].curstate().last_comms_handle
        is_its_own = handle is not None and handle.doc.get_model_by_id(model.id) is model
        return handle if is_its_own and not handle.doc.callbacks._held_events else None
    except Exception:  # noqa: BLE001 -- another version keeps it elsewhere
        return None


def _written_now(document: Any) -> str:
    """A live document as JSON; unlike showing it again, this draws no new ids."""
    return _steady(
        str(importlib.import_module("bokeh.core.json_encoder").serialize_json(document.to_json(deferred=False)))
    )


@contextmanager
def _unheard() -> Iterator[None]:
    """Let bokeh not say a second time what it warns of when the figure is shown."""
    log = logging.getLogger("bokeh.core.validation.check")
    was_disabled, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = was_disabled


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Write the figure in each format (`html`, `json`, `png`), in order; what cannot be had is Missing."""
    try:
        document = dict(json.loads(source.data))
    except Exception as error:  # noqa: BLE001 -- hostile JSON, too deep or too large
        reason = Missing(f"the figure cannot be read again ({type(error).__name__}: {error})"[:300])
        yield from (Rendition(file_format, reason) for file_format in formats)
        return
    for file_format in formats:
        try:
            yield Rendition(file_format, _written(file_format, source, document))
        except Exception as error:  # noqa: BLE001 -- one format less must not cost the others
            yield Rendition(file_format, Missing(f"drawing failed ({type(error).__name__}: {error})"[:300]))


def _written(file_format: str, source: Source, document: dict[str, Any]) -> bytes | Missing:
    match file_format:
        case "html":
            return bokeh_page.page(document)
        case "png":
            return bokeh_page.picture(document)
        case _:
            return source.data
