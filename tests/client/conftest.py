"""Our client on a real app, for several people; what is read must be of the contract to the last key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from contextvars import Context
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gofigr_jupyter.client.figures import Figure
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.schema.base import strict_mode
from gofigr_jupyter.server.store import people as store_people
from gofigr_jupyter.settings import Settings
from tests.server.conftest import ORIGIN, TOKEN, TestClient, app, config, started
from tests.server.people import person_named

__all__ = ["app", "config", "started"]

As = Callable[..., GoFigr]


class Apart(httpx.BaseTransport):
    """Strict reading is the client's affair: the server does not hear of it."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return Context().run(self._inner.handle_request, request)


@pytest.fixture
def wire(app: FastAPI) -> Iterator[httpx.BaseTransport]:
    """From a client to the app without a network."""
    with TestClient(app, base_url=ORIGIN) as client:
        yield Apart(client._transport)


@pytest.fixture
def connect(wire: httpx.BaseTransport, tmp_path: Path) -> Iterator[As]:
    """Makes clients of the app."""
    with ExitStack() as stack:

        def make(**options: Any) -> GoFigr:
            settings = Settings(home=tmp_path, url=ORIGIN)
            client = GoFigr(settings=settings, transport=wire, **{"patience": 0, **options})
            return stack.enter_context(client)

        with strict_mode():
            yield make


@pytest.fixture
def gf(connect: As) -> GoFigr:
    """The local user's client."""
    return connect(api_key=TOKEN)


@pytest.fixture
def as_user(app: FastAPI, connect: As) -> As:
    """`as_user("eve")` is a client with a key of Eve's, whose account is made when she is first called."""

    def make(name: str) -> GoFigr:
        with app.state.store.writing() as db:
            _, token = store_people.create_key(db, person_named(db, name).id, "a key", None, None)
        return connect(api_key=token)

    return make


@pytest.fixture
def figure(gf: GoFigr) -> Figure:
    """A figure without revisions."""
    return gf.find_figure("Decay", "Notes", create=True)
