"""How a file on the web is shown elsewhere: as HTML, as Markdown, under which address, and what a blind reader hears.

In: its address, name and type, and how it is to look. Out: text to copy. No name in it is markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from gofigr_jupyter.markdown import as_text

Look = Mapping[str, str | int]  # parameters of its address, in their order: w, h, fit, q, f, dpr
_SIDES = (("width", "w"), ("height", "h"))
_BETWEEN = re.compile(r"[-_\s]+")


def address(plain: str, look: Look) -> str:
    """The address of a file in this look."""
    return f"{plain}{'&' if '?' in plain else '?'}{urlencode(look)}" if look else plain


def alt_of(name: str) -> str:
    """What may stand for a picture in words, where nobody has said it: its name as people would write it."""
    stem = name.rpartition(".")[0] or name
    return _BETWEEN.sub(" ", stem).strip() or name


def html(plain: str, words: str, content_type: str, look: Look) -> str:
    """A piece of HTML that shows it: a picture, a player, or a link; `words` say what it is."""
    shown, said = escape(address(plain, look)), escape(words)
    kind = content_type.partition("/")[0]
    if kind == "image":
        return f'<img src="{shown}" alt="{said}"{_room(look)}>'
    if kind in {"video", "audio"}:
        return f'<{kind} src="{shown}" controls preload="metadata" title="{said}" style="max-width:100%"></{kind}>'
    return f'<a href="{shown}" target="_blank" rel="noopener noreferrer">{said}</a>'


def markdown(plain: str, words: str, content_type: str, look: Look) -> str:
    """The same for documents in Markdown: a picture, or a link."""
    mark = "!" if content_type.startswith("image/") else ""
    return f"{mark}[{as_text(words)}]({address(plain, look).replace('(', '%28').replace(')', '%29')})"


def _room(look: Look) -> str:
    """The room that a picture takes. Within two sides it keeps its own proportions, so that they only limit it."""
    sides = {side: escape(str(look[key])) for side, key in _SIDES if key in look}
    if len(sides) == 2 and look.get("fit") != "cover":
        return f' style="max-width:min(100%,{sides["width"]}px);max-height:{sides["height"]}px"'
    attributes = "".join(f' {side}="{value}"' for side, value in sides.items())
    return f'{attributes} style="max-width:100%{";height:auto" if "width" in sides else ""}"'
