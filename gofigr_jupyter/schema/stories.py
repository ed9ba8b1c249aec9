"""Family stories: slides about figures."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gofigr_jupyter.schema.authorship import Authored
from gofigr_jupyter.schema.base import Draft, Flag, Id, Name, Prose, Wire

ExportFormat = Literal["html", "pptx", "md"]
MAX_SLIDES = 200


class Slide(Draft, source="ours"):
    """One slide, on its way in and out: a title, Markdown, perhaps a figure, notes for the speaker. Ours."""

    title: Name = ""
    body: Prose = ""
    figure_revision: Id | None = None
    notes: Prose | None = None


class Story(Authored, source="ours"):
    """Slides about figures (`slides` only in the full form). Ours."""

    api_id: str
    workspace: str
    title: str
    audience: str | None = None
    description: str | None = None
    slides: list[Slide] | None = None


class StoryDraft(Draft, source="ours"):
    """Body of `POST story/`; in PUT and PATCH what is absent stays, and `slides` is the complete list. Ours."""

    workspace: Id | None = None
    title: Name | None = None
    audience: Name | None = None
    description: Prose | None = None
    slides: list[Slide] | None = Field(default=None, max_length=MAX_SLIDES)


class StoryOrder(Draft, source="ours"):
    """Body of `POST story/generate/`: which figures, for whom; `agreed` as in the family insight. Ours."""

    workspace: Id
    figures: list[Id] = Field(min_length=1, max_length=MAX_SLIDES)
    audience: Name | None = None
    instructions: Prose | None = None
    agreed: Flag | None = None


class StoryStarted(Wire, source="ours"):
    """Answer 202 of `POST story/generate/`: the task at work, and the story that it fills. Ours."""

    task: str
    story: str


class SlideOrder(Draft, source="ours"):
    """Body of `POST story/{id}/generate_slide/`. Ours."""

    figure_revision: Id
    agreed: Flag | None = None
