"""One rule for all spellings of a path: every version, with and without slash at the end, with slashes doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.access.rows import ROWS, Row
from tests.server.access.world import World, build
from tests.server.test_idor import Scene

WHO = ("anonymous", "viewer", "key_elsewhere")
VERSIONS = ("v1", "v1.1", "v1.2", "v1.3", "v1.4", "v1.9")
UNKNOWN = ("v0", "v2", "v1.", "v1.x", "v11", "V1.4", "v1.4.1-evil", "v1%2e4", "%76%31")
# A sample of what can be asked again and again: reads, and changes by those who may not make them.
ASKED = [row for row in ROWS if row.operation.startswith(("GET /", "PATCH /", "DELETE /")) and "_id}/" not in row.operation]
ASKED = [row for row in ASKED if row.operation.split("/")[1] not in {"file", "view", "thumb", "info"}]
ASKED = [row for row in ASKED if not row.is_endless][::2]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One world for all."""
    world: World = build(tmp_path_factory.mktemp("spellings") / "world")
    app, clients = world.open()
    yield Scene(app, clients, world)
    for client in clients.values():
        client.close()
    app.state.tasks.close()
    app.state.store.close()


def _asked(scene: Scene, row: Row) -> tuple[str, str, dict[str, str], object]:
    """Method, path without prefix, query and body of a row, about what is not the asker's to change."""
    place = scene.world.own
    api_id = place[row.subject] if row.subject else ""
    method, path = row.operation.split(" ", 1)
    for name, value in row.params.items():
        path = path.replace(f"{{{name}}}", place[value[1:-1]] if value.startswith("<") else value)
    while "{" in path:
        path = path.replace(path[path.index("{") : path.index("}") + 1], api_id, 1)
    query = {name: value.replace("{id}", api_id) for name, value in row.query.items()}
    return method, path, query, row.body(api_id, place) if row.body else None


@pytest.mark.parametrize("row", ASKED, ids=[f"{n}-{row.operation.replace('/', '.')}" for n, row in enumerate(ASKED)])
def test_every_spelling_has_the_same_answer(scene: Scene, row: Row) -> None:
    method, path, query, body = _asked(scene, row)
    wrong = {}
    for who in WHO:
        if method != "GET" and who in row.who:
            continue
        client = scene.clients[who]
        wanted = client.request(method, f"/api/v1.4.1{path}", params=query, json=body).status_code
        spelled = [f"/api/{version}{path}" for version in VERSIONS] if who == "viewer" else ["/api/v1" + path]
        spelled += [f"/api/v1.4.1{path}/", f"//api//v1.3{path}//"]
        for one in spelled:
            # an absolute address: of a path alone that begins with two slashes, httpx makes a host
            answer = client.request(method, f"{str(client.base_url).rstrip('/')}{one}", params=query, json=body)
            if answer.status_code != wanted:
                wrong[f"{who}: {one}"] = f"{answer.status_code}, not {wanted}"
    assert wrong == {}


@pytest.mark.parametrize("version", UNKNOWN[:-2])
def test_no_other_version_is_there(scene: Scene, version: str) -> None:
    for who in ("anonymous", "owner", "stranger"):
        answer = scene.clients[who].get(f"/api/{version}/workspace/{scene.theirs['workspace']}/")
        assert answer.status_code in {403, 404}
        assert scene.theirs["analysis"] not in answer.text


@pytest.mark.parametrize("version", UNKNOWN[-2:])
def test_an_encoded_version_is_the_same_version(scene: Scene, version: str) -> None:
    path = f"/api/{version}/workspace/{scene.theirs['workspace']}/"
    assert [scene.clients[who].get(path).status_code for who in ("anonymous", "owner", "stranger")] == [403, 200, 403]
