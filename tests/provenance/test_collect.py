"""The kernel's side never waits; the thread's side brings the truth."""

import os
import subprocess
import threading
import time
from datetime import UTC, datetime

import pytest

from gofigr_jupyter.provenance.collect import Facts, collect
from gofigr_jupyter.records import Environment, GitState, HistoryEntry, Missing, Moment, Notebook


@pytest.fixture
def facts():
    facts = Facts()
    yield facts
    facts.stop()


def moment(folder, source="x = 1", history=(), **more):
    return Moment(
        source=source,
        session_id="0123456789",
        working_dir=str(folder),
        started_at=datetime.now(UTC),
        cell_id="c1",
        execution_count=3,
        history=tuple(HistoryEntry(n, text) for n, text in enumerate(history, 1)),
        **more,
    )


def repository(folder):
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


def test_before_anything_is_read_every_fact_says_so(tmp_path, facts):
    provenance = collect(moment(tmp_path), facts)
    assert provenance.environment == provenance.git == Missing("not read yet")
    assert provenance.notebook == Notebook("Session 01234567", None, "session")
    assert provenance.cell.source == "x = 1"
    assert provenance.script == Missing("not a script")


def test_what_the_thread_has_read_is_there(tmp_path, facts):
    now = moment(repository(tmp_path / "r"))
    facts.start(now)
    assert facts.wait(20)
    provenance = collect(now, facts)
    assert isinstance(provenance.environment, Environment)
    assert isinstance(provenance.git, GitState)
    elsewhere = collect(moment(tmp_path), facts)
    assert elsewhere.git == Missing("not read yet")  # not another folder's state


def test_secrets_are_masked_everywhere_and_counted_once(tmp_path, facts):
    folder = repository(tmp_path / "r")
    (folder / "a.py").write_text("password = 'hunter2'\n")
    cell = "token = 'hunter2'"
    now = moment(folder, cell, ["api_key = 'hunter2'", "y = 2", cell])
    facts.start(now)
    assert facts.wait(20)
    provenance = collect(now, facts)
    assert "hunter2" not in repr(provenance)
    assert provenance.masked == 3
    assert provenance.history[1].source == "y = 2"


def test_a_running_script_is_told(tmp_path, facts):
    path = tmp_path / "s.py"
    path.write_text("password = 'hunter2'\n")
    provenance = collect(moment(tmp_path, path.read_text(), script=str(path)), facts)
    assert provenance.script == "password = '***'\n"
    assert provenance.masked == 1
    assert provenance.notebook == Missing("s.py is a script, not a notebook")
    assert provenance.cell == Missing("no cell was running")
    gone = collect(moment(tmp_path, script=str(tmp_path / "gone.py")), Facts())
    assert isinstance(gone.script, Missing)


def test_the_true_name_is_announced_once(tmp_path):
    told, arrived = [], threading.Event()

    def on_notebook(notebook):
        told.append(notebook)
        arrived.set()

    facts = Facts(on_notebook)
    hints = {"__vsc_ipynb_file__": "/home/me/a.ipynb"}
    facts.start(tmp_path, hints)
    assert arrived.wait(20)
    facts.refresh(tmp_path, hints)
    assert facts.wait(20)
    assert told == [facts.notebook] == [Notebook("a.ipynb", "/home/me/a.ipynb", "__vsc_ipynb_file__")]
    facts.stop()


def test_new_commits_are_seen(tmp_path, facts):
    folder = repository(tmp_path / "r")
    facts.start(folder)
    assert facts.wait(20)
    before, _ = facts.git(str(folder))
    (folder / "a.py").write_text("x = 2\n")
    deadline = time.monotonic() + 20
    while facts.git(str(folder))[0] == before and time.monotonic() < deadline:
        facts.refresh(folder)
        time.sleep(0.1)
    assert facts.git(str(folder))[0].is_dirty


def test_a_listener_that_raises_takes_nothing_with_it(tmp_path):
    facts = Facts(lambda _: 1 / 0)
    facts.start(repository(tmp_path / "r"), {"__vsc_ipynb_file__": "/a.ipynb"})
    assert facts.wait(20)
    assert isinstance(facts.environment, Environment)
    facts.stop()
    assert facts.wait(5)


def test_asking_does_not_wait_for_a_git_that_hangs(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    facts = Facts()
    facts.start(tmp_path)
    facts.refresh(tmp_path)
    assert not facts.wait(0)
    facts.stop()


def test_the_thread_ends_when_told(tmp_path):
    facts = Facts()
    facts.start(tmp_path)
    facts.wait(20)
    facts.stop()
    deadline = time.monotonic() + 10
    while any(t.name == "gofigr-facts" and t.is_alive() for t in [facts._thread]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not facts._thread.is_alive()
    facts.refresh(tmp_path)  # after the end: nothing happens


def test_collecting_is_quick_and_the_history_is_masked_once(tmp_path, facts):
    cell = "import numpy as np\nax.plot(x, y, label='a')\nax.set_title('Measured')\n" * 10
    now = moment(tmp_path, cell, [f"{cell}# {n}" for n in range(300)])
    collect(now, facts)
    took = []
    for _ in range(20):
        began = time.perf_counter()
        collect(now, facts)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.003  # 0.2 ms on an idle machine; masking the history again would be 15
