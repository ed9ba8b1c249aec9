"""Work in the background: the table is the truth, threads come and go, people read sentences."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from gofigr_jupyter.server import tasks
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.refusal import forbidden, invalid
from gofigr_jupyter.server.store import people as store_people
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Task
from gofigr_jupyter.server.tasks import Job, Kind, TaskFailed, Tasks
from tests.server.conftest import API, Client, found, second_workspace, workspace_of
from tests.server.people import People


@pytest.fixture
def store(app: FastAPI) -> Store:
    """The server's store."""
    made: Store = app.state.store
    return made


@pytest.fixture
def user_id(store: Store) -> int:
    """Somebody."""
    with store.writing() as db:
        return store_people.create_user(db, "ada").id


@pytest.fixture
def engine(store: Store) -> Iterator[Tasks]:
    """An engine of its own."""
    made = Tasks(store)
    yield made
    made.close()


def outcome(store: Store, task_id: str) -> Task:
    """The row."""
    with store.reading() as db:
        row = db.get(Task, task_id)
        assert row is not None
        db.expunge(row)
        return row


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait a little for something."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Gate:
    """Work that waits for the test."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go = threading.Event()

    def work(self, job: Job) -> str:
        """Wait, and look up now and then."""
        self.entered.set()
        while not self.go.wait(0.005):
            job.check()
        return "done"


# ---------------------------------------------------------------- the engine


def test_work_is_done(engine: Tasks, store: Store, user_id: int) -> None:
    def add(job: Job) -> Any:
        job.report(0.5, "adding")
        return {"sum": sum(job.request["numbers"])}

    engine.register("add", Kind(add))
    task_id = engine.start("add", {"numbers": [1, 2]}, user_id=user_id)
    assert engine.wait(30)
    row = outcome(store, task_id)
    assert (row.state, row.result, row.error, row.progress) == ("succeeded", {"sum": 3}, None, 1.0)
    assert row.message is None
    assert row.created_on <= (row.started_on or 0) <= (row.finished_on or 0)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TaskFailed("The cat sleeps."), "The cat sleeps."),
        (forbidden(), "You do not have permission to perform this action."),
        (invalid("name", "Too long."), "Too long."),
        (RuntimeError("secret /srv/path"), "The server failed; its log says why."),
        (MemoryError(), "The server failed; its log says why."),
    ],
)
def test_people_read_sentences(engine: Tasks, store: Store, user_id: int, error: Exception, told: str) -> None:
    def fail(_job: Job) -> None:
        raise error

    engine.register("fail", Kind(fail))
    task_id = engine.start("fail", {}, user_id=user_id)
    assert engine.wait(30)
    row = outcome(store, task_id)
    assert (row.state, row.error, row.result) == ("failed", told, None)


def test_threads_come_when_needed_and_go(engine: Tasks, store: Store, user_id: int) -> None:
    gate, names = Gate(), set()
    engine.register("wait", Kind(gate.work))
    engine.register("note", Kind(lambda _job: names.add(threading.current_thread().name)))
    before = threading.active_count()
    ids = [engine.start("wait", {}, user_id=user_id) for _ in range(5)]
    gate.entered.wait(30)
    assert threading.active_count() <= before + 4
    gate.go.set()
    assert engine.wait(30)
    assert {outcome(store, one).state for one in ids} == {"succeeded"}
    eventually(lambda: threading.active_count() == before)


def test_nobody_waits_for_the_imports_of_another(engine: Tasks, store: Store, user_id: int) -> None:
    gate = Gate()
    engine.register("slow", Kind(gate.work))
    engine.register("quick", Kind(lambda _job: "done"))
    with store.writing() as db:
        other = store_people.create_user(db, "other").id
    slow = [engine.start("slow", {}, user_id=user_id) for _ in range(6)]
    quick = [engine.start("quick", {}, user_id=other) for _ in range(6)]
    eventually(lambda: all(outcome(store, one).state == "succeeded" for one in quick))
    assert [outcome(store, one).state for one in slow] == ["running"] * 2 + ["queued"] * 4
    gate.go.set()
    assert engine.wait(30)
    assert {outcome(store, one).state for one in slow} == {"succeeded"}


def test_a_full_disk_is_said(engine: Tasks, store: Store, user_id: int) -> None:
    def fail(_job: Job) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    engine.register("fail", Kind(fail))
    task_id = engine.start("fail", {}, user_id=user_id)
    assert engine.wait(30)
    assert outcome(store, task_id).error == "The server's disk is full. Nothing of this was kept."


@pytest.mark.parametrize(("every", "seen"), [(3600.0, [0.2] * 4), (0.0, [0.2, 0.2, 0.9, 1.0])])
def test_progress_is_written_now_and_then_and_never_goes_back(
    store: Store, user_id: int, every: float, seen: list[float]
) -> None:
    engine, steps = Tasks(store, report_every=every), []

    def count(job: Job) -> None:
        for step in (0.2, 0.1, 0.9, 7.0):
            job.report(step, f"at {step}")
            steps.append(outcome(store, job.id).progress)

    engine.register("count", Kind(count))
    engine.start("count", {}, user_id=user_id)
    assert engine.wait(30)
    assert steps == seen
    engine.close()


def test_cancelling(engine: Tasks, store: Store, user_id: int) -> None:
    gate, ended = Gate(), []
    engine.register("wait", Kind(gate.work, ended=ended.append))
    running = [engine.start("wait", {}, user_id=user_id) for _ in range(2)]
    eventually(lambda: all(outcome(store, one).state == "running" for one in running))
    waiting = engine.start("wait", {}, user_id=user_id)
    engine.cancel(waiting)
    assert outcome(store, waiting).state == "cancelled"
    engine.cancel(running[0])
    eventually(lambda: outcome(store, running[0]).state == "cancelled")
    gate.go.set()
    assert engine.wait(30)
    assert outcome(store, running[1]).state == "succeeded"
    engine.cancel(running[1])
    assert outcome(store, running[1]).state == "succeeded"
    assert sorted(ended) == sorted([*running, waiting])
    engine.cancel("no such task")


def test_what_goes_with_its_user_is_not_begun(engine: Tasks, store: Store, user_id: int) -> None:
    gate, begun = Gate(), []
    engine.register("wait", Kind(gate.work))
    engine.register("note", Kind(lambda job: begun.append(job.id)))
    with store.writing() as db:
        other, third = (store_people.create_user(db, name) for name in ("gone", "third"))
    busy = [engine.start("wait", {}, user_id=one) for one in (user_id, user_id, third.id, third.id)]
    eventually(lambda: all(outcome(store, one).state == "running" for one in busy))  # no thread is free
    note = engine.start("note", {}, user_id=other.id)
    assert outcome(store, note).state == "queued"
    with store.writing() as db:
        db.delete(db.get(type(other), other.id))
    gate.go.set()
    assert engine.wait(30)
    assert begun == []


# ---------------------------------------------------------------- servers end and begin


def left_behind(store: Store, user_id: int, kind: str, state: str, attempts: int = 1) -> str:
    """What a dead server left."""
    task_id = f"{kind}-{state}-{attempts}"
    with store.writing() as db:
        db.add(
            Task(
                id=task_id,
                kind=kind,
                state=state,
                user_id=user_id,
                request={},
                attempts=attempts,
                created_on=store_people.now(),
            )
        )
    return task_id


def test_what_a_dead_server_left(engine: Tasks, store: Store, user_id: int) -> None:
    ended: list[str] = []
    engine.register("import", Kind(lambda _job: "again", is_repeatable=True, ended=ended.append))
    engine.register("send", Kind(lambda _job: "again", ended=ended.append))
    again = [left_behind(store, user_id, "import", "running"), left_behind(store, user_id, "import", "queued", 0)]
    dead = [
        left_behind(store, user_id, "send", "running"),
        left_behind(store, user_id, "import", "running", tasks.MOST_ATTEMPTS),  # it may be what killed the servers
        left_behind(store, user_id, "unheard of", "queued", 0),
    ]
    done = left_behind(store, user_id, "import", "succeeded")
    engine.recover()
    assert engine.wait(30)
    assert [outcome(store, one).result for one in again] == ["again", "again"]
    assert {(outcome(store, one).state, outcome(store, one).error) for one in dead} == {
        ("failed", "The server stopped before this was finished.")
    }
    assert outcome(store, done).finished_on is None
    assert sorted(ended) == sorted([*again, *dead[:2]])


def test_an_orderly_end(store: Store, user_id: int) -> None:
    engine, gate = Tasks(store), Gate()
    engine.register("import", Kind(gate.work, is_repeatable=True))
    engine.register("send", Kind(gate.work))
    ids = {kind: engine.start(kind, {}, user_id=user_id) for kind in ("import", "send")}
    eventually(lambda: all(outcome(store, one).state == "running" for one in ids.values()))
    waiting = engine.start("send", {}, user_id=user_id)
    engine.close()
    kept = outcome(store, ids["import"])
    assert (kept.state, kept.attempts, kept.started_on) == ("queued", 0, None)
    assert (outcome(store, ids["send"]).state, outcome(store, waiting).state) == ("failed", "queued")
    assert outcome(store, engine.start("import", {}, user_id=user_id)).state == "queued"  # for the next server


def test_the_server_waits_only_shortly(store: Store, user_id: int) -> None:
    engine, release, ended = Tasks(store), threading.Event(), threading.Event()
    engine.register("deaf", Kind(lambda _job: (release.wait(60), ended.set())))
    engine.start("deaf", {}, user_id=user_id)
    engine.close(patience=0.1)
    assert not ended.is_set()
    release.set()
    assert engine.wait(30)


def test_a_working_server_is_not_idle(store: Store, user_id: int) -> None:
    told: list[str] = []
    engine = Tasks(store, began=lambda: told.append("began"), ended=lambda: told.append("ended"))
    engine.register("work", Kind(lambda _job: told.append("work")))
    engine.start("work", {}, user_id=user_id)
    assert engine.wait(30)
    assert told == ["began", "work", "ended"]


def test_a_new_server_begins_where_the_old_one_ended(config: ServerConfig, app: FastAPI) -> None:
    """Through the app itself: comments' tasks are known to it."""
    with app.state.store.reading() as db:
        user_id = int(store_people.fact(db, "local_user") or 0)
    task_id = left_behind(app.state.store, user_id, "unheard of", "running")
    app.state.store.close()
    again = create_app(config)
    row = outcome(again.state.store, task_id)
    assert row.error == "The server stopped before this was finished."
    again.state.tasks.close()
    again.state.store.close()


