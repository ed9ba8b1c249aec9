"""Vega and Vega-Lite charts, altair's above all: title and specification in the kernel, further forms in the worker.

Kernel side: works on the specification that was displayed where it can; imports altair never.
Worker side: `render` hands the specification to `vega_drawing`, form by form.
This and `vega_drawing` are the only files that know Vega, altair and vl-convert.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from gofigr_jupyter.capture import vega_drawing
from gofigr_jupyter.capture.mime import WIDGET_VIEW, compact_json, displayed, has_picture, one_line, page
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Displayed, Missing, Rendition, Source

KIND = "vega"
VEGA_LITE, VEGA = "vega-lite", "vega"  # the two languages; also the formats of a source

_MIME = re.compile(r"application/vnd\.vega(?P<lite>lite)?\.v(?P<version>\d+)[\w.]*[+.]json")
_SPEC_BEFORE = re.compile(r"\}\s*\)\s*\(\s*(?=\{)|\b(?:const|var|let)\s+spec\s*=\s*(?=\{)")
_OPTIONS_BEFORE = re.compile(r"\s*,\s*(?=\{)|\s*;?\s*(?:const|var|let)\s+(?:embedOpt|opt)\s*=\s*(?=\{)")
# What tells a specification from any other JSON, where it names no schema.
_PARTS = frozenset({"mark", "layer", "hconcat", "vconcat", "concat", "repeat", "facet", "marks"})
_NESTED = ("layer", "hconcat", "vconcat", "concat")
_MAX_TITLES = 3

Found = tuple[Mapping[str, Any], Source]  # a specification, and the same in bytes


# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """A chart stands for itself; a widget for the chart that it shows."""
    if any(base.__name__ == "JupyterChart" for base in type(shown).__mro__):
        try:
            return shown if shown.chart is None else shown.chart
        except Exception:  # noqa: BLE001 -- a widget that was closed
            return shown
    return shown


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A chart in a displayed bundle: its specification there, else, where a picture or a widget shows, the object's."""
    pictures = displayed(data, metadata)
    found = from_bundle(data, metadata, pictures)
    if found is not None:
        whole = page("text/html", data, metadata) if not pictures else None
        return _seen(found, pictures if whole is None else (whole,), shown)
    if shown is None or not (WIDGET_VIEW in data or has_picture(data)):
        return None
    try:
        found = specification(shown)
    except Exception as error:  # noqa: BLE001 -- the picture stands, whatever the chart refuses
        missing = Missing(f"the chart cannot be written as JSON ({type(error).__name__}: {error})"[:300])
        return Seen(KIND, None, pictures, missing, weakly(figure_of(shown)))
    return _seen(found, pictures, shown)


def asked(shown: Any) -> Seen:
    """A chart given to publish(): its specification is the picture. Raises what altair raises, as showing it would."""
    return _seen(specification(shown), (), shown)


def specification(chart: Any) -> Found:
    """The specification of a live chart, or of a widget, which has it ready. Raises what altair raises."""
    if hasattr(type(chart), "to_dict"):
        # "pre_transform" is altair's own word for what it does before it displays
        return _found(chart.to_dict(context={"pre_transform": False}), {})
    if isinstance(chart.spec, Mapping):
        return _found(chart.spec, {})
    return specification(chart.chart)


def title(spec: Mapping[str, Any]) -> str | None:
    """The chart's title; those of its parts, "A · B", where it has few and none of its own."""
    whole = _own_title(spec)
    if whole:
        return whole
    distinct = list(dict.fromkeys(_part_titles(spec)))
    return one_line(" · ".join(distinct)) if 1 <= len(distinct) <= _MAX_TITLES else None


def from_bundle(data: Mapping[str, Any], metadata: Mapping[str, Any], shown: Iterable[Displayed] = ()) -> Found | None:
    """The specification in a displayed bundle: under Vega's own MIME types, or in the page that altair makes.

    What was written as bytes already, in `shown`, is not written again.
    """
    for name, value in data.items():
        known = _MIME.fullmatch(name)
        spec = _as_spec(value) if known else None
        if known and spec is not None:
            options = _mapping(metadata.get(name)).get("embed_options")
            language = VEGA_LITE if known["lite"] else VEGA
            written = next((item.data for item in shown if item.mime_type == name), None)
            return _found(spec, options, language, known["version"], written)
    whole = page("text/html", data, metadata)
    return from_html(whole.data.decode("utf-8", "surrogatepass")) if whole is not None else None


