"""Where on the page something is shown: beneath the cell, or in output widgets (`ipywidgets.Output`) that catch it.

Out: the ids of the widgets that catch what is shown now; none for the cell's own place. Imports no widget library:
where none is loaded, there are no widgets.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

Area = frozenset[str]
CELL: Area = frozenset()

SENDER = "ipywidgets.widgets.widget_output"  # the module whose widgets also take outputs without any message


def area_now() -> Area:
    """The place in which something shown at this moment appears."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    widgets: Mapping[str, Any] | None = getattr(module, "_instances", None)
    if not widgets:
        return CELL
    found = list(widgets.items())
    return frozenset(key for key, widget in found if type(widget).__name__ == "Output" and widget.msg_id)
