"""Storage settings, against a real S3 server: where new bytes go, who decides, and what happens when a bucket fails."""

from __future__ import annotations

import base64
import io
import random
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image

from gofigr_jupyter.server.store import buckets
from gofigr_jupyter.server.store.store import Store
from tests.server.conftest import (
    API,
    Client,
    Maker,
    config_for,
    created,
    found,
    image,
    make_analysis,
    make_figure,
    make_revision,
    text,
    workspace_of,
)
from tests.server.s3 import ACCESS, SECRET, SeaweedFS

pytestmark = pytest.mark.slow
HOME = {"vendor": "GoFigr.io", "params": None}


@pytest.fixture(autouse=True)
def bucket(s3: SeaweedFS, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new bucket of the test, and an environment that reaches it."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    words = "".join(c for c in request.node.name.lower() if c.isalnum())
    return s3.make(f"b{words[:40]}{secrets.token_hex(4)}")


def aws(bucket: str, **params: Any) -> dict[str, Any]:
    """The settings of a bucket."""
    return {"vendor": "aws", "params": {"bucket": bucket} | params}


def storage(client: Client, place: dict[str, Any], kind: str = "workspace") -> Any:
    """The settings in force, as they are shown."""
    return found(client.get(f"{API}/{kind}/{place['api_id']}/storage/"))


def set_storage(client: Client, place: dict[str, Any], body: dict[str, Any], kind: str = "workspace") -> Any:
    """Set them."""
    return client.post(f"{API}/{kind}/{place['api_id']}/storage/", json=body)


def where(client: Client, revision: dict[str, Any]) -> Any:
    """Where a revision's first data object lies."""
    return found(client.get(f"{API}/data/{revision['data'][0]['api_id']}/storage/"))


def read(client: Client, revision: dict[str, Any]) -> bytes:
    """The bytes of its first data object, which come the same in both ways."""
    item = revision["data"][0]["api_id"]
    content = base64.b64decode(found(client.get(f"{API}/data/{item}/"))["data"])
    assert client.get(f"/file/{item}/x").content == content
    return content


def test_new_bytes_go_to_the_bucket_and_old_ones_stay(me: Client, s3: SeaweedFS, bucket: str) -> None:
    workspace = workspace_of(me)
    assert storage(me, workspace) == HOME
    old = make_revision(me, text("old"))
    settings = aws(bucket, key="some/prefix/")
    assert found(set_storage(me, workspace, settings)) == settings
    assert storage(me, workspace) == settings
    assert s3.names(bucket) == []  # the probe is gone
    large = random.Random(1).randbytes(2_500_000)  # noqa: S311 - repeatable
    new, several = make_revision(me, text("new")), make_revision(me, text(large))
    assert where(me, old) == {"vendor": "GoFigr.io", "path": None}
    for revision in (new, several):
        place = where(me, revision)
        assert place["vendor"] == "AWS"
        assert place["path"].startswith(f"s3://{bucket}/some/prefix/")
    names = s3.names(bucket)
    assert len(names) == 4
    assert where(me, new)["path"].removeprefix(f"s3://{bucket}/") in names
    assert [read(me, one) for one in (old, new, several)] == [b"old", b"new", large]
    assert found(set_storage(me, workspace, HOME)) == HOME
    later = make_revision(me, text("later"))
    assert where(me, later)["vendor"] == "GoFigr.io"
    assert [read(me, one) for one in (old, new, later)] == [b"old", b"new", b"later"]


def test_a_bucket_is_tried_and_nothing_changes_when_it_fails(
    me: Client, s3: SeaweedFS, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(me)
    path = f"{API}/workspace/{workspace['api_id']}/storage/"
    assert found(me.post(f"{path}test/", json=aws(bucket))) == aws(bucket)
    assert found(me.post(f"{path}test/", json=HOME)) == HOME
    assert (storage(me, workspace), s3.names(bucket)) == (HOME, [])

    def refused() -> str:
        told = ""
        for where_to in ("", "test/"):
            answer = me.post(path + where_to, json=aws(bucket if told_bucket is None else told_bucket))
            assert (answer.status_code, list(answer.json())) == (400, ["params"])
            told = answer.text
            assert not any(secret in told for secret in (SECRET, ACCESS, "127.0.0.1", "Signature="))
        assert storage(me, workspace) == HOME
        return told

    told_bucket: str | None = "gofigr-badbucket"
    assert "does not exist" in refused()
    told_bucket = None
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert "may not" in refused()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "cannot be reached" in refused()


def test_what_cannot_be_a_bucket_is_refused_unseen(me: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # to ask there would be another refusal
    place = workspace_of(me)["api_id"]
    params: list[Any] = [None, {}, {"bucket": None}, {"bucket": 7}, {"bucket": "good-name", "secret": "x"}]
    names = ["", "ab", "a" * 64, "Upper", "under_score", "-begin", "end-", "two..dots", "a.-b", "1.2.3.4", "xn--x", "a/b"]
    names += ["name\n", "../other", "s3://name", "name?x", "näme"]
    keys: list[Any] = ["..", "a/../b", "./a", "a//b", "a\0b", "a\nb", "é", "a\\b", "x" * 600, 7, ["a"], "a?b", "%2e%2e"]
    params += [{"bucket": name} for name in names] + [{"bucket": "good-name", "key": key} for key in keys]
    for one in params:
        answer = me.post(f"{API}/workspace/{place}/storage/", json={"vendor": "aws", "params": one})
        assert (answer.status_code, list(answer.json())) == (400, ["params"]), one
        assert "cannot be used" not in answer.text, one
    for vendor in ("azure", "", "gofigr"):
        answer = me.post(f"{API}/workspace/{place}/storage/", json={"vendor": vendor, "params": None})
        assert (answer.status_code, list(answer.json())) == (400, ["vendor"])


def test_settings_are_for_managers(me: Client, other: Client, anonymous: Client, bucket: str) -> None:
    place = workspace_of(me)["api_id"]
    organization = created(me.post(f"{API}/organization/", json={"name": "lab"}))["api_id"]
    for path in (f"{API}/workspace/{place}/storage/", f"{API}/organization/{organization}/storage/"):
        for stranger in (other, anonymous):
            assert stranger.get(path).status_code in {401, 403}
            for where_to in ("", "test/"):
                assert stranger.post(path + where_to, json=aws(bucket)).status_code in {401, 403}
    for path in ("workspace/nonsense", "organization/00000000-0000-4000-8000-000000000000"):
        assert me.get(f"{API}/{path}/storage/").status_code == 404


def test_the_organization_decides_unless_it_leaves_it_to_its_workspaces(
    me: Client, s3: SeaweedFS, bucket: str
) -> None:
    organization = created(me.post(f"{API}/organization/", json={"name": "lab"}))
    workspace = created(
        me.post(f"{API}/workspace/", json={"name": "w", "organization": organization["api_id"]})
    )
    figure = make_figure(me, analysis=make_analysis(me, workspace=workspace["api_id"])["api_id"])["api_id"]
    assert storage(me, organization, "organization") == HOME
    assert found(set_storage(me, organization, aws(bucket), "organization")) == aws(bucket)
    assert storage(me, organization, "organization") == aws(bucket)
    assert storage(me, workspace) == HOME
    one = make_revision(me, text("one"), figure=figure)
    assert where(me, one)["path"].startswith(f"s3://{bucket}/")

    mine = s3.make(bucket[:40] + "-mine")
    refusal = set_storage(me, workspace, aws(mine))
    assert (refusal.status_code, list(refusal.json())) == (400, ["vendor"])
    allowed = {"allow_per_workspace_storage_settings": True}
    found(me.patch(f"{API}/organization/{organization['api_id']}/", json=allowed))
    assert found(set_storage(me, workspace, aws(mine, key=None))) == aws(mine, key=None)
    two = make_revision(me, text("two"), figure=figure)
    assert where(me, two)["path"].startswith(f"s3://{mine}/")

    found(me.patch(f"{API}/organization/{organization['api_id']}/", json={next(iter(allowed)): False}))
    assert storage(me, workspace) == HOME
    three = make_revision(me, text("three"), figure=figure)
    assert where(me, three)["path"].startswith(f"s3://{bucket}/")
    assert [read(me, revision) for revision in (one, two, three)] == [b"one", b"two", b"three"]


def test_a_bucket_that_is_down_takes_only_its_own_data_with_it(
    me: Client, bucket: str, monkeypatch: pytest.MonkeyPatch, app: FastAPI
) -> None:
    here = make_revision(me, text("here"))
    figure = make_figure(me)["api_id"]
    found(set_storage(me, workspace_of(me), aws(bucket)))
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(picture, "PNG")
    there = make_revision(me, image(picture.getvalue()), figure=figure)
    item = there["data"][0]["api_id"]
    assert found(me.get(f"{API}/revision/{there['api_id']}/thumbnail/64"))["thumbnail"]
    assert me.get(f"/revision/{there['api_id']}").status_code == 200
    app.state.store._buckets.clear()  # what is open would remember the good address
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for path in (f"{API}/data/{item}/", f"/file/{item}/x", f"{API}/revision/{there['api_id']}/thumbnail/65"):
        answer = me.get(path)
        assert answer.status_code == 503, path
        assert "127.0.0.1" not in answer.text
    assert me.get(f"/revision/{there['api_id']}").status_code == 200
    body = {"figure": figure, "metadata": {}, "data": [text("lost")]}
    assert me.post(f"{API}/revision/", json=body).status_code == 503
    assert [one["api_id"] for one in found(me.get(f"{API}/figure/{figure}/"))["revisions"]] == [there["api_id"]]
    assert read(me, here) == b"here"
    assert me.delete(f"{API}/revision/{there['api_id']}/").status_code == 204
    app.state.store.tidy()  # which cannot, and does not give up
    monkeypatch.undo()


def test_garbage_goes_from_buckets_and_strangers_objects_stay(
    me: Client, s3: SeaweedFS, bucket: str, app: FastAPI
) -> None:
    found(set_storage(me, workspace_of(me), aws(bucket, key="mine")))
    gone, stays = make_revision(me, text("gone"), text("shared")), make_revision(me, text("shared"))
    name = next(iter(s3.names(bucket)))
    foreign = buckets._store(bucket, "mine")
    import obstore

    for path in ("theirs", "gofigr/theirs", f"{name.removeprefix('mine/').rpartition('/')[0]}/theirs"):
        obstore.put(foreign, path, b"a stranger's")
    assert len(s3.names(bucket)) == 5
    assert me.delete(f"{API}/revision/{gone['api_id']}/").status_code == 204
    store: Store = app.state.store
    assert store.tidy() == 1
    assert len(s3.names(bucket)) == 4
    assert read(me, stays) == b"shared"


def test_settings_outlive_a_restart(client_of: Maker, me: Client, bucket: str, tmp_path: Path) -> None:
    found(set_storage(me, workspace_of(me), aws(bucket)))
    made = make_revision(me, text("kept"))
    store = Store.in_folder(config_for(tmp_path / "data").data_dir)
    with store.reading() as db:
        from gofigr_jupyter.server.store.tables import DataItem

        item = db.get(DataItem, made["data"][0]["api_id"])
        assert b"".join(store.read(item.chunks, item.bucket_id)) == b"kept"
    store.close()
