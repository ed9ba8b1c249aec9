"""A model's words held against the facts: where they point to one, and which of their numbers stand in none."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence

from gofigr_jupyter.server.insight.facts import Fact, numbers_in
from gofigr_jupyter.server.insight.wording import listed, number

TOLERANCE = 0.006  # a model may round to three digits, or give a share in percent
SMALL = 12  # whole numbers up to here are words: "two groups", "the 3 days"
MOST_TOLD = 10
CITED = re.compile(r"\s*\[F(\d{1,4})(?:\s*,\s*F\d{1,4})*\]")
_ONE = re.compile(r"F(\d{1,4})")
LONGEST = 80  # characters of a citation


class Citations:
    """Takes the marks of citations out of a text that comes in pieces, and tells which facts they name."""

    def __init__(self) -> None:
        self._held = ""

    def take(self, piece: str) -> tuple[str, list[int]]:
        """What can be shown of the text so far, and the numbers of facts that were named in it."""
        text = self._held + piece
        at = text.rfind("[")
        is_open = at >= 0 and "]" not in text[at:] and len(text) - at < LONGEST
        end = len(text[: at if is_open else len(text)].rstrip())  # with the spaces, which go with what follows
        self._held = text[end:]
        return self._read(text[:end])

    def end(self) -> tuple[str, list[int]]:
        """What is left."""
        held, self._held = self._held, ""
        return self._read(held)

    def _read(self, text: str) -> tuple[str, list[int]]:
        numbers = [int(one) for found in CITED.finditer(text) for one in _ONE.findall(found[0])]
        return CITED.sub("", text), numbers


def unfounded(text: str, facts: Sequence[Fact]) -> list[float]:
    """The numbers of a text that no fact states, in their order, each once."""
    known = [value for fact in facts for value in fact.numbers]
    found = (value for value in numbers_in(text) if not _is_small(value) and not _is_among(value, known))
    return list(dict.fromkeys(found))


def stating(text: str, facts: Sequence[Fact]) -> list[Fact]:
    """The facts that state one of a text's numbers."""
    values = [value for value in numbers_in(text) if not _is_small(value)]
    return [fact for fact in facts if any(_is_among(value, fact.numbers) for value in values)]


def warning(numbers: Iterable[float]) -> str:
    """A line for the end of an answer; empty where nothing is to be said."""
    told = listed((number(one) for one in numbers), MOST_TOLD)
    return f"\n\n**Not in the record:** {told}. Do not rely on these numbers." if told else ""


def _is_small(value: float) -> bool:
    return float(value).is_integer() and abs(value) <= SMALL


def _is_among(value: float, known: Sequence[float]) -> bool:
    return any(math.isclose(one, value, rel_tol=TOLERANCE, abs_tol=1e-12) for other in known for one in _forms(other))


def _forms(value: float) -> Iterator[float]:
    """A number as it may be said: without its sign, or as a share in percent."""
    yield from (value, -value, value * 100, -value * 100)
