"""Objects of others, named wherever an id may stand: in paths, queries and bodies, as parents, targets and links.

Everybody here is signed in and has one of everything, so that only the one foreign id can be the reason of a refusal.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from blake3 import blake3
from sqlalchemy import select

from gofigr_jupyter.server.store.tables import Base
from tests.server.access.world import PIXEL, Place, World, build
from tests.server.conftest import API

KINDS = ("analysis", "figure", "revision", "asset", "asset_revision")
PARENTS = {
    "analysis": "workspace",
    "figure": "analysis",
    "revision": "figure",
    "asset": "workspace",
    "asset_revision": "asset",
}
GAP = re.compile(r"\{(mine|theirs)\.(\w+)\}")
BYTES = base64.b64encode(b"mine").decode()


@dataclass(frozen=True)
class Attack:
    """One request; `{mine.kind}` and `{theirs.kind}` stand for ids, in the path and anywhere in the body."""

    method: str
    path: str
    body: Any = None
    statuses: frozenset[int] = field(default=frozenset({403}))

    def __str__(self) -> str:
        return re.sub(r"[^\w.{}=-]+", "_", f"{self.method} {self.path} {self.body or ''}")[:150]


def _link(whose: str = "theirs") -> list[dict[str, str]]:
    return [{"asset_revision": f"{{{whose}.asset_revision}}", "use_type": "direct"}]


def _item(**fields: Any) -> dict[str, Any]:
    return {"type": "text", "name": "n", "metadata": {}} | fields


def _children() -> Iterator[Attack]:
    for kind, parent in PARENTS.items():
        there = {parent: f"{{theirs.{parent}}}"}
        more: dict[str, Any] = {"name": "n"} if not kind.endswith("revision") else {"metadata": {}, "data": []}
        yield Attack("POST", f"/{kind}", there | more)
        for method in ("PUT", "PATCH"):
            yield Attack(method, f"/{kind}/{{mine.{kind}}}", there)
            yield Attack(method, f"/{kind}/{{theirs.{kind}}}", {parent: f"{{mine.{parent}}}"})  # to carry it off
        for path in ("thumbnail/64", "share/user", "share/link"):
            yield Attack("GET", f"/{kind}/{{theirs.{kind}}}/{path}")
        yield Attack("GET", f"//thumb/{kind}/{{theirs.{kind}}}/64")
        yield Attack("POST", f"/{kind}/{{theirs.{kind}}}/share/link", {"enabled": True})
        share = {"username": "stranger", "sharing_enabled": True}
        yield Attack("POST", f"/{kind}/{{theirs.{kind}}}/share/user", share)
        taken = {parent: f"{{mine.{parent}}}", "client_id": f"{{theirs.{kind}}}"}
        yield Attack("POST", f"/{kind}", taken | more, frozenset({409}))


def _places() -> Iterator[Attack]:
    yield Attack("POST", "/workspace", {"name": "n", "organization": "{theirs.organization}"})
    for method in ("PUT", "PATCH"):
        yield Attack(method, "/workspace/{mine.workspace}", {"organization": "{theirs.organization}"})
    for kind in ("workspace", "organization"):
        role = "admin" if kind == "workspace" else "org_admin"
        person = {"username": "stranger", "membership_type": role}
        for what in ("members", "invitations", "storage", "log"):
            yield Attack("GET", f"/{kind}/{{theirs.{kind}}}/{what}")
        for verb in ("add", "change", "remove"):
            yield Attack("POST", f"/{kind}/{{theirs.{kind}}}/members/{verb}", person)
        yield Attack("POST", f"/{kind}/{{theirs.{kind}}}/storage", {"vendor": "GoFigr.io", "params": None})
        yield Attack("POST", f"/{kind}/{{theirs.{kind}}}/storage/test", {"vendor": "GoFigr.io", "params": None})
        invited = {kind: f"{{theirs.{kind}}}", "email": "stranger@example.org", "membership_type": role}
        yield Attack("POST", f"/invitations/{kind}", invited)
        yield Attack("GET", f"/invitations/{kind}/{{theirs.{kind}_invitation}}")
        yield Attack("DELETE", f"/invitations/{kind}/{{theirs.{kind}_invitation}}")
        # an id is no token, and an invitation to one kind of place is none to the other
        other = "organization" if kind == "workspace" else "workspace"
        refused = frozenset({403, 404})
        yield Attack("POST", f"/invitations/{kind}/{{theirs.{kind}_invitation}}/accept", {}, refused)
        yield Attack("POST", f"/invitations/{other}/{{theirs.{kind}_invitation_token}}/accept", {}, refused)
    for kind in ("workspace", "organization", "analysis"):
        yield Attack("GET", f"/{kind}/{{mine.{kind}}}/log/{{theirs.{kind}_log}}", None, frozenset({404}))
    yield Attack("GET", "/analysis/{mine.analysis}/log/{mine.workspace_log}", None, frozenset({404}))
    for what in ("recent", "overview", "dashboard"):
        yield Attack("GET", f"/workspace/{{theirs.workspace}}/{what}")


def _content() -> Iterator[Attack]:
    for method, path in (
        ("POST", "/revision"),
        ("PUT", "/revision/{mine.revision}"),
        ("PATCH", "/revision/{mine.revision}"),
    ):
        yield Attack(method, path, {"figure": "{mine.figure}", "data": [], "assets": _link()})
        both = _link("mine") + _link()
        yield Attack(method, path, {"figure": "{mine.figure}", "data": [], "assets": both})
        stolen = [_item(api_id="{theirs.data}")]  # without bytes: to be given theirs
        yield Attack(method, path, {"figure": "{mine.figure}", "data": stolen}, frozenset({400}))
    yield Attack("POST", "/revision/auto-assign", {"analysis": "{theirs.analysis}", "metadata": {}, "data": []})
    linked = {"analysis": "{mine.analysis}", "metadata": {}, "data": [], "assets": _link()}
    yield Attack("POST", "/revision/auto-assign", linked)
    yield Attack("POST", "/revision/{theirs.revision}/derive", {"figure": "{mine.figure}"})
    yield Attack("POST", "/revision/{mine.revision}/derive", {"figure": "{theirs.figure}"})
    yield Attack("POST", "/revision/{theirs.revision}/append_data", {"data": [_item(data=BYTES)]})
    yield Attack("POST", "/asset_revision/{mine.asset_revision}/unlink", {"figure_revision": "{theirs.revision}"})
    yield Attack("POST", "/asset_revision/{theirs.asset_revision}/unlink", {"figure_revision": "{mine.revision}"})
    scoped = {"name": "n", "workspace": "{mine.workspace}", "analysis": "{theirs.analysis}"}
    yield Attack("POST", "/asset", scoped, frozenset({400, 403}))
    for method in ("PUT", "PATCH"):
        yield Attack(method, "/asset/{mine.asset}", {"analysis": "{theirs.analysis}"}, frozenset({400, 403}))
    for path in ("/data/{theirs.data}", "/data/{theirs.data}/storage", "//file/{theirs.data}/x", "//view/{theirs.page}"):
        yield Attack("GET", path)
    yield Attack("GET", "/revision/{theirs.revision}/data_lineage")


def _talk() -> Iterator[Attack]:
    here = {"target_type": "figure_revision", "target_id": "{mine.revision}", "content": "words"}
    yield Attack("POST", "/comment", here | {"target_id": "{theirs.revision}"})
    yield Attack("POST", "/comment", here | {"parent": "{theirs.comment}"})
    elsewhere = {"target_type": "asset", "target_id": "{mine.asset}", "parent": "{mine.comment}"}
    yield Attack("POST", "/comment", here | elsewhere, frozenset({400}))
    yield Attack("POST", "/comment", here | {"client_id": "{theirs.comment}"}, frozenset({409}))
    yield Attack("GET", "/comment?target_type=figure_revision&target_id={theirs.revision}")
    yield Attack("GET", "/events?target_type=figure_revision&target_id={theirs.revision}")
    yield Attack("PATCH", "/comment/{theirs.comment}", {"content": "other words"})
    yield Attack("DELETE", "/comment/{theirs.comment}")
    yield Attack("POST", "/comment/{theirs.comment}/ai_response", {})
    yield Attack("POST", "/reaction", {"comment": "{theirs.comment}", "emoji": "🎉"})
    yield Attack("DELETE", "/reaction/{theirs.reaction}")
    yield Attack("PATCH", "/notification/{theirs.notification}", {"is_read": True})


def _stories_and_insight() -> Iterator[Attack]:
    shown = [{"title": "t", "body": "b", "figure_revision": "{theirs.revision}"}]
    yield Attack("POST", "/story", {"workspace": "{mine.workspace}", "title": "t", "slides": shown})
    yield Attack("POST", "/story", {"workspace": "{theirs.workspace}", "title": "t", "slides": []})
    for method in ("PUT", "PATCH"):
        yield Attack(method, "/story/{mine.story}", {"slides": shown})
        yield Attack(method, "/story/{mine.story}", {"workspace": "{theirs.workspace}"})
        yield Attack(method, "/story/{theirs.story}", {"workspace": "{mine.workspace}"})
    order = {"workspace": "{mine.workspace}", "figures": ["{theirs.figure}"], "audience": "a"}
    yield Attack("POST", "/story/generate", order)
    yield Attack("POST", "/story/{mine.story}/generate_slide", {"figure_revision": "{theirs.revision}"})
    yield Attack("GET", "/story/{theirs.story}/export?format=md")
    yield Attack("GET", "/story?workspace={theirs.workspace}")
    yield Attack("GET", "/search?q=figure&workspace={theirs.workspace}")
    yield Attack("POST", "/deep_insight/query", {"figure_revision": "{theirs.revision}", "query": "q"})
    yield Attack("POST", "/deep_insight/extract_code", {"figure_revision": "{theirs.revision}"})
    yield Attack("POST", "/deep_insight/text_query", {"workspace": "{theirs.workspace}", "query": "q"})
    yield Attack("POST", "/deep_insight/compare", {"revisions": ["{mine.revision}", "{theirs.revision}"]})
    yield Attack("GET", "/ai_usage?workspace={theirs.workspace}")


def _belongings() -> Iterator[Attack]:
    yield Attack("POST", "/api_key", {"name": "n", "workspace": "{theirs.workspace}"})
    yield Attack("GET", "/api_key/{theirs.key}")
    yield Attack("DELETE", "/api_key/{theirs.key}")
    yield Attack("GET", "/user/{theirs.username}")
    yield Attack("PUT", "/user/{theirs.username}", {"first_name": "n"})
    yield Attack("PATCH", "/user/stranger", {"username": "{theirs.username}"})
    yield Attack("GET", "/metadata/{theirs.proxy_token}")
    yield Attack("DELETE", "/metadata/{theirs.proxy_token}")
    yield Attack("GET", "/task/{theirs.task}")
    yield Attack("POST", "/task/{theirs.task}/cancel", {})
    yield Attack("GET", "/task?workspace={theirs.workspace}")
    yield Attack("DELETE", "/ssh_key/{theirs.ssh_key}")
    source = {"url": "git@127.0.0.1:ours/repo.git", "ssh_key": "{theirs.ssh_key}"}
    yield Attack("POST", "/git/check", source)
    yield Attack("POST", "/upload", {"workspace": "{mine.workspace}", "git": source})
    plain = {"url": "https://127.0.0.1/repo.git"}
    yield Attack("POST", "/upload", {"workspace": "{theirs.workspace}", "git": plain})
    into = {"workspace": "{mine.workspace}", "analysis": "{theirs.analysis}", "git": plain}
    yield Attack("POST", "/upload", into, frozenset({400, 403}))


ATTACKS = [*_children(), *_places(), *_content(), *_talk(), *_stories_and_insight(), *_belongings()]


@dataclass
class Scene:
    """A running server, the stranger who attacks, and the owner of what is attacked."""

    app: Any
    clients: dict[str, httpx.Client]
    world: World

    @property
    def mine(self) -> Place:
        """What the attacker has."""
        return self.world.other

    @property
    def theirs(self) -> Place:
        """What they are after."""
        return self.world.own

    def filled(self, value: Any) -> Any:
        """A path or body with the ids in it."""
        if isinstance(value, str):
            return GAP.sub(lambda gap: getattr(self, gap[1])[gap[2]], value)
        if isinstance(value, dict):
            return {name: self.filled(one) for name, one in value.items()}
        return [self.filled(one) for one in value] if isinstance(value, list) else value

    def ask(self, attack: Attack, who: str = "stranger") -> httpx.Response:
        """The attack."""
        path = self.filled(attack.path)
        where = path[1:] if path.startswith("//") else API + path
        return self.clients[who].request(attack.method, where, json=self.filled(attack.body))

    def rows(self) -> dict[str, Any]:
        """All that the server knows."""
        with self.app.state.store.reading() as db:
            return {
                table.name: sorted(map(repr, db.execute(select(table)).all())) for table in Base.metadata.sorted_tables
            }

    def seen_by_owner(self) -> list[Any]:
        """What the attacked have, in their own eyes."""
        paths = ["/revision/{theirs.revision}", "/data/{theirs.data}", "/asset_revision/{theirs.asset_revision}"]
        return [self.ask(Attack("GET", path), "owner").json() for path in paths]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One world for all: what is refused leaves nothing behind."""
    world = build(tmp_path_factory.mktemp("idor") / "world")
    app, clients = world.open()
    yield Scene(app, clients, world)
    for client in clients.values():
        client.close()
    app.state.tasks.close()
    app.state.store.close()