# ---------------------------------------------------------------- the routes


@pytest.fixture
def gate(app: FastAPI) -> Iterator[Gate]:
    """Work that the test lets go on."""
    made = Gate()
    app.state.tasks.register("wait", Kind(made.work))
    yield made
    made.go.set()


def begin(app: FastAPI, owner: str, workspace: str | None = None, kind: str = "wait") -> str:
    """A task of somebody's."""
    with app.state.store.reading() as db:
        person = store_people.user_named(db, owner)
    assert person is not None
    task_id: str = app.state.tasks.start(kind, {}, user_id=person.id, workspace_id=workspace)
    return task_id


def test_reading_and_listing(app: FastAPI, people: People, gate: Gate) -> None:
    ada = people("ada")
    ids = [begin(app, "ada") for _ in range(5)]
    gate.go.set()
    assert app.state.tasks.wait(30)
    task = found(ada.get(f"{API}/task/{ids[0]}/"))
    assert (task["api_id"], task["kind"], task["state"], task["result"]) == (ids[0], "wait", "succeeded", "done")
    assert task["progress"] == 1.0
    assert task == found(ada.get(f"{API}/tasks/{ids[0]}"))
    page = found(ada.get(f"{API}/task/?limit=3"))
    rest = found(ada.get(f"{API}/tasks/", params={"limit": 3, "cursor": page["next"]}))
    assert [one["api_id"] for one in page["results"] + rest["results"]] == ids[::-1]
    assert rest["next"] is None
    assert found(ada.get(f"{API}/task/?state=failed"))["results"] == []
    assert len(found(ada.get(f"{API}/task/?state=succeeded"))["results"]) == 5


