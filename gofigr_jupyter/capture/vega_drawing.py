"""A Vega or Vega-Lite specification to an offline page and to pictures, by vl-convert; for the worker's child process.

In: JSON, and the folder that the figure was made in, for data files beside it. Out: bytes, or Missing with the reason.
Nothing is fetched: data that only the network has stay away, in the page as in the pictures.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gofigr_jupyter.capture.mime import compact_json
from gofigr_jupyter.records import Missing

_SCHEMA = re.compile(r"/schema/(?P<language>vega-lite|vega)/v(?P<major>\d+)(?:\.(?P<minor>\d+))?")
_MAX_FILE = 50_000_000  # bytes of a data file beside the notebook
_SUFFIXES = {".json": "json", ".csv": "csv", ".tsv": "tsv", ".geojson": "json", ".topojson": "json"}
_SCALE = 2.0  # pixels for each unit, as sharp as a notebook on a good screen
_ABSENT = "vl-convert is not installed (pip install 'gofigr-jupyter[vega]')"

# Everything before the chart is the same in every page: a store that cuts files into pieces keeps it once.
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Figure</title>
<style>
html, body { margin: 0; background: #fff; }
#figure { width: 100%; box-sizing: border-box; padding: 8px; }
</style>
<script>"""
_BODY = """</script>
<script>
addEventListener("DOMContentLoaded", () => {
  const chart = JSON.parse(document.getElementById("figure-json").textContent);
  if (chart.title) document.title = chart.title;
  const actions = { export: true, source: false, compiled: false, editor: false };
  const told = (error) => { document.getElementById("figure").textContent = String(error); };
  vegaEmbed("#figure", chart.spec, { mode: chart.mode, actions }).catch(told);
});
</script>
</head><body><div id="figure"></div><script type="application/json" id="figure-json">"""
_END = "</script></body></html>\n"


