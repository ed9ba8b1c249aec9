"""Family insight: questions to a machine, what a figure was made from, and the account of what was asked.

Who may ask is decided before it is said that there is nobody to answer.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.base import Id
from gofigr_jupyter.schema.insight import (
    Answer,
    Availability,
    Compare,
    Comparison,
    ExtractCode,
    ExtractedCode,
    Lineage,
    Query,
    TextQuery,
    Usage,
)
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import LOOK_INSIDE, READ, READ_SIGNED_IN
from gofigr_jupyter.server.refusal import no_engine
from gofigr_jupyter.server.store import find, lineage, usage
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.web import answer, body_of

family = Family("insight")
Question = Annotated[Query, Depends(body_of(Query))]
TextQuestion = Annotated[TextQuery, Depends(body_of(TextQuery))]
Comparing = Annotated[Compare, Depends(body_of(Compare))]
Extraction = Annotated[ExtractCode, Depends(body_of(ExtractCode))]
NEEDS_ENGINE: dict[int | str, dict[str, Any]] = {503: {"description": "no engine is configured"}}


@family.get("/deep_insight/availability", READ_SIGNED_IN, answers=Availability)
def availability(gate: GateOf, store: StoreOf, figure_revision: Id) -> Response:
    """Whether a question about this revision can be asked now, and if not, why."""
    with store.reading() as db:
        gate.admit(db, find.revision(db, figure_revision))
    return answer(Availability(available=False, reason="no_engine"))


@family.post("/deep_insight/query", READ_SIGNED_IN, answers=Answer, takes=Query, responses=NEEDS_ENGINE)
def ask(gate: GateOf, store: StoreOf, body: Question) -> Response:
    """A question about a figure."""
    with store.reading() as db:
        gate.admit(db, find.revision(db, body.figure_revision))
    raise no_engine()


@family.post("/deep_insight/compare", READ_SIGNED_IN, answers=Comparison, takes=Compare, responses=NEEDS_ENGINE)
def compare(gate: GateOf, store: StoreOf, body: Comparing) -> Response:
    """What changed between two revisions, and why."""
    with store.reading() as db:
        for one in body.revisions:
            gate.admit(db, find.revision(db, one))
    raise no_engine()


@family.post(
    "/deep_insight/extract_code", READ_SIGNED_IN, answers=ExtractedCode, takes=ExtractCode, responses=NEEDS_ENGINE
)
def extract_code(gate: GateOf, store: StoreOf, body: Extraction) -> Response:
    """The code that made a figure and nothing else."""
    with store.reading() as db:
        gate.admit(db, find.revision(db, body.figure_revision))
    raise no_engine()


@family.post("/deep_insight/text_query", READ_SIGNED_IN, answers=Answer, takes=TextQuery, responses=NEEDS_ENGINE)
def ask_without_figure(gate: GateOf, store: StoreOf, body: TextQuestion) -> Response:
    """A question without a figure."""
    with store.reading() as db:
        gate.admit(db, find.workspace(db, body.workspace))
    raise no_engine()


@family.get("/revision/{api_id}/data_lineage", READ, answers=Lineage)
def data_lineage(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """What a revision was made from, and what was made with it."""
    with store.reading() as db:
        row = gate.admit(db, find.revision(db, api_id))
        return answer(lineage.of(db, row, lambda versions: policy.readable(db, gate.visitor, versions)))


@family.get("/ai_usage", LOOK_INSIDE, answers=Usage)
def ai_usage(gate: GateOf, store: StoreOf, workspace: Id) -> Response:
    """What was asked in a workspace this month, by whom and when."""
    with store.reading() as db:
        return answer(usage.of(db, gate.admit(db, find.workspace(db, workspace)).id, now()))
