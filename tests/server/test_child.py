"""The child that reads strangers' files: bounded in memory, time and words, and told nothing of the server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gofigr_jupyter.server import child
from gofigr_jupyter.server.child import Frame, Unreadable, frames
from tests.server.documents import cell, notebook, png, shown, text_document

NOTEBOOKS = "gofigr_jupyter.server.imports.notebooks"
DOCUMENTS = "gofigr_jupyter.server.imports.documents"


def read(tmp_path: Path, module: str, content: str | bytes) -> list[Frame]:
    """What the child finds."""
    path = tmp_path / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(frames(module, path, lambda: None))


def own_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> list[Frame]:
    """What a child says that runs code of the test."""
    own_module(tmp_path, monkeypatch, code)
    return read(tmp_path, "gofigr_spy", "x")


def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """The module `gofigr_spy`, which a child can run."""
    start = "import os\nfrom gofigr_jupyter.server.child import main\n"
    (tmp_path / "gofigr_spy.py").write_text(start + code)
    monkeypatch.setattr(child, "ROOT", f"{child.ROOT}{os.pathsep}{tmp_path}")


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_child(tmp_path, monkeypatch, "main(lambda _: iter([({}, [bytes(1 << 20)])]))")
    with pytest.raises(Unreadable):
        own_child(tmp_path, monkeypatch, "main(lambda _: iter([({}, [bytes(1 << 30)[:9]])]))")


def test_no_files_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreadable):
        own_child(tmp_path, monkeypatch, f"main(lambda _: open({str(tmp_path / 'x')!r}, 'wb').write(bytes(1 << 20)))")


def test_time_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SECONDS", 0.05)
    with pytest.raises(Unreadable):
        read(tmp_path, DOCUMENTS, text_document({"image1.png": png()}))


def test_a_child_that_says_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MOST_BYTES", 10)
    with pytest.raises(Unreadable, match="too much"):
        read(tmp_path, NOTEBOOKS, notebook(cell("x", shown(png()))))


def test_nothing_of_the_server_reaches_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its environment nor a module in the folder that it runs in."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    [(header, _)] = own_child(tmp_path, monkeypatch, "main(lambda _: iter([({'names': sorted(os.environ)}, [])]))")
    assert set(header["names"]) <= {"PATH", "PYTHONPATH", "LC_CTYPE", "LD_LIBRARY_PATH"}


@pytest.mark.parametrize(("gently", "priority"), [(False, 0), (True, child.GENTLE)])
def test_a_gentle_child_takes_what_time_others_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gently: bool, priority: int
) -> None:
    due = priority + os.nice(0)
    wait = f"def read(_):\n while os.nice(0) < {due}: pass\n yield {{'nice': os.nice(0)}}, []\n"
    own_module(tmp_path, monkeypatch, f"{wait}main(read)")
    path = tmp_path / "file"
    path.write_text("x")
    [(header, _)] = frames("gofigr_spy", path, lambda: None, gently=gently)
    assert header["nice"] == due


def test_reading_can_be_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(notebook(*(cell("x", shown(png())) for _ in range(50))))
    reading = frames(NOTEBOOKS, path, lambda: None)
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # it is a generator
