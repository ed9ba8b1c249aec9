"""Figures that carry their history: `%load_ext gofigr_jupyter`, and each figure shown is published as a revision.

Public names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gofigr_jupyter.cdn import Fig1
    from gofigr_jupyter.cleanroom.params import CheckboxParam, DropdownParam, SliderParam, StaticParam, TextParam
    from gofigr_jupyter.extension.front import Publication, configure, publish
    from gofigr_jupyter.extension.official import GoFigr, get_gofigr
    from gofigr_jupyter.extension.readers import sync
    from gofigr_jupyter.extension.rebuilt import Rebuilt, clean_room
    from gofigr_jupyter.extension.reproducible import reproducible
    from gofigr_jupyter.extension.suppression import suppress
    from gofigr_jupyter.settings import ApiId, FindByName, NotebookName, Settings

__version__ = "0.1.0"
__all__ = [
    "ApiId",
    "CheckboxParam",
    "DropdownParam",
    "Fig1",
    "FindByName",
    "GoFigr",
    "NotebookName",
    "Publication",
    "Rebuilt",
    "Settings",
    "SliderParam",
    "StaticParam",
    "TextParam",
    "clean_room",
    "configure",
    "get_gofigr",
    "publish",
    "reproducible",
    "suppress",
    "sync",
]

_WHERE = {
    "ApiId": "settings",
    "CheckboxParam": "cleanroom.params",
    "DropdownParam": "cleanroom.params",
    "Fig1": "cdn",
    "FindByName": "settings",
    "GoFigr": "extension.official",
    "NotebookName": "settings",
    "Publication": "extension.front",
    "Rebuilt": "extension.rebuilt",
    "Settings": "settings",
    "SliderParam": "cleanroom.params",
    "StaticParam": "cleanroom.params",
    "TextParam": "cleanroom.params",
    "clean_room": "extension.rebuilt",
    "configure": "extension.front",
    "get_gofigr": "extension.official",
    "publish": "extension.front",
    "reproducible": "extension.reproducible",
    "suppress": "extension.suppression",
    "sync": "extension.readers",
}
_READS = "extension.readers"  # read_csv and its friends


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(f"gofigr_jupyter.{_WHERE[name]}"), name)
    if name.startswith("read_"):
        reader = getattr(import_module(f"gofigr_jupyter.{_READS}"), name, None)
        if reader is not None:
            return reader
    raise AttributeError(f"module 'gofigr_jupyter' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext gofigr_jupyter`: from now on every figure that is shown is published."""
    from gofigr_jupyter.extension.loading import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext gofigr_jupyter`: leave the shell as it was found."""
    from gofigr_jupyter.extension.loading import unload

    unload(ipython)
