"""Family imports, fourth part: a repository or a document, to be read in the background."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gofigr_jupyter.schema.imports import TaskStarted, UploadRequest
from gofigr_jupyter.server import keyring
from gofigr_jupyter.server.auth import Actor, ConfigOf, StoreOf, config_of
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.fetching import Unreachable
from gofigr_jupyter.server.git import address
from gofigr_jupyter.server.imports import errand, kinds
from gofigr_jupyter.server.multipart import Form
from gofigr_jupyter.server.policy import WRITE
from gofigr_jupyter.server.refusal import Refusal, invalid
from gofigr_jupyter.server.store import find, tree, work
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.tasks import TasksOf
from gofigr_jupyter.server.web import accepts, answer, json_body, media_type, parsed, pieces

family = Family("imports")
MOST_WAITING = 20  # tasks of one user
MOST_BYTES = 1 << 28
FORM = "multipart/form-data"
WANTED = "Send a PowerPoint (.pptx) or Word (.docx) document, or a notebook (.ipynb)."
FULL: dict[int | str, dict[str, Any]] = {429: {"description": "too many tasks are waiting already"}}
TAKES = accepts(UploadRequest)
TAKES["requestBody"]["content"][FORM] = {
    "schema": {
        "type": "object",
        "required": ["file", "workspace"],
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "workspace": {"type": "string"},
            "analysis": {"type": "string"},
        },
    }
}


@dataclass(frozen=True)
class Sent:
    """A document that has arrived; its file is named by the id that its task will have."""

    task_id: str
    path: Path
    name: str
    format: str
    workspace: str
    analysis: str | None


async def received(request: Request) -> AsyncIterator[UploadRequest | Sent]:
    """What was sent; a file that no task has taken over is removed."""
    if media_type(request) != FORM:
        body = await json_body(request)
        yield await run_in_threadpool(parsed, UploadRequest, body)
        return
    config = config_of(request)
    task_id = tree.new_id()
    path = kinds.waiting(config.data_dir, f"{task_id}.part")
    form = Form(request.headers["content-type"], path, "file")
    try:
        async for piece in pieces(request, min(MOST_BYTES, config.max_body)):
            await run_in_threadpool(form.feed, piece)
        yield await run_in_threadpool(_sent, form, path, task_id)
    finally:
        form.close()
        path.unlink(missing_ok=True)


@family.post("/upload", WRITE, answers=TaskStarted, status=202, openapi_extra=TAKES, responses=FULL)
def upload(
    gate: GateOf,
    store: StoreOf,
    config: ConfigOf,
    tasks: TasksOf,
    sent: Annotated[UploadRequest | Sent, Depends(received)],
) -> Response:
    """Figures from notebooks of a repository, or a document: read in the background, by the task that is told."""
    if isinstance(sent, UploadRequest):
        _check_address(sent)
    with store.reading() as db:
        place = gate.admit(db, find.workspace(db, sent.workspace))
        errand.analysis_in(db, place, sent.analysis)
        if isinstance(sent, UploadRequest) and sent.git.ssh_key:
            keyring.admitted(db, gate, sent.git.ssh_key)
        _check_patience(db, gate.actor)
        workspace_id = place.id
    common = {"analysis": sent.analysis, "key_id": gate.actor.key_id}
    user_id = gate.actor.user_id
    if isinstance(sent, UploadRequest):
        asked: dict[str, Any] = common | {"git": sent.git.model_dump(include={"url", "branch", "ssh_key"})}
        task_id = tasks.start(kinds.GIT, asked, user_id=user_id, workspace_id=workspace_id)
    else:
        sent.path.replace(kinds.waiting(config.data_dir, sent.task_id))
        asked = common | {"file": sent.name, "format": sent.format}
        task_id = tasks.start(kinds.FILE, asked, user_id=user_id, workspace_id=workspace_id, task_id=sent.task_id)
    return answer(TaskStarted(task=task_id), 202)


def _sent(form: Form, path: Path, task_id: str) -> Sent:
    form.end()
    if form.filename is None:
        raise invalid("file", "This field is required.")
    if not form.fields.get("workspace"):
        raise invalid("workspace", "This field is required.")
    name = _label(form.filename)
    with path.open("rb") as stream:
        head = stream.read(64)
    suffix = name.rpartition(".")[2].lower()
    is_document = head.startswith(b"PK\x03\x04") and suffix in {"pptx", "docx"}
    is_notebook = head.lstrip().startswith(b"{") and suffix == "ipynb"
    if not (is_document or is_notebook):
        raise invalid("file", WANTED)
    return Sent(task_id, path, name, suffix, form.fields["workspace"], form.fields.get("analysis") or None)


def _label(filename: str) -> str:
    """A name for people: the last part of a path, without control characters."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable()).strip()[-200:] or "document"


def _check_address(sent: UploadRequest) -> None:
    """Refuse (400) at once what can never be read; also, so that no password comes to stand in a task."""
    try:
        address.parse(sent.git.url)
        if sent.git.branch:
            address.branch(sent.git.branch)
    except Unreachable as error:
        raise invalid("git", str(error)) from error


def _check_patience(db: Transaction, actor: Actor) -> None:
    if work.count_unfinished(db, actor.user_id) >= MOST_WAITING:
        raise Refusal(429, {"detail": f"{MOST_WAITING} tasks are waiting already."}, {"Retry-After": "60"})
