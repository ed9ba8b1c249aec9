"""A question from beginning to end: who may ask was decided before; here it is counted, answered, kept.

In: records and an engine. Out: the answer whole, or as server-sent events while it is made. Whoever hangs up ends the
work; what was answered until then is kept with the question.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from gofigr_jupyter import markdown
from gofigr_jupyter.schema.insight import Answer, AnswerDelta, AnswerStarted, Changes, Comparison, Evidence, Tokens
from gofigr_jupyter.server.insight.engine import Asked, Cost, Delta, Engine, EngineFailed
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store import insights
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Insight

log = logging.getLogger(__name__)
MOST_ANSWER = 100_000  # characters; an engine that does not end is ended
FAILED = "The engine failed; the server's log says why."


@dataclass
class Answering:
    """One question while it is answered; `changes` where two revisions are compared."""

    store: Store
    engine: Engine
    row: Insight
    asked: Asked
    changes: Changes | None = None
    _said: list[str] = field(default_factory=list)
    _evidence: list[Evidence] = field(default_factory=list)
    _cost: Cost = field(default_factory=lambda: Cost(0, 0))

    def pieces(self) -> Generator[Delta | Evidence, None, None]:
        """The answer as it comes; each evidence once. Raises EngineFailed. What came is kept, however it ends."""
        seen: set[str] = set()
        length = 0
        try:
            with closing(self.engine.answer(self.asked)) as found:
                for piece in found:
                    match piece:
                        case Cost():
                            self._cost = piece
                        case Delta(text):
                            self._said.append(text)
                            length += len(text)
                            yield piece
                        case Evidence():
                            key = piece.model_dump_json(exclude={"value"})
                            if key not in seen:
                                seen.add(key)
                                self._evidence.append(piece)
                                yield piece
                    if length > MOST_ANSWER:
                        break
        finally:
            self._keep()

    def whole(self) -> Answer:
        """What was answered, once all pieces have come."""
        text = "".join(self._said)
        values: dict[str, Any] = {
            "api_id": self.row.id,
            "conversation": self.row.conversation,
            "answer": text,
            "answer_html": markdown.html(text),
            "evidence": self._evidence,
            "engine": self.engine.shape,
            "usage": Tokens(input_tokens=self._cost.input_tokens, output_tokens=self._cost.output_tokens),
            "created_on": self.row.created_on,
        }
        return Answer(**values) if self.changes is None else Comparison(**values, changes=self.changes)

    def at_once(self) -> Answer:
        """The whole answer. Refuses (502) when the engine fails."""
        try:
            for _ in self.pieces():
                pass
        except EngineFailed as failure:
            raise Refusal(502, {"detail": str(failure), "code": "engine_failed"}) from failure
        return self.whole()

    async def events(self) -> AsyncGenerator[str, None]:
        """The answer as events, each piece when it comes."""
        started = AnswerStarted(api_id=self.row.id, conversation=self.row.conversation, engine=self.engine.shape)
        yield event("start", started.model_dump(mode="json"))
        found = self.pieces()
        try:
            while (piece := await run_in_threadpool(next, found, None)) is not None:
                if isinstance(piece, Delta):
                    yield event("delta", AnswerDelta(text=piece.text).model_dump(mode="json"))
                else:
                    yield event("evidence", piece.model_dump(mode="json"))
            yield event("done", self.whole().model_dump(mode="json"))
        except EngineFailed as failure:
            yield event("error", {"detail": str(failure), "code": "engine_failed"})
        except Exception:
            log.exception("question %s", self.row.id)
            yield event("error", {"detail": FAILED, "code": "failed"})
        finally:
            found.close()  # not in a thread: whoever hung up has cancelled all that waits

    def _keep(self) -> None:
        evidence = [one.model_dump(mode="json") for one in self._evidence]
        cost = {"input_tokens": self._cost.input_tokens, "output_tokens": self._cost.output_tokens}
        with self.store.writing() as db:
            insights.settle(db, self.row.id, "".join(self._said), evidence, **cost)


def event(name: str, data: Mapping[str, Any]) -> str:
    """One event as it goes over the wire."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
