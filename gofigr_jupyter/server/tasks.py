"""Runs work in the background. The `tasks` table is the truth; threads of this process are the engine.

A kind of work is a function that is handed a Job. It reports, and is told there that it has been cancelled; it fails
with a TaskFailed or a Refusal, whose words people read. What it returns is the task's result.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store import tree, work
from gofigr_jupyter.server.store.blobs import OutOfReach
from gofigr_jupyter.server.store.disk import DiskFull, is_full
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Task

log = logging.getLogger(__name__)
REPORT_EVERY = 0.5  # seconds
MOST_ATTEMPTS = 3
FAILED = "The server failed; its log says why."
SERVER_STOPPED = "The server stopped before this was finished."


class TaskFailed(GoFigrError):
    """The work cannot be done; the text is a sentence for people."""


class Interrupted(GoFigrError):
    """Raised inside the work: somebody cancelled it, or the server ends."""


class Job:
    """One task while it runs."""

    def __init__(self, store: Store, row: Task, stop: threading.Event, report_every: float) -> None:
        self.store = store
        self.id = row.id
        self.user_id = row.user_id
        self.workspace_id = row.workspace_id
        self.request: Mapping[str, Any] = row.request
        self._stop = stop
        self._report_every = report_every
        self._progress = 0.0
        self._reported = float("-inf")

    def check(self) -> None:
        """Raises Interrupted when the work is to end."""
        if self._stop.is_set():
            raise Interrupted

    def report(self, progress: float, message: str | None = None) -> None:
        """Say how far it is, from 0 to 1, never back; also a `check`. The row is written now and then only."""
        self.check()
        self._progress = max(self._progress, min(progress, 1.0))
        if time.monotonic() - self._reported >= self._report_every:
            self._reported = time.monotonic()
            with self.store.writing() as db:
                work.report(db, self.id, self._progress, message)


Work = Callable[[Job], Any]


@dataclass(frozen=True)
class Kind:
    """What runs a kind of task, whether a second try does no harm, and what is to be tidied up at its end."""

    run: Work
    is_repeatable: bool = False
    ended: Callable[[str], None] = lambda _task_id: None


@dataclass(frozen=True)
class Turn:
    """A task that a thread has taken."""

    task_id: str
    user_id: int
    stop: threading.Event


class Tasks:
    """The engine; `began` and `ended` are told of each piece of work: a server that works must not look idle.

    `report_every` is in seconds.
    """

    def __init__(
        self,
        store: Store,
        *,
        threads: int = 4,
        began: Callable[[], None] | None = None,
        ended: Callable[[], None] | None = None,
        report_every: float = REPORT_EVERY,
    ) -> None:
        self._store = store
        self._most_threads = threads
        self._most_of_one = max(1, threads // 2)  # of one user at a time: the others shall not wait for their imports
        self._began = began or (lambda: None)
        self._ended = ended or (lambda: None)
        self._report_every = report_every
        self._kinds: dict[str, Kind] = {}
        self._changed = threading.Condition()
        self._waiting: list[str] = []
        self._running: Counter[int] = Counter()  # tasks of each user
        self._stops: dict[str, threading.Event] = {}
        self._threads = 0
        self._is_closing = False

    def register(self, name: str, kind: Kind) -> None:
        """Make a kind of work known."""
        self._kinds[name] = kind

    def start(
        self,
        kind: str,
        request: Mapping[str, Any],
        *,
        user_id: int,
        workspace_id: str | None = None,
        task_id: str | None = None,
    ) -> str:
        """Write the task down and begin with it when a thread is free; its id."""
        task_id = task_id or tree.new_id()
        with self._store.writing() as db:
            work.create_task(db, task_id, kind, user_id=user_id, workspace_id=workspace_id, request=request)
        self.begin(task_id)
        return task_id

    def begin(self, task_id: str) -> None:
        """Begin, when a thread is free, with a task that is written down (`work.create_task`)."""
        with self._changed:
            if self._is_closing:
                return  # its row waits for the next start
            self._stops[task_id] = threading.Event()
            self._waiting.append(task_id)
            if self._threads < self._most_threads:
                self._threads += 1
                threading.Thread(target=self._work, name="gofigr-task", daemon=True).start()

    def cancel(self, task_id: str) -> None:
        """What waits is cancelled at once, what runs is asked to end; what has ended stays as it is."""
        with self._store.writing() as db:
            row = db.get(Task, task_id)
            was_waiting = row is not None and work.cancel_queued(db, task_id)
        if row is not None and was_waiting:
            self._kinds.get(row.kind, Kind(_unknown)).ended(task_id)
        with self._changed:
            stop = self._stops.get(task_id)
        if stop is not None:
            stop.set()

    def recover(self) -> None:
        """At the start: what an earlier server left is begun again where that does no harm; else it has failed."""
        with self._store.reading() as db:
            left = work.unfinished(db)
        for row in left:
            kind = self._kinds.get(row.kind)
            again = kind is not None and kind.is_repeatable and row.attempts < MOST_ATTEMPTS
            with self._store.writing() as db:
                if again:
                    work.queue_again(db, row.id)
                else:
                    work.finish(db, row.id, "failed", error=SERVER_STOPPED)
            if again:
                self.begin(row.id)
            elif kind is not None:
                kind.ended(row.id)

    def wait(self, timeout: float) -> bool:
        """Wait until nothing runs; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._threads == 0, timeout)

    def close(self, patience: float = 5.0) -> None:
        """Interrupt what runs, and wait a little for it; what can be repeated is queued for the next start."""
        with self._changed:
            self._is_closing = True
            self._waiting.clear()
            for stop in self._stops.values():
                stop.set()
        self.wait(patience)

    # ------------------------------------------------------------ the threads

    def _work(self) -> None:
        try:
            while (turn := self._next()) is not None:
                self._began()
                try:
                    self._run(turn.task_id, turn.stop)
                except Exception:
                    log.exception("task %s was lost", turn.task_id)
                finally:
                    self._ended()
                    with self._changed:
                        self._stops.pop(turn.task_id, None)
                        self._running[turn.user_id] -= 1
        except Exception:
            log.exception("a thread for tasks has ended")
            with self._changed:
                self._leave()

    def _next(self) -> Turn | None:
        """The oldest task whose user has not enough running already; None when the thread is to end."""
        while True:
            with self._changed:
                waiting = list(self._waiting)
                if not waiting:
                    self._leave()
                    return None
            with self._store.reading() as db:
                owners = work.owners(db, waiting)
            with self._changed:
                if waiting != self._waiting:
                    continue  # another thread was quicker, or there is more
                for task_id in [one for one in waiting if one not in owners]:  # gone with its user or workspace
                    self._waiting.remove(task_id)
                    self._stops.pop(task_id, None)
                for task_id in self._waiting:
                    user_id = owners[task_id]
                    if self._running[user_id] < self._most_of_one:
                        self._waiting.remove(task_id)
                        self._running[user_id] += 1
                        return Turn(task_id, user_id, self._stops[task_id])
                self._leave()  # whoever has enough running goes on with the rest when that has ended
                return None

    def _leave(self) -> None:
        self._threads -= 1
        self._changed.notify_all()

    def _run(self, task_id: str, stop: threading.Event) -> None:
        with self._store.writing() as db:
            row = work.begin(db, task_id)
        if row is None:
            return  # cancelled, or its user or workspace has gone
        kind = self._kinds.get(row.kind, Kind(_unknown))
        state, result, error = _outcome(kind.run, Job(self._store, row, stop, self._report_every))
        is_put_back = state == "cancelled" and self._is_closing and kind.is_repeatable
        with self._store.writing() as db:
            if is_put_back:
                work.put_back(db, task_id)
            elif state == "cancelled" and self._is_closing:
                work.finish(db, task_id, "failed", error=SERVER_STOPPED)
            else:
                work.finish(db, task_id, state, result=result, error=error)
        if not is_put_back:
            kind.ended(task_id)


def _outcome(run: Work, job: Job) -> tuple[str, Any, str | None]:
    """State, result and error."""
    try:
        return "succeeded", run(job), None
    except Interrupted:
        return "cancelled", None, None
    except Refusal as refusal:
        return "failed", None, _spoken(refusal)
    except TaskFailed as failure:
        return "failed", None, str(failure)
    except OutOfReach as failure:  # a bucket that does not answer
        return "failed", None, str(failure)
    except Exception as error:
        if is_full(error):
            return "failed", None, str(DiskFull())
        log.exception("task %s failed", job.id)
        return "failed", None, FAILED


def _spoken(refusal: Refusal) -> str:
    words = next(iter(refusal.body.values()), FAILED)
    return str(words[0] if isinstance(words, list) and words else words)


def _unknown(_job: Job) -> Any:
    raise TaskFailed("This server does not know this kind of work.")


def tasks_of(request: Request) -> Tasks:
    """The server's engine."""
    tasks: Tasks = request.app.state.tasks
    return tasks


TasksOf = Annotated[Tasks, Depends(tasks_of)]
