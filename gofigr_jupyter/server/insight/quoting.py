"""A model's words on their way to the reader, whichever wire they came by.

In: what was asked, and the pieces that a model says. Out: text without the marks of citations, evidence where they
stood, and a warning at the end where a number is in no fact.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing

from gofigr_jupyter.server.insight import checking, prompts
from gofigr_jupyter.server.insight.engine import Asked, Cost, Delta, EngineFailed, Piece
from gofigr_jupyter.server.insight.facts import Fact

Said = Generator[str | Cost, None, None]


def answer(asked: Asked, pieces: Said) -> Generator[Piece, None, None]:
    """The answer as it comes; closing it closes `pieces`. Raises EngineFailed where nothing was said."""
    facts = dict(prompts.numbered(asked))
    citations = checking.Citations()
    said: list[str] = []
    with closing(pieces):
        for piece in pieces:
            if isinstance(piece, Cost):
                yield piece
                continue
            yield from _shown(citations.take(piece), facts, said)
    yield from _shown(citations.end(), facts, said)
    text = "".join(said)
    if not text.strip():
        raise EngineFailed("The model gave no answer.")
    warned = checking.warning(checking.unfounded(text, list(facts.values())))
    if warned:
        yield Delta(warned)


def _shown(taken: tuple[str, list[int]], facts: Mapping[int, Fact], said: list[str]) -> Iterator[Piece]:
    text, numbers = taken
    if text:
        said.append(text)
        yield Delta(text)
    yield from (facts[number].evidence for number in numbers if number in facts)
