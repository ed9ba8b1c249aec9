"""Users, tokens, keys, and who may do what to whose objects."""

from __future__ import annotations

import uuid

import pytest
from fastapi import FastAPI

from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.config import ServerConfig
from tests.server.conftest import (
    API,
    ORIGIN,
    Client,
    Maker,
    created,
    found,
    make_figure,
    make_revision,
    text,
    workspace_of,
)


def test_token_endpoints_take_forms_and_json(other: Client, client_of: Maker) -> None:
    credentials = {"username": "eve", "password": "correct horse"}
    nobody = client_of()
    for path in (f"{ORIGIN}{one}" for one in ("/api/token", "/api/token/", "//api/token/")):
        for pair in (found(nobody.post(path, data=credentials)), found(nobody.post(path, json=credentials))):
            access = found(nobody.post("/api/token/refresh/", json={"refresh": pair["refresh"]}))["access"]
            assert client_of(f"Bearer {access}").get(f"{API}/user").json()[0]["username"] == "eve"
            # each token is good for its own use only
            assert client_of(f"Bearer {pair['refresh']}").get(f"{API}/user").status_code == 401
            assert nobody.post("/api/token/refresh/", data={"refresh": pair["access"]}).status_code == 401
    assert nobody.post("/api/token/", data=credentials | {"password": "x"}).status_code == 401
    assert nobody.post("/api/token/", data={"username": "nobody", "password": "x"}).status_code == 401
    assert nobody.post("/api/token/", data={"username": "eve"}).status_code == 400
    assert (
        nobody.post("/api/token/", content=b"username=eve", headers={"content-type": "text/plain"}).status_code == 415
    )


def test_the_local_user_has_one_primary_workspace_and_no_password(me: Client, client_of: Maker, app: FastAPI) -> None:
    accounts.ensure_local_user(app.state.store)  # a second start
    user = found(me.get(f"{API}/user"))[0]
    assert found(me.get(f"{API}/user/{user['username']}")) == user
    assert len(found(me.get(f"{API}/workspace/"))) == 1
    for password in ("", "None", " "):
        sign_in = client_of().post("/api/token/", json={"username": user["username"], "password": password})
        assert sign_in.status_code == 401


def test_strangers_are_refused_everything_with_the_same_words(me: Client, other: Client) -> None:
    revision = make_revision(me, text("secret"))
    figure = found(me.get(f"{API}/figure/{revision['figure']}/"))
    workspace = workspace_of(me)["api_id"]
    item = revision["data"][0]["api_id"]
    bodies = set()
    paths = [
        f"workspace/{workspace}",
        f"analysis/{figure['analysis']}",
        f"figure/{figure['api_id']}",
        f"revision/{revision['api_id']}",
    ]
    for path in paths:
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            answer = other.request(method, f"{API}/{path}/", json={} if method in {"PUT", "PATCH"} else None)
            assert answer.status_code == 403, (method, path)
            bodies.add(answer.text)
    for path in (
        *(f"{one}/log" for one in paths[:2]),
        *(f"{one}/thumbnail/64" for one in paths[1:]),
        f"workspace/{workspace}/recent",
        f"workspace/{workspace}/members",
        f"data/{item}",
        f"data/{item}/storage",
    ):
        answer = other.get(f"{API}/{path}")
        assert answer.status_code == 403, path
        bodies.add(answer.text)
    for path, body in (
        ("analysis", {"name": "a", "workspace": workspace}),
        ("figure", {"name": "f", "analysis": figure["analysis"]}),
        ("revision", {"figure": figure["api_id"], "data": [text("x")]}),
        (f"revision/{revision['api_id']}/append_data", {"data": [text("x")]}),
    ):
        answer = other.post(f"{API}/{path}/", json=body)
        assert answer.status_code == 403, path
        bodies.add(answer.text)
    for path in (f"/file/{item}/x.txt", f"/view/{item}", f"/thumb/revision/{revision['api_id']}/64"):
        assert other.get(path).status_code == 403
    assert len(bodies) == 1
    assert len(found(other.get(f"{API}/workspace/"))) == 1
    assert found(other.get(f"{API}/figure/")) == []


def test_nothing_moves_into_other_peoples_places(me: Client, other: Client) -> None:
    mine = make_figure(me)
    theirs = make_figure(other)
    foreign = workspace_of(me)["api_id"]
    for method in ("PUT", "PATCH"):
        assert (
            other.request(method, f"{API}/analysis/{theirs['analysis']}/", json={"workspace": foreign}).status_code
            == 403
        )
        assert (
            other.request(method, f"{API}/figure/{theirs['api_id']}/", json={"analysis": mine["analysis"]}).status_code
            == 403
        )
    assert found(other.get(f"{API}/figure/{theirs['api_id']}/"))["analysis"] == theirs["analysis"]


def test_prefixes_are_given_once_and_only_to_one(me: Client, other: Client) -> None:
    prefixes = {created(me.post(f"{API}/short_id_prefix/reserve/", json={}))["prefix"] for _ in range(20)}
    assert len(prefixes) == 20
    assert all(len(one) == 8 and one.isalnum() for one in prefixes)
    prefix = prefixes.pop()
    theirs = {"figure": make_figure(other)["api_id"], "data": [], "short_id": f"{prefix}0"}
    assert other.post(f"{API}/revision/", json=theirs).status_code == 400
    assert make_revision(me, short_id=f"{prefix}0")["short_id"] == f"{prefix}0"


@pytest.mark.parametrize("missing", ["workspace", "analysis", "figure", "revision", "data", "api_key"])
def test_what_does_not_exist_is_404(me: Client, missing: str) -> None:
    for wrong in (str(uuid.uuid4()), "nothing", "%27--"):
        assert me.get(f"{API}/{missing}/{wrong}/").status_code == 404


@pytest.mark.sqlite
def test_the_data_folder_is_private(app: FastAPI, config: ServerConfig) -> None:
    assert config.data_dir.stat().st_mode & 0o077 == 0
    assert (config.data_dir / "gofigr.sqlite").stat().st_mode & 0o077 == 0
