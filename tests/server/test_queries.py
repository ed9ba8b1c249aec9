"""As many SQL statements for many rows as for few, in every list, object and page: one table, which knows every GET.

A new GET needs a line in ROUTES, or a reason in UNCOUNTED; what it lists must grow in `World.grow`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from blake3 import blake3
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.engine import Engine

from gofigr_jupyter.server.insight.ahead import Ahead
from gofigr_jupyter.server.store import people, tree, work
from tests.server.conftest import (
    API,
    Client,
    Maker,
    created,
    found,
    image,
    make_analysis,
    make_asset,
    make_asset_revision,
    make_figure,
    make_revision,
    text,
    workspace_of,
)
from tests.server.test_files import png

CONTENT = "the same everywhere"
DIGEST = blake3(CONTENT.encode()).hexdigest()
KINDS = ("analysis", "figure", "revision", "asset", "asset_revision")

# By the paths of the OpenAPI document, below the version: what to ask for, with the ids of a World.
ROUTES = {
    "bootstrap": "bootstrap/",
    "user": "user",
    "user/{username}": "user/{username}",
    "api_key": "api_key/",
    "api_key/{key_id}": "api_key/{key}/",
    "workspace": "workspace/",
    "workspace/{api_id}": "workspace/{workspace}/",
    "workspace/{api_id}/log": "workspace/{workspace}/log/",
    "workspace/{api_id}/log/{log_id}": "workspace/{workspace}/log/{line}/",
    "workspace/{api_id}/recent": "workspace/{workspace}/recent/",
    "workspace/{api_id}/overview": "workspace/{workspace}/overview/",
    "workspace/{api_id}/dashboard": "workspace/{workspace}/dashboard/?activity_limit=50",
    "workspace/{api_id}/members": "workspace/{workspace}/members/",
    "workspace/{api_id}/invitations": "workspace/{workspace}/invitations/",
    "workspace/{api_id}/storage": "workspace/{workspace}/storage/",
    "organization": "organization/",
    "organization/{api_id}": "organization/{organization}/",
    "organization/{api_id}/log": "organization/{organization}/log/",
    "organization/{api_id}/log/{log_id}": "organization/{organization}/log/{line}/",
    "organization/{api_id}/members": "organization/{organization}/members/",
    "organization/{api_id}/invitations": "organization/{organization}/invitations/",
    "organization/{api_id}/storage": "organization/{organization}/storage/",
    "invitations/{kind}/{token_or_id}": "invitations/workspace/{invitation}",
    "analysis/{api_id}/log": "analysis/{analysis}/log/",
    "analysis/{api_id}/log/{log_id}": "analysis/{analysis}/log/{analysis_line}/",
    "data/{api_id}": "data/{data}/",
    "data/{api_id}/storage": "data/{data}/storage/",
    "comment": "comment/?target_type=figure_revision&target_id={revision}",
    "comment/{api_id}": "comment/{comment}/",
    "notification": "notification/",
    "task": "task/",
    "ssh_key": "ssh_key/",
    "site": "site/",
    "site/{api_id}/file": "site/{site}/file/?q=data&order=name",
    "site/{api_id}/file/{file_id}": "site/{site}/file/{site_file}/",
    "site/{api_id}/folder": "site/{site}/folder/",
    "site/{api_id}/key": "site/{site}/key/",
    "story": "story/",
    "story/{api_id}": "story/{story}/",
    "search": "search/?q=figure",
    "deep_insight/availability": "deep_insight/availability/?figure_revision={revision}",
    "revision/{api_id}/data_lineage": "revision/{revision}/data_lineage/",
    "ai_usage": "ai_usage/?workspace={workspace}",
}
for _kind in KINDS:
    ROUTES |= {
        _kind: f"{_kind}/",
        f"{_kind}/{{api_id}}": f"{_kind}/{{{_kind}}}/",
        f"{_kind}/{{api_id}}/share/link": f"{_kind}/{{{_kind}}}/share/link/",
        f"{_kind}/{{api_id}}/share/user": f"{_kind}/{{{_kind}}}/share/user/",
        f"{_kind}/{{api_id}}/thumbnail/{{size}}": f"{_kind}/{{{_kind}}}/thumbnail/16",
    }
SEARCHES = {
    "asset/find_by_name/": {"name": "waves.csv"},
    "asset_revision/find_by_hash/": {"digest": DIGEST},
}
PAGES = ("", "settings", *(f"{kind}/{{{kind}}}" for kind in ("workspace", *KINDS)))
PAGES += ("workspace/{workspace}/media", "media/{site_file}")
UNCOUNTED = {
    "info": "asks no rows",
    "data/{api_id}/rows": "one row, and its file",
    "metadata/{token}": "one row, and nothing below it",
    "story/{api_id}/export": "a file, with the pictures of its slides",
    "revision/{api_id}/bundle": "a file; its own test counts",
    "task/{api_id}": "one row, and nothing below it",
    "events": "a stream that does not end",
}
# What shows one thing, or numbers: its answer does not grow.
SINGLE = {
    "user",
    "user/{username}",
    "api_key/{key_id}",
    "workspace/{api_id}/log/{log_id}",
    "workspace/{api_id}/overview",
    "workspace/{api_id}/storage",
    "organization/{api_id}/log/{log_id}",
    "organization/{api_id}/storage",
    "site/{api_id}/file/{file_id}",
    "invitations/{kind}/{token_or_id}",
    "analysis/{api_id}/log/{log_id}",
    "data/{api_id}",
    "data/{api_id}/storage",
    "deep_insight/availability",
    "ai_usage",
} | {f"{kind}/{{api_id}}/{what}" for kind in KINDS for what in ("share/link", "thumbnail/{size}")}
AT_MOST = {"revision/{api_id}": 6, "figure/{api_id}": 6, "analysis/{api_id}": 6, "asset/{api_id}": 6}


class World:
    """One of everything, and ever more below it."""

    def __init__(self, app: FastAPI, client: Client, client_of: Maker) -> None:
        self.app, self.client, self.client_of = app, client, client_of
        home = workspace_of(client)
        self.username = home["created_by"]
        self.organization = created(client.post(f"{API}/organization/", json={"name": "lab"}))["api_id"]
        found(client.put(f"{API}/workspace/{home['api_id']}/", json=home | {"organization": self.organization}))
        self.ids: dict[str, str] = {
            "workspace": home["api_id"],
            "organization": self.organization,
            "username": self.username,
            "analysis": make_analysis(client)["api_id"],
            "asset": make_asset(client)["api_id"],
        }
        self.ids["figure"] = make_figure(client, analysis=self.ids["analysis"])["api_id"]
        made = make_revision(client, text("x"), image(png(8, 8)), figure=self.ids["figure"])
        version = make_asset_revision(client, text(CONTENT), image(png(8, 8)), asset=self.ids["asset"])
        self.ids["story"] = self.post("story/", workspace=home["api_id"], title="one")["api_id"]
        self.ids |= {"revision": made["api_id"], "asset_revision": version["api_id"], "data": made["data"][0]["api_id"]}
        self.ids["site"] = self.post("site/", workspace=home["api_id"])["api_id"]
        self.links: list[dict[str, str]] = []
        self.numbers = itertools.count()
        self.grow()
        self.ids["line"] = found(client.get(self.path("workspace/{workspace}/log/")))[0]["api_id"]
        self.ids["analysis_line"] = found(client.get(self.path("analysis/{analysis}/log/")))[0]["api_id"]

    def path(self, template: str) -> str:
        """A path with the ids of this world."""
        return f"{API}/{template.format(**self.ids)}"

    def post(self, template: str, **body: Any) -> dict[str, Any]:
        """Post something, anywhere."""
        answer = self.client.post(self.path(template), json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json() or {}

    def grow(self) -> None:
        """One more of everything that is listed anywhere."""
        number = next(self.numbers)
        token = self._grow_people(f"person{number}")
        self._grow_tree(number)
        self._grow_talk(f"person{number}", self.client_of(f"Token {token}"))
        self._grow_stories(number)
        self._grow_library(number)

    def _grow_people(self, name: str) -> str:
        with self.app.state.store.writing() as db:
            person = people.create_user(db, name)
            _, token = people.create_key(db, person.id, "for programs", None, None)
            me = people.user_named(db, self.username)
            assert me is not None
            here = self.ids["workspace"]
            work.create_task(db, tree.new_id(), "nothing", user_id=me.id, workspace_id=here, request={})
        self.post("workspace/{workspace}/members/add/", username=name, membership_type="viewer")
        self.post("organization/{organization}/members/add/", username=name, membership_type="workspace_viewer")
        for kind in KINDS:
            self.post(f"{kind}/{{{kind}}}/share/user/", username=name, sharing_enabled=True)
        self.ids["key"] = self.post("api_key/", name=name)["api_id"]
        self.post("ssh_key/", name=name)
        self.post("workspace/", name=name, organization=self.organization)
        self.post("organization/", name=name)
        for kind in ("workspace", "organization"):
            level = "viewer" if kind == "workspace" else "workspace_viewer"
            body = {"email": f"{name}@example.org", kind: self.ids[kind], "membership_type": level}
            self.ids.setdefault("invitation", self.post(f"invitations/{kind}/", **body)["api_id"])
        return token

    def _grow_tree(self, number: int) -> None:
        ids, client = self.ids, self.client
        make_analysis(client)
        make_figure(client, analysis=ids["analysis"])
        make_asset_revision(client, text(CONTENT), asset=ids["asset"])
        version = make_asset_revision(client, text(CONTENT), asset=make_asset(client)["api_id"])
        self.links.append({"asset_revision": version["api_id"], "use_type": "direct"})
        found(client.patch(self.path("revision/{revision}/"), json={"assets": self.links}))
        self.post("revision/{revision}/append_data/", data=[text(f"more {number}"), image(png(8, 8))])
        to_version = [{"asset_revision": ids["asset_revision"], "use_type": "indirect"}]
        make_revision(client, text("x"), figure=ids["figure"], assets=to_version)

    def _grow_talk(self, name: str, person: Client) -> None:
        about = {"target_type": "figure_revision", "target_id": self.ids["revision"], "parent": None}
        comment = self.post("comment/", content=f"@{name} @{self.username} see", **about)
        self.ids["comment"] = self.ids.get("comment", comment["api_id"])
        self.post("comment/", content="yes", **about | {"parent": self.ids["comment"]})
        for on, emoji in ((comment["api_id"], "\N{THUMBS UP SIGN}"), (self.ids["comment"], name_of_emoji(name))):
            self.post("reaction/", comment=on, emoji=emoji)
        created(person.post(f"{API}/comment/", json=about | {"content": f"@{self.username} look"}))

    def _grow_stories(self, number: int) -> None:
        slides = [{"title": "", "body": "", "figure_revision": self.ids["revision"]}] * (number + 1)
        self.post("story/", workspace=self.ids["workspace"], title="another", slides=slides)
        found(self.client.patch(self.path("story/{story}/"), json={"slides": slides}))

    def _grow_library(self, number: int) -> None:
        self.post("site/", workspace=self.ids["workspace"], name=f"site{number}")
        ticket = self.post("site/{site}/upload/", filename="data.txt", contentType="text/plain", folder=f"f{number}")
        found(self.client.put(ticket["uploadUrl"], content=CONTENT.encode(), headers={"content-type": "text/plain"}))
        self.post("site/{site}/key/")
        files = found(self.client.get(self.path("site/{site}/file/")))["results"]
        self.ids.setdefault("site_file", files[0]["api_id"])


def name_of_emoji(name: str) -> str:
    """Another emoji for each person, as one person's same reaction is one row."""
    return chr(0x1F600 + int(name.removeprefix("person")))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that run within a block, without the begin of transactions."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def count(world: World) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The statements of each route, and how long its answer is."""
    counted, lengths = {}, {}
    world.app.state.ahead = Ahead.of(world.app.state.store)  # what was read ahead is read again, and counted
    for name, template in ROUTES.items():
        with statements() as seen:
            answer = world.client.get(world.path(template))
        found(answer)
        counted[name], lengths[name] = list(seen), len(answer.content)
    for name, body in SEARCHES.items():
        with statements() as seen:
            assert found(world.client.post(world.path(name), json=body))
        counted[name] = list(seen)
    for page in PAGES:
        with statements() as seen:
            assert world.client.get("/" + page.format(**world.ids)).status_code == 200
        counted[f"page {page}"] = list(seen)
    with statements() as seen:
        found(world.client.get("/api/v1.3/workspace/"))
    return counted | {"workspace of v1.3": list(seen)}, lengths


