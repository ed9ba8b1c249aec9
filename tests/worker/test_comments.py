"""Comments that were said without their server: delivered in order, each once, whoever is killed in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gofigr_jupyter import settings
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.comments import (
    WaitingComment,
    deliverable,
    fail_comment,
    find_comment,
    put_comment,
    retry_comments,
    take_back,
    unwanted,
    waiting_comments,
)
from gofigr_jupyter.records import State
from gofigr_jupyter.settings import store_account
from tests.outbox.parcels import a_parcel
from tests.server.conftest import started
from tests.server.table import Table, about, table
from tests.waiting import until
from tests.worker.river import River, at_work

__all__ = ["started"]


@pytest.fixture(scope="module")
def server(started: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    with table(started, tmp_path_factory.mktemp("table")) as made:
        yield made


def said(server: Table, revision: str, content: str, home: Path, **changes: Any) -> WaitingComment:
    account = store_account(replace(server.settings(), home=home))
    now = datetime.now(UTC).isoformat()
    comment = WaitingComment(str(uuid.uuid4()), revision, server.url, account, content, now)
    put_comment(home, replace(comment, **changes))
    return replace(comment, **changes)


def contents(server: Table, revision: str) -> list[str]:
    return [one.content for one in server.gf.comments.list(about(revision))]


def test_they_arrive_in_their_order_once_the_server_is_back(server: Table, tmp_path: Path) -> None:
    revision = server.revision()
    server.stop()
    first = said(server, revision, "first", tmp_path, anchor={"u": 0.25, "v": 0.5})
    said(server, revision, "second", tmp_path, parent=first.client_id)
    said(server, revision, "third", tmp_path)
    with at_work(tmp_path) as worker:
        until(lambda: any(lane._couriers[0]._backoff.failures for lane in worker._lanes.values()))
        assert len(deliverable(tmp_path)) == 3
        server.start()
        worker.box.poke()
        until(lambda: not waiting_comments(tmp_path))
    there = server.gf.comments.list(about(revision))
    assert [(one.api_id == first.client_id, one.content, one.parent) for one in there] == [
        (True, "first", None), (False, "second", first.client_id), (False, "third", None),
    ]  # fmt: skip
    assert (there[0].anchor.u, there[0].anchor.v) == (0.25, 0.5)  # type: ignore[union-attr]


def test_what_had_arrived_before_is_delivered(server: Table, tmp_path: Path) -> None:
    revision = server.revision()
    comment = said(server, revision, "once", tmp_path)
    server.gf.comments.create(about(revision), "once", client_id=comment.client_id)
    with at_work(tmp_path):
        until(lambda: not waiting_comments(tmp_path))
    assert contents(server, revision) == ["once"]


def test_what_can_never_be_delivered_is_kept_with_its_reason(server: Table, tmp_path: Path) -> None:
    revision = server.revision()
    said(server, str(uuid.uuid4()), "nowhere", tmp_path)
    taken = server.as_user("ann").comments.create(about(revision), "mine").api_id
    said(server, revision, "not mine", tmp_path, client_id=taken)
    said(server, revision, "goes on", tmp_path)
    with at_work(tmp_path):
        until(lambda: not deliverable(tmp_path))
    left = [*waiting_comments(tmp_path).values()]
    assert [(one.content, one.problem is not None) for one in left] == [("nowhere", True), ("not mine", True)]
    assert contents(server, revision) == ["mine", "goes on"]
    assert retry_comments(tmp_path) == 2
    assert len(deliverable(tmp_path)) == 2


def test_a_comment_goes_after_its_figure(server: Table, tmp_path: Path) -> None:
    account = store_account(replace(server.settings(), home=tmp_path))
    parcel = a_parcel(url=server.url, account=account, picture=b"not a picture")
    said(server, parcel.client_id, "Early", tmp_path)
    box = Outbox(tmp_path)
    box.put(parcel)
    with at_work(tmp_path):
        until(lambda: not waiting_comments(tmp_path))
    assert contents(server, parcel.client_id) == ["Early"]


def test_what_waits_for_a_figure_that_failed_waits_with_it(server: Table, tmp_path: Path) -> None:
    box, parcel = Outbox(tmp_path), a_parcel()
    said(server, parcel.client_id, "Early", tmp_path)
    box.put(parcel)
    assert len(deliverable(tmp_path)) == 1
    box.fail(box.list("new")[0], "refused")
    assert deliverable(tmp_path) == {}  # no work for a worker
    assert len(waiting_comments(tmp_path)) == 1


def test_a_kept_comment_is_replaced_in_its_place(server: Table, tmp_path: Path) -> None:
    first = said(server, "r", "first", tmp_path)
    said(server, "r", "second", tmp_path)
    path = find_comment(tmp_path, first.client_id)
    assert path is not None
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    put_comment(tmp_path, replace(first, content="first, better"))
    assert [one.content for one in waiting_comments(tmp_path, "r").values()] == ["first, better", "second"]
    assert waiting_comments(tmp_path, "other") == {}
    take_back(tmp_path, first.client_id)
    fail_comment(path, "too late")
    take_back(tmp_path, first.client_id)
    assert [one.content for one in waiting_comments(tmp_path).values()] == ["second"]


def test_one_of_a_later_version_is_left_to_that(server: Table, tmp_path: Path) -> None:
    path = find_comment(tmp_path, said(server, "r", "first", tmp_path).client_id)
    assert path is not None
    path.write_text(json.dumps(json.loads(path.read_text()) | {"unknown": 1}))
    assert waiting_comments(tmp_path) == {}
    assert path.exists()


def spoken(river: River, *contents: str) -> list[str]:
    """Comments that wait for the fake server, on a revision that it has; their ids."""
    river.fake.objects["revision"]["r"] = {"api_id": "r"}
    now = datetime.now(UTC).isoformat()
    ids = [str(uuid.uuid4()) for _ in contents]
    for client_id, content in zip(ids, contents, strict=True):
        put_comment(river.home, WaitingComment(client_id, "r", river.fake.url, river.account, content, now))
    return ids


def heard(river: River) -> list[str]:
    return [one["content"] for one in river.fake.objects["comment"].values()]


def asked(river: River, method: str) -> int:
    return sum(line.startswith(method) and "/comment/" in line for line in river.fake.requests)


def settled(river: River) -> bool:
    return not waiting_comments(river.home) and not unwanted(river.home)


def test_what_is_taken_back_while_another_is_on_the_wire_is_never_sent(river: River) -> None:
    """The worker had read it before, with the one that went first."""
    _, other, _ = spoken(river, "first", "not wanted", "last")
    in_time: list[bool] = []

    def take(line: str) -> None:
        if line.startswith("POST") and "/comment/" in line and not in_time:
            in_time.append(take_back(river.home, other))

    river.fake.on_request = take
    with river.worker():
        until(lambda: settled(river))
    assert in_time == [True]
    assert heard(river) == ["first", "last"]
    assert (asked(river, "POST"), asked(river, "DELETE")) == (2, 0)


@pytest.mark.parametrize("hook", ["on_request", "on_commit"])
def test_what_is_taken_back_while_it_is_on_the_wire_is_deleted_again(river: River, hook: str) -> None:
    first, _ = spoken(river, "not wanted", "last")
    in_time: list[bool] = []

    def take(line: str) -> None:
        if line.startswith("POST") and "/comment/" in line and not in_time:
            in_time.append(take_back(river.home, first))

    setattr(river.fake, hook, take)
    with river.worker():
        until(lambda: settled(river))
    assert in_time == [False]
    assert heard(river) == ["last"]
    assert asked(river, "DELETE") == 1


@pytest.mark.parametrize(("kind", "deletes"), [("drop after commit", 204), ("down", 404)])
def test_what_may_have_arrived_is_deleted_when_it_is_taken_back(river: River, kind: str, deletes: int) -> None:
    """No answer came; whether it is there, only the server knows."""
    (client_id,) = spoken(river, "not wanted")
    river.fake.fail(kind, "POST .*/comment/")
    river.fake.fail("down", "/comment/", times=float("inf"))
    with river.worker():
        until(lambda: asked(river, "POST") > 1)
    assert heard(river) == (["not wanted"] if deletes == 204 else [])
    assert take_back(river.home, client_id) is False
    assert (waiting_comments(river.home), len(unwanted(river.home))) == ({}, 1)
    posts = asked(river, "POST")
    with river.worker():  # another one, as after a kill
        until(lambda: asked(river, "DELETE") > 1)
        river.fake.mend()
        until(lambda: settled(river))
    assert (heard(river), asked(river, "POST")) == ([], posts)


def test_what_was_refused_a_connection_was_not_sent(river: River) -> None:
    (client_id,) = spoken(river, "not wanted")
    river.fake.__exit__()
    with river.worker() as worker:
        until(lambda: any(lane._couriers[0]._backoff.failures for lane in worker._lanes.values()))
    assert take_back(river.home, client_id) is True
    assert settled(river)
    river.fake.__enter__()


def test_what_is_somebody_elses_stays_when_it_is_taken_back(server: Table, tmp_path: Path) -> None:
    revision = server.revision()
    taken = server.as_user("ann").comments.create(about(revision), "Ann's").api_id
    said(server, revision, "not mine", tmp_path, client_id=taken, was_sent=True)
    assert take_back(tmp_path, taken) is False
    with at_work(tmp_path):
        until(lambda: not unwanted(tmp_path))
    assert contents(server, revision) == ["Ann's"]


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["on_request", "on_commit"])
def test_a_worker_killed_at_its_delivery_makes_no_two(home: Path, fake: Any, hook: str) -> None:
    """Killed before the server's deed, or between that and the note that it is done."""
    river = River(home, fake)
    parcel = river.put()
    environment = os.environ | {
        settings.HOME_VARIABLE: str(home), "GOFIGR_JUPYTER_WORKER_IDLE": "0.3",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    start = lambda: subprocess.Popen([sys.executable, "-m", "tests.fakes.worker"], env=environment)  # noqa: E731
    now = datetime.now(UTC).isoformat()
    put_comment(home, WaitingComment(str(uuid.uuid4()), parcel.client_id, fake.url, river.account, "once", now))
    children = [start()]
    killed: list[str] = []

    def kill(line: str) -> bool:
        if "POST" in line and "/comment/" in line and not killed:
            killed.append(line)
            children[0].kill()
            return hook == "on_request"
        return False

    setattr(fake, hook, kill)
    children[0].wait(60)
    assert killed
    assert len(waiting_comments(home)) == 1
    children.append(start())
    assert children[1].wait(60) == 0
    assert waiting_comments(home) == {}
    assert [one["content"] for one in fake.objects["comment"].values()] == ["once"]
    river.reaches(parcel, State.COMPLETE)
