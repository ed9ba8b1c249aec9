"""Family insight: questions about figures, what a figure was made from, and the account of what was asked.

Who may ask is decided before it is said that there is nobody to answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from gofigr_jupyter.schema.base import Id
from gofigr_jupyter.schema.insight import (
    Answer,
    Asking,
    Availability,
    Compare,
    Comparison,
    ExtractCode,
    ExtractedCode,
    Lineage,
    Preview,
    Query,
    TextQuery,
    Usage,
)
from gofigr_jupyter.server import policy, streams
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.insight import about_workspace, desk, extraction, record
from gofigr_jupyter.server.insight.ahead import AheadOf
from gofigr_jupyter.server.insight.answering import Answering
from gofigr_jupyter.server.insight.desk import DeskOf, Question, Subject
from gofigr_jupyter.server.policy import LOOK_INSIDE, READ, READ_SIGNED_IN
from gofigr_jupyter.server.store import find, lineage, usage
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.web import answer, body_of

family = Family("insight")
Querying = Annotated[Query, Depends(body_of(Query))]
Previewing = Annotated[Asking, Depends(body_of(Asking))]
TextAsking = Annotated[TextQuery, Depends(body_of(TextQuery))]
Comparing = Annotated[Compare, Depends(body_of(Compare))]
Extraction = Annotated[ExtractCode, Depends(body_of(ExtractCode))]
PROBLEMS: dict[int | str, dict[str, Any]] = {
    428: {"description": "it would be sent to somebody else's machine, and the person has not agreed"},
    429: {"description": "no questions are left for this month, or too many are being answered at once"},
    502: {"description": "the engine failed"},
    503: {"description": "no engine is configured"},
}


@family.get("/deep_insight/availability", READ_SIGNED_IN, answers=Availability)
def availability(
    gate: GateOf, store: StoreOf, questions: DeskOf, ahead: AheadOf, figure_revision: Id
) -> Response:
    """Whether a question about this revision can be asked now, and if not, why; if so, its record is read for one."""
    with store.reading() as db:
        row = gate.admit(db, find.revision(db, figure_revision))
        told = questions.availability(db, gate.actor, desk.workspace_of(row))
    response = answer(told)
    if told.available and ahead.is_wanted(gate.actor, row.id):
        response.background = BackgroundTask(ahead.read, gate.actor, row.id)
    return response


@family.post("/deep_insight/query", READ_SIGNED_IN, answers=Answer, takes=Query, responses=PROBLEMS)
def ask(request: Request, gate: GateOf, store: StoreOf, questions: DeskOf, body: Querying) -> Response:
    """A question about a figure."""
    question = Question("query", body.query, _normal(body.conversation), agreed=bool(body.agreed))
    with store.writing() as db:
        row = gate.admit(db, find.revision(db, body.figure_revision))
        kept, earlier = questions.open(db, gate.actor, desk.workspace_of(row), question, row.id)
        subject = questions.subject_of(db, gate.visitor, row, body.query)
    made = partial(questions.about, kept, earlier, question, subject)
    return _answered(request, gate.actor.user_id, body.stream, made)


@family.post("/deep_insight/preview", READ_SIGNED_IN, answers=Preview, takes=Asking, responses=PROBLEMS)
def preview(gate: GateOf, store: StoreOf, questions: DeskOf, body: Previewing) -> Response:
    """What would be sent for an answer, and to whom; nothing is, and the question does not count."""
    with store.reading() as db:
        row = gate.admit(db, find.revision(db, body.figure_revision))
        subject = questions.subject_of(db, gate.visitor, row, body.query)
    return answer(questions.preview(subject, Question("query", body.query)))


@family.post("/deep_insight/compare", READ_SIGNED_IN, answers=Comparison, takes=Compare, responses=PROBLEMS)
def compare(request: Request, gate: GateOf, store: StoreOf, questions: DeskOf, body: Comparing) -> Response:
    """What changed between two revisions: computed, and put into words."""
    question = Question("compare", body.query or desk.COMPARE, _normal(body.conversation), agreed=bool(body.agreed))
    with store.writing() as db:
        first, second = (gate.admit(db, find.revision(db, one)) for one in body.revisions)
        kept, earlier = questions.open(db, gate.actor, desk.workspace_of(second), question, second.id)
        subject = Subject(desk.rows_of(db, gate.visitor, second), desk.rows_of(db, gate.visitor, first))
    made = partial(questions.about, kept, earlier, question, subject)
    return _answered(request, gate.actor.user_id, body.stream, made)


@family.post("/deep_insight/extract_code", READ_SIGNED_IN, answers=ExtractedCode, takes=ExtractCode)
def extract_code(gate: GateOf, store: StoreOf, body: Extraction) -> Response:
    """The code that made a figure and nothing else; 404 where none was recorded."""
    with store.reading() as db:
        row = gate.admit(db, find.revision(db, body.figure_revision))
        rowed = desk.rows_of(db, gate.visitor, row)
    return answer(extraction.extracted(store, rowed, record.record_of(store, rowed)))


@family.post("/deep_insight/text_query", READ_SIGNED_IN, answers=Answer, takes=TextQuery, responses=PROBLEMS)
def ask_without_figure(
    request: Request, gate: GateOf, store: StoreOf, questions: DeskOf, body: TextAsking
) -> Response:
    """A question about a workspace."""
    conversation = _normal(body.conversation)
    question = Question("text_query", body.query, conversation, body.context or "", agreed=bool(body.agreed))
    with store.writing() as db:
        place = gate.admit(db, find.workspace(db, body.workspace))
        kept, earlier = questions.open(db, gate.actor, place, question)
        facts = list(about_workspace.facts(db, place, policy.reach(db, gate.actor).within(place.id), body.query))
    made = partial(questions.told, kept, earlier, question, facts)
    return _answered(request, gate.actor.user_id, body.stream, made)


@family.get("/revision/{api_id}/data_lineage", READ, answers=Lineage)
def data_lineage(api_id: str, gate: GateOf, store: StoreOf) -> Response:
    """What a revision was made from, and what was made with it."""
    with store.reading() as db:
        row = gate.admit(db, find.revision(db, api_id))
        return answer(lineage.of(db, row, lambda versions: policy.readable(db, gate.visitor, versions)))


@family.get("/ai_usage", LOOK_INSIDE, answers=Usage)
def ai_usage(gate: GateOf, store: StoreOf, questions: DeskOf, workspace: Id) -> Response:
    """What was asked in a workspace this month, by whom and when."""
    at: datetime = now()
    with store.reading() as db:
        place = gate.admit(db, find.workspace(db, workspace))
        return answer(usage.of(db, place.id, at, questions.settings.per_workspace))


def _answered(request: Request, user_id: int, streams_it: bool, made: Callable[[], Answering]) -> Response:
    """The answer whole, or as a stream of events; either takes one of the reader's places while it is made."""
    give_back = request.app.state.places.take(user_id)
    try:
        answering = made()
        if not streams_it:
            whole = answering.at_once()
    except BaseException:
        give_back()
        raise
    if streams_it:
        return streams.EventStream(answering.events(), give_back)
    give_back()
    return answer(whole)


def _normal(conversation: str | None) -> str | None:
    return conversation.lower() if conversation else None