def test_many_rows_need_no_more_statements_than_few(app: FastAPI, me: Client, client_of: Maker) -> None:
    world = World(app, me, client_of)
    few, short = count(world)
    for _ in range(3):
        world.grow()
    many, long = count(world)
    assert [name for name in ROUTES if name not in SINGLE and long[name] < short[name] + 100] == []
    grown = {name: many[name][len(few[name]) :] for name in few if len(many[name]) != len(few[name])}
    assert grown == {}
    dear = {name: many[name] for name, most in AT_MOST.items() if len(many[name]) > most}
    assert dear == {}


def test_every_get_is_counted(app: FastAPI) -> None:
    prefix = "/api/{version}/"
    paths = app.openapi()["paths"]
    known = {path.removeprefix(prefix) for path in paths if path.startswith(prefix) and "get" in paths[path]}
    assert sorted(known - ROUTES.keys() - UNCOUNTED.keys()) == []
    assert sorted((ROUTES.keys() | UNCOUNTED.keys()) - known) == []


@pytest.mark.parametrize("kind", ["figure", "asset"])
def test_writing_costs_the_same_however_much_is_there(
    app: FastAPI, me: Client, client_of: Maker, kind: str
) -> None:
    world = World(app, me, client_of)

    def publish() -> int:
        body = {kind: world.ids[kind], "data": [text("x")], "metadata": {}}
        with statements() as seen:
            created(me.post(f"{API}/{'revision' if kind == 'figure' else 'asset_revision'}/", json=body))
        return len(seen)

    publish()
    few = publish()
    for _ in range(3):
        publish()
    assert publish() == few
