"""Several requests at the same moment, over real connections: one wins, the others are told, and the sums stay right."""

from __future__ import annotations

import base64
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.store import tables
from tests.server.access.world import World, build
from tests.server.conftest import API
from tests.server.databases import POSTGRESQL
from tests.server.live import live

pytestmark = pytest.mark.slow
Ask = tuple[str, str, Any]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Everybody, with one of everything."""
    server = request.getfixturevalue("postgres") if request.param == POSTGRESQL else None
    return build(tmp_path_factory.mktemp("races") / "world", server)


@dataclass
class Crowd:
    """A served world, and many who ask at once."""

    app: FastAPI
    url: str
    world: World

    def at_once(self, asks: list[Ask], who: tuple[str, ...] = ("owner",)) -> list[httpx.Response]:
        """All requests, sent when every connection stands; the n-th by the n-th of `who`, in turns."""
        ready = Barrier(len(asks))

        def ask(number: int) -> httpx.Response:
            method, path, body = asks[number]
            header = {"authorization": self.world.credentials[who[number % len(who)]] or ""}
            with httpx.Client(base_url=self.url, headers=header, timeout=60) as client:
                client.get(f"{API}/info")
                ready.wait(60)
                return client.request(method, API + path, json=body)

        with ThreadPoolExecutor(len(asks)) as pool:
            return list(pool.map(ask, range(len(asks))))

    def make(self, kind: str, who: str = "owner", **body: Any) -> str:
        """The id of a new object."""
        header = {"authorization": self.world.credentials[who] or ""}
        answer = httpx.post(f"{self.url}{API}/{kind}/", json=body, headers=header, timeout=60)
        assert answer.status_code == 201, answer.text
        api_id: str = answer.json()["api_id"]
        return api_id


@pytest.fixture
def crowd(world: World, tmp_path: Path) -> Iterator[Crowd]:
    """A world of its own for each test; afterwards every sum is made again and compared."""
    with world.copied(tmp_path / "world") as mine:
        app = create_app(mine.start.config)
        with live(app) as url:
            yield Crowd(app, url, mine)
        assert wrong_sums(app) == []
        app.state.tasks.close()
        app.state.store.close()


SUMS: list[tuple[Any, Callable[[], Any]]] = [
    (tables.Revision, lambda: [(tables.DataItem.revision_id, tables.DataItem)]),
    (tables.AssetRevision, lambda: [(tables.DataItem.asset_revision_id, tables.DataItem)]),
    (tables.Figure, lambda: [(tables.Revision.figure_id, tables.Revision)]),
    (tables.Asset, lambda: [(tables.AssetRevision.asset_id, tables.AssetRevision)]),
    (tables.Analysis, lambda: [(tables.Figure.analysis_id, tables.Figure)]),
    (
        tables.Workspace,
        lambda: [(tables.Analysis.workspace_id, tables.Analysis), (tables.Asset.workspace_id, tables.Asset)],
    ),
]


def wrong_sums(app: FastAPI) -> list[str]:
    """Objects whose size is not that of what is in them."""
    wrong = []
    with app.state.store.reading() as db:
        for kind, parts in SUMS:
            sums: Counter[str] = Counter()
            for column, part in parts():
                for parent, size in db.execute(select(column, func.sum(part.size_bytes)).group_by(column)):
                    sums[parent] += size
            told = db.execute(select(kind.id, kind.size_bytes)).all()
            wrong += [f"{kind.__name__} {api_id}: {size}" for api_id, size in told if size != sums[api_id]]
    return wrong


def _text(content: bytes, **metadata: Any) -> dict[str, Any]:
    return {"type": "text", "name": "t", "metadata": metadata, "data": base64.b64encode(content).decode()}


@pytest.mark.parametrize("kind", ["analysis", "figure", "revision", "asset", "asset_revision", "comment"])
def test_one_client_id_becomes_one_object(crowd: Crowd, kind: str) -> None:
    own = crowd.world.own
    body: dict[str, Any] = {"client_id": str(uuid.uuid4()), "name": "n"}
    body |= {"workspace": own["workspace"]} if kind in {"analysis", "asset"} else {}
    body |= {"analysis": own["analysis"]} if kind == "figure" else {}
    body |= {"figure": own["figure"], "metadata": {}, "data": [_text(b"12345")]} if kind == "revision" else {}
    body |= {"asset": own["asset"], "metadata": {}, "data": [_text(b"12345")]} if kind == "asset_revision" else {}
    if kind == "comment":
        body |= {"target_type": "figure_revision", "target_id": own["revision"], "content": "well"}
    answers = crowd.at_once([("POST", f"/{kind}/", body)] * 8)
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 7}, [one.text for one in answers]


def test_two_places_for_one_figure(crowd: Crowd) -> None:
    """Moved to two analyses at once, and back, while a revision comes in: it ends in one of them, with its bytes."""
    own = crowd.world.own
    targets = [crowd.make("analysis", name=name, workspace=own["workspace"]) for name in "ab"]
    figure = f"/figure/{own['figure']}/"
    revision = {"figure": own["figure"], "metadata": {}, "data": [_text(b"1234567")]}
    for _ in range(3):
        moves: list[Ask] = [("PATCH", figure, {"analysis": target}) for target in [*targets, own["analysis"]]]
        answers = crowd.at_once([*moves, ("POST", "/revision/", revision)])
        assert {one.status_code for one in answers} <= {200, 201}, [one.text for one in answers]


@pytest.mark.parametrize("kind", ["analysis", "figure", "revision"])
def test_appended_to_while_it_is_deleted(crowd: Crowd, kind: str) -> None:
    own = crowd.world.own
    append: Ask = ("POST", f"/revision/{own['revision']}/append_data/", {"data": [_text(b"123")]})
    gone, *appended = crowd.at_once([("DELETE", f"/{kind}/{own[kind]}/", None), append, append, append])
    assert gone.status_code == 204
    assert {one.status_code for one in appended} <= {200, 404}
    with crowd.app.state.store.reading() as db:
        left = db.scalar(select(func.count()).where(tables.DataItem.revision_id == own["revision"]))
    assert left == 0


def test_deleted_many_times(crowd: Crowd) -> None:
    answers = crowd.at_once([("DELETE", f"/figure/{crowd.world.own['figure']}/", None)] * 6)
    assert Counter(one.status_code for one in answers) == {204: 1, 404: 5}


def test_appended_twice_is_there_once(crowd: Crowd) -> None:
    path = f"/revision/{crowd.world.own['revision']}/append_data/"
    answers = crowd.at_once([("POST", path, {"data": [_text(b"123", local_id="one")]})] * 6)
    assert {one.status_code for one in answers} == {200}
    assert {len(one.json()["data"]) for one in answers} == {4}  # three that were there, and this one


def test_whole_lists_of_data_at_once(crowd: Crowd) -> None:
    """The last list stands as a whole, whichever that is."""
    path = f"/revision/{crowd.world.own['revision']}/"
    lists = [[_text(bytes([number]) * number)] * number for number in range(1, 7)]
    answers = crowd.at_once([("PUT", path, {"data": one}) for one in lists])
    assert {one.status_code for one in answers} == {200}
    with crowd.app.state.store.reading() as db:
        left = db.scalars(
            select(tables.DataItem.size_bytes).where(tables.DataItem.revision_id == crowd.world.own["revision"])
        ).all()
    assert left == [len(left)] * len(left)


def test_one_invitation_lets_in_one(crowd: Crowd) -> None:
    token = crowd.world.own["workspace_invitation_token"]
    guests = ("stranger", "guest", "link_visitor", "ex_member")
    answers = crowd.at_once([("POST", f"/invitations/workspace/{token}/accept", {})] * 8, guests)
    assert Counter(one.status_code for one in answers) == {200: 1, 404: 7}, [one.text for one in answers]


def test_the_last_admins_cannot_remove_each_other(crowd: Crowd) -> None:
    place = f"/organization/{crowd.world.own['organization']}/members"
    promoted = {"username": "org_viewer", "membership_type": "org_admin"}
    [answer] = crowd.at_once([("POST", f"{place}/change/", promoted)], ("org_admin",))
    assert answer.status_code == 200
    asks: list[Ask] = [
        ("POST", f"{place}/remove/", {"username": name, "membership_type": None}) for name in ("org_viewer", "org_admin")
    ]
    answers = crowd.at_once(asks, ("org_admin", "org_viewer"))
    assert sorted(one.status_code for one in answers) in ([200, 400], [200, 403])


def test_one_reaction_of_one_person(crowd: Crowd) -> None:
    body = {"comment": crowd.world.own["comment"], "emoji": "🎉"}
    answers = crowd.at_once([("POST", "/reaction/", body)] * 6)
    assert Counter(one.status_code for one in answers) == {201: 1, 200: 5}
    assert len({one.json()["api_id"] for one in answers}) == 1
