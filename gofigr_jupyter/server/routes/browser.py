"""How a browser comes in: a one-time ticket, a form that posts it, a session cookie; and signing in with a password.

GET changes nothing: the ticket in the link is spent by a POST, which a page that merely previews links does not send.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from html import escape
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, Response

from gofigr_jupyter.schema.system import Ticket
from gofigr_jupyter.server import throttle
from gofigr_jupyter.server.auth import ConfigOf, StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import PUBLIC, SIGNED_IN
from gofigr_jupyter.server.refusal import Refusal, forbidden
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.web import FORM, answer, form_fields, media_type, raw_body

family = Family("browser")
TICKET_LIFE = timedelta(seconds=60)
COOKIE_LIFE = timedelta(days=365)
LOCAL_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto;"
    "padding:0 1rem}"
    "button,input{font:inherit;padding:.4rem .8rem;width:100%;box-sizing:border-box;margin:.2rem 0 .8rem}"
)


@family.post("/.gofigr/ticket", SIGNED_IN, answers=Ticket)
def make_ticket(gate: GateOf, store: StoreOf) -> Response:
    """A ticket for a browser, good once and for a minute; needs an Authorization header."""
    if gate.actor.via == "cookie":
        raise forbidden()
    with store.writing() as db:
        secret = people.create_pass(db, "ticket", gate.actor.user_id, gate.actor.key_id, TICKET_LIFE)
    return answer(Ticket(ticket=secret, expires_in=int(TICKET_LIFE.total_seconds())))


@family.get("/.gofigr/enter", PUBLIC, response_class=HTMLResponse)
def entrance(config: ConfigOf, ticket: str = "", next: str = "/") -> Response:  # noqa: A002 - the wire's name
    """A page that posts the ticket, by itself or by its button."""
    nonce = secrets.token_urlsafe(16)
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("ticket", ticket), ("next", next))
    )
    body = (
        f'<form method="post" action="{escape(config.base_path)}/.gofigr/enter">{fields}'
        "<button>Open your figures</button></form>"
        f'<script nonce="{nonce}">document.forms[0].submit()</script>'
    )
    return _page("Opening your figures", body, nonce=nonce)


@family.post("/.gofigr/enter", PUBLIC, response_class=Response)
def enter(
    request: Request,
    gate: GateOf,
    config: ConfigOf,
    store: StoreOf,
    body: Annotated[bytes, Depends(raw_body)],
) -> Response:
    """Spend the ticket: a lasting session cookie, and on to `next`."""
    fields = _form(request, body)
    with store.writing() as db:
        ticket = people.find_pass(db, "ticket", fields.get("ticket", ""))
        if ticket is not None:
            people.drop_pass(db, fields["ticket"])
            cookie = people.create_pass(db, "cookie", ticket.user_id, ticket.api_key_id, COOKIE_LIFE)
    if ticket is None:
        if gate.visitor is not None:  # the same link opened again, in a browser that is in already
            return _onward(config.base_path, fields)
        text = "<p>This link was used already, or is older than a minute. Open the figure from its notebook again.</p>"
        return _page("This link has expired", text, status=403)
    return _let_in(request, cookie, config.cookie_name, config.base_path, fields)


@family.get("/.gofigr/login", PUBLIC, response_class=HTMLResponse)
def login_page(config: ConfigOf, next: str = "/") -> Response:  # noqa: A002 - the wire's name
    """A form for user name and password, on servers that have accounts."""
    return _login_form(config.base_path, next)


@family.post("/.gofigr/login", PUBLIC, response_class=Response)
def login(request: Request, config: ConfigOf, store: StoreOf, body: Annotated[bytes, Depends(raw_body)]) -> Response:
    """Sign in with a password: a session cookie, and on to `next`."""
    fields = _form(request, body)
    try:
        user_id = throttle.checked(store, fields.get("username", ""), fields.get("password", ""))
    except Refusal as refusal:
        detail = "Too many attempts; wait some minutes." if refusal.status == 429 else "That is not right."
        return _login_form(config.base_path, fields.get("next", "/"), problem=detail, status=refusal.status)
    with store.writing() as db:
        cookie = people.create_pass(db, "cookie", user_id, None, COOKIE_LIFE)
    return _let_in(request, cookie, config.cookie_name, config.base_path, fields)


@family.post("/.gofigr/logout", PUBLIC, response_class=Response)
def logout(request: Request, config: ConfigOf, store: StoreOf) -> Response:
    """End this browser's session."""
    secret = request.cookies.get(config.cookie_name)
    if secret and request.scope["gofigr.cookies_count"]:
        with store.writing() as db:
            people.drop_pass(db, secret)
    response = _onward(config.base_path, {})
    response.delete_cookie(config.cookie_name, path=config.base_path or "/")
    return response


def _form(request: Request, body: bytes) -> dict[str, str]:
    if media_type(request) != FORM:
        raise Refusal(415, {"detail": f"The body must be {FORM}."})
    return form_fields(body)


def _let_in(request: Request, cookie: str, name: str, base_path: str, fields: dict[str, str]) -> Response:
    response = _onward(base_path, fields)
    response.set_cookie(
        name,
        cookie,
        max_age=int(COOKIE_LIFE.total_seconds()),
        path=base_path or "/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _onward(base_path: str, fields: dict[str, str]) -> Response:
    wanted = fields.get("next", "/")
    path = wanted if LOCAL_PATH.fullmatch(wanted) else "/"
    return Response(status_code=303, headers={"location": base_path + quote(path, safe="/?&=#%+:@,;~")})


def _login_form(base_path: str, onward: str, *, problem: str = "", status: int = 200) -> Response:
    body = (
        f'<form method="post" action="{escape(base_path)}/.gofigr/login">'
        f'<input type="hidden" name="next" value="{escape(onward)}"><p role="alert">{escape(problem)}</p>'
        '<label>User name<input name="username" autocomplete="username" required autofocus></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
        "<button>Sign in</button></form>"
    )
    return _page("Sign in", body, status=status)


def _page(title: str, body: str, *, nonce: str = "", status: int = 200) -> Response:
    nonce = nonce or secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style nonce="{nonce}">{STYLE}</style>'
        f"<main><h1>{escape(title)}</h1>{body}</main></html>"
    )
    return HTMLResponse(page, status, {"content-security-policy": policy, "cache-control": "no-store"})
