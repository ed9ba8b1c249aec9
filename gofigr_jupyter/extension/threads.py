"""The conversations under a session's cards: read, followed while a page shows them, and written to.

In: what a page asks about the revision of a card (plain JSON). Out: an answer, and news for that card; no token in
either. Runs in threads of its own and is imported at the first question, for it brings the client along.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gofigr_jupyter import markdown
from gofigr_jupyter.errors import APIError, ConnectionFailed
from gofigr_jupyter.extension import audience
from gofigr_jupyter.extension.clients import Clients, why_not
from gofigr_jupyter.extension.conversation import Conversation, Tell
from gofigr_jupyter.extension.points import ground, point
from gofigr_jupyter.extension.waiting import Waiting, Wake, passes
from gofigr_jupyter.opening import GoFigr
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.spawn import ensure_worker
from gofigr_jupyter.widgets import words
from gofigr_jupyter.widgets.live import PAGES

if TYPE_CHECKING:
    from gofigr_jupyter.extension.session import Session

_LONGEST = 20_000  # characters of a comment
_FAREWELL = 1.0  # seconds that unloading waits for them
_first = threading.Lock()


def of(session: Session) -> Threads:
    """The conversations of a session, made when they are first asked for."""
    with _first:
        if session.threads is None:
            session.threads = Threads(lambda: session.settings)
        return session.threads


class Threads:
    """Answers what pages ask about the threads of one session. Thread-safe: each question has a thread of its own."""

    def __init__(
        self, settings: Callable[[], Settings], tell: Tell = PAGES.tell, wake: Wake = ensure_worker
    ) -> None:
        self._clients = Clients(settings)
        self._tell = tell
        self._wake = wake
        self._lock = threading.Lock()
        self._conversations: dict[str, Conversation] = {}

    def answer(self, client_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer one question about the card `asked["key"]`, which shows this revision."""
        name, key = str(asked.get("do")), asked.get("key")
        if key and name == "close":
            self.leave(str(key))
            return {}
        if not isinstance(key, str) or name not in _DEEDS | _HERE:
            return {"problem": "This card is newer than the kernel; run %reload_ext gofigr_jupyter"}
        conversation = self._conversation(key, client_id)
        if name in _HERE:
            return _HERE[name](conversation, asked)
        try:
            gf, conversation.reader = self._clients.signed_in()
            return _DEEDS[name](gf, conversation, asked)
        except APIError as error:
            return _without(conversation, name, asked, error)

    def leave(self, key: str) -> None:
        """Nobody looks at this card's thread any more."""
        with self._lock:
            conversation = self._conversations.pop(key, None)
        if conversation is not None:
            conversation.leave()

    def close(self) -> None:
        """End all that is followed."""
        with self._lock:
            followed, self._conversations = [*self._conversations.values()], {}
        for conversation in followed:
            conversation.leave()
        deadline = time.monotonic() + _FAREWELL
        for conversation in followed:
            conversation.join(deadline - time.monotonic())
        self._clients.close()

    def _conversation(self, key: str, client_id: str) -> Conversation:
        settings = self._clients.settings
        with self._lock:
            known = self._conversations.get(key)
            if known is None or not known.is_about(client_id, settings):
                if known is not None:
                    known.leave()
                told = self._tell
                waiting = Waiting(settings, client_id, self._wake)
                known = Conversation(settings, client_id, waiting, lambda news: told(key, news))
                self._conversations[key] = known
            return known


# ---------------------------------------------------------------- what a page can ask


def _look(gf: GoFigr, conversation: Conversation, _asked: dict[str, Any]) -> dict[str, Any]:
    if conversation.waiting.is_held():
        conversation.look_here()
    else:
        conversation.read(gf, whole=True)
    return {}


def _open(gf: GoFigr, conversation: Conversation, asked: dict[str, Any]) -> dict[str, Any]:
    _look(gf, conversation, asked)
    conversation.follow()
    return {}


def _ground(gf: GoFigr, conversation: Conversation, _asked: dict[str, Any]) -> dict[str, Any]:
    """What points of the data are shown on; a revision that has not arrived has nothing yet."""
    if conversation.waiting.is_held():
        return {}
    return ground(gf, conversation.client_id, conversation.reader.username if conversation.reader else "")


def _people(gf: GoFigr, conversation: Conversation, _asked: dict[str, Any]) -> dict[str, Any]:
    people = audience.people(gf, conversation.client_id, conversation.speakers())
    conversation.people = frozenset(one["user"] for one in people)
    return {"people": people}


def _say(gf: GoFigr, conversation: Conversation, asked: dict[str, Any]) -> dict[str, Any]:
    """The page draws the id, so that a comment of which it did not hear is not made twice."""
    text, client_id, reader = asked.get("text"), _uuid(asked.get("id")), conversation.reader
    if client_id is None or not _is_text(text):
        return _UNFIT
    if conversation.waiting.is_held() or conversation.waiting.is_queue():
        return _keep(conversation, asked)
    said = gf.comments.say(
        conversation.target,
        str(text),
        client_id=client_id,
        me=lambda: reader.username if reader else "",
        parent=str(asked["parent"]) if asked.get("parent") else None,
        anchor=point(asked.get("anchor")),
    )
    conversation.waiting.arrived(client_id)
    conversation.note(said)
    return {}


