"""What a story's file is made from, for one reader: its texts, and the figures that the reader may see.

In: a story's row. Out: a Collected, which needs no transaction any more. It knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.schema.stories import Slide
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.marking import link_to
from gofigr_jupyter.server.store import pictures, stories, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.pictures import Picture
from gofigr_jupyter.server.store.tables import Revision, Story

MOST_BYTES = 64 << 20
NOT_SHOWN = "This figure is not here: it has been deleted, or is not shared with you."


@dataclass(frozen=True)
class Shown:
    """A figure as the reader may see it."""

    caption: str
    link: str
    mark: Mark
    picture: Picture | None


@dataclass(frozen=True)
class Collected:
    """A story with all that its file needs."""

    title: str
    description: str
    slides: list[Slide]
    figures: Mapping[str, Shown]

    def figure_of(self, slide: Slide) -> Shown | None:
        """The figure of a slide, if it has one that the reader may see."""
        return self.figures.get((slide.figure_revision or "").lower())


def collected(db: Transaction, reader: Actor | None, row: Story, base: str) -> Collected:
    """What the file needs, for one reader; `base` is what links to the server begin with."""
    slides = stories.slides_of(row)
    revisions = policy.readable(db, reader, targets.by_ids(db, Revision, stories.revisions_in(slides)))
    images = pictures.best(db, [one.id for one in revisions])
    figures = {one.id: _shown(one, images.get(one.id), base) for one in revisions}
    return Collected(row.title, row.description or "", slides, figures)


def line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def _shown(row: Revision, picture: Picture | None, base: str) -> Shown:
    small = picture if picture and picture.size_bytes <= MOST_BYTES else None
    caption = f"{line(row.figure.name)}, revision {row.revision_index + 1}"
    mark = Mark(link_to(row, base), row.id, row.figure.name)
    return Shown(caption, f"{base}/revision/{row.id}", mark, small)
