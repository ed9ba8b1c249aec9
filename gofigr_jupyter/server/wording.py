"""What counts as a word for searching: the same for what is asked, for the index and for showing where it was found.

In: texts of people. Out: words of letters and digits alone, in small letters and without accents. Pure.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

LONGEST = 200_000  # letters of one text that are read
_TOKEN = re.compile(r"[^\W_]+")
_IDENTIFIER = re.compile(r"[^\W_]{3,80}")
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NUMBER = re.compile(r"[-+]?\d[\d.,:eE+-]*")
MOST_PARTS = 2_000


def tokens(word: str) -> list[str]:
    """The words in what somebody typed as one; none in mere signs."""
    return _TOKEN.findall(folded(word))


def folded(text: str) -> str:
    """A text in small letters without accents, letter for letter: places in it are places in the text."""
    return "".join(map(_letter, text))


def parts(text: str) -> str:
    """What names in camel case consist of, which nothing else sets apart: `DataFrame` is `Data Frame`."""
    found: dict[str, None] = {}
    for name in _IDENTIFIER.findall(text):
        if name.islower() or name.isupper() or name[1:].islower() or name.isdigit():
            continue
        pieces = _PIECE.findall(name)
        if len(pieces) > 1:
            found.update(dict.fromkeys(pieces))
        if len(found) > MOST_PARTS:
            break
    return " ".join(found)


def without_numbers(text: str) -> str:
    """A text of words as it is; of one that is numbers for the most part, the words alone: nobody looks for those."""
    pieces = text.replace(",", " ").replace(";", " ").split()
    words = [one for one in pieces if not _NUMBER.fullmatch(one)]
    return text if 2 * len(words) >= len(pieces) else " ".join(words)


@lru_cache(maxsize=10_000)
def _letter(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    bare = normalize("NFD", letter)
    if len(bare) > 1 and all("\u0300" <= mark <= "\u036f" for mark in bare[1:]):
        letter = bare[0]
    small = letter.lower()
    return small if len(small) == 1 else letter
