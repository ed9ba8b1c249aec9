"""Deep Insight under a session's cards: what a page asks is asked of the server, and its answers go back as news.

In: what a page asks about the revision of a card (plain JSON). Out: an answer, and news for that card; no token in
either. Runs in threads of its own and is imported at the first question, for it brings the client along.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gofigr_jupyter import opening
from gofigr_jupyter.errors import APIError, NotFound, StatusError
from gofigr_jupyter.extension.clients import Clients, why_not
from gofigr_jupyter.extension.conversation import Tell
from gofigr_jupyter.extension.inquiry import Agreements, Inquiry, Turn
from gofigr_jupyter.opening import GoFigr
from gofigr_jupyter.schema.insight import Evidence
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.widgets import insight
from gofigr_jupyter.widgets.live import PAGES

if TYPE_CHECKING:
    from gofigr_jupyter.extension.session import Session

_LONGEST = 4_000  # characters of a question
_FAREWELL = 1.0  # seconds that unloading waits for them
_DEEDS = frozenset({"ask", "compare", "code"})
_UNFIT: dict[str, Any] = {"problem": f"A question has 1 to {_LONGEST:,} characters"}
_UNKNOWN: dict[str, Any] = {"problem": "This is no longer known here; ask again"}
DESCRIBE = "Describe this figure"
_OF_DATA = ("What is the trend?", "Are there outliers?")
_CODE = "Which code made this?"
_first = threading.Lock()


def of(session: Session) -> Insights:
    """Those of a session, made when they are first asked for."""
    with _first:
        if session.insights is None:
            session.insights = Insights(lambda: session.settings)
        return session.insights


class Insights:
    """Answers what pages ask of Deep Insight. Thread-safe: each question has a thread of its own."""

    def __init__(self, settings: Callable[[], Settings], tell: Tell = PAGES.tell) -> None:
        self._clients = Clients(settings)
        self._tell = tell
        self._lock = threading.Lock()
        self._agreements = Agreements()
        self._inquiries: dict[str, Inquiry] = {}
        self._deeds: dict[str, Callable[[Inquiry, dict[str, Any]], dict[str, Any]]] = {
            "open": self._open,
            "standing": self._standing,
            "stay": lambda _inquiry, _asked: {},
            "ask": self._ask,
            "stop": self._stop,
            "forget": self._forget,
            "show": self._show,
            "page": self._page,
        }

    def answer(self, client_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer one question about the card `asked["key"]`, which shows this revision."""
        deed, key = self._deeds.get(str(asked.get("do"))), asked.get("key")
        if deed is None or not isinstance(key, str):
            return {"problem": "This card is newer than the kernel; run %reload_ext gofigr_jupyter"}
        try:
            return deed(self._inquiry(key, client_id), asked)
        except APIError as error:
            return {"problem": why_not(error)}

    def leave(self, key: str) -> None:
        """The card is gone, and nobody waits for its answers."""
        with self._lock:
            inquiry = self._inquiries.pop(key, None)
        if inquiry is not None:
            inquiry.leave()

    def close(self) -> None:
        """End all that is being answered."""
        with self._lock:
            open_ones, self._inquiries = [*self._inquiries.values()], {}
        for inquiry in open_ones:
            inquiry.leave()
        deadline = time.monotonic() + _FAREWELL
        for inquiry in open_ones:
            inquiry.join(max(0.0, deadline - time.monotonic()))
        self._clients.close()

    def _inquiry(self, key: str, client_id: str) -> Inquiry:
        settings = self._clients.settings
        with self._lock:
            known = self._inquiries.get(key)
            if known is None or not known.is_about(client_id, settings):
                if known is not None:
                    known.leave()
                told = self._tell
                known = Inquiry(settings, client_id, self._agreements, lambda news: told(key, _ours(news)))
                self._inquiries[key] = known
            return known

    # -------------------------------------------------------- what a page can ask

    def _open(self, inquiry: Inquiry, asked: dict[str, Any]) -> dict[str, Any]:
        """What was asked so far first: it is there without the server."""
        key = str(asked["key"])
        self._tell(key, _ours({"turns": inquiry.faces()}))
        self._standing(inquiry, asked)
        gf, _ = self._clients.signed_in()
        self._tell(key, _ours({"suggested": _suggested(gf, inquiry)}))
        return {}

    def _standing(self, inquiry: Inquiry, asked: dict[str, Any]) -> dict[str, Any]:
        gf, _ = self._clients.signed_in()
        told = _standing(gf, inquiry.client_id, self._clients.settings)
        self._tell(str(asked["key"]), _ours({"standing": told}))
        return {}

    def _ask(self, inquiry: Inquiry, asked: dict[str, Any]) -> dict[str, Any]:
        """The page draws the id; the same again, once it has failed or is agreed to, is another try."""
        turn_id, question, deed = str(asked.get("id"))[:64], asked.get("question"), str(asked.get("deed"))
        if not _is_question(question):
            return _UNFIT
        gf, _ = self._clients.signed_in()
        turn = Turn(turn_id, str(question).strip(), deed if deed in _DEEDS else "ask")
        problem = inquiry.ask(gf, turn, agreed=asked.get("agreed") is True)
        return {"problem": problem} if problem else {}

    def _stop(self, inquiry: Inquiry, asked: dict[str, Any]) -> dict[str, Any]:
        inquiry.stop(asked.get("id"))
        return {}

    def _forget(self, inquiry: Inquiry, asked: dict[str, Any]) -> dict[str, Any]:
        inquiry.forget(asked.get("id"))
        return {}

    def _show(self, inquiry: Inquiry, asked: dict[str, Any]) -> dict[str, Any]:
        """What an answer cites, to be shown in place."""
        cited = _cited(inquiry, asked)
        return _shown(self._clients.signed_in()[0], cited, inquiry.client_id) if cited else _UNKNOWN

    def _page(self, inquiry: Inquiry, asked: dict[str, Any]) -> dict[str, Any]:
        """The address of the page that shows it."""
        cited = _cited(inquiry, asked)
        if cited is None:
            return _UNKNOWN
        return {"url": opening.open_url(self._clients.settings, insight.page_of(cited, inquiry.client_id))}


