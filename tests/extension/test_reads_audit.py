"""The audit hook: it hears every open(), raises nothing, and is asleep when nobody listens."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gofigr_jupyter.extension import reads_audit
from gofigr_jupyter.extension.reads import Reads
from gofigr_jupyter.settings import Settings


class Ear:
    """Hears, and fails when it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, int]] = []
        self.addresses: list[str] = []
        self.error: Exception | None = None

    def opened(self, path: Any, flags: int) -> None:
        if self.error is not None:
            raise self.error
        self.heard.append((path, flags & (os.O_WRONLY | os.O_RDWR)))

    def fetched(self, address: str) -> None:
        self.addresses.append(address)


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    monkeypatch.setattr(reads_audit, "_failures", 0)
    ear = Ear()
    reads_audit.listen(ear)
    yield ear
    reads_audit.leave(ear)


def test_reading_and_writing_are_heard(ear: Ear, tmp_path: Path) -> None:
    path = str(tmp_path / "a.txt")
    with open(path, "w") as file:  # noqa: PTH123 - the function itself is meant
        file.write("x")
    with open(os.fsencode(path), "rb"):  # noqa: PTH123 - as above
        pass
    os.close(os.open(path, os.O_RDWR))
    sqlite3.connect(f"file:{tmp_path}/b.db?mode=rwc", uri=True).close()
    sqlite3.connect(":memory:").close()
    mine = [(os.fsdecode(one), mode) for one, mode in ear.heard if str(tmp_path) in os.fsdecode(one)]
    assert mine == [(path, os.O_WRONLY), (path, os.O_RDONLY), (path, os.O_RDWR), (f"{tmp_path}/b.db", os.O_RDWR)]


def test_nobody_listens_nobody_is_told(ear: Ear, tmp_path: Path) -> None:
    reads_audit.leave(ear)
    (tmp_path / "a.txt").write_text("x")
    assert ear.heard == []


@pytest.mark.parametrize("error", [ValueError("ours"), RecursionError(), MemoryError()])
def test_what_fails_in_us_fails_nobodys_open(
    ear: Ear, tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    ear.error = error
    for number in range(20):
        (tmp_path / f"{number}.txt").write_text("x")
    ear.error = None
    (tmp_path / "last.txt").write_text("x")
    is_bug = isinstance(error, ValueError)
    assert len(caplog.records) == (10 if is_bug else 0)
    assert bool(ear.heard) is not is_bug  # a bug that stays is not asked again and again
    logging.getLogger("gofigr_jupyter").info("still alive")


def test_who_reads(tmp_path: Path) -> None:
    packages = (str(Path(os.__file__).parent) + os.sep,)
    assert reads_audit.who_reads(sys._getframe(), packages) == "open"
    names: dict[str, Any] = {"who": reads_audit.who_reads, "packages": packages, "sys": sys, "__name__": 3}
    exec("told = who(sys._getframe(), packages)", names)  # noqa: S102 - whatever people put into __name__
    assert names["told"] == "open"
    names["__name__"] = "ipykernel.kernelbase"
    source = compile("told = who(sys._getframe(), ('/x/',))", "/x/ipykernel/kernelbase.py", "exec")
    exec(source, names)  # noqa: S102 - a frame of the shell's, which this test has called
    assert names["told"] == "ipykernel.<module>"
    assert (
        reads_audit.who_reads(sys._getframe(), ("/",)) is not None
    )  # threads of libraries have no code of the author's


def test_a_session_without_inputs_installs_no_hook(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(reads_audit, "_is_installed", False)
    installed: list[object] = []
    monkeypatch.setattr(sys, "addaudithook", installed.append)
    settings = Settings(home=home, inputs="off")
    reads = Reads(lambda: settings, lambda _: None)
    reads.open(in_cell=True)
    reads.cell_started()
    assert installed == []
    settings = settings.with_(inputs="all")
    reads.cell_started()
    reads.cell_started()
    assert len(installed) == 1
    reads.close()
