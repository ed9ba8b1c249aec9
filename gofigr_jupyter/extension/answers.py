"""What a card's buttons ask of the kernel: open the page, download a form, try again.

In: a request from the page (plain JSON) and the revision that its card stands for. Out: plain JSON, with a one-time
address at the most, never a token. Runs in a thread of its own; the client library is imported at the first click.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gofigr_jupyter.extension import page_pictures
from gofigr_jupyter.extension.consent import send_inputs
from gofigr_jupyter.spawn import ensure_worker

if TYPE_CHECKING:
    from gofigr_jupyter.extension.session import Session

_ID = re.compile(r"[0-9a-fA-F-]{36}")


def answer(session: Session, client_id: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Answer one question of a card's page. Raises GoFigrError, whose text the card shows."""
    return _made_ready(session) if asked.get("ask") == "ready" else _clicked(session, client_id, asked)


def _clicked(session: Session, client_id: str, asked: dict[str, Any]) -> dict[str, Any]:
    from gofigr_jupyter import opening  # the client, only when somebody clicks: it would double the load time

    match asked.get("ask"):
        case "open":
            return {"url": opening.open_url(session.settings, f"/r/{client_id}")}
        case "download":
            path = _path_of_file(asked)
            return {"url": opening.open_url(session.settings, path)} if path else {"problem": "There is no such file"}
        case "thread" | "insight" as pane:
            from gofigr_jupyter.extension import insights, threads  # with the client, as above

            opened = threads.of(session) if pane == "thread" else insights.of(session)
            return opened.answer(client_id, asked)
        case "verify":
            return session.cards.verify(client_id)
        case "picture":
            page_pictures.answered(session.settings.home, client_id, asked.get("data"))
            return {}
        case "retry":
            publisher = session.publisher
            count = publisher.outbox.retry(client_id) if publisher is not None else 0
            if publisher is not None:
                publisher.outbox.poke()
            ensure_worker(session.settings.home)
            session.cards.await_again(client_id)
            return {"retried": count}
        case "inputs":
            return {"sent": send_inputs(session)}
    return {"problem": "This card is newer than the kernel; run %reload_ext gofigr_jupyter"}


def _made_ready(session: Session) -> dict[str, Any]:
    """A pointer has come to a card: what its first click needs is imported now, unless a cell would feel it."""
    if not session.is_busy:
        from gofigr_jupyter.extension import insights, threads  # noqa: F401
    return {}


def _path_of_file(asked: dict[str, Any]) -> str | None:
    data_id, name = str(asked.get("id", "")), str(asked.get("name", "figure"))
    return f"/file/{data_id}/{quote(name, safe='')}" if _ID.fullmatch(data_id) else None