def leaks(scene: Scene, answer: httpx.Response, sent: str) -> list[str]:
    """What an answer tells of the attacked that was not in the question."""
    return [kind for kind, one in scene.theirs.ids.items() if len(one) > 20 and one in answer.text and one not in sent]


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_is_refused_and_leaves_nothing_behind(scene: Scene, attack: Attack) -> None:
    before = scene.rows()
    answer = scene.ask(attack)
    assert answer.status_code in attack.statuses, answer.text
    assert leaks(scene, answer, repr(scene.filled([attack.path, attack.body]))) == []
    assert scene.rows() == before


def test_the_same_requests_for_own_objects_are_served(scene: Scene) -> None:
    """What is refused above is refused for the foreign id alone: the same reads of one's own things succeed."""
    for attack in ATTACKS:
        if attack.method == "GET" and "{theirs" in attack.path and "{mine" not in attack.path and "/events" not in attack.path:
            own = Attack("GET", attack.path.replace("{theirs", "{mine"))
            answer = scene.ask(own)
            assert answer.is_success or (answer.status_code == 404 and "thumb" in own.path), f"{own}: {answer.text}"


@pytest.mark.parametrize("way", ["POST", "PUT", "PATCH", "append"])
def test_data_under_foreign_ids_become_objects_of_their_own(scene: Scene, way: str) -> None:
    """Who sends bytes under the id of somebody else's data object neither changes nor takes it."""
    theirs = scene.seen_by_owner()
    empty: dict[str, Any] = {"figure": "{mine.figure}", "metadata": {}, "data": []}
    fresh = scene.ask(Attack("POST", "/revision", empty)).json()["api_id"]
    for target in ("{theirs.data}", "{theirs.asset_data}"):
        data = [_item(api_id=target, data=BYTES)]
        if way == "append":
            attack = Attack("POST", f"/revision/{fresh}/append_data", {"data": data})
        elif way == "POST":
            attack = Attack("POST", "/revision", empty | {"data": data})
        else:
            attack = Attack(way, f"/revision/{fresh}", {"data": data})
        answer = scene.ask(attack)
        assert answer.is_success, answer.text
        assert scene.filled(target) not in [one["api_id"] for one in answer.json()["data"]]
        assert leaks(scene, answer, "") == []
    assert scene.seen_by_owner() == theirs