def _keep(conversation: Conversation, asked: dict[str, Any], *, was_sent: bool = False) -> dict[str, Any]:
    """It goes when the server can be asked, and after all that was said before."""
    client_id = _uuid(asked.get("id"))
    if client_id is None or not _is_text(asked.get("text")):
        return _UNFIT
    conversation.waiting.keep(client_id, asked, conversation.reader, was_sent=was_sent)
    conversation.look_here()
    conversation.expect()
    return {}


def _without(conversation: Conversation, name: str, asked: dict[str, Any], error: APIError) -> dict[str, Any]:
    """What remains of a deed that its server did not do."""
    problem = why_not(error)
    if name == "say":
        if passes(error):
            return _keep(conversation, asked, was_sent=not isinstance(error, ConnectionFailed) or error.was_sent)
        conversation.waiting.refused(str(_uuid(asked.get("id"))), problem)
    if name in {"open", "look"} and passes(error):
        conversation.look_here()
        if name == "open":
            conversation.follow()
            return {"problem": f"{problem}. What you write now waits on this machine, and is sent later."}
    return {"problem": problem}


def _edit(gf: GoFigr, conversation: Conversation, asked: dict[str, Any]) -> dict[str, Any]:
    text = asked.get("text")
    if not _is_text(text):
        return _UNFIT
    conversation.note(gf.comments.change(str(asked.get("id")), str(text)))
    return {}


def _delete(gf: GoFigr, conversation: Conversation, asked: dict[str, Any]) -> dict[str, Any]:
    gf.comments.delete(str(asked.get("id")))
    conversation.read(gf)  # a tombstone may stay, or go with its last reply
    return {}


def _machine(gf: GoFigr, conversation: Conversation, _asked: dict[str, Any]) -> dict[str, Any]:
    """Whether a machine can be asked about this figure now."""
    return {"available": gf.insight.availability(conversation.client_id).available}


def _answer(gf: GoFigr, conversation: Conversation, asked: dict[str, Any]) -> dict[str, Any]:
    """Let a machine reply; where that is one of somebody else's, what would go there and to whom is told first."""
    comment, agreed = str(asked.get("id")), asked.get("agreed") is True
    if not agreed:
        preview = gf.insight.preview(conversation.client_id, gf.comments.get(comment).content)
        if preview.to is not None or not preview.engine.is_local:
            name = words.plain(preview.engine.model or preview.engine.name, 80)
            to = words.plain(preview.to, 200) or "somebody else's machine"
            return {"to": to, "engine": name, "text": preview.text[:_LONGEST], "picture": preview.picture}
    conversation.note(gf.comments.ask_ai(comment, agreed=agreed))
    return {}


def _react(gf: GoFigr, conversation: Conversation, asked: dict[str, Any]) -> dict[str, Any]:
    comment, emoji = str(asked.get("id")), str(asked.get("emoji"))[:24]
    reaction = gf.reactions.create(comment, emoji)  # the same again only tells its id
    if not asked.get("on"):
        gf.reactions.delete(reaction.api_id)
    conversation.note(gf.comments.get(comment))
    return {}


def _preview(conversation: Conversation, asked: dict[str, Any]) -> dict[str, Any]:
    """What is being written as it will look: rendered here, so that no server is needed."""
    if not _is_text(asked.get("text")):
        return _UNFIT
    return {"html": markdown.html(str(asked["text"]), conversation.people)}


def _stay(conversation: Conversation, _asked: dict[str, Any]) -> dict[str, Any]:
    conversation.follow()
    return {}


def _discard(conversation: Conversation, asked: dict[str, Any]) -> dict[str, Any]:
    """One that was not sent is not wanted any more."""
    client_id = _uuid(asked.get("id"))
    if client_id is not None:
        conversation.waiting.take_back(client_id)
        conversation.forget(client_id)
    return {}


_UNFIT: dict[str, Any] = {"problem": f"A comment has 1 to {_LONGEST:,} characters"}
_HERE: dict[str, Callable[[Conversation, dict[str, Any]], dict[str, Any]]] = {  # these ask no server
    "preview": _preview,
    "discard": _discard,
    "stay": _stay,
}
_DEEDS: dict[str, Callable[[GoFigr, Conversation, dict[str, Any]], dict[str, Any]]] = {
    "look": _look,
    "open": _open,
    "ground": _ground,
    "people": _people,
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "machine": _machine,
    "answer": _answer,
}


def _is_text(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip()) and len(text) <= _LONGEST and "\0" not in text


def _uuid(text: object) -> str | None:
    try:
        return str(uuid.UUID(str(text)))
    except ValueError:
        return None
