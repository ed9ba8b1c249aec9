"""Code with its colours: Pygments' spans of class names, all text escaped. The one maker of Markup here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# Colouring takes a millisecond for a kilobyte or two; beyond this the page would rather be fast.
MAX_COLOURED = 60_000
MAX_SHOWN = 400_000
CELL_MAGICS = {
    "%%bash": "bash",
    "%%sh": "bash",
    "%%html": "html",
    "%%javascript": "javascript",
    "%%js": "javascript",
    "%%latex": "latex",
    "%%R": "r",
    "%%ruby": "ruby",
    "%%perl": "perl",
    "%%sql": "sql",
    "%%cython": "cython",
}

_formatter = HtmlFormatter(nowrap=True, classprefix="c-")


def language_of(source: str, stated: str) -> str:
    """The language to colour: a cell magic knows better than the stated one."""
    first = source.lstrip().partition("\n")[0].split()
    return CELL_MAGICS.get(first[0], stated) if first else stated


def anchored(html: Markup, cells: Sequence[int]) -> tuple[Markup, tuple[int, ...]]:
    """A coloured history in which links can lead to those cells, and the cells that were found."""
    text, found = str(html), []
    for cell in cells:
        head = f'<span class="c-c1"># In [{cell}]</span>'
        if head in text:
            text = text.replace(head, head.replace("<span", f'<span id="in-{cell}"', 1), 1)
            found.append(cell)
    return Markup(text), tuple(found)  # noqa: S704 - numbers alone were added


@lru_cache(maxsize=32)
def coloured(source: str, language: str) -> Markup:
    """The code as HTML, for a `<pre>`; in an unknown language, or when it is long, without colours."""
    if len(source) > MAX_COLOURED:
        return escape(source)
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        return escape(source)
    return Markup(highlight(source, lexer, _formatter))  # noqa: S704 - the formatter escapes all text
