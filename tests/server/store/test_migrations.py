"""Folders of older servers: nothing in them is lost, what is new is filled in, and their figures are served."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from gofigr_jupyter.server import chores, likeness, passwords
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig, loopback_hosts
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.database import FILE_NAME, HEAD, MIGRATIONS
from gofigr_jupyter.server.store.store import Store
from tests.server.conftest import API, ORIGIN, PORT, Client, TestClient, found, make_revision, text
from tests.server.store import older
from tests.server.store.older import an_id, rows

ROOT = Path(__file__).parents[3]
# Ends its process just before the Nth statement of a start; without N, says at the end how many there were.
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from gofigr_jupyter.server.store.store import Store
fatal, seen = int(sys.argv[2]), 0
def count(*_):
    global seen
    seen += 1
    if seen == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "before_cursor_execute", count)
event.listen(Engine, "commit", count)
Store.in_folder(Path(sys.argv[1])).close()
print(seen)
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of each older revision, to be copied."""
    folder = tmp_path_factory.mktemp("older")
    for name, build in older.BUILDERS.items():
        build(folder / name)
    return {name: folder / name for name in older.BUILDERS}


@pytest.fixture(params=older.BUILDERS)
def old(request: pytest.FixtureRequest, built: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of one of them."""
    shutil.copytree(built[request.param], tmp_path / "data")
    assert older.revision_of(tmp_path / "data") == request.param
    return tmp_path / "data"


@contextmanager
def served(folder: Path) -> Iterator[Client]:
    """The embedded server on a folder, and its local user."""
    hosts = loopback_hosts(PORT)
    app = create_app(ServerConfig(folder, PORT, embedded=True, local_token=older.LOCAL_TOKEN, allowed_hosts=hosts))
    headers = {"authorization": f"Token {older.LOCAL_TOKEN}"}
    with TestClient(app, base_url=ORIGIN, headers=headers) as client:
        yield client
    app.state.store.close()


def upgrade(folder: Path) -> None:
    Store.in_folder(folder).close()


def test_every_earlier_revision_has_a_folder_to_start_from() -> None:
    every = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    assert set(older.BUILDERS) == every - {HEAD}


def test_nothing_is_lost(old: Path) -> None:
    before = {name: rows(old, name) for name in older.TABLES_OF_R0001}
    assert (len(before["revisions"]), len(before["data_items"]), all(before.values())) == (50, 150, True)
    upgrade(old)
    assert older.revision_of(old) == HEAD
    for name, expected in before.items():
        assert rows(old, name, list(expected[0])) == expected, name
    with closing(sqlite3.connect(old / FILE_NAME)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_sizes_are_filled_in(old: Path) -> None:
    upgrade(old)
    expected = [0] * older.FIGURES
    for number in range(older.REVISIONS):
        expected[number % older.FIGURES] += sum(map(len, older.contents(number)))
    figures = {row["id"]: row["size_bytes"] for row in rows(old, "figures")}
    assert figures == {an_id(f"figure {n}"): size for n, size in enumerate(expected)}
    analyses = {row["name"]: row["size_bytes"] for row in rows(old, "analyses")}
    by_analysis = {f"analysis {n}": sum(expected[n::3]) for n in range(3)}
    assert analyses == by_analysis | {"analysis 3": 0}
    workspaces = {row["name"]: row["size_bytes"] for row in rows(old, "workspaces")}
    assert workspaces == {"primary": sum(expected), "lab": 0}


def test_references_hold_afterwards(old: Path) -> None:
    upgrade(old)
    with closing(sqlite3.connect(old / FILE_NAME)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        for table, column in (
            ("workspaces", "organization_id"),
            ("activities", "workspace_id"),
            ("data_items", "revision_id"),
            ("data_items", "asset_revision_id"),
            ("revisions", "figure_id"),
        ):
            with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
                db.execute(f"UPDATE {table} SET {column} = 'nowhere' WHERE rowid = (SELECT min(rowid) FROM {table})")  # noqa: S608 - our own names
        db.execute("DELETE FROM workspaces WHERE name = 'primary'")
        left = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in older.TABLES_OF_R0001}  # noqa: S608
        db.rollback()
    assert {name: left[name] for name in ("analyses", "figures", "revisions", "data_items")} == {
        "analyses": 1, "figures": 0, "revisions": 0, "data_items": 0,
    }  # fmt: skip


def test_a_second_start_changes_nothing(old: Path) -> None:
    upgrade(old)
    before = (old / FILE_NAME).read_bytes()
    upgrade(old)
    assert (old / FILE_NAME).read_bytes() == before


def test_its_figures_are_served(old: Path) -> None:
    with served(old) as me:
        user = found(me.get(f"{API}/user"))[0]
        assert (user["username"], user["user_profile"]) == ("ada", {"ui_data": {"theme": "dark", "Ω": [1, None]}})
        names = {one["name"] for one in found(me.get(f"{API}/workspace/"))}
        assert names == {"primary", "lab"}
        figure = found(me.get(f"{API}/figure/{an_id('figure 4')}/"))
        assert [one["revision_index"] for one in figure["revisions"]] == list(range(10))
        for number in (0, 3, 49):
            revision = found(me.get(f"{API}/revision/{an_id(f'revision {number}')}/"))
            assert revision["metadata"]["nested"] == {"deep": [number, 1.5, None]}
            assert revision["created_on"] == "2026-03-04T05:06:07.890123+00:00"
            assert revision["updated_by"] == ("bob" if number == 3 else None)
            for item, content in zip(revision["data"], older.contents(number), strict=True):
                whole = found(me.get(f"{API}/data/{item['api_id']}/"))
                assert base64.b64decode(whole["data"] or "") == content
                assert me.get(f"/file/{item['api_id']}/x").content == content
        assert me.get("/r/Abcdefgh49", follow_redirects=False).headers["location"].endswith(an_id("revision 49"))
        log = found(me.get(f"{API}/workspace/{an_id('primary')}/log/"))
        assert len(log) >= older.REVISIONS
        size = found(me.get(f"{API}/workspace/{an_id('primary')}/"))["size_bytes"]
        made = make_revision(me, text("12345"), figure=an_id("figure 4"))
        assert made["revision_index"] == 10
        assert found(me.get(f"{API}/workspace/{an_id('primary')}/"))["size_bytes"] == size + 5


def test_what_let_people_in_still_does(old: Path) -> None:
    with served(old) as me:
        for token, sees in ((older.KEY, {"primary", "lab"}), ("99" * 33, {"lab"})):
            seen = found(me.get(f"{API}/workspace/", headers={"authorization": f"Token {token}"}))
            assert {one["name"] for one in seen} == sees
        del me.headers["authorization"]
        me.cookies.set(f"gofigr_{PORT}", older.COOKIE)
        assert found(me.get(f"{API}/user"))[0]["username"] == "ada"
        me.cookies.clear()
        pair = found(me.post("/api/token/", data={"username": "bob", "password": older.PASSWORD}))
        bob = {"authorization": f"Bearer {pair['access']}"}
        assert [one["name"] for one in found(me.get(f"{API}/workspace/", headers=bob))] == ["lab"]
        assert me.get(f"{API}/figure/{an_id('figure 0')}/", headers=bob).status_code == 403
    store = Store.in_folder(old)
    with store.reading() as db:
        kept = people.user_named(db, "bob")
    store.close()
    assert kept is not None
    assert passwords.fits(kept.password_hash, older.PASSWORD)


def test_what_was_there_is_found(old: Path) -> None:
    """Names at once; code and pictures when they have been read, which needs no one to wait."""
    figures = {an_id(f"figure {number}") for number in range(older.FIGURES)}
    newer = set() if older.revision_of(old) == "r0001" else {"comment", "story"}
    with served(old) as me:
        store: Store = me.app.state.store  # type: ignore[attr-defined]
        assert {one["object"]["api_id"] for one in hits(me, "figure")} == figures
        assert {one["type"] for one in hits(me, "steep")} == newer
        assert hits(me, "plt.show") == []
        state = me.app.state  # type: ignore[attr-defined]
        chores.do(store, state.doorstep, state.darkroom, lambda: False)
        assert chores.read_texts(store, lambda: True) == 1
        assert {one["object"]["api_id"] for one in hits(me, "plt.show")} == figures
        assert likeness.look_around(store, lambda: True) == older.REVISIONS, "none can be read"
        assert (chores.read_texts(store, lambda: True), likeness.look_around(store, lambda: True)) == (0, 0)


def hits(me: Client, q: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = found(me.get(f"{API}/search/", params={"q": q}))["results"]
    return results


def killed(folder: Path, at: int) -> subprocess.CompletedProcess[str]:
    """A start that ends before its Nth statement; 0: it does not."""
    command = [sys.executable, "-c", KILLED_AT, str(folder), str(at)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)


@pytest.mark.slow
def test_a_kill_in_its_midst_leaves_the_old_schema_whole(old: Path, tmp_path: Path) -> None:
    """Before the commit all is as it was; then the next start does it all."""
    shutil.copytree(old, tmp_path / "whole")
    done = killed(tmp_path / "whole", 0)
    assert done.returncode == 0, done.stderr
    statements = int(done.stdout)
    assert statements > 20
    schema, before = older.tables(old), {name: rows(old, name) for name in older.TABLES_OF_R0001}
    revision = older.revision_of(old)
    for at in (statements // 5, statements // 2, statements - 8, statements - 1, statements):
        assert killed(old, at).returncode == -signal.SIGKILL
        assert older.revision_of(old) == revision
        assert older.tables(old) == schema
        assert {name: rows(old, name) for name in older.TABLES_OF_R0001} == before
    upgrade(old)
    assert older.tables(old) == older.tables(tmp_path / "whole")
    assert rows(old, "figures") == rows(tmp_path / "whole", "figures")
