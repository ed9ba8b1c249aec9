"""pyplot's open figures, set aside while a clean room runs: its "current figure" is state from outside like any other.

Speaks to matplotlib only where somebody else has loaded it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def set_aside() -> Iterator[None]:
    """Begin with no open figure; those from outside are open again afterwards, beside those that were left open."""
    outside, inline = dict(_open()), sys.modules.get("matplotlib_inline.backend_inline")
    queued = list(inline.show._to_draw) if inline is not None else []
    _open().clear()
    try:
        yield
    finally:
        if outside:
            _put_back(outside)
        if inline is not None and queued:
            inline.show._to_draw = [*queued, *(one for one in inline.show._to_draw if one not in queued)]


def show() -> list[Any]:
    """Display the open figures where that waits for nobody; answers those that stay open."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and _open() and pyplot.isinteractive():
        pyplot.show()
    return [manager.canvas.figure for manager in _open().values()]


def _open() -> dict[int, Any]:
    """pyplot's own table of figures by number, the current one last."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return helpers.Gcf.figs if helpers is not None else {}


def _put_back(outside: dict[int, Any]) -> None:
    inside = dict(_open())
    _open().clear()
    for number, manager in inside.items():
        if number in outside:  # two figures of one number: the new one takes the next
            manager.num = max({*outside, *inside, *_open()}) + 1
            number = manager.num  # noqa: PLW2901
        _open()[number] = manager
    _open().update(outside)
