"""Where programs written for the official client look for `reproducible` and what belongs to it.

The module is itself the decorator, too: once it is imported, `gofigr_jupyter.reproducible` means this module.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from gofigr_jupyter.cleanroom.packages import (
    DEFAULT_PACKAGES,
    get_default_packages,
    reset_default_packages,
    set_default_packages,
)
from gofigr_jupyter.cleanroom.params import (
    CheckboxParam,
    DateParam,
    DropdownParam,
    Param,
    SliderParam,
    StaticParam,
    TextParam,
    infer_param,
)
from gofigr_jupyter.extension.rebuilt import Rebuilt, clean_room
from gofigr_jupyter.extension.reproducible import reproducible

__all__ = [
    "DEFAULT_PACKAGES",
    "CheckboxParam",
    "DateParam",
    "DropdownParam",
    "Param",
    "Rebuilt",
    "SliderParam",
    "StaticParam",
    "TextParam",
    "clean_room",
    "get_default_packages",
    "infer_param",
    "reproducible",
    "reset_default_packages",
    "set_default_packages",
]


class _Decorator(ModuleType):
    """A module that decorates when it is called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return reproducible(*args, **kwargs)


sys.modules[__name__].__class__ = _Decorator
