"""A task: the figures in the notebooks of a repository's branch, each with the cell that made it and its commit."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from gofigr_jupyter.provenance.remotes import commit_link
from gofigr_jupyter.server import keyring
from gofigr_jupyter.server.child import Unreadable
from gofigr_jupyter.server.fetching import Unreachable
from gofigr_jupyter.server.git.repository import Checkout, File, Remote
from gofigr_jupyter.server.imports import errand
from gofigr_jupyter.server.imports.drawn import Origin
from gofigr_jupyter.server.imports.keeping import Keeper
from gofigr_jupyter.server.refusal import forbidden
from gofigr_jupyter.server.store.tables import SshKey
from gofigr_jupyter.server.tasks import Job, TaskFailed

MOST_NOTEBOOKS = 500
LARGEST = 64 << 20
MOST_SECONDS = 1800
COPIED = 0.1  # of the progress
SHOWN = 100


def run(job: Job, data_dir: Path, remote: Remote) -> dict[str, Any]:
    """Copy the branch and publish what its notebooks show."""
    asked = job.request["git"]
    key = _key(job, data_dir, asked.get("ssh_key"))
    job.report(0.0, "Copying the repository")
    try:
        with remote.copy(asked["url"], asked.get("branch"), key, job.check) as copy:
            return _publish(job, copy)
    except Unreachable as error:
        raise TaskFailed(str(error)) from error


def _publish(job: Job, copy: Checkout) -> dict[str, Any]:
    keeper, skipped = Keeper(job, copy.address.name), list[dict[str, str]]()
    files = [one for one in copy.files(".ipynb") if ".ipynb_checkpoints" not in one.path.split("/")]
    deadline = time.monotonic() + MOST_SECONDS
    for number, file in enumerate(files):
        if time.monotonic() > deadline:
            raise TaskFailed(f"This took longer than {MOST_SECONDS // 60} minutes. What was read by then is published.")
        job.report(COPIED + (1 - COPIED) * number / len(files), f"Reading {file.path[-200:]}")
        if number >= MOST_NOTEBOOKS or file.size > LARGEST:
            skipped.append({"path": file.path, "reason": "too many notebooks" if file.size <= LARGEST else "too large"})
            continue
        origin = _origin(job, copy, file)
        try:
            keeper.keep_notebook(copy.content(file), origin)
        except Unreadable:
            skipped.append({"path": file.path, "reason": "not a notebook of version 4"})
    place = {"branch": copy.branch, "commit": copy.head.hash, "notebooks": len(files) - len(skipped)}
    return keeper.result | place | {"skipped": skipped[:SHOWN]}


def _origin(job: Job, copy: Checkout, file: File) -> Origin:
    change, url = copy.last_change(file), copy.address.shown
    git = {
        "branch": copy.branch,
        "hash": copy.head.hash,
        "remote_url": url,
        "commit_link": commit_link(url, copy.head.hash),
        "is_dirty": False,
    }
    imported = {"from": "git", "task": job.id, "last_changed_in": change.hash if change else None}
    facts = {"git": git, "imported": imported, "captured_on": (change or copy.head).date.isoformat()}
    return Origin(file.path, facts, (change.author, change.email) if change else None)


def _key(job: Job, data_dir: Path, key_id: str | None) -> bytes | None:
    if key_id is None:
        return None
    with job.store.reading() as db:
        actor = errand.sender(db, job)
        row = db.get(SshKey, key_id.lower())
        if row is None or row.user_id != actor.user_id or actor.scope is not None:
            raise forbidden()
        return keyring.unlocked(data_dir, row)