def test_a_back_link_in_the_body_is_not_read(scene: Scene) -> None:
    there = [{"figure_revision": "{theirs.revision}", "asset_revision": "{mine.asset_revision}", "use_type": "direct"}]
    answer = scene.ask(Attack("PATCH", "/asset_revision/{mine.asset_revision}", {"figure_revisions": there}))
    assert answer.is_success
    assert leaks(scene, answer, "") == []
    swapped = [{"figure_revision": "{theirs.revision}", "asset_revision": "{mine.asset_revision}", "use_type": "direct"}]
    answer = scene.ask(Attack("PATCH", "/revision/{mine.revision}", {"assets": swapped}))
    assert leaks(scene, answer, "") == []
    seen = scene.ask(Attack("GET", "/revision/{theirs.revision}"), "owner").json()
    assert [link["asset_revision"] for link in seen["assets"]] == [scene.theirs["asset_revision"]]


def test_what_is_found_is_ones_own(scene: Scene) -> None:
    """The same names, bytes and pictures are in both workspaces; each finds those of their own."""
    digest = blake3(b"1,2,3").hexdigest()
    found = {
        "name": scene.ask(Attack("POST", "/asset/find_by_name", {"name": "asset"})),
        "hash": scene.ask(Attack("POST", "/asset_revision/find_by_hash", {"digest": digest, "hash_type": "blake3"})),
        "image": scene.ask(Attack("POST", "/search/image", {"data": base64.b64encode(PIXEL).decode()})),
        "words": scene.ask(Attack("GET", "/search?q=figure")),
        "comment": scene.ask(Attack("GET", "/search?q=words&type=comment,story")),
    }
    for name, answer in found.items():
        assert answer.status_code == 200, (name, answer.text)
        assert leaks(scene, answer, "") == [], name
        assert scene.mine["workspace"] in answer.text or any(scene.mine[kind] in answer.text for kind in KINDS), name
    for path, body in (
        ("/asset/find_by_name", {"name": "asset", "analysis": "{theirs.analysis}"}),
        ("/asset_revision/find_by_hash", {"digest": digest, "hash_type": "blake3", "analysis": "{theirs.analysis}"}),
    ):
        assert scene.ask(Attack("POST", path, body)).json() == []