@pytest.mark.parametrize("query", ["state=tired", "limit=0", "limit=201", "limit=x", "cursor=x"])
def test_queries_that_make_no_sense(me: Client, query: str) -> None:
    assert me.get(f"{API}/task/?{query}").status_code == 400


def test_cancelling_by_request(app: FastAPI, people: People, gate: Gate) -> None:
    ada = people("ada")
    task_id = begin(app, "ada")
    assert gate.entered.wait(30)
    assert found(ada.post(f"{API}/task/{task_id}/cancel/"))["state"] in {"running", "cancelled"}
    assert app.state.tasks.wait(30)
    assert found(ada.get(f"{API}/task/{task_id}/"))["state"] == "cancelled"
    assert found(ada.post(f"{API}/tasks/{task_id}/cancel/"))["state"] == "cancelled"


def test_who_sees_a_task(app: FastAPI, people: People, gate: Gate) -> None:
    ada, eve = people("ada"), people("eve")
    place = second_workspace(ada)["api_id"]
    for name, role in (("boss", "admin"), ("maker", "creator"), ("looker", "viewer")):
        people(name)
        found(ada.post(f"{API}/workspace/{place}/members/add/", json={"username": name, "membership_type": role}))
    of_ada, of_maker, private = begin(app, "ada", place), begin(app, "maker", place), begin(app, "ada")

    def seen(client: Client) -> list[int]:
        return [client.get(f"{API}/task/{one}/").status_code for one in (of_ada, of_maker, private)]

    def listed(client: Client) -> list[str]:
        return [one["api_id"] for one in found(client.get(f"{API}/task/?workspace={place}"))["results"]]

    assert seen(ada) == [200, 200, 200]
    assert seen(people("boss")) == [200, 200, 403]
    assert seen(people("maker")) == [403, 200, 403]
    assert seen(people("looker")) == [403, 403, 403]
    assert seen(eve) == [403, 403, 403]
    assert listed(ada) == listed(people("boss")) == [of_maker, of_ada]
    assert listed(people("maker")) == [of_maker]
    assert listed(people("looker")) == []
    assert eve.get(f"{API}/task/?workspace={place}").status_code == 403
    assert eve.get(f"{API}/task/?workspace=nowhere").status_code == 404
    assert eve.post(f"{API}/task/{of_maker}/cancel/").status_code == 403
    assert people("looker").post(f"{API}/task/{of_maker}/cancel/").status_code == 403
    assert people("boss").post(f"{API}/task/{of_maker}/cancel/").status_code == 200
    assert eve.get(f"{API}/task/nothing/").status_code == 404
    assert [one["api_id"] for one in found(ada.get(f"{API}/task/"))["results"]] == [private, of_ada]


def test_a_key_for_one_workspace_sees_its_tasks_only(app: FastAPI, people: People, gate: Gate) -> None:
    ada = people("ada")
    place, home = second_workspace(ada)["api_id"], workspace_of(ada)["api_id"]
    here, elsewhere, nowhere = begin(app, "ada", place), begin(app, "ada", home), begin(app, "ada")
    key = people.key("ada", place)
    assert [key.get(f"{API}/task/{one}/").status_code for one in (here, elsewhere, nowhere)] == [200, 403, 403]
    assert [one["api_id"] for one in found(key.get(f"{API}/task/"))["results"]] == [here]
    assert key.get(f"{API}/task/?workspace={home}").status_code == 403


def test_nobody_sees_nothing(anonymous: Client) -> None:
    assert anonymous.get(f"{API}/task/").status_code == 403
    assert anonymous.get(f"{API}/task/nothing/").status_code == 403
    assert anonymous.post(f"{API}/task/nothing/cancel/").status_code == 403
