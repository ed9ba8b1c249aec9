"""A model's words on their way to the reader, whichever wire they came by.

In: what was asked, and the pieces that a model says. Out: text without the marks of citations, evidence where they
stood, and a warning at the end where a number is in no fact.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing

from gofigr_jupyter.server.insight import checking, prompts
from gofigr_jupyter.server.insight.engine import Asked, Cost, Delta, EngineFailed, Piece

Said = Generator[str | Cost, None, None]
MOST_UNNAMED = 5


def answer(asked: Asked, pieces: Said) -> Generator[Piece, None, None]:
    """The answer as it comes; closing it closes `pieces`. Raises EngineFailed where nothing was said."""
    reader = _Reader(asked)
    with closing(pieces):
        for piece in pieces:
            if isinstance(piece, Cost):
                yield piece
            else:
                yield from reader.take(piece)
    yield from reader.end()


class _Reader:
    """Reads along, and remembers what was said and which facts were named."""

    def __init__(self, asked: Asked) -> None:
        self._facts = dict(prompts.numbered(asked))
        self._citations = checking.Citations()
        self._said: list[str] = []
        self._named: set[int] = set()

    def take(self, piece: str) -> Iterator[Piece]:
        """What can be shown of it."""
        return self._shown(*self._citations.take(piece))

    def end(self) -> Iterator[Piece]:
        """What is left, what the answer rests on if it named nothing, and the warning."""
        yield from self._shown(*self._citations.end())
        text = "".join(self._said)
        if not text.strip():
            raise EngineFailed("The model gave no answer.")
        facts = list(self._facts.values())
        if not self._named:  # small models name none: it rests on what has its numbers, or was told first
            unnamed = checking.stating(text, facts) or facts
            yield from (one.evidence for one in unnamed[:MOST_UNNAMED])
        warned = checking.warning(checking.unfounded(text, facts))
        if warned:
            yield Delta(warned)

    def _shown(self, text: str, numbers: list[int]) -> Iterator[Piece]:
        if text:
            self._said.append(text)
            yield Delta(text)
        there = [number for number in numbers if number in self._facts]
        self._named.update(there)
        yield from (self._facts[number].evidence for number in there)