def test_availability_says_forbidden_and_nothing_else(scene: Scene) -> None:
    answer = scene.ask(Attack("GET", "/deep_insight/availability?figure_revision={theirs.revision}"))
    assert answer.status_code == 403 or answer.json() | {"engine": None} == {
        "available": False, "reason": "forbidden", "engine": None, "remaining": None, "resets_on": None,
    }  # fmt: skip


def test_a_short_id_from_a_reserved_prefix_is_its_owners_alone(scene: Scene) -> None:
    prefix = scene.ask(Attack("POST", "/short_id_prefix/reserve", {}), "owner").json()["prefix"]
    draft = {"figure": "{mine.figure}", "metadata": {}, "data": [], "short_id": f"{prefix}0"}
    assert scene.ask(Attack("POST", "/revision", draft)).status_code == 400
    assert scene.ask(Attack("PATCH", "/revision/{mine.revision}", {"short_id": f"{prefix}0"})).status_code == 400
    taken = {"figure": "{theirs.figure}", "metadata": {}, "data": [], "short_id": f"{prefix}0"}
    assert scene.ask(Attack("POST", "/revision", taken), "owner").status_code == 201


def test_a_page_that_begins_after_somebody_elses_row_shows_nothing_of_it(scene: Scene) -> None:
    """A cursor is no way in: one made of foreign ids pages through the caller's own list."""
    raw = f'["2020-01-01T00:00:00+00:00", "{scene.theirs["comment"]}"]'.encode()
    cursor = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    for path in ("/notification?", "/story?", "/task?", "/comment?target_type=figure_revision&target_id={mine.revision}&"):
        answer = scene.ask(Attack("GET", f"{path}cursor={cursor}"))
        assert answer.status_code == 200, answer.text
        assert leaks(scene, answer, "") == []
