"""Signing in with a password, out again, and setting a new one with a link, on servers that have accounts."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from gofigr_jupyter.server import passwords, resets, sessions, signin
from gofigr_jupyter.server.auth import ConfigOf, StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.forms import FormOf, onward
from gofigr_jupyter.server.pages.rendering import page
from gofigr_jupyter.server.pages.routes import PageRoute
from gofigr_jupyter.server.policy import PUBLIC
from gofigr_jupyter.server.refusal import Refusal

family = Family("pages", route_class=PageRoute, in_schema=False)
LONGEST = 4000  # of a user name or a password, before anything is done with it
WRONG = "The user name or the password is not right."


@family.route(["GET", "HEAD"], "/.gofigr/login", PUBLIC)
def show_login(request: Request, gate: GateOf, config: ConfigOf, next: str = "/") -> Response:  # noqa: A002 - in links
    """A form for user name and password."""
    if gate.visitor is not None:
        return onward(config.base_path, next)
    return _login(request, {"next": next})


@family.post("/.gofigr/login", PUBLIC)
def log_in(request: Request, config: ConfigOf, store: StoreOf, fields: FormOf) -> Response:
    """Sign in: a new session, and on to `next`."""
    if sessions.loses_cookies(request):
        return _login(request, fields, "unencrypted", status=400)
    username = fields.get("username", "")[:LONGEST]
    try:
        user_id = signin.checked(request, username, fields.get("password", "")[:LONGEST])
    except Refusal as refusal:
        return _login(request, fields, _reason(refusal), status=refusal.status, headers=refusal.headers)
    response = onward(config.base_path, fields.get("next", "/"))
    life = sessions.KEPT_LIFE if fields.get("keep") else sessions.SHORT_LIFE
    with store.writing() as db:
        sessions.begin(request, response, db, user_id, life)
    sessions.mark_device(request, response, username)
    return response


def _reason(refusal: Refusal) -> str:
    match refusal.status:
        case 429:
            minutes = -(-int(refusal.headers.get("retry-after", "60")) // 60)
            return f"There were too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}."
        case 503:
            return "Many people are signing in just now. Try again in a moment."
    return WRONG


def _login(
    request: Request,
    fields: dict[str, str],
    problem: str = "",
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    values = {
        "problem": problem,
        "username": fields.get("username", "")[:150],
        "onward": fields.get("next", "/"),
        "keep": bool(fields.get("keep")),
        "said": request.query_params.get("said", ""),
    }
    return _unkept(page(request, "login.html", None, values, status), headers)


@family.post("/.gofigr/logout", PUBLIC)
def log_out(request: Request, config: ConfigOf) -> Response:
    """End this browser's session."""
    response = onward(config.base_path, "/")
    sessions.end(request, response)
    return response


# ---------------------------------------------------------------- a forgotten password


@family.route(["GET", "HEAD"], "/.gofigr/forgot", PUBLIC)
def show_forgotten(request: Request) -> Response:
    """A form for the e-mail address."""
    return page(request, "forgot.html", None, {"is_sent": False, "mails": _mails(request)})


@family.post("/.gofigr/forgot", PUBLIC)
def ask_for_link(request: Request, fields: FormOf) -> Response:
    """Send a link, where there is somebody to send it to; the answer is always the same."""
    signin.ask_for_reset(request, fields.get("email", "")[:LONGEST])
    return page(request, "forgot.html", None, {"is_sent": True, "mails": _mails(request)})


def _mails(request: Request) -> bool:
    return request.app.state.post is not None and bool(request.app.state.config.public_url)


@family.route(["GET", "HEAD"], resets.PATH, PUBLIC)
def show_reset(request: Request, store: StoreOf, link: str = "") -> Response:
    """A form for the new password; looking at it spends nothing."""
    return _reset(request, link, resets.owner(store, link))


@family.post(resets.PATH, PUBLIC)
def set_new(request: Request, config: ConfigOf, store: StoreOf, fields: FormOf) -> Response:
    """Spend the link: the new password counts, and all sessions and tokens have ended."""
    link, password = fields.get("link", ""), fields.get("password", "")
    found = resets.owner(store, link)
    if found is None:
        return _reset(request, link, None)
    problem = passwords.problem(password, *found)
    if problem is None and password != fields.get("again", ""):
        problem = "The two are not the same."
    if problem is not None:
        return _reset(request, link, found, problem)
    if not resets.spend(store, link, password):
        return _reset(request, link, None)
    response = onward(config.base_path, "/.gofigr/login?said=reset")
    sessions.end(request, response)
    sessions.mark_device(request, response, found[0])  # guesses of strangers must not keep the owner out now
    return response


def _reset(request: Request, link: str, found: tuple[str, str | None] | None, problem: str = "") -> Response:
    values: dict[str, Any] = {"link": link, "name": found[0] if found else "", "problem": problem}
    values |= {"shortest": passwords.SHORTEST, "longest": passwords.LONGEST}
    status = 404 if found is None else 400 if problem else 200
    return _unkept(page(request, "reset.html", None, values, status))


def _unkept(response: Response, headers: dict[str, str] | None = None) -> Response:
    """With the headers; nothing of a form is kept by a cache."""
    response.headers.update(headers or {})
    response.headers["cache-control"] = "no-store"
    return response
