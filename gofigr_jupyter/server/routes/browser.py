"""How a browser comes in from a notebook: a one-time ticket, a form that posts it, a session cookie.

GET changes nothing: the ticket in the link is spent by a POST, which a page that merely previews links does not send.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from gofigr_jupyter.schema.system import Ticket
from gofigr_jupyter.server import sessions
from gofigr_jupyter.server.auth import ConfigOf, StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.forms import FormOf, onward
from gofigr_jupyter.server.pages.rendering import page
from gofigr_jupyter.server.policy import PUBLIC, SIGNED_IN
from gofigr_jupyter.server.refusal import forbidden
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.web import FORM, JSON, answer

family = Family("browser")
TEXT = {"type": "string"}
TICKET = {
    "requestBody": {
        "content": {FORM: {"schema": {"type": "object", "properties": {"ticket": TEXT, "next": TEXT}}}},
    }
}
ENTERED: dict[int | str, dict[str, Any]] = {
    303: {"description": "on to `next`, with a cookie"},
    403: {"description": "a page: the ticket is no good", "content": {"text/html": {}, JSON: {}}},
}
TICKET_LIFE = timedelta(seconds=60)


@family.post("/.gofigr/ticket", SIGNED_IN, answers=Ticket)
def make_ticket(gate: GateOf, store: StoreOf) -> Response:
    """A ticket for a browser, good once and for a minute; needs an Authorization header."""
    if gate.actor.via == "cookie":
        raise forbidden()
    with store.writing() as db:
        secret = people.create_pass(db, "ticket", gate.actor.user_id, gate.actor.key_id, TICKET_LIFE)
    return answer(Ticket(ticket=secret, expires_in=int(TICKET_LIFE.total_seconds())))


@family.get("/.gofigr/enter", PUBLIC, response_class=HTMLResponse)
def entrance(request: Request, ticket: str = "", next: str = "/") -> Response:  # noqa: A002 - the wire's name
    """A page that posts the ticket, by itself or by its button."""
    return _page(request, {"is_expired": False, "ticket": ticket, "onward": next})


@family.post("/.gofigr/enter", PUBLIC, status=303, response_class=Response, responses=ENTERED, openapi_extra=TICKET)
def enter(request: Request, gate: GateOf, config: ConfigOf, store: StoreOf, fields: FormOf) -> Response:
    """Spend the ticket: a lasting session cookie, and on to `next`."""
    response = onward(config.base_path, fields.get("next", "/"))
    with store.writing() as db:
        ticket = people.find_pass(db, "ticket", fields.get("ticket", ""))
        if ticket is not None:
            people.drop_pass(db, fields["ticket"])
            life = sessions.LOCAL_LIFE if config.embedded else sessions.KEPT_LIFE
            sessions.begin(request, response, db, ticket.user_id, life, api_key_id=ticket.api_key_id)
    if ticket is None and gate.visitor is None:  # else: the same link opened again, in a browser that is in already
        return _page(request, {"is_expired": True}, 403)
    return response


def _page(request: Request, values: dict[str, Any], status: int = 200) -> Response:
    response = page(request, "enter.html", None, values, status)
    response.headers["cache-control"] = "no-store"
    return response
