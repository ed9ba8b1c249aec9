"""Slides about figures, written by the engine: a title, what it says of the figure, and what that rests on as notes."""

from __future__ import annotations

from collections.abc import Callable

from gofigr_jupyter.schema.insight import Answer
from gofigr_jupyter.schema.stories import Slide
from gofigr_jupyter.server.insight.answering import Answering
from gofigr_jupyter.server.insight.wording import listed, name

ASK = "Describe what this figure shows."
LONGEST_TITLE = 200


def slide_of(answering: Answering, title: str, revision_id: str, check: Callable[[], None] = lambda: None) -> Slide:
    """A slide about a revision; `check` may raise between the pieces. Raises EngineFailed."""
    for _ in answering.pieces():
        check()
    whole = answering.whole()
    return Slide(title=title[:LONGEST_TITLE], body=whole.answer, figure_revision=revision_id, notes=_notes(whole))


def context_of(audience: str | None, instructions: str | None) -> str:
    """What an engine that writes freely is told besides; `facts` has one way to say things."""
    parts = [f"The audience: {audience}." if audience else "", instructions or ""]
    return "\n".join(part for part in parts if part)


def _notes(whole: Answer) -> str | None:
    labels = dict.fromkeys(name(one.label) for one in whole.evidence)
    return f"Rests on {listed(labels)}." if labels else None
