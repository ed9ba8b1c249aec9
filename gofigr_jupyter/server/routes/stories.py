"""Family stories: slides about figures, for the members of a workspace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from gofigr_jupyter.schema.base import Id, Page
from gofigr_jupyter.schema.stories import (
    ExportFormat,
    Slide,
    SlideOrder,
    StoryDraft,
    StoryOrder,
    StoryStarted,
)
from gofigr_jupyter.schema.stories import Story as StoryShape
from gofigr_jupyter.server import export, marking, policy, telling
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.collected import collected
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.insight import slides
from gofigr_jupyter.server.insight.desk import DeskOf
from gofigr_jupyter.server.paging import PartOf
from gofigr_jupyter.server.policy import READ_SIGNED_IN, SIGNED_IN, WRITE, Act, Gate
from gofigr_jupyter.server.refusal import forbidden, not_found
from gofigr_jupyter.server.routes.nodes import needed
from gofigr_jupyter.server.store import find, stories, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Figure, Revision, Story
from gofigr_jupyter.server.tasks import TasksOf
from gofigr_jupyter.server.web import answer, body_of, given, nothing

family = Family("stories")
Draft = Annotated[StoryDraft, Depends(body_of(StoryDraft))]
Order = Annotated[StoryOrder, Depends(body_of(StoryOrder))]
OneSlide = Annotated[SlideOrder, Depends(body_of(SlideOrder))]
TEXTS = ("title", "audience", "description")
NEEDS_ENGINE: dict[int | str, dict[str, Any]] = {503: {"description": "no engine is configured"}}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {kind.partition(";")[0]: {} for kind in export.TYPES.values()}}
}


@family.get("/story", SIGNED_IN, answers=Page[StoryShape])
def list_stories(gate: GateOf, store: StoreOf, part: PartOf, workspace: Id | None = None) -> Response:
    """The stories of a workspace, or of all that the caller may see, without their slides; oldest first."""
    with store.reading() as db:
        if workspace is None:
            places = policy.visible_workspaces(db, gate.actor)
        else:
            places = [gate.admit(db, find.workspace(db, workspace), Act.READ).id]
        found = stories.of(db, places, part.moment(), part.limit + 1)
        rows, onward = part.cut(found, lambda row: (row.created_on, row.id))
        return answer(Page[StoryShape](results=[stories.small(row) for row in rows], next=onward))


@family.post("/story", WRITE, answers=StoryShape, status=201, takes=StoryDraft)
def create_story(gate: GateOf, store: StoreOf, body: Draft) -> Response:
    """A new story in a workspace; its maker must be able to read each figure in it."""
    needed((body.title or "").strip(), "title")
    slides = body.slides or []
    with store.writing() as db:
        place = gate.admit(db, find.workspace(db, needed(body.workspace, "workspace")))
        _check_figures(db, gate, slides)
        row = stories.create(db, place.id, given(body, *TEXTS), slides, gate.actor.username)
        return answer(stories.full(row), 201)


@family.post("/story/generate", WRITE, answers=StoryStarted, status=202, takes=StoryOrder)
def generate_story(gate: GateOf, store: StoreOf, tasks: TasksOf, body: Order) -> Response:
    """Have a story written about some figures: an empty one at once, filled in by a task."""
    with store.writing() as db:
        place = gate.admit(db, find.workspace(db, body.workspace))
        _readable(db, gate, Figure, body.figures)
        row, task_id = telling.order(db, place, body, gate.actor.username, gate.actor.user_id)
        started = StoryStarted(task=task_id, story=row.id)
    tasks.begin(task_id)
    return answer(started, 202)


@family.get("/story/{api_id}", READ_SIGNED_IN, answers=StoryShape)
def read_story(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A story with its slides."""
    with store.reading() as db:
        return answer(stories.full(_found(db, gate, api_id)))


@family.put("/story/{api_id}", WRITE, answers=StoryShape, takes=StoryDraft)
@family.patch("/story/{api_id}", WRITE, answers=StoryShape, takes=StoryDraft)
def change_story(api_id: str, gate: GateOf, store: StoreOf, body: Draft) -> Response:
    """Change what the body names; `slides` are all of them, and another `workspace` moves the story there."""
    if body.title is not None:
        needed(body.title.strip(), "title")
    with store.writing() as db:
        row = _found(db, gate, api_id)
        values = given(body, *TEXTS)
        if body.workspace is not None:
            values["workspace_id"] = gate.admit(db, find.workspace(db, body.workspace)).id
        _check_figures(db, gate, body.slides or [], known=stories.revisions_in(stories.slides_of(row)))
        stories.change(db, row, values, body.slides, gate.actor.username)
        return answer(stories.full(row))


@family.delete("/story/{api_id}", WRITE)
def delete_story(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete a story; the figures in it stay."""
    with store.writing() as db:
        db.delete(_found(db, gate, api_id))
    return nothing()


@family.post("/story/{api_id}/generate_slide", WRITE, answers=Slide, takes=SlideOrder, responses=NEEDS_ENGINE)
def generate_slide(api_id: str, gate: GateOf, store: StoreOf, questions: DeskOf, body: OneSlide) -> Response:
    """Have a slide written about a revision; it is not put into the story."""
    with store.reading() as db:
        row = _found(db, gate, api_id)
        figure = gate.admit(db, find.revision(db, body.figure_revision), Act.READ)
        context = slides.context_of(row.audience, None)
    return answer(telling.slide(questions, gate.actor, figure.id, context, agreed=bool(body.agreed)))


@family.get("/story/{api_id}/export", READ_SIGNED_IN, response_class=StreamingResponse, responses=FILES)
def export_story(
    request: Request,
    api_id: str,
    gate: GateOf,
    store: StoreOf,
    *,
    kind: Annotated[ExportFormat, Query(alias="format")] = "html",
) -> Response:
    """A story as a file: HTML or PowerPoint with its pictures in it, or Markdown with links to them."""
    with store.reading() as db:
        row = _found(db, gate, api_id)
        shown = collected(db, gate.visitor, row, marking.base_of(request))
    return export.file(store, shown, kind)


def _found(db: Transaction, gate: Gate, api_id: str) -> Story:
    row = find.by_id(db, Story, api_id)
    gate.admit(db, find.workspace(db, row.workspace_id))
    return row


def _check_figures(db: Transaction, gate: Gate, slides: list[Slide], known: Iterable[str] = ()) -> None:
    """Who puts a figure into a story must be able to read it; `known` are those that others have put there."""
    _readable(db, gate, Revision, stories.revisions_in(slides) - set(known))


def _readable(db: Transaction, gate: Gate, kind: type[Figure] | type[Revision], ids: Iterable[str]) -> None:
    wanted = {one.lower() for one in ids}
    rows = targets.by_ids(db, kind, wanted) if wanted else []
    if len(rows) < len(wanted):
        raise not_found()
    if len(policy.readable(db, gate.visitor, rows)) < len(rows):
        raise forbidden()
