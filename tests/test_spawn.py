"""Starting our processes: one at a time, detached, found by their lock."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gofigr_jupyter import spawn

HOLDER = """
import os, sys, time
from pathlib import Path
from gofigr_jupyter import spawn
home = Path(os.environ["GOFIGR_JUPYTER_HOME"])
held = spawn.hold(home, "worker", patience=0.2)
detached = os.getsid(0) == os.getpid()
print(os.getpid(), held is not None, detached, os.environ.get("GF_API_KEY"), Path.cwd(), flush=True)
if held:
    time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    module = tmp_path / "holder.py"
    module.write_text(HOLDER)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{Path(spawn.__file__).parents[1]}")
    monkeypatch.setenv("GF_API_KEY", "a secret")
    monkeypatch.setitem(spawn._COMMANDS, "worker", ("holder",))
    monkeypatch.setitem(spawn._NICE, "worker", 0)
    return tmp_path / "home"


def lines(home: Path, count: int) -> list[list[str]]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        log = home / "run" / "worker.log"
        found = log.read_text().splitlines() if log.exists() else []
        if len(found) >= count:
            return [line.split() for line in found]
        time.sleep(0.02)
    raise AssertionError("it did not start")


@pytest.mark.slow
def test_two_callers_start_one_process_that_is_found_by_its_lock(home: Path) -> None:
    assert not spawn.alive(home, "worker")
    threads = [threading.Thread(target=spawn.ensure_worker, args=(home,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = lines(home, 1)
    try:
        deadline = time.monotonic() + 5
        while not spawn.alive(home, "worker") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert spawn.alive(home, "worker")
        assert spawn.ensure_worker(home)
        time.sleep(0.5)
        said = lines(home, 1)
        assert sum(line[1] == "True" for line in said) == 1
        assert all(line[2:] == ["True", "None", str(home)] for line in said)
        second = subprocess.run(
            [sys.executable, "-m", "holder"],
            env=os.environ | {"GOFIGR_JUPYTER_HOME": str(home)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert second.stdout.split()[1] == "False"
    finally:
        [holder] = [line for line in lines(home, 1) if line[1] == "True"]
        os.kill(int(holder[0]), 9)
        for child in spawn._started:
            child.wait(10)
    assert first
    assert not spawn.alive(home, "worker")  # a kill leaves no lock behind


def test_a_start_under_way_is_trusted(home: Path) -> None:
    held = spawn.hold(home, "worker")
    assert held is not None
    assert spawn.ensure_worker(home)
    held.release()
    (home / "run" / "worker.starting").touch()
    assert spawn.ensure_worker(home)  # starts none
    assert not (home / "run" / "worker.log").exists()


def test_a_home_that_cannot_be_used_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not spawn.ensure_worker(tmp_path / "file")
