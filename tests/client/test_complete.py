"""No request of the contract that the client does not make, and none that it makes beside the contract."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gofigr_jupyter.client.fig1 import Fig1
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.pieces import text
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import NotFound
from gofigr_jupyter.schema.accounts import User
from gofigr_jupyter.schema.assets import AssetRevisionDraft
from gofigr_jupyter.schema.comments import Author, Comment
from gofigr_jupyter.schema.figures import FigureDraft, RevisionDraft
from gofigr_jupyter.settings import Settings

ID = "3f2b8a52-0000-4000-8000-000000000001"
# For the parameters that an id does not suit.
GIVEN: dict[str, Any] = {
    "target": ("figure", ID),
    "role": "viewer",
    "me": str,
    "email": "ann@example.org",
    "kind": "workspace",
    "draft": FigureDraft(name="n"),
    "items": [text("t")],
    "figures": [ID],
    "picture": b"p",
    "vendor": "aws",
    "metadata": {},
    "expiry": datetime.now(UTC),
}
SAID = Comment(api_id=ID, target_type="figure", target_id=ID, author=Author(username="ann"), created_on=datetime.now(UTC))
MORE: dict[str, dict[str, Any]] = {
    "comments.reply": {"comment": SAID},
    "api_keys.create": {"name": "n"},
    "ssh_keys.create": {"name": "n"},
    "organizations.add_member": {"role": "org_admin"},
    "organizations.change_member": {"role": "org_admin"},
    "invitations.to_organization": {"role": "org_admin"},
    "revisions.update": {"draft": RevisionDraft()},
    "asset_revisions.update": {"draft": AssetRevisionDraft()},
    "users.change": {"user": User(username="ann")},
    "invitations.get": {"kind": "organization"},
    "invitations.delete": {"kind": "organization"},
}
NOT_A_REQUEST = {"close", "request", "at", "page_url"}
# The sign-in asks for tokens by itself; a user's record is written by PUT; Fig1's API has a client of its own.
NOT_ASKED = {"POST /api/token", "POST /api/token/refresh", "PATCH /user/{}"}
NOT_ASKED |= {"POST /api/sdk/assets/upload", "GET /api/sdk/assets/folders", "POST /api/sdk/assets/folders"}


def requests_of_all_methods(gf: GoFigr, path: Path) -> None:
    """Call everything once."""
    families = {name: one for name, one in vars(gf).items() if not isinstance(one, Transport | Settings)}
    for family_name, family in {"gf": gf, **families}.items():
        for name, function in inspect.getmembers(type(family), inspect.isfunction):
            if name in NOT_A_REQUEST or (name.startswith("_") and name != "__call__"):
                continue
            required = [
                one.name
                for one in list(inspect.signature(function).parameters.values())[1:]
                if one.default is inspect.Parameter.empty
            ]
            given = {one: path if one == "path" else GIVEN.get(one, ID) for one in required}
            if name == "link_sharing":  # without `enabled` it looks
                with suppress(NotFound):
                    function(family, ID, True)
            with suppress(NotFound):
                found = function(family, **given | MORE.get(f"{family_name}.{name}", {}))
                if inspect.isgenerator(found):
                    next(found)


@pytest.fixture
def asked(tmp_path: Path) -> set[str]:
    """All requests that the methods of a client make."""
    made: set[str] = set()

    def refuse(request: httpx.Request) -> httpx.Response:
        made.add(f"{request.method} {request.url.path.rstrip('/')}")
        return httpx.Response(404, json={"detail": "no"})

    path = tmp_path / "file.txt"
    path.write_text("t")
    settings = Settings(home=tmp_path, url="https://example.org", api_key="k")
    with GoFigr(settings=settings, transport=httpx.MockTransport(refuse)) as gf:
        requests_of_all_methods(gf, path)
    with Fig1("k", "https://example.org", settings, transport=httpx.MockTransport(refuse)) as fig1:
        for ask in (fig1.folders, lambda: fig1.upload(path), lambda: fig1._made("n", "n", None)):
            with suppress(NotFound):
                ask()
    return made


def operations(app: FastAPI) -> Iterator[tuple[str, re.Pattern[str]]]:
    """All requests of the server's document, by a short name."""
    for path, methods in app.openapi()["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path.replace("{version}", "v1.4.1").rstrip("/")))
        short = re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/{version}").rstrip("/"))
        for method in methods if path.startswith("/api/") else ():
            yield f"{method.upper()} {short}", re.compile(f"{method.upper()} {pattern}")


def test_every_request(asked: set[str], app: FastAPI) -> None:
    contract = dict(operations(app))
    unasked = {name for name, pattern in contract.items() if not any(map(pattern.fullmatch, asked))}
    assert sorted(unasked - NOT_ASKED) == []
    fig1 = re.compile(r"(POST /api/sdk/assets/upload|(GET|POST) /api/sdk/assets/folders)")
    known = [*contract.values(), re.compile(r"POST /\.gofigr/ticket"), fig1]
    assert sorted(one for one in asked if not any(pattern.fullmatch(one) for pattern in known)) == []
