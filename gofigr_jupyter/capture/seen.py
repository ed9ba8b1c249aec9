"""What one display has shown of a figure: its kind, title, bytes and source, and a weak hold on the live object.

Made by the library's module at the door, before it is known which figure of the cell it is.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

from gofigr_jupyter.records import Displayed, Missing, Source


@dataclass(frozen=True)
class Seen:
    """One picture on its way to the front end; `reference` leads to the object by which the figure is known again."""

    kind: str
    title: str | None
    displayed: tuple[Displayed, ...]
    source: Source | Missing
    reference: weakref.ref[Any] | None = None
    is_live: bool = False  # a canvas that goes on changing without messages (ipympl)


def weakly(obj: Any) -> weakref.ref[Any] | None:
    """A weak reference, where the object allows one."""
    try:
        return None if obj is None else weakref.ref(obj)
    except TypeError:
        return None
