"""Users, tokens, keys, and who may do what to whose objects."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from fastapi import FastAPI

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server import accounts
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import people
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


def test_expired_and_forged_tokens_ask_for_a_refresh(other: Client, client_of: Maker) -> None:
    late = {"sub": "1", "use": "access", "exp": datetime.now(UTC) - timedelta(seconds=1)}
    forged = {"sub": "1", "use": "access", "exp": datetime.now(UTC) + timedelta(days=1)}
    for token in (
        jwt.encode(late, "k" * 40),
        jwt.encode(forged, "k" * 40),
        jwt.encode(forged, key="", algorithm="none"),
    ):
        answer = client_of(f"Bearer {token}").get(f"{API}/user")
        assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")


def test_guessing_is_slowed_down(other: Client, client_of: Maker) -> None:
    nobody, name = client_of(), f"guess-{uuid.uuid4()}"
    answers = [nobody.post("/api/token/", data={"username": name, "password": "x"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_the_local_user_has_one_primary_workspace_and_no_password(me: Client, client_of: Maker, app: FastAPI) -> None:
    accounts.ensure_local_user(app.state.store)  # a second start
    user = found(me.get(f"{API}/user"))[0]
    assert found(me.get(f"{API}/user/{user['username']}")) == user
    assert len(found(me.get(f"{API}/workspace/"))) == 1
    for password in ("", "None", " "):
        sign_in = client_of().post("/api/token/", json={"username": user["username"], "password": password})
        assert sign_in.status_code == 401


def test_users_change_their_own_record_only(me: Client, other: Client) -> None:
    user = found(me.get(f"{API}/user/"))[0]
    path = f"{API}/user/{user['username']}/"
    changed = user | {"first_name": "Ada", "user_profile": {"ui_data": {"x": 1}}, "is_staff": True, "email": "x"}
    put = found(me.put(path, json=changed))
    assert (put["first_name"], put["user_profile"]) == ("Ada", {"ui_data": {"x": 1}})
    assert (put["is_staff"], put["email"]) == (False, user["email"])
    assert me.put(path, json=user | {"username": "root2"}).status_code == 403
    assert other.put(path, json=user).status_code == 403
    assert other.get(path).status_code == 403


def test_keys_are_shown_once_and_belong_to_their_user(me: Client, other: Client, client_of: Maker) -> None:
    key = created(me.post(f"{API}/api_key/", json={"name": "k"}))
    assert len(key["token"]) == 66
    path = f"{API}/api_key/{key['api_id']}/"
    assert found(me.get(path))["token"] is None
    assert found(me.get(f"{API}/api_key/"))[0]["token"] is None
    assert found(other.get(f"{API}/api_key/")) == []
    assert other.get(path).status_code == other.delete(path).status_code == 403
    with_key = client_of(f"Token {key['token']}")
    assert found(with_key.get(f"{API}/user")) == found(me.get(f"{API}/user"))
    assert found(me.get(path))["last_used"] is not None
    assert with_key.post(f"{API}/api_key/", json={"name": "child"}).status_code == 403
    assert with_key.delete(path).status_code == 403
    assert me.delete(path).status_code == 204
    gone = with_key.get(f"{API}/user")
    assert (gone.status_code, "code" in gone.json()) == (401, False)


def test_keys_expire_and_there_are_at_most_25(me: Client, client_of: Maker) -> None:
    soon = str(datetime.now(UTC) + timedelta(seconds=0.4))  # as the official client writes times
    key = created(me.post(f"{API}/api_key/", json={"name": "k", "expiry": soon}))
    client = client_of(f"Token {key['token']}")
    assert client.get(f"{API}/user").status_code == 200
    time.sleep(0.5)
    assert client.get(f"{API}/user").status_code == 401
    for number in range(people.MAX_KEYS - 1):
        created(me.post(f"{API}/api_key/", json={"name": str(number)}))
    assert me.post(f"{API}/api_key/", json={"name": "one more"}).status_code == 400


def test_a_scoped_key_opens_one_workspace(me: Client, client_of: Maker, other: Client) -> None:
    second = created(me.post(f"{API}/workspace/", json={"name": "second"}))
    outside = make_revision(me, text("x"))
    key = created(me.post(f"{API}/api_key/", json={"name": "k", "workspace": second["api_id"]}))
    scoped = client_of(f"Token {key['token']}")
    assert [one["api_id"] for one in found(scoped.get(f"{API}/workspace/"))] == [second["api_id"]]
    assert found(scoped.get(f"{API}/revision/")) == []
    assert scoped.get(f"{API}/workspace/{second['api_id']}/members/").status_code == 200
    assert scoped.get(f"{API}/revision/{outside['api_id']}/").status_code == 403
    assert scoped.get(f"{API}/data/{outside['data'][0]['api_id']}/").status_code == 403
    assert scoped.post(f"{API}/workspace/", json={"name": "third"}).status_code == 403
    mine = workspace_of(me)["api_id"]
    assert scoped.post(f"{API}/analysis/", json={"name": "a", "workspace": mine}).status_code == 403
    assert scoped.post(f"{API}/analysis/", json={"name": "a", "workspace": second["api_id"]}).status_code == 201
    assert other.post(f"{API}/api_key/", json={"name": "k", "workspace": mine}).status_code == 403


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


def test_operators_add_users(tmp_path: Path) -> None:
    accounts.add_user(tmp_path / "team", "ada", "ada@example.org", "long enough")
    for name, password in (("ada", "long enough"), ("a/b", "long enough"), ("", "long enough"), ("bob", "short")):
        with pytest.raises(ConfigurationError):
            accounts.add_user(tmp_path / "team", name, None, password)


def test_the_data_folder_is_private(app: FastAPI, config: ServerConfig) -> None:
    assert config.data_dir.stat().st_mode & 0o077 == 0
    assert (config.data_dir / "gofigr.sqlite").stat().st_mode & 0o077 == 0
