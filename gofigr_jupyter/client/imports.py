"""Family imports: keys for git, files and repositories to read figures from, and the tasks that do it."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gofigr_jupyter.client.bodies import Form, Progress
from gofigr_jupyter.client.resource import (
    API,
    Collection,
    Ident,
    drafted,
    id_of,
    items,
    maybe_id,
    read_as,
    step,
    to_wire,
)
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import APIError
from gofigr_jupyter.schema.imports import (
    GitAccess,
    GitCheck,
    SshKey,
    SshKeyDraft,
    Task,
    TaskStarted,
    TaskState,
    UploadRequest,
)

_OVER = frozenset({"succeeded", "failed", "cancelled"})
_FIRST_POLL, _LAST_POLL = 0.1, 2.0  # seconds


class SshKeys(Collection[SshKey, SshKeyDraft]):
    """Key pairs with which the server reads repositories; only their public halves are ever told."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, "ssh_key", SshKey)

    def create(
        self,
        draft: SshKeyDraft | None = None,
        *,
        name: str | None = None,
        private_key: str | None = None,
        passphrase: str | None = None,
    ) -> SshKey:
        """Keep a private key on the server, or, without one, let it make an Ed25519 pair."""
        chosen = drafted(SshKeyDraft, draft, name=name, private_key=private_key, passphrase=passphrase)
        return super().create(chosen)


class Git:
    """Repositories as the server sees them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def check(self, url: str, *, branch: str | None = None, ssh_key: Ident | None = None) -> GitAccess:
        """Whether the server can read a repository, or why not."""
        body = to_wire(drafted(GitCheck, None, url=url, branch=branch, ssh_key=maybe_id(ssh_key)))
        return read_as(GitAccess, self._transport.request("POST", f"{API}/git/check/", body=body, repeatable=True))


class Uploads:
    """Files and repositories that the server takes figures from. Each call returns the task that does it."""

    def __init__(self, transport: Transport, tasks: Tasks) -> None:
        self._transport = transport
        self._tasks = tasks

    def file(
        self, path: str | Path, workspace: Ident, *, analysis: Ident | None = None, progress: Progress | None = None
    ) -> Task:
        """Send a PowerPoint or Word file, in pieces; it is kept as an asset, linked to the figures that it shows.

        `progress` is told the bytes sent.
        """
        places = {"workspace": id_of(workspace), "analysis": maybe_id(analysis)}
        form = Form(Path(path), {name: value for name, value in places.items() if value is not None})
        return self._started(self._transport.request("POST", f"{API}/upload/", form=form, progress=progress))

    def git(
        self,
        url: str,
        workspace: Ident,
        *,
        analysis: Ident | None = None,
        branch: str | None = None,
        ssh_key: Ident | None = None,
    ) -> Task:
        """Read the figures in the notebooks of a repository."""
        source = drafted(GitCheck, None, url=url, branch=branch, ssh_key=maybe_id(ssh_key))
        fields = {"workspace": id_of(workspace), "analysis": maybe_id(analysis), "git": source}
        body = to_wire(drafted(UploadRequest, None, **fields))
        return self._started(self._transport.request("POST", f"{API}/upload/", body=body))

    def _started(self, answer: object) -> Task:
        return self._tasks.get(read_as(TaskStarted, answer).task)


class Tasks:
    """Work that the server does in the background."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._path = f"{API}/task/"

    def iter(self, *, state: TaskState | None = None, workspace: Ident | None = None) -> Iterator[Task]:
        """All tasks, or those in a state or of a workspace; fetched as they are used."""
        return items(self._transport, self._path, Task, {"state": state, "workspace": maybe_id(workspace)})

    def list(self, *, state: TaskState | None = None, workspace: Ident | None = None) -> builtins.list[Task]:
        """All tasks, or those in a state or of a workspace."""
        return [*self.iter(state=state, workspace=workspace)]

    def get(self, task: Ident) -> Task:
        """How far it is."""
        return read_as(Task, self._transport.request("GET", self._at(task)))

    def cancel(self, task: Ident) -> Task:
        """Ask it to stop."""
        self._transport.request("POST", f"{self._at(task)}cancel/", body={}, repeatable=True)
        return self.get(task)

    def wait(
        self, task: Ident, seconds: float | None = None, *, progress: Callable[[Task], object] | None = None
    ) -> Task:
        """The task when it is over, however it ended (see `state`, `result`, `error`).

        `progress` is told each time it has moved. Raises APIError when `seconds` are over first.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        pause, told = _FIRST_POLL, None
        while True:
            now = self.get(task)
            if progress is not None and (now.state, now.progress, now.message) != told:
                told = (now.state, now.progress, now.message)
                progress(now)
            if now.state in _OVER:
                return now
            if deadline is not None and time.monotonic() + pause > deadline:
                raise APIError(f"The task ({now.kind}) is still {now.state} after {seconds:g} s")
            time.sleep(pause)
            pause = min(pause * 1.5, _LAST_POLL)

    def _at(self, task: Ident) -> str:
        return f"{self._path}{step(id_of(task))}/"
