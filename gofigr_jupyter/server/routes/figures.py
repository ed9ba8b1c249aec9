"""Family figures, first part: analyses and figures. Revisions and their data are in `data`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.figures import Analysis, AnalysisDraft, Figure, FigureDraft, Thumbnail
from gofigr_jupyter.schema.workspaces import LogEntry
from gofigr_jupyter.server import policy, thumbnails
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.identity import fresh_id
from gofigr_jupyter.server.policy import LOOK_INSIDE, READ, SIGNED_IN, WRITE
from gofigr_jupyter.server.refusal import invalid, not_found
from gofigr_jupyter.server.store import activity, find, shapes, tables, tree
from gofigr_jupyter.server.thumbnails import Size
from gofigr_jupyter.server.web import answer, body_of, given, nothing

family = Family("figures")
AnalysisBody = Annotated[AnalysisDraft, Depends(body_of(AnalysisDraft))]
FigureBody = Annotated[FigureDraft, Depends(body_of(FigureDraft))]


# ---------------------------------------------------------------- analyses


@family.get("/analysis", SIGNED_IN, answers=list[Analysis])
def list_analyses(gate: GateOf, store: StoreOf) -> Response:
    """All analyses the caller may see, without their figures."""
    with store.reading() as db:
        return answer(shapes.analyses(db, shapes.in_workspaces(policy.visible_workspaces(db, gate.actor))))


@family.post("/analysis", WRITE, answers=Analysis, status=201, takes=AnalysisDraft)
def create_analysis(gate: GateOf, store: StoreOf, body: AnalysisBody) -> Response:
    """A new analysis in a workspace; 409 when `client_id` is taken."""
    if not body.name:
        raise invalid("name", "This field is required.")
    if not body.workspace:
        raise invalid("workspace", "This field is required.")
    with store.writing() as db:
        parent = find.workspace(db, body.workspace)
        gate.admit(db, parent)
        values = {"id": fresh_id(db, tables.Analysis, body.client_id)} | given(body, "name", "description")
        row = tree.create_analysis(db, parent, values, gate.actor.username)
        return answer(shapes.analysis(db, row), 201)


@family.get("/analysis/{api_id}", READ, answers=Analysis)
def read_analysis(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """An analysis with its figures."""
    with store.reading() as db:
        row = find.analysis(db, api_id)
        gate.admit(db, row)
        return answer(shapes.analysis(db, row))


@family.put("/analysis/{api_id}", WRITE, answers=Analysis, takes=AnalysisDraft)
@family.patch("/analysis/{api_id}", WRITE, answers=Analysis, takes=AnalysisDraft)
def change_analysis(api_id: str, gate: GateOf, store: StoreOf, body: AnalysisBody, *, silent: bool = False) -> Response:
    """Change what the body names; another `workspace` moves it there."""
    with store.writing() as db:
        row = find.analysis(db, api_id)
        gate.admit(db, row)
        if body.workspace and body.workspace != row.workspace_id:
            target = find.workspace(db, body.workspace)
            gate.admit(db, target)
            tree.move(db, row, target, gate.actor.username)
        tree.update(db, row, given(body, "name", "description"), gate.actor.username, silent=silent)
        return answer(shapes.analysis(db, row))


@family.delete("/analysis/{api_id}", WRITE)
def delete_analysis(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete an analysis and all that is in it."""
    with store.writing() as db:
        row = find.analysis(db, api_id)
        gate.admit(db, row)
        tree.remove(db, row, gate.actor.username)
    return nothing()


@family.get("/analysis/{api_id}/log", LOOK_INSIDE, answers=list[LogEntry])
def read_log(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Who created, changed and deleted what in it, newest first."""
    with store.reading() as db:
        row = find.analysis(db, api_id)
        gate.admit(db, row)
        return answer([shapes.log_entry(line) for line in activity.of_analysis(db, row.id)])


@family.get("/analysis/{api_id}/log/{log_id}", LOOK_INSIDE, answers=LogEntry)
def read_log_entry(api_id: str, log_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One line of the log."""
    with store.reading() as db:
        row = find.analysis(db, api_id)
        gate.admit(db, row)
        line = find.log_line(db, log_id)
        if line.analysis_id != row.id:
            raise not_found()
        return answer(shapes.log_entry(line))


@family.get("/analysis/{api_id}/thumbnail/{size}", READ, answers=Thumbnail)
def analysis_thumbnail(api_id: str, size: Size, gate: GateOf, store: StoreOf) -> Response:
    """A small picture of its newest revision that has one."""
    return answer(Thumbnail(thumbnail=thumbnails.of(store, gate, find.analysis, api_id, size)))


# ---------------------------------------------------------------- figures


@family.get("/figure", SIGNED_IN, answers=list[Figure])
def list_figures(gate: GateOf, store: StoreOf) -> Response:
    """All figures the caller may see, without their revisions."""
    with store.reading() as db:
        return answer(shapes.figures(db, shapes.in_workspaces(policy.visible_workspaces(db, gate.actor))))


@family.post("/figure", WRITE, answers=Figure, status=201, takes=FigureDraft)
def create_figure(gate: GateOf, store: StoreOf, body: FigureBody) -> Response:
    """A new figure in an analysis; 409 when `client_id` is taken."""
    if not body.name:
        raise invalid("name", "This field is required.")
    if not body.analysis:
        raise invalid("analysis", "This field is required.")
    with store.writing() as db:
        parent = find.analysis(db, body.analysis)
        gate.admit(db, parent)
        values = {"id": fresh_id(db, tables.Figure, body.client_id)} | given(body, "name", "description")
        row = tree.create_figure(db, parent, values, gate.actor.username)
        return answer(shapes.figure(db, row), 201)


@family.get("/figure/{api_id}", READ, answers=Figure)
def read_figure(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """A figure with its revisions, which come without data."""
    with store.reading() as db:
        row = find.figure(db, api_id)
        gate.admit(db, row)
        return answer(shapes.figure(db, row))


@family.put("/figure/{api_id}", WRITE, answers=Figure, takes=FigureDraft)
@family.patch("/figure/{api_id}", WRITE, answers=Figure, takes=FigureDraft)
def change_figure(api_id: str, gate: GateOf, store: StoreOf, body: FigureBody, *, silent: bool = False) -> Response:
    """Change what the body names; another `analysis` moves it there."""
    with store.writing() as db:
        row = find.figure(db, api_id)
        gate.admit(db, row)
        if body.analysis and body.analysis != row.analysis_id:
            target = find.analysis(db, body.analysis)
            gate.admit(db, target)
            tree.move(db, row, target, gate.actor.username)
        tree.update(db, row, given(body, "name", "description"), gate.actor.username, silent=silent)
        return answer(shapes.figure(db, row))


@family.delete("/figure/{api_id}", WRITE)
def delete_figure(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Delete a figure and its revisions."""
    with store.writing() as db:
        row = find.figure(db, api_id)
        gate.admit(db, row)
        tree.remove(db, row, gate.actor.username)
    return nothing()


@family.get("/figure/{api_id}/thumbnail/{size}", READ, answers=Thumbnail)
def figure_thumbnail(api_id: str, size: Size, gate: GateOf, store: StoreOf) -> Response:
    """A small picture of its newest revision that has one."""
    return answer(Thumbnail(thumbnail=thumbnails.of(store, gate, find.figure, api_id, size)))
