"""Family figures, first part: analyses and figures. Revisions and their data are in `data`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gofigr_jupyter.schema.figures import Analysis, AnalysisDraft, Figure, FigureDraft, Thumbnail
from gofigr_jupyter.schema.workspaces import LogEntry
from gofigr_jupyter.server import policy, thumbnails
from gofigr_jupyter.server.auth import SignedIn, StoreOf
from gofigr_jupyter.server.identity import fresh_id
from gofigr_jupyter.server.policy import Act
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.store import activity, find, shapes, tables, tree
from gofigr_jupyter.server.thumbnails import Size
from gofigr_jupyter.server.web import accepts, answer, body_of, given, nothing

router = APIRouter(tags=["figures"])
AnalysisBody = Annotated[AnalysisDraft, Depends(body_of(AnalysisDraft))]
FigureBody = Annotated[FigureDraft, Depends(body_of(FigureDraft))]


# ---------------------------------------------------------------- analyses


@router.get("/analysis", response_model=list[Analysis])
def list_analyses(actor: SignedIn, store: StoreOf) -> Response:
    """All analyses the caller may see, without their figures."""
    with store.reading() as db:
        return answer(shapes.analyses(db, shapes.in_workspaces(policy.visible_workspaces(db, actor))))


@router.post("/analysis", response_model=Analysis, status_code=201, openapi_extra=accepts(AnalysisDraft))
def create_analysis(actor: SignedIn, store: StoreOf, body: AnalysisBody) -> Response:
    """A new analysis in a workspace; 409 when `client_id` is taken."""
    if not body.name:
        raise invalid("name", "This field is required.")
    if not body.workspace:
        raise invalid("workspace", "This field is required.")
    with store.writing() as db:
        parent = find.workspace(db, body.workspace)
        policy.require(db, actor, Act.WRITE, parent)
        values = {"id": fresh_id(db, tables.Analysis, body.client_id)} | given(body, "name", "description")
        row = tree.create_analysis(db, parent, values, actor.username)
        return answer(shapes.analysis(db, row), 201)


@router.get("/analysis/{api_id}", response_model=Analysis)
def read_analysis(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """An analysis with its figures."""
    with store.reading() as db:
        row = find.analysis(db, api_id)
        policy.require(db, actor, Act.READ, row)
        return answer(shapes.analysis(db, row))


@router.put("/analysis/{api_id}", response_model=Analysis, openapi_extra=accepts(AnalysisDraft))
@router.patch("/analysis/{api_id}", response_model=Analysis, openapi_extra=accepts(AnalysisDraft))
def change_analysis(
    api_id: str, actor: SignedIn, store: StoreOf, body: AnalysisBody, *, silent: bool = False
) -> Response:
    """Change what the body names; another `workspace` moves it there."""
    with store.writing() as db:
        row = find.analysis(db, api_id)
        policy.require(db, actor, Act.WRITE, row)
        if body.workspace and body.workspace != row.workspace_id:
            target = find.workspace(db, body.workspace)
            policy.require(db, actor, Act.WRITE, target)
            tree.move(db, row, target, actor.username)
        tree.update(db, row, given(body, "name", "description"), actor.username, silent=silent)
        return answer(shapes.analysis(db, row))


@router.delete("/analysis/{api_id}", status_code=204)
def delete_analysis(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """Delete an analysis and all that is in it."""
    with store.writing() as db:
        row = find.analysis(db, api_id)
        policy.require(db, actor, Act.WRITE, row)
        tree.remove(db, row, actor.username)
    return nothing()


@router.get("/analysis/{api_id}/log", response_model=list[LogEntry])
def read_log(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """Who created, changed and deleted what in it, newest first."""
    with store.reading() as db:
        row = find.analysis(db, api_id)
        policy.require(db, actor, Act.READ, row)
        return answer([shapes.log_entry(line) for line in activity.of_analysis(db, row.id)])


@router.get("/analysis/{api_id}/log/{log_id}", response_model=LogEntry)
def read_log_entry(api_id: str, log_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """One line of the log."""
    with store.reading() as db:
        row = find.analysis(db, api_id)
        policy.require(db, actor, Act.READ, row)
        line = find.log_line(db, log_id)
        if line.analysis_id != row.id:
            raise not_found()
        return answer(shapes.log_entry(line))


@router.get("/analysis/{api_id}/thumbnail/{size}", response_model=Thumbnail)
def analysis_thumbnail(api_id: str, size: Size, actor: SignedIn, store: StoreOf) -> Response:
    """A small picture of its newest revision that has one."""
    return answer(Thumbnail(thumbnail=thumbnails.of(store, actor, find.analysis, api_id, size)))


# ---------------------------------------------------------------- figures


@router.get("/figure", response_model=list[Figure])
def list_figures(actor: SignedIn, store: StoreOf) -> Response:
    """All figures the caller may see, without their revisions."""
    with store.reading() as db:
        return answer(shapes.figures(db, shapes.in_workspaces(policy.visible_workspaces(db, actor))))


@router.post("/figure", response_model=Figure, status_code=201, openapi_extra=accepts(FigureDraft))
def create_figure(actor: SignedIn, store: StoreOf, body: FigureBody) -> Response:
    """A new figure in an analysis; 409 when `client_id` is taken."""
    if not body.name:
        raise invalid("name", "This field is required.")
    if not body.analysis:
        raise invalid("analysis", "This field is required.")
    with store.writing() as db:
        parent = find.analysis(db, body.analysis)
        policy.require(db, actor, Act.WRITE, parent)
        values = {"id": fresh_id(db, tables.Figure, body.client_id)} | given(body, "name", "description")
        row = tree.create_figure(db, parent, values, actor.username)
        return answer(shapes.figure(db, row), 201)


@router.get("/figure/{api_id}", response_model=Figure)
def read_figure(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """A figure with its revisions, which come without data."""
    with store.reading() as db:
        row = find.figure(db, api_id)
        policy.require(db, actor, Act.READ, row)
        return answer(shapes.figure(db, row))


@router.put("/figure/{api_id}", response_model=Figure, openapi_extra=accepts(FigureDraft))
@router.patch("/figure/{api_id}", response_model=Figure, openapi_extra=accepts(FigureDraft))
def change_figure(api_id: str, actor: SignedIn, store: StoreOf, body: FigureBody, *, silent: bool = False) -> Response:
    """Change what the body names; another `analysis` moves it there."""
    with store.writing() as db:
        row = find.figure(db, api_id)
        policy.require(db, actor, Act.WRITE, row)
        if body.analysis and body.analysis != row.analysis_id:
            target = find.analysis(db, body.analysis)
            policy.require(db, actor, Act.WRITE, target)
            tree.move(db, row, target, actor.username)
        tree.update(db, row, given(body, "name", "description"), actor.username, silent=silent)
        return answer(shapes.figure(db, row))


@router.delete("/figure/{api_id}", status_code=204)
def delete_figure(api_id: str, actor: SignedIn, store: StoreOf) -> Response:
    """Delete a figure and its revisions."""
    with store.writing() as db:
        row = find.figure(db, api_id)
        policy.require(db, actor, Act.WRITE, row)
        tree.remove(db, row, actor.username)
    return nothing()


@router.get("/figure/{api_id}/thumbnail/{size}", response_model=Thumbnail)
def figure_thumbnail(api_id: str, size: Size, actor: SignedIn, store: StoreOf) -> Response:
    """A small picture of its newest revision that has one."""
    return answer(Thumbnail(thumbnail=thumbnails.of(store, actor, find.figure, api_id, size)))
