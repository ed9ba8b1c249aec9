"""Takes out of an output what differs in any two runs: ids drawn at random and addresses in memory; nothing else.

Each is replaced by its turn of appearance, so that two texts are equal only when the same ids stand in the same places.
"""

from __future__ import annotations

import re

_DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # UUIDs: bokeh, Panel, plotly
    r"|\b[0-9a-f]{32}\b"  # the same without dashes: Altair, widgets
    r"|\b0x[0-9a-f]{6,}\b"  # addresses in reprs
    r"|(?<=ipykernel_)\d+"  # the process, in the names of cells that warn
    r"|(?<=T_)[0-9a-f]{5}\b"  # tables of a pandas Styler
    r"|(?<=_)\d{15,19}\b"  # the time by which py3Dmol tells its views apart
)


def steady(text: str, *, folder: str = "") -> str:
    """The text with drawn ids numbered; `folder` is the run's own, which has another name each time."""
    known: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"<drawn {known.setdefault(found.group(), len(known) + 1)}>"

    if folder:
        text = text.replace(folder, "<folder>")
    return _DRAWN.sub(numbered, text)
