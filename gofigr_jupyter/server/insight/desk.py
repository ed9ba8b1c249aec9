"""Where questions come in: what is known of what they are about is gathered, a place in the count is taken, and an
engine is found. Used by routes, and by tasks that answer later.

In: a reader and what may be read. Out: an Answering. Who may read was decided before; of other revisions it is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from gofigr_jupyter.schema.insight import Availability, Changes, Preview
from gofigr_jupyter.server import policy
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.documents.meaning import Meaning
from gofigr_jupyter.server.documents.nearness import Sought
from gofigr_jupyter.server.documents.reading import Document
from gofigr_jupyter.server.insight import about_documents, asking, comparing, gathering, prompts, quotas, record, seeing
from gofigr_jupyter.server.insight.answering import Answering
from gofigr_jupyter.server.insight.bedrock import Bedrock
from gofigr_jupyter.server.insight.endpoint import Endpoint
from gofigr_jupyter.server.insight.engine import Asked, Engine, Picture, Turn
from gofigr_jupyter.server.insight.facts import Fact, Topic
from gofigr_jupyter.server.insight.openai import OpenAI
from gofigr_jupyter.server.insight.record import Record, Rowed, Shelved
from gofigr_jupyter.server.insight.settings import InsightSettings
from gofigr_jupyter.server.insight.teller import Teller
from gofigr_jupyter.server.policy import Act
from gofigr_jupyter.server.refusal import Refusal, no_engine, not_found
from gofigr_jupyter.server.store import cdn, gallery, insights, stock, tree
from gofigr_jupyter.server.store.cdn import Paper
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Insight, Revision, Workspace

COMPARE = "What changed?"
MOST_PAPERS = 8
MOST_LIBRARY = 1_000  # documents of a workspace, the newest, of which some may mean what is asked


@dataclass(frozen=True, slots=True)
class Subject:
    """The rows that a question is about; `other` is the revision to compare with, where one is meant."""

    rowed: Rowed
    other: Rowed | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks; `kind` is `query`, `compare`, `text_query`, `reply` or `slide`.

    `agreed` when the person knows that it leaves this machine, where the engine is elsewhere.
    """

    kind: str
    query: str
    conversation: str | None = None
    context: str = ""
    agreed: bool = False


