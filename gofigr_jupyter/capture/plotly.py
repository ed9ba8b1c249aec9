"""plotly figures: title and JSON in the kernel, interactive HTML and pictures in the worker's child process.

Kernel side: works on what was displayed where it can, since that JSON exists already; imports plotly never.
Worker side: `render` makes a page that works offline, clean JSON, and a PNG where Kaleido finds a Chrome.
This is the only file that knows plotly.
"""

from __future__ import annotations

import asyncio
import html
import importlib
import json
import re
import threading
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from gofigr_jupyter.capture.mime import PICTURES, PLOTLY_MIME, WIDGET_VIEW, compact_json, displayed, one_line
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Displayed, Missing, Rendition, Source

KIND = "plotly"

_CALL = "Plotly.newPlot("
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_FRAMES = re.compile(r"Plotly\.addFrames\(\s*(['\"])[^'\"]*\1\s*,\s*")
_FIRST_ARGUMENT = re.compile(r"\s*(?:(['\"])[^'\"]*\1|[\w.$]+)\s*,\s*")


# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """A plotly figure stands for itself."""
    return shown


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A figure in a displayed bundle: its JSON there, else, where only a picture or a widget shows, the live object."""
    bundle = from_bundle(data)
    if bundle is not None:
        return _seen(bundle, displayed(data, metadata), shown)
    if shown is not None and WIDGET_VIEW in data:
        return _seen(shown, displayed(data, metadata), shown, is_live=live_sign(shown) is not None)
    if shown is not None and any(name in PICTURES for name in data):
        return _seen(shown, displayed(data, metadata), shown)
    return None


def asked(shown: Any) -> Seen:
    """A figure given to publish(): its JSON is the picture."""
    return _seen(shown, (), shown)


def live_sign(widget: Any) -> object:
    """What tells whether a `FigureWidget` was changed since: it counts its own edits; None for other figures."""
    counts = (getattr(widget, "_last_layout_edit_id", None), getattr(widget, "_last_trace_edit_id", None))
    return None if None in counts else counts


def live_state(widget: Any) -> Seen:
    """A `FigureWidget` as the page shows it now."""
    return _seen(widget, (), widget, is_live=True)


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


def _seen(figure: Any, shown: tuple[Displayed, ...], obj: Any, *, is_live: bool = False) -> Seen:
    return Seen(KIND, title(figure), shown, source(figure), weakly(obj), is_live)


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


# ---------------------------------------------------------------- worker side

# Everything before the figure is the same in every page: a store that cuts files into pieces keeps it once.
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Figure</title>
<style>
html, body { height: 100%; margin: 0; background: #fff; }
#figure { height: 100%; min-height: 360px; }
</style>
<script>"""
_BODY = """</script>
<script>
addEventListener("DOMContentLoaded", () => {
  const figure = JSON.parse(document.getElementById("figure-json").textContent);
  if (figure.title) document.title = figure.title;
  Plotly.newPlot("figure", figure);
});
</script>
</head><body><div id="figure"></div><script type="application/json" id="figure-json">"""
_END = "</script></body></html>\n"

# A proxy that nothing listens on, and a policy for the page: the browser that draws reaches no network.
_NOWHERE = "http://127.0.0.1:9"
_POLICY = (
    "default-src 'none'; script-src file: 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:; connect-src data: blob:"
)
_START_TIMEOUT = 50.0  # seconds, for a browser on a busy machine
_DRAW_TIMEOUT = 50.0
_SIZE = (900, 500)  # pixels, where the figure does not say: about what a notebook shows
_MAX_SIDE = 4000


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Write the figure in each format (`html`, `json`, `png`), in order; what cannot be had is Missing."""
    try:
        figure = _as_dict(source.data)
        if figure is None:
            raise ValueError("it is not JSON of a figure")
    except Exception as error:  # noqa: BLE001 -- hostile JSON, too deep or too large
        reason = Missing(f"the figure cannot be read again ({type(error).__name__}: {error})"[:300])
        yield from (Rendition(file_format, reason) for file_format in formats)
        return
    writers = {"html": page, "json": clean_json, "png": picture}
    for file_format in formats:
        try:
            yield Rendition(file_format, writers[file_format](figure))
        except Exception as error:  # noqa: BLE001 -- one format less must not cost the others
            yield Rendition(file_format, Missing(f"drawing failed ({type(error).__name__}: {error})"[:300]))


def page(figure: Mapping[str, Any]) -> bytes:
    """An interactive page that needs no network: plotly.js first, the figure's JSON last."""
    config = {"responsive": True, **(figure.get("config") or {})}
    shown = {**clean(figure), "config": config, "title": title(figure)}
    # "<" in the JSON could end the script element or open a comment
    text = compact_json(shown).replace(b"<", b"\\u003c")
    return _prefix() + text + _END.encode()


