"""The engine `facts`: no model, no network. It tells what was computed from the record, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from gofigr_jupyter.schema.insight import Engine as EngineShape
from gofigr_jupyter.server.insight.asking import Choice, chosen
from gofigr_jupyter.server.insight.engine import Asked, Delta, Piece
from gofigr_jupyter.server.insight.facts import Fact, Topic
from gofigr_jupyter.server.insight.wording import listed

NAME = "facts"
MOST_OF_TOPIC = 12
BEYOND = (
    "That cannot be told from the figure's record: it holds what was drawn, and from which code, files and packages; "
    "not what it means, whether it is significant, what caused it or what comes next."
)
SILENT = "The record of this figure says nothing about"
NOTHING = "The record of this figure has no fact that answers this."


class Teller:
    """Tells the facts that a question asks for, each with its evidence."""

    @property
    def shape(self) -> EngineShape:
        """It runs here, and sends nothing away."""
        return EngineShape(name=NAME, model=None, is_local=True)

    @property
    def host(self) -> str:
        """Nowhere."""
        return ""

    def answer(self, asked: Asked) -> Generator[Piece, None, None]:
        """Fact by fact, so that the first words are there at once."""
        choice = chosen(asked.query, asked.facts, asked.earlier, is_comparison=asked.is_comparison)
        if choice.is_beyond:
            yield Delta(BEYOND + "\n\n" + ("What it does say:\n\n" if choice.facts else ""))
        if not choice.facts:
            yield Delta(_offer(asked.facts, choice))
            return
        told = list(_within(choice.facts))
        for at, fact in enumerate(told):
            yield Delta(_paragraph(fact, is_alone=len(told) == 1, before=told[at - 1] if at else None))
            yield fact.evidence
        rest = len(choice.facts) - len(told)
        if rest:
            yield Delta(f"\n\nThere are {rest:,} more such facts; name a series, an axis or a table to see its own.")


def _within(facts: Sequence[Fact]) -> Iterator[Fact]:
    counts: dict[Topic, int] = {}
    for fact in facts:
        counts[fact.topic] = counts.get(fact.topic, 0) + 1
        if counts[fact.topic] <= MOST_OF_TOPIC:
            yield fact


def _paragraph(fact: Fact, *, is_alone: bool, before: Fact | None) -> str:
    """A sentence alone, or a point of a list; code stands by itself."""
    is_block = "\n" in fact.text
    if is_alone or is_block:
        return f"{'' if before is None else chr(10) * 2}{fact.text}"
    gap = "" if before is None else "\n\n" if "\n" in before.text else "\n"
    return f"{gap}- {fact.text}"


def _offer(facts: Sequence[Fact], choice: Choice) -> str:
    known = list(dict.fromkeys(fact.topic for fact in facts))
    if choice.topics:
        about = listed(str(topic) for topic in choice.topics)
        begin = f"{SILENT} {about}."
    else:
        begin = "" if choice.is_beyond else NOTHING
    if not known:
        return begin or NOTHING
    return f"{begin} It can tell of {listed((str(topic) for topic in known), 20)}.".strip()