@dataclass(frozen=True)
class Desk:
    """Deep Insight of one server; without an engine it is switched off, without `meaning` words alone count."""

    store: Store
    settings: InsightSettings
    engine: Engine | None
    meaning: Meaning | None = None

    @classmethod
    def of(cls, store: Store, settings: InsightSettings, meaning: Meaning | None = None) -> Desk:
        """As the operator has set it up."""
        return cls(store, settings, _engine(settings), meaning)

    def availability(self, db: Transaction, reader: Actor, place: Workspace) -> Availability:
        """Whether a question can be asked now, and if not, why."""
        if self.engine is None:
            return Availability(available=False, reason="no_engine")
        left = quotas.left(db, self.settings, reader.user_id, place.id, datetime.now(UTC))
        reason = "rate_limited" if left.remaining == 0 else None
        return Availability(
            available=reason is None,
            reason=reason,
            engine=self.engine.shape,
            remaining=left.remaining,
            resets_on=left.resets_on,
        )

    # ------------------------------------------------------------ in a transaction

    def open(
        self, db: Transaction, reader: Actor, place: Workspace, question: Question, revision_id: str | None = None
    ) -> tuple[Insight, list[Turn]]:
        """Count a question, and look up what was said before. Refuses one too many, and conversations of others."""
        if self.engine is None:
            raise no_engine()
        self._check_consent(question)
        quotas.left(db, self.settings, reader.user_id, place.id, datetime.now(UTC)).check()
        earlier = insights.turns(db, question.conversation, reader.user_id) if question.conversation else []
        if question.conversation and not earlier:
            raise not_found()
        row = insights.begin(
            db,
            kind=question.kind,
            user_id=reader.user_id,
            workspace_id=place.id,
            revision_id=revision_id,
            conversation=question.conversation,
            query=question.query,
            engine=self.engine.shape.model_dump(mode="json"),
        )
        return row, [Turn(one.query, one.answer) for one in earlier]

    def subject_of(self, db: Transaction, reader: Actor | None, row: Revision, query: str) -> Subject:
        """A revision; and where the question is about what changed, the one that it names, or the one before."""
        rowed = replace(rows_of(db, reader, row), shelf=_shelf(db, reader, row, query))
        if self.meaning is not None:
            newest = cdn.newest_papers(db, workspace_of(row).id, MOST_LIBRARY)
            rowed = replace(rowed, library=_shelved(db, reader, newest))
        if Topic.CHANGES not in asking.topics_of(query) or not policy.allows(db, reader, Act.READ, row.figure):
            return Subject(rowed)
        number = asking.revision_meant(query)
        if number is None or number == row.revision_index + 1:
            other_id = gallery.neighbours(db, row).previous_id
            other = db.get(Revision, other_id) if other_id else None
        else:
            other = gallery.revision_at(db, row.figure_id, number - 1)
        return Subject(rowed, rows_of(db, reader, other) if other is not None else None)

    # ------------------------------------------------------------ after it

    def about(self, row: Insight, earlier: Sequence[Turn], question: Question, subject: Subject) -> Answering:
        """The answer to a question about a revision, ready to be made."""
        this = self._record(subject, question)
        since = self._since(subject, this)
        facts = gathering.facts_of(this, question.query, since)
        is_comparison = question.kind == "compare"
        picture = self._picture(subject, this)
        asked = Asked(
            question.query, facts, earlier, question.context, is_comparison=is_comparison, picture=picture
        )
        return self._answering(row, asked, since[0] if since and is_comparison else None)

    def told(self, row: Insight, earlier: Sequence[Turn], question: Question, facts: Sequence[Fact]) -> Answering:
        """The answer to a question about something else, of which these are the facts."""
        return self._answering(row, Asked(question.query, facts, earlier, question.context), None)

    def preview(self, subject: Subject, question: Question) -> Preview:
        """What would leave this machine for an answer, and to whom; nothing does where the engine is here."""
        if self.engine is None:
            raise no_engine()
        if self.engine.shape.is_local:
            return Preview(engine=self.engine.shape, text="")
        this = self._record(subject, question)
        facts = gathering.facts_of(this, question.query, self._since(subject, this))
        asked = Asked(question.query, facts, picture=self._picture(subject, this))
        text, has_picture = prompts.preview(asked), asked.picture is not None
        return Preview(engine=self.engine.shape, to=self.engine.host, text=text, picture=has_picture)

    def _record(self, subject: Subject, question: Question) -> Record:
        sought = Sought.of(self.store, self.meaning, about_documents.meant_by(question.query))
        return record.record_of(self.store, subject.rowed, sought)

    def _check_consent(self, question: Question) -> None:
        """Refuse (428) what would leave this machine without its asker's knowledge."""
        if self.engine is not None and not self.engine.shape.is_local and not question.agreed:
            to = self.engine.host
            shows = self.settings.sees and question.kind != "text_query"
            what = "question, its facts and the figure's picture" if shows else "question and its facts"
            detail = f"The {what} would go to {to}. Ask again with `agreed` to let them."
            raise Refusal(428, {"detail": detail, "code": "consent_needed", "to": to})

    def _picture(self, subject: Subject, this: Record) -> Picture | None:
        return seeing.small(self.store, subject.rowed, this) if self.settings.sees else None

    def _answering(self, row: Insight, asked: Asked, changes: Changes | None) -> Answering:
        if self.engine is None:
            raise no_engine()
        return Answering(self.store, self.engine, row, asked, changes)

    def _since(self, subject: Subject, this: Record) -> tuple[Changes, Record] | None:
        if subject.other is None:
            return None
        other = record.record_of(self.store, subject.other)
        return comparing.compared(self.store, (subject.other, other), (subject.rowed, this)), other


def _engine(settings: InsightSettings) -> Engine | None:
    match settings.engine:
        case "off":
            return None
        case "openai":
            return OpenAI(Endpoint(settings.url, settings.key), settings.model)
        case "bedrock":
            return Bedrock(settings.model, settings.url)
    return Teller()


def rows_of(db: Transaction, reader: Actor | None, row: Revision) -> Rowed:
    """What the reader may see of a revision and of what it was made from."""
    sources = policy.readable(db, reader, stock.sources_of(db, row))
    return record.rows_of(db, row, sources, whole_figure=policy.allows(db, reader, Act.READ, row.figure))


def _shelf(db: Transaction, reader: Actor | None, row: Revision, query: str) -> tuple[Shelved, ...]:
    """Documents of the workspace's sites that have words of the question, as far as the reader may see them."""
    stems = about_documents.stems_of(query)
    return _shelved(db, reader, cdn.papers(db, workspace_of(row).id, stems, MOST_PAPERS))


def _shelved(db: Transaction, reader: Actor | None, found: Sequence[Paper]) -> tuple[Shelved, ...]:
    seen = {one.id for one in policy.readable(db, reader, [one.owner for one in found])}
    return tuple(
        Shelved(data.id, one.key, Document.of(data))
        for one in found
        for data in [one.data]
        if one.owner.id in seen
    )


def workspace_of(row: Revision) -> Workspace:
    """Where a revision's questions are counted."""
    return tree.workspace_of(row)


def desk_of(request: Request) -> Desk:
    """The server's desk."""
    desk: Desk = request.app.state.desk
    return desk


DeskOf = Annotated[Desk, Depends(desk_of)]
