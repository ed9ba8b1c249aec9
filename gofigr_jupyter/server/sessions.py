"""Sessions of browsers: begun with a new cookie at each sign-in, ended at sign-out; and the forms of a session."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import timedelta

from fastapi import Request
from starlette.responses import Response

from gofigr_jupyter.server import devices
from gofigr_jupyter.server.auth import config_of, store_of
from gofigr_jupyter.server.config import LOOPBACK_NAMES
from gofigr_jupyter.server.refusal import forbidden
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.database import Transaction

SHORT_LIFE = timedelta(hours=12)  # and until the browser is closed
KEPT_LIFE = timedelta(days=30)
LOCAL_LIFE = timedelta(days=365)  # on one's own machine: links in old notebooks shall open
DEVICE_LIFE = timedelta(days=365)
FIELD = "form"


def begin(
    request: Request,
    response: Response,
    db: Transaction,
    user_id: int,
    life: timedelta,
    *,
    api_key_id: str | None = None,
) -> None:
    """Begin a session; what this browser had before ends, so that nobody can have planted it."""
    if _counts(request):
        people.drop_pass(db, _secret(request))
    secret = people.create_pass(db, "cookie", user_id, api_key_id, life)
    _set(request, response, config_of(request).cookie_name, secret, None if life == SHORT_LIFE else life)


def end(request: Request, response: Response) -> None:
    """End this browser's session, if the request came from our own pages."""
    config = config_of(request)
    if _secret(request) and _counts(request):
        with store_of(request).writing() as db:
            people.drop_pass(db, _secret(request))
    response.delete_cookie(
        config.cookie_name,
        path=config.base_path or "/",
        httponly=True,
        samesite="lax",
        secure=needs_tls(request),
    )


def mark_device(request: Request, response: Response, username: str) -> None:
    """Let the browser remember that it knew this account's password."""
    mark = devices.mark(store_of(request), username)
    _set(request, response, config_of(request).device_cookie_name, mark, DEVICE_LIFE)


def form_token(request: Request) -> str:
    """What a form of this session carries; a foreign page can neither read nor guess it."""
    return hmac.new(_secret(request).encode(), b"a form of this session", hashlib.sha256).hexdigest()[:40]


def require_own_form(request: Request, fields: dict[str, str]) -> None:
    """Refuse (403) a form that was not made for this session."""
    given = fields.get(FIELD, "").encode("utf-8", "surrogatepass")
    if not (_secret(request) and _counts(request) and hmac.compare_digest(given, form_token(request).encode())):
        raise forbidden()


def needs_tls(request: Request) -> bool:
    """Whether cookies are for TLS only: always but on this machine, unless the operator says otherwise."""
    told = config_of(request).secure_cookies
    return told == "always" or (told == "auto" and (request.url.scheme == "https" or not is_loopback(request)))


def loses_cookies(request: Request) -> bool:
    """Whether the browser will drop our cookie, which asks for TLS: its own word for where it is (Origin) has none."""
    return needs_tls(request) and request.headers.get("origin", "").lower().startswith("http://")


def is_loopback(request: Request) -> bool:
    """Whether the browser sees this server on its own machine."""
    return re.sub(r":\d+$", "", request.headers.get("host", "").lower()) in LOOPBACK_NAMES


def _secret(request: Request) -> str:
    return request.cookies.get(config_of(request).cookie_name, "")


def _counts(request: Request) -> bool:
    return bool(request.scope.get("gofigr.cookies_count", False))


def _set(request: Request, response: Response, name: str, value: str, life: timedelta | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()) if life else None,
        path=config_of(request).base_path or "/",
        httponly=True,
        samesite="lax",
        secure=needs_tls(request),
    )
