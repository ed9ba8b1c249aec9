"""Family figures, first part: analyses and figures. Revisions are in `revisions`, their data in `data`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.figures import Analysis, AnalysisDraft, Figure, FigureDraft
from gofigr_jupyter.schema.workspaces import LogEntry
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.identity import fresh_id
from gofigr_jupyter.server.policy import LOOK_INSIDE, WRITE
from gofigr_jupyter.server.refusal import not_found
from gofigr_jupyter.server.routes import nodes
from gofigr_jupyter.server.routes.nodes import ATTRIBUTION, Kind, naming, needed
from gofigr_jupyter.server.store import activity, find, portraits, shapes, tables, tree
from gofigr_jupyter.server.views import ViewOf
from gofigr_jupyter.server.web import answer, body_of

family = Family("figures")
AnalysisBody = Annotated[AnalysisDraft, Depends(body_of(AnalysisDraft))]
FigureBody = Annotated[FigureDraft, Depends(body_of(FigureDraft))]

nodes.serve(family, Kind("analysis", tables.Analysis, find.analysis, shapes.analyses, Analysis, list[Analysis]))
nodes.serve(family, Kind("figure", tables.Figure, find.figure, shapes.figures, Figure, list[Figure]))


# ---------------------------------------------------------------- analyses


@family.post("/analysis", WRITE, answers=Analysis, status=201, takes=AnalysisDraft)
def create_analysis(gate: GateOf, store: StoreOf, view: ViewOf, body: AnalysisBody) -> Response:
    """A new analysis in a workspace; 409 when `client_id` is taken."""
    needed(body.name, "name")
    workspace_id = needed(body.workspace, "workspace")
    with store.writing() as db:
        parent = gate.admit(db, find.workspace(db, workspace_id))
        values = {"id": fresh_id(db, tables.Analysis, body.client_id)} | naming(body)
        shape = view.of(db, tree.create_analysis(db, parent, values, gate.actor.username))
    return view.answer(shape, 201)


@family.put("/analysis/{api_id}", WRITE, answers=Analysis, takes=AnalysisDraft)
@family.patch("/analysis/{api_id}", WRITE, answers=Analysis, takes=AnalysisDraft)
def change_analysis(
    api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: AnalysisBody, *, silent: bool = False
) -> Response:
    """Change what the body names; another `workspace` moves it there. `silent` leaves no line in the log."""
    with store.writing() as db:
        row = gate.admit(db, find.analysis(db, api_id))
        nodes.move(db, gate, row, find.workspace(db, body.workspace) if body.workspace else None)
        tree.update(db, row, naming(body), gate.actor.username, silent=silent)
        shape = view.of(db, row)
    return view.answer(shape)


@family.get("/analysis/{api_id}/log", LOOK_INSIDE, answers=list[LogEntry])
def read_log(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """Who created, changed and deleted what in it, newest first."""
    with store.reading() as db:
        row = gate.admit(db, find.analysis(db, api_id))
        return answer([portraits.log_entry(line) for line in activity.of_analysis(db, row.id)])


@family.get("/analysis/{api_id}/log/{log_id}", LOOK_INSIDE, answers=LogEntry)
def read_log_entry(api_id: str, log_id: str, gate: GateOf, store: StoreOf) -> Response:
    """One line of the log."""
    with store.reading() as db:
        row = gate.admit(db, find.analysis(db, api_id))
        line = find.log_line(db, log_id)
        if line.analysis_id != row.id:
            raise not_found()
        return answer(portraits.log_entry(line))


# ---------------------------------------------------------------- figures


@family.post("/figure", WRITE, answers=Figure, status=201, takes=FigureDraft)
def create_figure(gate: GateOf, store: StoreOf, view: ViewOf, body: FigureBody) -> Response:
    """A new figure in an analysis; 409 when `client_id` is taken."""
    needed(body.name, "name")
    analysis_id = needed(body.analysis, "analysis")
    with store.writing() as db:
        parent = gate.admit(db, find.analysis(db, analysis_id))
        values = {"id": fresh_id(db, tables.Figure, body.client_id)} | naming(body, *ATTRIBUTION)
        shape = view.of(db, tree.create_figure(db, parent, values, gate.actor.username))
    return view.answer(shape, 201)


@family.put("/figure/{api_id}", WRITE, answers=Figure, takes=FigureDraft)
@family.patch("/figure/{api_id}", WRITE, answers=Figure, takes=FigureDraft)
def change_figure(
    api_id: str, gate: GateOf, store: StoreOf, view: ViewOf, body: FigureBody, *, silent: bool = False
) -> Response:
    """Change what the body names; another `analysis` moves it there. `silent` leaves no line in the log."""
    with store.writing() as db:
        row = gate.admit(db, find.figure(db, api_id))
        nodes.move(db, gate, row, find.analysis(db, body.analysis) if body.analysis else None)
        tree.update(db, row, naming(body, *ATTRIBUTION), gate.actor.username, silent=silent)
        shape = view.of(db, row)
    return view.answer(shape)