def _is_question(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip()) and len(text) <= _LONGEST and "\0" not in text


def _cited(inquiry: Inquiry, asked: dict[str, Any]) -> Evidence | None:
    turn, number = inquiry.turn(asked.get("id")), asked.get("at")
    if turn is None or not isinstance(number, int) or not 0 <= number < len(turn.evidence):
        return None
    return turn.evidence[number]


def _ours(news: dict[str, Any]) -> dict[str, Any]:
    return {"pane": "insight", **news}


def _standing(gf: GoFigr, client_id: str, settings: Settings) -> dict[str, Any]:
    """Who answers, and how often still; nothing is sent to find that out."""
    try:
        told = gf.insight.availability(client_id)
    except NotFound:
        return {"line": "This server answers no questions about this figure.", "closed": True}
    to = None
    if told.available and told.engine is not None and not told.engine.is_local:
        to = gf.insight.preview(client_id, DESCRIBE).to
    return insight.standing(told, to, "on this computer" if settings.is_embedded else "on the server")


def _suggested(gf: GoFigr, inquiry: Inquiry) -> list[dict[str, str]]:
    """Questions that fit the figure."""
    revision = gf.revisions.get(inquiry.client_id)
    found = [("ask", DESCRIBE)]
    if revision.series:
        found += [("ask", question) for question in _OF_DATA]
    found.append(("code", _CODE))
    if revision.figure and revision.revision_index:
        with suppress(APIError):  # a revision shared by itself does not open its figure
            earlier = [one for one in gf.figures.get(revision.figure).revisions if _is_before(one, revision)]
            if earlier:
                inquiry.previous = earlier[-1].api_id
                found.append(("compare", f"What changed since revision {earlier[-1].revision_index + 1}?"))
    return [{"deed": deed, "question": question} for deed, question in found]


def _is_before(one: Any, other: Any) -> bool:
    return bool(one.revision_index < other.revision_index)


def _shown(gf: GoFigr, cited: Evidence, client_id: str) -> dict[str, Any]:
    if cited.kind == "code":
        try:
            return {"code": insight.listing(gf.insight.extract_code(client_id), cited.ref.lines)}
        except NotFound:
            return {"problem": "Only the whole session was kept, which its page shows"}
    if insight.is_in_place(cited) and cited.ref.data:
        try:
            return {"table": insight.table(gf.data.rows(cited.ref.data, cited.ref.series or ""))}
        except StatusError:
            return {"problem": "Its rows cannot be shown here"}
    return {"problem": "Its page shows this"}
