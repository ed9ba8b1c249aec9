"""The guard before every route: Host (against DNS rebinding), Origin, whether cookies count, and safe headers out.

Sec-Fetch-Site decides about cookies too, because browsers take all ports of 127.0.0.1 for one site and send our cookie
to, and from, any of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gofigr_jupyter.server import crossing
from gofigr_jupyter.server.cdn import envelope
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.crossing import Opening

LEAVE = "gofigr.leave"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_POLICY = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'self'; script-src 'self'; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: browsers then send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": CONTENT_POLICY,
    "cache-control": "private, no-cache",
}


class Guard:
    """ASGI middleware; `seen` is called for each request that is let in, `left` when it has ended."""

    def __init__(
        self,
        app: ASGIApp,
        config: ServerConfig,
        seen: Callable[[], None] | None,
        left: Callable[[], None] | None,
    ) -> None:
        self._app = app
        self._config = config
        self._seen = seen
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it with a refusal."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # nothing here speaks WebSocket; uvicorn answers 403 when the app returns
        headers = Headers(scope=scope)
        path = plain_path(scope["path"])
        opening = crossing.opening(path, _wanted_method(scope, headers))
        problem = self._problem(headers, any_origin=opening is not None)
        if problem is not None:
            await _refuse(send, path, *problem)
            return
        if opening is not None and scope["method"] == "OPTIONS":
            await _allow(send, headers, opening)
            return
        scope["gofigr.cookies_count"] = opening is None and _cookies_count(scope["method"], headers)
        leave = _once(self._left)
        scope[LEAVE] = leave
        if self._seen:
            self._seen()
        try:
            await self._app(scope, receive, _with_headers(send, opening.headers if opening else {}))
        finally:
            leave()

    def _problem(self, headers: Headers, *, any_origin: bool) -> tuple[int, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return 400, "Exactly one Host header is needed."
        host = hosts[0].lower()
        if self._config.allowed_hosts and host not in self._config.allowed_hosts:
            return 403, "This server does not answer to that name."
        origins = [] if any_origin else headers.getlist("origin")
        if any(origin.lower() not in {f"http://{host}", f"https://{host}"} for origin in origins):
            return 403, "Requests from other origins are not answered."
        return None


def count_no_more(scope: Scope) -> None:
    """From now on this request is no reason to keep the server running; for streams, which may last for ever."""
    scope[LEAVE]()


def _once(left: Callable[[], None] | None) -> Callable[[], None]:
    waiting = [left] if left else []

    def leave() -> None:
        if waiting:
            waiting.pop()()

    return leave


def _wanted_method(scope: Scope, headers: Headers) -> str:
    """The method; where a browser asks on behalf of a page, the one that it asks about."""
    method: str = scope["method"]
    return headers.get("access-control-request-method", "") if method == "OPTIONS" else method


async def _allow(send: Send, headers: Headers, opening: Opening) -> None:
    allowed = {**HEADERS, **opening.headers, "allow": ", ".join(opening.methods)}
    if headers.get("access-control-request-private-network") == "true":  # a page on the web, a server on this machine
        allowed["access-control-allow-private-network"] = "true"
    raw = [(name.encode(), value.encode()) for name, value in allowed.items()]
    await send({"type": "http.response.start", "status": 204, "headers": raw})
    await send({"type": "http.response.body", "body": b""})


def _cookies_count(method: str, headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site in {"same-origin", "none"}:
        return True
    if site is not None:  # a link that somebody followed is fine, anything a foreign page does by itself is not
        is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return method in SAFE_METHODS and is_link
    return method in SAFE_METHODS or "origin" in headers  # which was found to be our own


def _with_headers(send: Send, extra: Mapping[str, str]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.update(extra)
        await send(message)

    return sending


async def _refuse(send: Send, path: str, status: int, detail: str) -> None:
    said = {"detail": detail}
    body = json.dumps(envelope.failure(said) if envelope.covers(path) else said).encode()
    raw = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    raw += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


class OnePath:
    """Makes one path of all spellings: with or without trailing slash, with slashes doubled; never by a redirect."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its plain path."""
        if scope["type"] == "http":
            plain = plain_path(scope["path"])
            scope = {**scope, "path": plain, "raw_path": plain.encode("utf-8", "surrogateescape")}
        await self._app(scope, receive, send)


def plain_path(path: str) -> str:
    """The one spelling of a path."""
    return "/" + "/".join(part for part in path.split("/") if part)
