"""The place in a text that a search found, as HTML: a line of it, the words in `<mark>`, everything else escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

LENGTH = 160
BEFORE = 40  # characters that are shown before the first word found


def snippet(text: str, words: Sequence[str]) -> str:
    """The part of a text with the first of these words; its beginning where none of them is in it."""
    text = " ".join(text.split())
    wanted = re.compile("|".join(re.escape(one) for one in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    found = wanted.search(text)
    start = max(0, found.start() - BEFORE) if found else 0
    end = min(len(text), start + LENGTH)
    return ("…" if start else "") + _marked(text[start:end], wanted) + ("…" if end < len(text) else "")


def _marked(text: str, wanted: re.Pattern[str]) -> str:
    pieces, last = [], 0
    for found in wanted.finditer(text):
        pieces += [escape(text[last : found.start()]), f"<mark>{escape(found.group())}</mark>"]
        last = found.end()
    return "".join(pieces) + escape(text[last:])
