"""Files that go to a bucket by themselves, against a real S3 server: kept when they are first seen, or never."""

from __future__ import annotations

import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gofigr_jupyter.server.store import cdn, fsck
from gofigr_jupyter.server.store.tables import CdnFile
from tests.server.cdn.conftest import Program, refused
from tests.server.cdn.files import FILES, mp4
from tests.server.conftest import API, ORIGIN, Client, found, workspace_of
from tests.server.s3 import SeaweedFS

pytestmark = pytest.mark.slow
KIND, PICTURE = FILES["png"]
HOME = {"vendor": "GoFigr.io", "params": None}


@pytest.fixture
def bucket(s3: SeaweedFS, me: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new one, in which the workspace keeps its data."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    made = s3.make(f"cdn{secrets.token_hex(6)}")
    place(me, {"vendor": "aws", "params": {"bucket": made}})
    return made


def place(me: Client, settings: dict[str, Any]) -> None:
    assert me.post(f"{API}/workspace/{workspace_of(me)['api_id']}/storage/", json=settings).status_code == 200


def put(target: dict[str, Any], content: bytes) -> int:
    """As browsers and curl do it: the server knows nothing of it."""
    return httpx.put(target["uploadUrl"], content=content, headers={"content-type": KIND}).status_code


def waiting(s3: SeaweedFS, bucket: str) -> list[str]:
    return [name for name in s3.names(bucket) if "/incoming/" in name]


def test_a_file_is_taken_in_when_it_is_first_seen(
    program: Program, anonymous: Client, s3: SeaweedFS, bucket: str, me: Client
) -> None:
    film = mp4() + os.urandom(3 << 20)
    target = program.target("film.mp4", "video/mp4", folder="films")
    assert target["uploadUrl"].startswith(s3.environment["AWS_ENDPOINT_URL"])
    assert target["cdnUrl"].startswith(ORIGIN)
    refused(anonymous.get(target["cdnUrl"]), 404)
    assert httpx.put(target["uploadUrl"], content=film).status_code == 200
    assert found(me.get(f"{API}/asset/")) == []
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(anonymous.request, ["HEAD", "GET", "GET", "HEAD"], [target["cdnUrl"]] * 4))
    assert [one.status_code for one in answers] == [200] * 4
    assert answers[1].content == answers[2].content == film
    assert [one["name"] for one in found(me.get(f"{API}/asset/"))] == ["film.mp4"], "once"
    assert [one["path"] for one in program.folders()] == ["/films"]
    assert waiting(s3, bucket) == []
    assert len(s3.names(bucket)) == 4


def test_what_may_not_be_is_thrown_away(
    program: Program, anonymous: Client, s3: SeaweedFS, bucket: str, app: FastAPI
) -> None:
    for content in (b"", b"<script>", PICTURE[:-9], FILES["jpg"][1], PICTURE + bytes(10 << 20)):
        target = program.target("a.png", KIND)
        assert put(target, content) == 200
        refused(anonymous.get(target["cdnUrl"]), 404)
        assert waiting(s3, bucket) == []
        assert put(target, PICTURE) == 200, "another try, within the hour"
        assert anonymous.get(target["cdnUrl"]).content == PICTURE
    assert put(target, FILES["gif"][1]) == 200, "too late"
    app.state.doorstep.look_around(lambda: True)
    assert anonymous.get(target["cdnUrl"]).content == PICTURE
    assert waiting(s3, bucket) == []
    app.state.store.tidy()
    assert fsck.check(app.state.config.data_dir).unnamed == 0


def test_nothing_comes_in_by_a_key_that_has_ended(program: Program, anonymous: Client, bucket: str, app: FastAPI) -> None:
    target = program.target("a.png", KIND)
    with app.state.store.writing() as db:
        cdn.remove_key(db, cdn.keys(db)[0].id)
    assert put(target, PICTURE) == 200
    refused(anonymous.get(target["cdnUrl"]), 404)


def test_what_nobody_looks_at_is_kept_all_the_same(
    program: Program, anonymous: Client, s3: SeaweedFS, bucket: str, app: FastAPI, me: Client
) -> None:
    seen, never = program.target("a.png", KIND), program.target("b.png", KIND)
    assert put(seen, PICTURE) == 200
    with app.state.store.writing() as db:
        for row in db.query(CdnFile):
            row.promised_until -= timedelta(days=2)
    program.target("c.png", KIND)
    place(me, HOME)  # what comes later goes elsewhere
    assert app.state.doorstep.look_around(lambda: False) == 0
    assert app.state.doorstep.look_around(lambda: True) == 1
    assert anonymous.get(seen["cdnUrl"]).content == PICTURE
    assert put(never, PICTURE) == 200
    assert app.state.doorstep.look_around(lambda: True) == 1
    refused(anonymous.get(never["cdnUrl"]), 404)
    assert waiting(s3, bucket) == []
    assert program.target("b.png", KIND)["uploadUrl"].startswith(ORIGIN)


def test_all_may_pass_through_the_server(program: Program, anonymous: Client, bucket: str, app: FastAPI) -> None:
    app.state.config = replace(app.state.config, direct_uploads=False)
    target = program.target("a.png", KIND)
    assert target["uploadUrl"].startswith(ORIGIN)
    assert program.put(target, PICTURE, KIND).status_code == 200
    assert anonymous.get(target["cdnUrl"]).content == PICTURE


def test_a_file_is_taken_in_when_its_site_is_listed(program: Program, bucket: str, me: Client) -> None:
    target = program.target("a.png", KIND)
    assert put(target, PICTURE) == 200
    [site] = found(me.get(f"{API}/site/"))
    files = found(me.get(f"{API}/site/{site['api_id']}/file/"))["results"]
    assert [one["key"] for one in files] == [target["key"]]
    order = {"filename": "b.png", "contentType": KIND}
    ticket = me.post(f"{API}/site/{site['api_id']}/upload/", json=order).json()
    assert ticket["uploadUrl"].startswith(ORIGIN), "pages of ours can go nowhere else"


def test_a_bucket_that_is_out_of_reach(
    program: Program, anonymous: Client, bucket: str, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = program.target("a.png", KIND)
    assert put(target, PICTURE) == 200
    with monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        app.state.store._arrivals.clear()  # what is open would remember the good address
        assert "127.0.0.1" not in refused(anonymous.get(target["cdnUrl"]), 503)
        assert app.state.doorstep.look_around(lambda: True) == 0
    app.state.store._arrivals.clear()
    app.state.store._buckets.clear()
    assert anonymous.get(target["cdnUrl"]).content == PICTURE
