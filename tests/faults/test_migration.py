"""Every crash point of a migration, down to the writes of its commit: the old folder whole, or the new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.faults.deeds import API, serving, start_server
from tests.faults.nursery import Nursery
from tests.faults.strace import points, strike
from tests.server.conftest import found
from tests.server.store import older

CALLS = "pwrite64,fdatasync,fsync,unlink,ftruncate"
IS_LONG = bool(os.environ.get("GOFIGR_LONG"))


def chosen(every: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """All of them in the long tier; else every sync and removal, and half a dozen of the writes between them."""
    writes = [nth for name, nth in every if name == "pwrite64"]
    some = set(writes[:: max(1, len(writes) // 6)])
    return [(name, nth) for name, nth in every if IS_LONG or name != "pwrite64" or nth in some]


@pytest.mark.slow
def test_killed_at_every_call_of_a_migration(source: Nursery, tmp_path: Path) -> None:
    log, old = tmp_path / "log", tmp_path / "old"
    older.r0001(old)
    schema = older.tables(old)
    shutil.copytree(old, tmp_path / "whole")
    every = points(source, partial(start_server, tmp_path / "whole"), CALLS, log)
    whole = older.tables(tmp_path / "whole")
    assert {"pwrite64", "fdatasync"} <= {name for name, _ in every}
    were_old = 0
    for number, (name, nth) in enumerate(chosen(every)):
        folder = tmp_path / str(number)
        shutil.copytree(old, folder)
        struck = strike(source, partial(start_server, folder), CALLS, f"{name}:signal=KILL:when={nth}", log)
        assert "Traceback" not in struck.said, struck.said
        found_schema = _after_recovery(folder)
        assert found_schema in (schema, whole)
        were_old += found_schema == schema
        with serving(folder) as client:
            figure = found(client.get(f"{API}/figure/{older.an_id('figure 4')}/"))
            assert len(figure["revisions"]) == 10
            item = older.an_id("item 49 2")
            assert client.get(f"/file/{item}/x").content == older.contents(49)[2]
        assert older.tables(folder) == whole
        shutil.rmtree(folder)
    assert were_old > 0


def _after_recovery(folder: Path) -> dict[str, str]:
    """The schema, once SQLite has rolled back what was half done, as the next program to open it would."""
    with closing(sqlite3.connect(folder / "gofigr.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    return older.tables(folder)