def from_html(text: str) -> Found | None:
    """The specification of a page that calls vega-embed; the last of several texts that look like one."""
    if "vega" not in text:
        return None
    decoder = json.JSONDecoder()
    for start in reversed([match.end() for match in _SPEC_BEFORE.finditer(text)]):
        try:
            found, end = decoder.raw_decode(text, start)
            spec = _as_spec(found)
        except (ValueError, RecursionError):
            continue
        if spec is not None:
            return _found(spec, _options_after(decoder, text, end))
    return None


def _seen(found: Found, shown: tuple[Displayed, ...], obj: Any) -> Seen:
    spec, source = found
    return Seen(KIND, title(spec), shown, source, weakly(figure_of(obj)) if obj is not None else None)


def _found(
    spec: Mapping[str, Any], options: Any, language: str = "", version: str = "", written: bytes | None = None
) -> Found:
    """The specification and its bytes; options of its display are put where Vega's own tools look for them, inside."""
    language = language or vega_drawing.language_of(spec)
    # the mode is told by the schema, and is all that altair adds by itself
    chosen = {name: value for name, value in options.items() if name != "mode"} if isinstance(options, Mapping) else {}
    whole = dict(spec)
    if "$schema" not in spec and version:
        whole = {"$schema": f"https://vega.github.io/schema/{language}/v{version}.json", **whole}
    if chosen:
        meta = _mapping(spec.get("usermeta"))
        whole["usermeta"] = {**meta, "embedOptions": {**chosen, **_mapping(meta.get("embedOptions"))}}
    is_as_shown = "$schema" in spec and not chosen
    return whole, Source(language, written if written is not None and is_as_shown else compact_json(whole))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_spec(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, str | bytes):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if not isinstance(value, Mapping):
        return None
    schema = value.get("$schema")
    is_known = "vega" in schema if isinstance(schema, str) else not _PARTS.isdisjoint(value)
    return value if is_known else None


def _options_after(decoder: json.JSONDecoder, text: str, position: int) -> Any:
    comes = _OPTIONS_BEFORE.match(text, position)
    if comes is None:
        return {}
    try:
        return decoder.raw_decode(text, comes.end())[0]
    except (ValueError, RecursionError):
        return {}


def _own_title(spec: Mapping[str, Any]) -> str | None:
    found = spec.get("title")
    if isinstance(found, Mapping):
        found = found.get("text")
    if isinstance(found, list):
        found = " ".join(part for part in found if isinstance(part, str))
    return one_line(found)


def _part_titles(spec: Mapping[str, Any]) -> Iterator[str]:
    parts = [part for name in _NESTED if isinstance(spec.get(name), list) for part in spec[name]]
    for part in [*parts, spec.get("spec")]:
        if isinstance(part, Mapping):
            own = _own_title(part)
            if own:
                yield own
            else:
                yield from _part_titles(part)


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Write the chart in each format (`png`, `html`, `json`, `svg`, `pdf`), in order; what cannot be had is Missing."""
    try:
        chart = vega_drawing.Chart.read(source.data, source.format)
    except Exception as error:  # noqa: BLE001 -- hostile JSON, too deep or too large
        reason = Missing(f"the chart cannot be read again ({type(error).__name__}: {error})"[:300])
        yield from (Rendition(file_format, reason) for file_format in formats)
        return
    writers: dict[str, Callable[[], bytes | Missing]] = {
        "html": partial(vega_drawing.page, chart),
        "json": partial(compact_json, chart.spec),
    }
    for file_format in formats:
        write = writers.get(file_format) or partial(vega_drawing.picture, chart, file_format)
        try:
            yield Rendition(file_format, write())
        except Exception as error:  # noqa: BLE001 -- one format less must not cost the others
            yield Rendition(file_format, Missing(f"drawing failed ({type(error).__name__}: {error})"[:300]))
