"""Which live figures are not to be published by themselves; remembered weakly, without marking the user's objects."""

from __future__ import annotations

import weakref
from typing import Any

from gofigr_jupyter.extension.shown import live_object

_suppressed: dict[int, weakref.ref[Any]] = {}


def suppress(fig: Any) -> Any:
    """Keep a figure from being published automatically; `publish(fig)` still works. Returns the figure."""
    obj = live_object(fig)
    key = id(obj)
    _suppressed[key] = weakref.ref(obj, lambda _: _suppressed.pop(key, None))
    return fig


def is_suppressed(obj: Any) -> bool:
    """Whether `suppress` was called for this very object."""
    reference = _suppressed.get(id(obj))
    return reference is not None and reference() is obj
