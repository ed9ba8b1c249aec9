"""Who may do what: every operation of the API, by everybody, on their own, on others', on what is gone or never was.

What must not be answered is refused with the status that the contract names, and with nothing about the object.
"""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gofigr_jupyter.server.store.database import FILE_NAME
from tests.server.access.rows import ENTRANCES, READERS, ROWS, Row
from tests.server.access.world import ACTORS, Place, World, build
from tests.server.conftest import API

VERSIONED = "/api/{version}"
UNVERSIONED = ("/.gofigr/", "/file/", "/view/", "/thumb/")
GAP = re.compile(r"\{(\w+)\}")
CURIOUS = ("anonymous", "owner", "stranger", "key_here", "key_expired")
OF_A_PERSON = {"username", "key", "ssh_key", "proxy_token"}  # the same person's in every place
NOT_THERE = {"anonymous": {401, 403, 404}, "key_expired": {401}}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world as it was made."""
    return build(tmp_path_factory.mktemp("access") / "world")


@pytest.fixture(scope="module")
def here(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """The world with its server running."""
    one = Here(world, tmp_path_factory.mktemp("access") / "running")
    yield one
    one.close()


class Here:
    """A running world."""

    def __init__(self, world: World, folder: Path) -> None:
        self._origin = world.folder / FILE_NAME
        self._rows = folder / FILE_NAME
        with world.copied(folder) as mine:
            self.app, self.clients = mine.open()

    def begin_again(self) -> None:
        """Everything as it was made; the server goes on, for starting one takes longer than all requests of a row."""
        with closing(sqlite3.connect(self._origin)) as origin, closing(sqlite3.connect(self._rows)) as rows:
            origin.backup(rows)

    def ask(self, who: str, row: Row, api_id: str, place: Place) -> httpx.Response:
        """Do what the row says, as somebody."""
        method, template = row.operation.split(" ", 1)
        path = template if template.startswith(UNVERSIONED) else API + template
        values = {name: _filled(value, api_id, place) for name, value in row.params.items()}
        path = GAP.sub(lambda gap: values.get(gap[1], api_id), path)
        query = {name: _filled(value, api_id, place) for name, value in row.query.items()}
        body = None if row.body is None else row.body(api_id, place)
        return self.clients[who].request(method, path, params=query, json=body)

    def close(self) -> None:
        """Let go of it."""
        for client in self.clients.values():
            client.close()
        self.app.state.store.close()


def _filled(value: str, api_id: str, place: Place) -> str:
    if value.startswith("<"):
        return place[value[1:-1]]
    return api_id if value == "{id}" else value


def operations(app: FastAPI) -> Iterator[str]:
    """Every operation of the OpenAPI document, by method and path without the version."""
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            yield f"{method.upper()} {path.removeprefix(VERSIONED)}"


def test_every_operation_has_a_row(here: Here) -> None:
    known = {row.operation for row in ROWS} | ENTRANCES
    assert set(operations(here.app)) - known == set()
    assert known - set(operations(here.app)) == set()


IDS = [f"{number:03}-{row.operation.replace('/', '.')}" for number, row in enumerate(ROWS)]


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_who_may(world: World, here: Here, row: Row) -> None:
    """Everybody, on the one object of the table."""
    api_id = world.own[row.subject] if row.subject else ""
    wrong = {}
    for who in ACTORS:
        if row.is_endless and who in row.who:
            continue
        if row.spends:
            here.begin_again()
        answer = here.ask(who, row, api_id, world.own)
        if problem := _problem(who, answer, allowed=who in row.who, place=world.own, asked=api_id, row=row):
            wrong[who] = problem
    if not row.operation.startswith("GET"):
        here.begin_again()
    assert wrong == {}


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.subject], ids=[i for i, r in zip(IDS, ROWS, strict=True) if r.subject]
)
def test_others_gone_and_never_were(world: World, here: Here, row: Row) -> None:
    """Objects of somebody else, open ones, deleted ones, ids that nobody was given, and what is no id at all."""
    subject = row.subject or ""
    wrong: dict[str, str] = {}
    here.begin_again()
    for who in ACTORS:
        if who != "stranger" and not row.is_secret:
            answer = here.ask(who, row, world.other[subject], world.other)
            if problem := _problem(who, answer, allowed=False, place=world.other, asked=world.other[subject], row=row):
                wrong[f"{who}, another's"] = problem
        if (
            who not in row.linked
            and who not in {"owner", "key_all"}
            and subject not in OF_A_PERSON
            and not row.is_secret
        ):
            answer = here.ask(who, row, world.linked[subject], world.linked)
            if problem := _problem(
                who, answer, allowed=False, place=world.linked, asked=world.linked[subject], row=row
            ):
                wrong[f"{who}, with the link"] = problem
        for label, api_id in _nowhere(world, subject).items() if who in CURIOUS else ():
            answer = here.ask(who, row, api_id, world.own)
            if answer.status_code not in NOT_THERE.get(who, {400, 403, 404}):
                wrong[f"{who}, {label}"] = f"{answer.status_code} {answer.text[:80]}"
    for who in row.linked if not (row.spends or row.is_endless) else ():
        answer = here.ask(who, row, world.linked[subject], world.linked)
        if problem := _problem(who, answer, allowed=True, place=world.linked, asked="", row=row):
            wrong[f"{who}, with the link"] = problem
    assert wrong == {}


def _nowhere(world: World, subject: str) -> Mapping[str, str]:
    gone = {"deleted": world.deleted[subject]} if subject in _GOES_WITH_ITS_WORKSPACE else {}
    return gone | {"random": str(uuid.uuid4()), "malformed": "no-such-id", "hostile": "%00' OR 1=1 --"}


_GOES_WITH_ITS_WORKSPACE = {
    "workspace", "analysis", "figure", "revision", "asset", "asset_revision", "data", "comment", "reaction", "story",
    "workspace_invitation", "notification", "site",
}  # fmt: skip


def _problem(who: str, answer: httpx.Response, *, allowed: bool, place: Place, asked: str, row: Row) -> str | None:
    """What is wrong with an answer; None when all is well."""
    said = f"{answer.status_code} {answer.text[:120]}"
    if allowed:
        granted = answer.is_success or answer.status_code in row.yes or _is_empty_picture(answer, row)
        return None if granted else said
    if who == "key_expired":
        return None if answer.status_code == 401 else said
    if answer.status_code not in row.refusals:
        return said
    leaked = [name for name, one in place.ids.items() if one != asked and len(one) > 30 and one in answer.text]
    return f"tells of {leaked}" if leaked else None


def _is_empty_picture(answer: httpx.Response, row: Row) -> bool:
    return row.operation.startswith("GET /thumb/") and answer.status_code == 404


def test_lists_show_nobody_what_is_not_theirs(world: World, here: Here) -> None:
    """No list, look-up or search gives an object of a place that the caller cannot see."""
    readers = {"own": READERS, "other": frozenset({"stranger"})}
    wrong: dict[str, Any] = {}
    for row in (
        row
        for row in ROWS
        if row.subject is None
        and row.operation != "GET /api_key"
        and row.operation.startswith(("GET", "POST /asset", "POST /search"))
    ):
        for who in ACTORS:
            text = here.ask(who, row, "", world.own).text
            for name, place in (("own", world.own), ("other", world.other)):
                shown = [kind for kind, one in place.ids.items() if len(one) > 30 and one in text]
                if shown and who not in readers[name]:
                    wrong[f"{row.operation} by {who}"] = (name, shown)
    assert wrong == {}
