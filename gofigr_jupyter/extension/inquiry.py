"""What was asked of Deep Insight about one revision, as one card shows it: question by question, while it is answered.

In: questions, and the server's answers piece by piece. Out: news for the card, at most ten times a second. Runs in
threads of its own. How an answer is drawn is known in `widgets` alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from gofigr_jupyter import markdown
from gofigr_jupyter.client.events import Hold
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.insight import Piece
from gofigr_jupyter.errors import APIError, NotFound, RateLimited, ServerFailed, StatusError
from gofigr_jupyter.extension.clients import why_not
from gofigr_jupyter.schema.insight import (
    Answer,
    AnswerDelta,
    AnswerStarted,
    Changes,
    Comparison,
    Engine,
    Evidence,
    ExtractedCode,
    Preview,
)
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.widgets import insight, words

PACE = 0.1  # seconds between two drawings of an answer
_SHARE = 0.2  # of the time that drawing may take
_NEEDS_CONSENT = 428
_SWITCHED_OFF = 503
_MOST_TURNS = 50
_log = logging.getLogger("gofigr_jupyter")

# A server, and the engine that it asks: name, model, host, and whether it is shown the picture.
Who = tuple[str | None, str, str | None, str | None, bool]


@dataclass
class Turn:
    """One question. `state` is `asking`, `answering`, `done`, `stopped`, `failed` or `consent`: it waits for a word."""

    id: str
    question: str
    deed: str = "ask"  # or `compare`, `code`
    state: str = "asking"
    said: str = ""
    html: str = ""
    engine: Engine | None = None
    evidence: list[Evidence] = field(default_factory=list)
    changes: Changes | None = None
    code: ExtractedCode | None = None
    preview: Preview | None = None
    problem: str = ""
    hold: Hold = field(default_factory=Hold)

    @property
    def is_open(self) -> bool:
        """Whether an answer is being made."""
        return self.state in {"asking", "answering"}

    def face(self) -> dict[str, Any]:
        """As the page draws it; nothing empty."""
        shown: dict[str, Any] = {
            "id": self.id,
            "question": self.question,
            "deed": self.deed,
            "state": self.state,
            "html": self.html or markdown.html(self.said) if self.said else "",
            "by": insight.by(self.engine) if self.engine else "",
            "chips": insight.chips(self.evidence),
            "changes": insight.differences(self.changes) if self.changes else [],
            "told": bool(self.changes) and insight.is_computed(self.engine),
            "code": insight.listing(self.code) if self.code else {},
            "consent": insight.consent(self.preview) if self.preview and self.state == "consent" else {},
            "problem": self.problem,
        }
        return {name: value for name, value in shown.items() if value}


class Agreements:
    """To whom somebody has let questions go, for as long as the session lasts. Thread-safe."""

    def __init__(self) -> None:
        self._known: set[Who] = set()

    def __bool__(self) -> bool:
        return bool(self._known)

    def add(self, settings: Settings, seen: Preview) -> None:
        """Questions may go to these."""
        self._known.add(_who(settings, seen))

    def has(self, settings: Settings, seen: Preview) -> bool:
        """Whether they may, already."""
        return _who(settings, seen) in self._known


class Inquiry:
    """The questions about one revision, for one card; one is answered at a time. Thread-safe."""

    def __init__(
        self, settings: Settings, client_id: str, agreements: Agreements, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self.client_id = client_id
        self.previous: str | None = None  # the revision before, once it is known
        self._settings = settings
        self._agreements = agreements
        self._tell = tell
        self._lock = threading.Lock()
        self._turns: dict[str, Turn] = {}
        self._conversation: str | None = None
        self._threads: list[threading.Thread] = []

    def is_about(self, client_id: str, settings: Settings) -> bool:
        """Whether it is still the one that a card shows."""
        return self.client_id == client_id and self._settings is settings

    def faces(self) -> list[dict[str, Any]]:
        """All turns, the oldest first."""
        with self._lock:
            turns = [*self._turns.values()]
        return [turn.face() for turn in turns]

    def turn(self, turn_id: object) -> Turn | None:
        """One of them."""
        with self._lock:
            return self._turns.get(str(turn_id))

    # -------------------------------------------------------- asking

    def ask(self, gf: GoFigr, turn: Turn, *, agreed: bool = False) -> str:
        """Begin to answer; returns why not. With `agreed`, what the same turn has shown may leave."""
        with self._lock:
            before = self._turns.get(turn.id)
            if any(one.is_open for one in self._turns.values()):
                return "The question before is still being answered"
            if agreed and before is not None and before.preview is not None:
                self._agreements.add(self._settings, before.preview)
            self._turns[turn.id] = turn
            for old in [*self._turns][:-_MOST_TURNS]:
                del self._turns[old]
            thread = threading.Thread(target=self._answer, args=(gf, turn), name="gofigr-insight", daemon=True)
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()
        return ""

    def stop(self, turn_id: object) -> None:
        """Stop answering; what has come stays."""
        turn = self.turn(turn_id)
        if turn is not None and turn.is_open:
            turn.state = "stopped"
            turn.hold.end()
            self._show(turn)

    def forget(self, turn_id: object) -> None:
        """Take back a question that was not answered."""
        with self._lock:
            turn = self._turns.get(str(turn_id))
            if turn is not None and turn.state in {"consent", "failed"}:
                del self._turns[turn.id]

    def leave(self) -> None:
        """Stop all that is being answered."""
        with self._lock:
            turns = [*self._turns.values()]
        for turn in turns:
            turn.hold.end()

    def join(self, seconds: float) -> None:
        """Wait until it has stopped."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    # -------------------------------------------------------- answering, in a thread

    def _answer(self, gf: GoFigr, turn: Turn) -> None:
        drawing = _Drawing(lambda: self._show(turn))
        try:
            self._read(gf, turn, drawing.note)
            state = "done"
        except StatusError as error:
            state = self._refused(gf, turn, error)
        except APIError as error:
            turn.problem, state = why_not(error), "failed"
        except Exception:  # noqa: BLE001 - a thread of ours must not end in the user's cell
            _log.exception("a question could not be answered")
            turn.problem, state = "Something went wrong; the log has the details", "failed"
        if turn.hold.is_ended:
            turn.state, turn.problem = "stopped", ""
        else:
            turn.state = state
        drawing.end()

    def _read(self, gf: GoFigr, turn: Turn, note: Callable[[], None]) -> None:
        if turn.deed == "code":
            try:
                turn.code = gf.insight.extract_code(self.client_id)
                return
            except NotFound:  # no statements were kept; what is known of its code is told in words
                pass
        with closing(self._pieces(gf, turn)) as pieces:
            for piece in pieces:
                if turn.hold.is_ended:
                    return
                self._take(turn, piece)
                note()

    def _pieces(self, gf: GoFigr, turn: Turn) -> Generator[Piece, None, None]:
        agreed = bool(self._agreements) and self._may_go(gf, turn)
        given: dict[str, Any] = {"conversation": self._conversation, "agreed": agreed, "hold": turn.hold}
        if turn.deed == "compare" and self.previous is not None:
            return gf.insight.stream_comparison(self.previous, self.client_id, turn.question, **given)
        return gf.insight.stream(self.client_id, turn.question, **given)

    def _may_go(self, gf: GoFigr, turn: Turn) -> bool:
        """Whether it was agreed to whom the question goes: the operator may have set another engine since."""
        return self._agreements.has(self._settings, gf.insight.preview(self.client_id, turn.question))

    def _take(self, turn: Turn, piece: Piece) -> None:
        match piece:
            case AnswerStarted():
                turn.engine, turn.state = piece.engine, "answering"
                self._conversation = piece.conversation
            case AnswerDelta():
                turn.said += piece.text
            case Evidence():
                turn.evidence.append(piece)
            case Answer():
                turn.said, turn.html, turn.evidence = piece.answer, piece.answer_html, piece.evidence
                turn.engine, self._conversation = piece.engine, piece.conversation
                turn.changes = piece.changes if isinstance(piece, Comparison) else None

    def _refused(self, gf: GoFigr, turn: Turn, error: StatusError) -> str:
        """What a refusal makes of a turn: its new state."""
        if error.status == _NEEDS_CONSENT:
            try:
                turn.preview = gf.insight.preview(self.client_id, turn.question)
                return "consent"
            except APIError as other:
                turn.problem = why_not(other)
                return "failed"
        turn.problem = _refusal(error)
        return "failed"

    def _show(self, turn: Turn) -> None:
        self._tell({"turn": turn.face()})


class _Drawing:
    """Draws what is new in a thread of its own: at once, but not too often, and the last state always."""

    def __init__(self, draw: Callable[[], None]) -> None:
        self._draw = draw
        self._fresh, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="gofigr-insight-drawing", daemon=True)
        self._thread.start()

    def note(self) -> None:
        """There is something new."""
        self._fresh.set()

    def end(self) -> None:
        """Draw for the last time."""
        self._over.set()
        self._fresh.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            self._fresh.wait()
            self._fresh.clear()
            began = time.monotonic()
            self._draw()
            self._over.wait(max(PACE, (time.monotonic() - began) / _SHARE))
        self._draw()


def _refusal(error: StatusError) -> str:
    match error:
        case RateLimited() if error.detail:
            return words.plain(error.detail, 200).rstrip(".")
        case ServerFailed(status=status) if status == _SWITCHED_OFF:
            return "Deep Insight is switched off on this server"
    return why_not(error)


def _who(settings: Settings, seen: Preview) -> Who:
    return settings.url, seen.engine.name, seen.engine.model, seen.to, seen.picture
