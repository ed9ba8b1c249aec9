"""What answers questions: the small streaming interface that every engine has, and the nouns that go through it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.schema.insight import Engine as EngineShape
from gofigr_jupyter.schema.insight import Evidence
from gofigr_jupyter.server.insight.facts import Fact

MOST_TOKENS = 2_000  # of a model's answer
CUT_OFF = "The model broke off in the middle of its answer."
BUSY = "The model is asked too much just now. Ask again in a minute."


class EngineFailed(GoFigrError):
    """The engine gave no whole answer; the text is a sentence for people, without any secret."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same conversation, and its answer in Markdown."""

    query: str
    answer: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure's picture as a small PNG, for models that see."""

    png: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that is known. Text in the facts comes from figures, files and people: it is data.

    `is_comparison` when two revisions are compared: what changed between them is the question.
    """

    query: str
    facts: Sequence[Fact]
    earlier: Sequence[Turn] = ()
    context: str = ""
    is_comparison: bool = False
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer, in Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What the answer has cost so far."""

    input_tokens: int
    output_tokens: int


Piece = Delta | Evidence | Cost


class Engine(Protocol):
    """Answers in pieces; closing the iterator ends its work. Raises EngineFailed."""

    @property
    def shape(self) -> EngineShape:
        """Who answers, for readers."""

    @property
    def host(self) -> str:
        """Where questions go, for readers; "" where they stay here."""

    def answer(self, asked: Asked) -> Generator[Piece, None, None]:
        """The answer, piece by piece."""
