"""py3Dmol views: the commands of the view in the kernel, an offline page and a snapshot in the worker's child process.

What is displayed is a script that loads 3Dmol.js from elsewhere; the offline page holds it, where some installed
package brings it along. Without it the commands are kept, and the page is Missing. The kernel's side imports nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata as installed
from pathlib import Path
from typing import Any

from gofigr_jupyter.capture import chrome
from gofigr_jupyter.capture.mime import compact_json, displayed
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Missing, Rendition, Source

KIND = "py3dmol"
LOAD = "application/3dmoljs_load.v0"

_CREATES = ("$3Dmol.createViewer(", "$3Dmol.createViewerGrid(")
_NUMBER = re.compile(r'id="3dmolviewer_(\d+)"')
_SCRIPTS = ("3Dmol-min.js", "3Dmol.js")

# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """A view stands for itself."""
    return shown


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A view in a displayed script; a script that only changes or photographs a view shows none of its own."""
    page = data.get(LOAD, data.get("text/html"))
    text = "".join(page) if isinstance(page, list) else page
    if not isinstance(text, str) or not any(mark in text for mark in _CREATES):
        return None
    return Seen(KIND, None, displayed(data, metadata), _source(text), weakly(shown))


def asked(shown: Any) -> Seen:
    """A view given to publish(): the script that show() would send."""
    text = (shown.startjs + shown.endjs).replace("UNIQUEID", "0")
    return Seen(KIND, None, (), _source(text), weakly(shown))


def _source(text: str) -> Source:
    """The script without the number that each display draws anew."""
    for number in set(_NUMBER.findall(text)):
        text = text.replace(f"_{number}", "_0")
    return Source(KIND, compact_json({"library": "3Dmol.js", "html": text}))


# ---------------------------------------------------------------- worker side

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Molecule</title>
<style>html, body { margin: 0; background: #fff; }</style>
<script>"""
_BODY = """</script>
<script>var $3Dmolpromise = Promise.resolve();</script>
</head><body>
"""
_END = "\n</body></html>\n"
_READY = "document.querySelector('[id^=\"3dmolviewer_\"] canvas')"


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """Write the view in each format (`html`, `json`, `png`), in order; what cannot be had is Missing."""
    for file_format in formats:
        try:
            yield Rendition(file_format, _written(file_format, source))
        except Exception as error:  # noqa: BLE001 -- one format less must not cost the others
            yield Rendition(file_format, Missing(f"drawing failed ({type(error).__name__}: {error})"[:300]))


def _written(file_format: str, source: Source) -> bytes | Missing:
    if file_format == "json":
        return source.data
    made = page(str(json.loads(source.data)["html"]))
    if file_format == "html" or isinstance(made, Missing):
        return made
    return chrome.picture(made, ready=_READY, place='[id^="3dmolviewer_"]')


def page(text: str) -> bytes | Missing:
    """An interactive page that needs no network: 3Dmol.js first, the view's script last."""
    if "$3Dmol.download(" in text:
        return Missing("the view loads its molecule from the network")
    script = _script()
    if script is None:
        return Missing(f"no installed package holds {_SCRIPTS[0]}, which py3Dmol loads from the network")
    return (_HEAD + script.replace("</script", "<\\/script") + _BODY + text + _END).encode()


@cache
def _script() -> str | None:
    """3Dmol.js, from whichever installed package has it."""
    for name in _SCRIPTS:
        for package in installed.distributions():
            for file in package.files or ():
                if file.name == name and (path := Path(str(package.locate_file(file)))).is_file():
                    return path.read_text(encoding="utf-8")
    return None
