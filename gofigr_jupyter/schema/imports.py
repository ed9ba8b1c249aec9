"""Family imports: keys for git, files and repositories to read figures from, and the tasks that do it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gofigr_jupyter.schema.base import Address, Draft, Id, Name, Secret, Timestamp, Wire

TaskState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class SshKey(Wire, source="ours"):
    """The public half of a key pair for git. Ours."""

    api_id: str
    name: str
    public_key: str
    fingerprint: str
    created: Timestamp


class SshKeyDraft(Draft, source="ours"):
    """Body of `POST ssh_key/`; without `private_key` the server makes an Ed25519 pair. Ours."""

    name: Name
    private_key: Secret | None = Field(default=None, repr=False)
    passphrase: Secret | None = Field(default=None, repr=False)


class GitCheck(Draft, source="ours"):
    """Body of `POST git/check/`, and where an import reads from; `ssh_key` is the id of one. Ours."""

    url: Address
    branch: Address | None = None
    ssh_key: Id | None = None


class GitAccess(Wire, source="ours"):
    """Answer of `POST git/check/`: whether the repository can be read, or why not. Ours."""

    accessible: bool
    reason: str | None = None
    default_branch: str | None = None
    branches: list[str] = Field(default_factory=list)


class UploadRequest(Draft, source="ours"):
    """Body of `POST upload/` for a repository; files come as multipart. Ours."""

    workspace: Id
    analysis: Id | None = None
    git: GitCheck


class TaskStarted(Wire, source="ours"):
    """Answer 202: the work goes on in this task. Ours."""

    task: str


class Task(Wire, source="ours"):
    """Work in the background; `progress` runs from 0 to 1. Ours."""

    api_id: str
    kind: str
    state: TaskState | str
    progress: float = 0.0
    message: str | None = None
    result: Any = None
    error: str | None = None
    created_on: Timestamp
    started_on: Timestamp | None = None
    finished_on: Timestamp | None = None
