"""Routes and their rules: none without one, and no answer that nobody was asked about."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.responses import Response

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server.family import Family, require_rules
from gofigr_jupyter.server.policy import READ
from gofigr_jupyter.server.web import answer
from tests.server.conftest import Client


def test_a_server_with_a_bare_route_does_not_start(app: FastAPI) -> None:
    @app.get("/bare")
    def bare() -> None:
        """A route that nobody is kept from."""

    with pytest.raises(GoFigrError, match="/bare"):
        require_rules(app)


def test_a_router_with_a_bare_route_is_not_served() -> None:
    family = Family("bare")
    family.router.add_api_route("/bare", lambda: None)
    with pytest.raises(GoFigrError, match="/bare"):
        require_rules(FastAPI(), [family.router])


def test_a_route_that_forgets_to_ask_answers_nothing(app: FastAPI, me: Client) -> None:
    family = Family("forgetful")

    @family.get("/forgetful", READ)
    def forgetful() -> Response:
        return answer({"secret": "of somebody else"})

    app.include_router(family.router)
    me._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    found = me.get("/forgetful")
    assert found.status_code == 500
    assert "secret" not in found.text