@dataclass(frozen=True, slots=True)
class Chart:
    """A specification that is ready to be drawn: data files of the notebook's folder are inside."""

    spec: Mapping[str, Any]
    language: str
    major: int
    minor: int | None

    @classmethod
    def read(cls, data: bytes, language: str) -> Chart:
        """From the bytes of a source. Raises ValueError for what is no specification."""
        spec = json.loads(data)
        if not isinstance(spec, dict):
            raise ValueError("it is not JSON of a chart")
        known = _SCHEMA.search(str(spec.get("$schema", "")))
        major, minor = (int(known["major"]), known["minor"]) if known else (0, None)
        return cls(_with_files(spec, Path.cwd()), language, major, int(minor) if minor else None)

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of its display, as Vega's tools keep them."""
        meta = self.spec.get("usermeta")
        found = meta.get("embedOptions") if isinstance(meta, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    @property
    def absent(self) -> str | None:
        """The address of data that are neither in the chart nor beside its notebook."""
        return next((url for url in _urls(self.spec) if not url.startswith("data:")), None)


def language_of(spec: Mapping[str, Any]) -> str:
    """`vega-lite` or `vega`: by the schema, else by `marks`, which only Vega has."""
    known = _SCHEMA.search(str(spec.get("$schema", "")))
    if known:
        return known["language"]
    return "vega" if "marks" in spec else "vega-lite"


def page(chart: Chart) -> bytes | Missing:
    """An interactive page that needs no network: Vega's scripts first, the chart's JSON last."""
    if chart.absent is not None:
        return _elsewhere(chart.absent)
    try:
        script = _script(_version(chart) if chart.language == "vega-lite" else None)
    except (ImportError, LookupError) as error:
        return Missing(f"no interactive page: {_reason(error)}")
    title = chart.spec.get("title")
    shown = {"spec": chart.spec, "mode": chart.language, "title": title if isinstance(title, str) else None}
    # "<" in the JSON could end the script element or open a comment
    return (_HEAD + script + _BODY).encode() + compact_json(shown).replace(b"<", b"\\u003c") + _END.encode()


def picture(chart: Chart, file_format: str) -> bytes | Missing:
    """A `png`, `svg` or `pdf`; Missing without vl-convert, or where the data are only on the network."""
    if chart.absent is not None:
        return _elsewhere(chart.absent)
    try:
        converter = _converter()
        options: dict[str, Any] = {"allowed_base_urls": []}
        if chart.language == "vega-lite":
            options |= {"vl_version": _version(chart), "theme": chart.options.get("theme")}
        options |= _locales(chart.options)
        if file_format == "png":
            options["scale"] = _SCALE
        draw = getattr(converter, f"{chart.language.replace('-', '')}_to_{file_format}")
        drawn = draw(compact_json(chart.spec).decode(), **options)
    except (ImportError, LookupError) as error:
        return Missing(f"no static picture: {_reason(error)}")
    return drawn.encode() if isinstance(drawn, str) else bytes(drawn)


def picture_of_svg(svg: bytes) -> bytes | Missing:
    """A PNG of any SVG picture, which is drawn without scripts and network; Missing without vl-convert."""
    try:
        return bytes(_converter().svg_to_png(svg.decode("utf-8", "replace"), scale=_SCALE))
    except ImportError as error:
        return Missing(f"no picture with pixels: {_reason(error)}")
    except Exception as error:  # noqa: BLE001 -- SVG of anybody
        return Missing(f"no picture with pixels: {type(error).__name__}: {error}"[:300])


def _converter() -> Any:
    return importlib.import_module("vl_convert")


def _version(chart: Chart) -> str:
    """The version of Vega-Lite to draw with: the chart's own, else its generation's newest. May raise LookupError."""
    known = [tuple(map(int, text.split(".")[:2])) for text in _converter().get_vegalite_versions()]
    same = sorted(version for version in known if not chart.major or version[0] == chart.major)
    if not same:
        raise LookupError(f"vl-convert draws no Vega-Lite {chart.major}")
    wanted = (chart.major, chart.minor)
    major, minor = wanted if wanted in same else same[-1]
    return f"{major}.{minor}"


@cache
def _script(version: str | None) -> str:
    """Vega, Vega-Lite and vega-embed as one script, as vl-convert brings them along."""
    more = {"vl_version": version} if version else {}
    script: str = _converter().javascript_bundle(**more)
    return script.replace("</script", "<\\/script")


def _locales(options: Mapping[str, Any]) -> dict[str, Any]:
    names = {"formatLocale": "format_locale", "timeFormatLocale": "time_format_locale"}
    return {ours: options[theirs] for theirs, ours in names.items() if options.get(theirs)}


def _reason(error: Exception) -> str:
    return _ABSENT if isinstance(error, ImportError) else str(error.args[0] if error.args else error)


def _elsewhere(url: str) -> Missing:
    return Missing(f"its data are not in it but at {url[:120]}, and drawing uses no network")


# ---------------------------------------------------------------- data files


def _urls(node: Any) -> Iterator[str]:
    """The addresses of all data in a specification."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == "data":
                entries = value if isinstance(value, list) else [value]
                yield from (e["url"] for e in entries if isinstance(e, Mapping) and isinstance(e.get("url"), str))
            if name not in {"values", "datasets"}:  # data of people, where anything may be called anything
                yield from _urls(value)
    elif isinstance(node, list):
        for item in node:
            yield from _urls(item)


def _with_files(node: Any, folder: Path) -> Any:
    """The same specification with the text of data files in the place of their names."""
    if isinstance(node, list):
        return [_with_files(item, folder) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: value if name in {"values", "datasets"} else _file_in(_with_files(value, folder), name, folder)
        for name, value in node.items()
    }


def _file_in(value: Any, name: str, folder: Path) -> Any:
    if name != "data":
        return value
    if isinstance(value, list):
        return [_file_in(item, name, folder) for item in value]
    url = value.get("url") if isinstance(value, dict) else None
    text = _read(url, folder) if isinstance(url, str) else None
    if text is None:
        return value
    parsed = {"type": _SUFFIXES[Path(str(url)).suffix.lower()], **(value.get("format") or {})}
    return {**{key: item for key, item in value.items() if key != "url"}, "values": text, "format": parsed}


def _read(url: str, folder: Path) -> str | None:
    """A data file in the figure's folder, or beneath it; nothing from elsewhere."""
    if ":" in url or Path(url).suffix.lower() not in _SUFFIXES:
        return None
    path = (folder / url).resolve()
    try:
        if not path.is_relative_to(folder.resolve()) or path.stat().st_size > _MAX_FILE:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
