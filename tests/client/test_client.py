"""The client against a server that keeps the contract, and against all that breaks it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from gofigr_jupyter.client.answers import retry_after
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import (
    ConfigurationError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    NotFound,
    RateLimited,
    ServerFailed,
    StatusError,
    Unauthorized,
)
from gofigr_jupyter.local import local_server
from gofigr_jupyter.schema.figures import AnalysisDraft, DataDraft, FigureDraft, RevisionDraft
from gofigr_jupyter.settings import Settings
from tests.fakes.server import API_KEY, FakeGoFigr, serving


@pytest.fixture
def fake() -> Iterator[FakeGoFigr]:
    yield from serving()


@pytest.fixture
def gf(fake: FakeGoFigr, tmp_path: Path) -> Iterator[GoFigr]:
    with GoFigr(settings=Settings(home=tmp_path, url=fake.url, api_key=API_KEY), patience=0) as client:
        yield client


def test_down_the_tree_and_back(gf: GoFigr) -> None:
    assert gf.user().username == "ann"
    assert gf.info().ai_enabled is False
    workspace = gf.primary_workspace
    analysis = gf.analyses.create(AnalysisDraft(name="Notes", workspace=workspace.api_id))
    assert analysis.figures == []
    figure = gf.figures.create(FigureDraft(name="Decay", analysis=analysis.api_id))
    draft = RevisionDraft(
        figure=figure.api_id,
        client_id="0a" * 16,
        metadata={"title": "Decay"},
        data=[DataDraft(name="figure", type="image", data=b"png", metadata={"format": "png"})],
    )
    revision = gf.revisions.create(draft)
    with pytest.raises(Conflict):
        gf.revisions.create(draft)
    gf.revisions.append_data("0a" * 16, [DataDraft(name="note", type="text", data=b"")])
    read = gf.revisions.get("0a" * 16)
    assert read.data is not None
    assert [(item.name, item.size_bytes) for item in read.data] == [("figure", 3), ("note", 0)]
    assert gf.data.get(read.data[0].api_id or "").data == b"png"
    assert revision.revision_index == 0
    assert gf.figures.change(figure.api_id or "", FigureDraft(name="Renamed")).name == "Renamed"
    gf.figures.delete(figure.api_id or "")
    with pytest.raises(NotFound):
        gf.figures.get(figure.api_id or "")
    assert gf.reserve_prefix() != gf.reserve_prefix()
    assert gf.request("GET", "info/")["api_version"] == "v1.4.1"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (500, ServerFailed),
        (503, ServerFailed),
        (413, StatusError),
        ("down", ConnectionFailed),
        ("html", ConnectionFailed),
        ("truncated", ConnectionFailed),
        (302, ConnectionFailed),
    ],
)
def test_every_failure_is_in_the_tree(fake: FakeGoFigr, gf: GoFigr, kind: str | int, error: type) -> None:
    fake.fail(kind)
    with pytest.raises(error):
        gf.user()
    assert gf.user().username == "ann"


def test_a_rate_limit_says_how_long(fake: FakeGoFigr, gf: GoFigr) -> None:
    fake.fail(429, seconds=7)
    with pytest.raises(RateLimited) as caught:
        gf.user()
    assert caught.value.retry_after == 7


def test_an_answer_of_another_shape_is_named(fake: FakeGoFigr, gf: GoFigr) -> None:
    fake.objects["figure"]["x"] = {"api_id": "x", "name": None}
    with pytest.raises(ConnectionFailed, match="name"):
        gf.figures.get("x")


def test_slow_and_absent_servers(fake: FakeGoFigr, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, url=fake.url, api_key=API_KEY)
    fake.fail("slow", seconds=1)
    with GoFigr(settings=settings, timeout=0.2, patience=0) as gf, pytest.raises(ConnectionFailed, match="in time"):
        gf.user()
    with (
        GoFigr(url="http://127.0.0.1:9", api_key="x", patience=0) as gf,
        pytest.raises(ConnectionFailed, match="reached"),
    ):
        gf.user()


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    assert retry_after("Thu, 01 Jan 2026 12:00:30 GMT", now) == 30
    assert retry_after("Thu, 01 Jan 2026 11:00:30 GMT", now) == 0
    assert retry_after("soon") is None
    assert retry_after(None) is None


def test_password_tokens_are_renewed_without_a_word(fake: FakeGoFigr, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, url=fake.url, username="ann", password="secret")
    with GoFigr(settings=settings) as gf:
        assert gf.user().username == "ann"
        fake.bearers.clear()
        threads = [threading.Thread(target=gf.user) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert gf.user().username == "ann"
        assert sum("POST /api/token/ " in f"{line} " for line in fake.requests) == 1
        fake.fail(401, "refresh")
        fake.bearers.clear()
        assert gf.user().username == "ann"  # signed in again
        fake.passwords["ann"] = "changed"
        fake.bearers.clear()
        fake.fail(401, "refresh")
        with pytest.raises(Unauthorized, match="No active account"):
            gf.user()


def test_a_fresh_token_that_is_refused_is_not_asked_for_for_ever(fake: FakeGoFigr, tmp_path: Path) -> None:
    class Forgetful(set[str]):
        def __contains__(self, item: object) -> bool:
            return False

    fake.bearers = Forgetful()
    with GoFigr(settings=Settings(home=tmp_path, url=fake.url, username="ann", password="secret")) as gf:
        with pytest.raises(Unauthorized):
            gf.user()
        assert len(fake.requests) == 4  # sign in, ask, refresh, ask


def test_the_default_workspace(fake: FakeGoFigr, gf: GoFigr) -> None:
    own = gf.primary_workspace
    fake.add("workspace", {"name": "Lab", "workspace_type": "secondary", "owner": "bob"})
    fake.add("workspace", {"name": "Bob's", "workspace_type": "primary", "owner": "bob"})
    assert gf.primary_workspace == own
    del fake.objects["workspace"][own.api_id or ""]
    with pytest.raises(ConfigurationError, match="'Lab'"):
        _ = gf.primary_workspace
    bobs = next(w for w in gf.workspaces.list() if w.name == "Bob's")
    gf.workspaces.delete(bobs.api_id or "")
    assert gf.primary_workspace.name == "Lab"  # a key that opens one workspace


def test_the_local_server_must_prove_itself_before_anything_is_sent(tmp_path: Path) -> None:
    server = local_server(tmp_path)
    with GoFigr(settings=Settings(home=tmp_path), patience=0) as gf:
        with pytest.raises(ConnectionFailed, match="does not answer"):
            gf.user()
        with FakeGoFigr(port=server.port, token="another") as stranger:
            with pytest.raises(ConnectionFailed, match="Another program"):
                gf.user()
            assert all("hello" in line for line in stranger.requests)
        with FakeGoFigr(port=server.port, token=server.token):
            assert gf.user().username == "ann"


def test_secrets_are_in_no_repr_and_redirects_are_not_followed(fake: FakeGoFigr, gf: GoFigr) -> None:
    assert API_KEY not in repr(gf) + repr(gf.settings)
    with pytest.raises(ConfigurationError, match="without a password"):
        GoFigr(settings=Settings(url=fake.url, username="ann"))
    assert isinstance(gf._transport._client, httpx.Client)
    assert gf._transport._client.follow_redirects is False
