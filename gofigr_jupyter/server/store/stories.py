"""Stories: their rows, and their shapes with and without slides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from gofigr_jupyter.schema.stories import Slide
from gofigr_jupyter.schema.stories import Story as StoryShape
from gofigr_jupyter.server.store import order
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import Story
from gofigr_jupyter.server.store.tree import new_id


def of(db: Transaction, workspaces: Sequence[str], after: order.Key | None, limit: int) -> list[Story]:
    """The stories of some workspaces, oldest first."""
    query = select(Story).where(Story.workspace_id.in_(workspaces), order.later(Story.created_on, Story.id, after))
    return list(db.scalars(query.order_by(Story.created_on, Story.id).limit(limit)))


def create(db: Transaction, workspace_id: str, values: Mapping[str, Any], slides: Sequence[Slide], by: str) -> Story:
    """A new story; `values` has its title and what else was given."""
    row = Story(id=new_id(), workspace_id=workspace_id, created_by=by, created_on=now(), **values)
    _fill(row, slides)
    db.add(row)
    db.flush()
    return row


def change(
    db: Transaction, row: Story, values: Mapping[str, Any], slides: Sequence[Slide] | None, username: str
) -> None:
    """Set what is given; `slides` are all of them."""
    for name, value in values.items():
        setattr(row, name, value)
    if slides is not None:
        _fill(row, slides)
    row.updated_by, row.updated_on = username, now()
    db.flush()


def slides_of(row: Story) -> list[Slide]:
    """Its slides."""
    return [Slide.model_validate(one) for one in row.slides]


def revisions_in(slides: Sequence[Slide]) -> set[str]:
    """The ids of the revisions that slides show."""
    return {one.figure_revision for one in slides if one.figure_revision}


def small(row: Story) -> StoryShape:
    """A story without its slides, as it stands in lists."""
    return StoryShape(
        api_id=row.id,
        workspace=row.workspace_id,
        title=row.title,
        audience=row.audience,
        description=row.description,
        created_by=row.created_by,
        created_on=row.created_on,
        updated_by=row.updated_by,
        updated_on=row.updated_on,
    )


def full(row: Story) -> StoryShape:
    """A story with its slides."""
    shape = small(row)
    shape.slides = slides_of(row)
    return shape


def _fill(row: Story, slides: Sequence[Slide]) -> None:
    row.slides = [one.model_dump(include=set(Slide.model_fields)) for one in slides]
    row.words = "\n".join(text for one in slides for text in (one.title, one.body, one.notes) if text)
