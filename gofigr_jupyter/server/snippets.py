"""The place in a text that a search found, as HTML: a line of it, the words in `<mark>`, everything else escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from gofigr_jupyter.server.wording import folded, tokens

LENGTH = 160
BEFORE = 40  # characters that are shown before the first word found
FAR = 50_000  # characters that are looked through


def snippet(text: str, words: Sequence[str]) -> str:
    """The part of a text with the first of these words; its beginning where none of them is in it."""
    text = " ".join(text[:FAR].split())
    plain, wanted = folded(text), _pattern(tuple(words))
    found = wanted.search(plain)
    start = max(0, found.start() - BEFORE) if found else 0
    end = min(len(text), start + LENGTH)
    shown = _marked(text[start:end], plain[start:end], wanted)
    return ("…" if start else "") + shown + ("…" if end < len(text) else "")


def has_any(text: str, words: Sequence[str]) -> bool:
    """Whether one of these words is in a text, so that a snippet would show it."""
    return _pattern(tuple(words)).search(folded(" ".join(text[:FAR].split()))) is not None


def _marked(text: str, plain: str, wanted: re.Pattern[str]) -> str:
    pieces, last = [], 0
    for found in wanted.finditer(plain):
        start, end = found.span()
        pieces += [escape(text[last:start]), f"<mark>{escape(text[start:end])}</mark>"]
        last = end
    return "".join(pieces) + escape(text[last:])


@lru_cache(maxsize=100)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """The words as the index knows them, whatever signs stand between their parts; mere signs mean themselves."""
    ways = [r"[\W_]{1,20}".join(map(re.escape, tokens(word))) or re.escape(folded(word)) for word in words]
    return re.compile("|".join(sorted(ways, key=len, reverse=True)))
