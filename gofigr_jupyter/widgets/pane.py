"""What is opened under a card: its code for the page, which gets it when somebody first wants to see it.

In: the names of files beside this one. Out: one ES module, style sheet included, that exports `weave(line, kit, card)`;
card.js says what a pane can do.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def module(kind: str, *scripts: str) -> str:
    """The module of a kind of pane: `KIND.js` and what it needs; its style is there as `KIND_STYLE`."""
    script = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in (f"{kind}.js", *scripts))
    style = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("pane.css", f"{kind}.css"))
    return f"{script}\nconst {kind.upper()}_STYLE = {json.dumps(style)};\n"
