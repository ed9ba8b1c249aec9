"""Puts the server together: store, guard, routes. One app serves one data folder, in one process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from itertools import chain
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server import accounts, docs, proving, replies, resets, telling, tokens
from gofigr_jupyter.server.cdn import envelope
from gofigr_jupyter.server.cdn.darkroom import Darkroom
from gofigr_jupyter.server.cdn.doorstep import Doorstep
from gofigr_jupyter.server.cdn.receiving import Receiver
from gofigr_jupyter.server.cdn.shelf import Front, Shelf
from gofigr_jupyter.server.config import ServerConfig, package_version
from gofigr_jupyter.server.documents.meaning import Meaning
from gofigr_jupyter.server.family import Methods, require_rules
from gofigr_jupyter.server.fetching import Reach
from gofigr_jupyter.server.git.repository import Remote
from gofigr_jupyter.server.imports import kinds
from gofigr_jupyter.server.insight.ahead import Ahead
from gofigr_jupyter.server.insight.desk import Desk
from gofigr_jupyter.server.loopback import Guard, OnePath, plain_path
from gofigr_jupyter.server.mail import Post
from gofigr_jupyter.server.pages import asset_pages, entrance, media, settings, verifying
from gofigr_jupyter.server.pages import family as pages
from gofigr_jupyter.server.pages import tables as table_pages
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.routes import accounts as account_routes
from gofigr_jupyter.server.routes import (
    assets,
    browser,
    bundles,
    comments,
    data,
    events,
    fig1,
    figures,
    files,
    git,
    insight,
    invitations,
    members,
    metadata,
    notifications,
    organizations,
    reactions,
    revisions,
    search,
    sharing,
    sites,
    ssh_keys,
    storage,
    stories,
    system,
    tasks,
    uploads,
    workspaces,
)
from gofigr_jupyter.server.store.blobs import OutOfReach
from gofigr_jupyter.server.store.disk import DiskFull, is_full
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.streams import Places
from gofigr_jupyter.server.tasks import Tasks
from gofigr_jupyter.server.throttle import Throttle
from gofigr_jupyter.server.views import known_version

log = logging.getLogger(__name__)
VERSIONED = "/api/{version}"
UNVERSIONED = (
    system.unversioned,
    account_routes.unversioned,
    browser.family,
    files.family,
    fig1.family,
    entrance.family,
    settings.family,
    asset_pages.family,
    media.family,
    table_pages.family,
    verifying.family,
    pages,
)
FAMILIES = (
    system.family,
    account_routes.family,
    workspaces.family,
    organizations.family,
    members.family,
    invitations.family,
    figures.family,
    revisions.family,
    bundles.family,
    data.family,
    comments.family,
    reactions.family,
    notifications.family,
    events.family,
    assets.family,
    sites.family,
    sharing.family,
    storage.family,
    metadata.family,
    tasks.family,
    ssh_keys.family,
    git.family,
    uploads.family,
    stories.family,
    search.family,
    insight.family,
)


def create_app(
    config: ServerConfig, *, seen: Callable[[], None] | None = None, left: Callable[[], None] | None = None
) -> FastAPI:
    """The server for a data folder, ready to answer; `seen` and `left` are told of each request's begin and end."""
    meaning = Meaning.load(config.embeddings) if config.embeddings else None  # first of all: it may not be there
    store = Store.in_folder(config.data_dir, config.database)
    tokens.ensure_signing_key(store)
    if config.embedded:
        accounts.ensure_local_user(store)
    shelf = Shelf(lambda: store.database.version)
    app = FastAPI(
        title="gofigr_jupyter server",
        version=package_version(),
        docs_url=None,  # FastAPI's own pages load scripts from a CDN
        redoc_url=None,
        redirect_slashes=False,
        routes=[*_routes()],
        middleware=[
            Middleware(Guard, config=config, seen=seen, left=left),
            Middleware(OnePath),
            Middleware(Front, shelf=shelf),
        ],
    )
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _missed)
    app.add_exception_handler(GoFigrError, _failed)
    app.add_exception_handler(OSError, _failed)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _failed)
    app.state.store = store
    app.state.meaning = meaning
    app.state.config = config
    app.state.throttle = Throttle()
    app.state.places = Places()
    app.state.remote = Remote(Reach(config.reachable), config.data_dir)
    app.state.receiver = Receiver(store, config)
    app.state.doorstep = Doorstep(store, app.state.receiver)
    app.state.shelf = shelf
    app.state.darkroom = Darkroom(store.cache)
    app.state.tasks = Tasks(store, began=seen, ended=left)
    app.state.desk = Desk.of(store, config.insight, meaning)
    app.state.ahead = Ahead.of(store)
    replies.register(app.state.tasks, app.state.desk)
    telling.register(app.state.tasks, app.state.desk)
    proving.register(app.state.tasks, config)
    kinds.register(app.state.tasks, store, config.data_dir, app.state.remote)
    app.state.tasks.recover()
    app.state.post = Post(config.mail) if config.mail else None
    app.state.resets = resets.Requests(store, app.state.post, config.public_url, app.state.throttle)
    routers = _routers()
    require_rules(app, chain.from_iterable(routers.values()))
    docs.install(app, routers)
    return app


def _routers() -> dict[str, list[APIRouter]]:
    return {"": [one.router for one in UNVERSIONED], VERSIONED: [one.router for one in FAMILIES]}


@cache
def _methods() -> Methods:
    return Methods(_routers())


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Those of all families, for every app of this process: FastAPI takes half a second to work out what they take."""
    every = APIRouter()
    for family in UNVERSIONED:
        every.include_router(family.router)
    for family in FAMILIES:
        every.include_router(family.router, prefix=VERSIONED, dependencies=[Depends(known_version)])
    return tuple(every.routes)


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        return _failed(request, error)
    return _told(request, error.body, error.status, error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        return _failed(request, error)
    return _told(request, {str(one["loc"][-1]): [one["msg"]] for one in error.errors()}, 400)


def _missed(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _failed(request, error)
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"allow": ", ".join(_methods().at(request.scope["path"]))}
    return _told(request, {"detail": error.detail}, error.status_code, headers)


def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # which nobody reads


def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, OutOfReach) or is_full(error):
        log.warning("%s %s: %s", request.method, request.url.path, error)
        status, told = (503, str(error)) if isinstance(error, OutOfReach) else (507, str(DiskFull()))
        return _told(request, {"detail": told}, status)
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _told(request, {"detail": "The server failed; its log says why."}, 500)


def _told(request: Request, body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> Response:
    if envelope.covers(plain_path(request.scope["path"])):
        # Answers to what nobody foresaw do not pass the guard, which says this of all others.
        headers = {**(headers or {}), "access-control-allow-origin": "*"}
        body = envelope.failure(body)
    return JSONResponse(body, status, headers=headers)
