"""matplotlib's settings on which a picture depends: noted in the kernel, taken over in the worker's child process.

For all libraries that draw by matplotlib. Kernel side: reads, never imports matplotlib. Worker side: loads a pickle of
theirs, which runs what its author pickled, and changes settings for good: for a process of its own.
"""

from __future__ import annotations

import importlib
import pickle
import sys
from contextlib import suppress
from typing import Any

from gofigr_jupyter.records import Source

_RECENT_FONTS = 16

# Settings of the session, not of the picture.
_SESSION_ONLY = (
    "backend",
    "interactive",
    "keymap.",
    "webagg.",
    "toolbar",
    "savefig.directory",
    "figure.max_open",
)


def noted() -> dict[str, Any]:
    """What a pickle holds beside its figure: `rc`, the changed settings, and `fonts`, files perhaps added by hand."""
    return {"rc": changed_settings(), "fonts": _recent_fonts()}


def changed_settings() -> dict[str, Any]:
    """The rcParams that differ from matplotlib's defaults and matter for drawing."""
    module = sys.modules.get("matplotlib")
    if module is None:
        return {}
    # dict.items: RcParams resolves the backend and warns about deprecated names when asked in its own way
    defaults = dict(dict.items(module.rcParamsDefault))
    missing = object()
    return {
        name: value
        for name, value in dict.items(module.rcParams)
        if not _same(value, defaults.get(name, missing)) and not name.startswith(_SESSION_ONLY)
    }


def loaded(source: Source) -> dict[str, Any]:
    """Unpickle, and take over the settings of the session: fonts and ticks are looked up while drawing."""
    library = importlib.import_module("matplotlib")
    library.use("agg")
    library.rcdefaults()
    content: dict[str, Any] = pickle.loads(source.data)  # noqa: S301 -- its author could start this process
    settings = {"svg.hashsalt": "gofigr"} | content.get("rc", {})
    for name, value in settings.items():
        with suppress(Exception):  # another version may not know the setting, or not this value
            library.rcParams[name] = value
    manager = importlib.import_module("matplotlib.font_manager").fontManager
    known = {str(entry.fname) for entry in manager.ttflist}
    for path in content.get("fonts", ()):
        if path not in known:
            with suppress(Exception):  # the file is gone: matplotlib falls back to a font that is there
                manager.addfont(path)
    return content


def undated(file_format: str) -> dict[str, Any]:
    """Options for saving without a date: the same figure gives the same bytes, so that a retry sends nothing twice."""
    nothing = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(file_format)
    return {"metadata": nothing} if nothing else {}


def _same(value: Any, default: Any) -> bool:
    if value is default:
        return True
    try:
        return type(value) is type(default) and bool(value == default)
    except (ValueError, TypeError):  # arrays
        return False


def _recent_fonts() -> list[str]:
    """Files of the fonts registered last: those added with `addfont`, which the child lacks, among them."""
    manager = getattr(sys.modules.get("matplotlib.font_manager"), "fontManager", None)
    entries = list(getattr(manager, "ttflist", ()))[-_RECENT_FONTS:]
    return [str(entry.fname) for entry in entries]