def clean_json(figure: Mapping[str, Any]) -> bytes:
    """The figure's JSON as `plotly.io.from_json` reads it, without what only the display needed."""
    return compact_json(clean(figure))


def clean(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Data, layout and frames of a figure."""
    return {name: figure[name] for name in ("data", "layout", "frames") if figure.get(name)} | {
        "data": figure.get("data") or []
    }


def picture(figure: Mapping[str, Any]) -> bytes | Missing:
    """A PNG by Kaleido's browser, which stays open for the next one; Missing without Kaleido or a Chrome."""
    try:
        return _studio().picture(clean(figure))
    except ImportError:
        reason = "Kaleido 1 is not installed (pip install 'gofigr-jupyter[kaleido]')"
    except TimeoutError:
        reason = "the browser took too long"
    except Exception as error:  # noqa: BLE001 -- three libraries below, each with errors of its own
        reason = f"{type(error).__name__}: {error}"[:200]
        if type(error).__name__ == "ChromeNotFoundError":
            reason = "no Chrome was found; install Chrome, or run kaleido_get_chrome"
        elif "topojson" in reason:
            reason = "the outlines of maps come from the network, which drawing does not use"
    return Missing(f"no static picture: {reason}")


class _Studio:
    """Kaleido's browser, opened at the first picture, on an event loop of its own."""

    def __init__(self) -> None:
        self._kaleido = importlib.import_module("kaleido")
        if not hasattr(self._kaleido, "PageGenerator"):
            raise ImportError("kaleido is older than 1.0")
        self._loop = asyncio.new_event_loop()
        self._browser: Any = None
        threading.Thread(target=self._loop.run_forever, name="kaleido", daemon=True).start()

    def picture(self, figure: Mapping[str, Any]) -> bytes:
        if self._browser is None:
            self._browser = self._wait(self._opened(), _START_TIMEOUT)
        layout = figure.get("layout") or {}
        width, height = (
            min(int(side), _MAX_SIDE) if isinstance(side := layout.get(name), int | float) and side >= 10 else usual
            for name, usual in zip(("width", "height"), _SIZE, strict=True)
        )
        options = {"format": "png", "width": width, "height": height, "scale": 2}
        try:
            return bytes(self._wait(self._browser.calc_fig(figure, options), _DRAW_TIMEOUT))
        except Exception as error:
            if type(error).__name__ != "KaleidoError":  # the figure's own fault; else the browser's: take another
                browser, self._browser = self._browser, None
                with suppress(Exception):
                    self._wait(browser.close(), 5.0)
            raise

    async def _opened(self) -> Any:
        generator = self._kaleido.PageGenerator(mathjax=False)  # else MathJax would come from the network
        policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        generator.header = generator.header.replace("<head>", f"<head>{policy}", 1)
        browser = self._kaleido.Kaleido(n=1, timeout=_DRAW_TIMEOUT, page_generator=generator, proxy_server=_NOWHERE)
        await browser.open()
        return browser

    def _wait(self, work: Coroutine[Any, Any, Any], seconds: float) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)


@cache
def _studio() -> _Studio:
    return _Studio()


@cache
def _prefix() -> bytes:
    script: str = importlib.import_module("plotly.offline").get_plotlyjs()
    return (_HEAD + script + _BODY).encode()
