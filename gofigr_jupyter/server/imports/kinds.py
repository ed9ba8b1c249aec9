"""Makes the two kinds of import known to the engine, and keeps the folder of files that were sent and wait."""

from __future__ import annotations

from pathlib import Path

from gofigr_jupyter.server.git.repository import Remote
from gofigr_jupyter.server.imports import from_file, from_git
from gofigr_jupyter.server.store import work
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.tasks import Kind, Tasks

GIT, FILE = "git_import", "file_import"
FOLDER = "uploads"


def waiting(data_dir: Path, task_id: str) -> Path:
    """Where the file of a task waits; `task_id` is an id of ours."""
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / task_id


def register(tasks: Tasks, store: Store, data_dir: Path, remote: Remote) -> None:
    """To be called before the engine begins with what an earlier server left; drops files that nothing waits for."""
    # Both may be begun again after any end: what has been published is recognised.
    tasks.register(GIT, Kind(lambda job: from_git.run(job, data_dir, remote), is_repeatable=True))
    tasks.register(
        FILE,
        Kind(
            lambda job: from_file.run(job, waiting(data_dir, job.id)),
            is_repeatable=True,
            ended=lambda task_id: waiting(data_dir, task_id).unlink(missing_ok=True),
        ),
    )
    left = list((data_dir / FOLDER).glob("*"))
    if left:
        with store.reading() as db:
            wanted = {row.id for row in work.unfinished(db)}
        for path in left:
            if path.name not in wanted:
                path.unlink(missing_ok=True)
