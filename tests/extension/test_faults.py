"""What goes wrong around a cell: its result never changes, the user is told once, in one line."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.records import Missing
from tests.extension.conftest import SETUP, Notebook, parked_worker
from tests.kernels import Ran, live_kernel

PLOT = "plt.plot([1, {}]); plt.title('T'); plt.show(); print('done')"


def assert_unharmed(ran: Ran) -> None:
    """The cell did what it does without us."""
    assert ran.error is None
    assert len(ran.figures) == 1
    assert "done" in ran.text


def complaints(*cells: Ran) -> list[str]:
    """Our lines to the user in these cells."""
    return [line for ran in cells for line in ran.text.splitlines() if line.startswith("GoFigr:")]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 KB, mounted for the test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.fail("this test mounts a small disk and needs to be run as root: " + made.stderr.decode())
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    home = tmp_path / "file" / "home"
    with live_kernel(tmp_path / "home", GOFIGR_JUPYTER_HOME=str(home)) as kernel:
        loaded = kernel.run("%load_ext gofigr_jupyter")
        kernel.run(SETUP)
        cells = [loaded, *(kernel.run(PLOT.format(i)) for i in range(3))]
        for ran in cells[1:]:
            assert_unharmed(ran)
        told = complaints(*cells)
        assert len(told) == 1, told
        assert "GOFIGR_JUPYTER_HOME" in told[0]
        kernel.run("%unload_ext gofigr_jupyter")


def test_read_only_disk(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with live_kernel(small_disk.parent / "home", GOFIGR_JUPYTER_HOME=str(small_disk / "home")) as kernel:
        cells = [kernel.run("%load_ext gofigr_jupyter"), kernel.run(SETUP)]
        cells += [kernel.run(PLOT.format(i)) for i in range(2)]
        for ran in cells[2:]:
            assert_unharmed(ran)
        assert len(complaints(*cells)) == 1


def test_disk_full_then_free_again(small_disk: Path) -> None:
    home = small_disk / "home"
    with parked_worker(home), live_kernel(small_disk.parent / "home", GOFIGR_JUPYTER_HOME=str(home)) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(SETUP)
        cells = [kernel.run(PLOT.format(i)) for i in range(12)]
        for ran in cells:
            assert_unharmed(ran)
        told = complaints(*cells)
        assert len(told) == 1, told
        assert "not saved" in told[0]
        box = Outbox(home)
        saved = box.list("new")
        assert 0 < len(saved) < 12
        assert box.fsck().damaged == {}
        assert list((home / "outbox" / "tmp").iterdir()) == []
        subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
        assert_unharmed(kernel.run(PLOT.format(99)))
        assert len(box.list("new")) == len(saved) + 1


def test_neither_home_nor_git_nor_path(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with parked_worker(home), live_kernel(home, HOME="", PATH="/nonexistent") as kernel:
        cells = [kernel.run("%load_ext gofigr_jupyter"), kernel.run(SETUP), kernel.run(PLOT.format(1))]
        assert_unharmed(cells[-1])
        assert complaints(*cells) == []
        box = Outbox(home)
        assert len(box.list("new")) == 1


def test_working_directory_is_deleted(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run(SETUP)
        cells = [
            kernel.run("import os, tempfile; d = tempfile.mkdtemp(); os.chdir(d); os.rmdir(d)"),
            kernel.run("%load_ext gofigr_jupyter"),
            kernel.run(PLOT.format(1)),
        ]
        assert_unharmed(cells[-1])
        assert complaints(*cells) == []
        assert len(Outbox(home).list("new")) == 1


def test_broken_settings_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / ".gofigr").write_text("{broken")
    with parked_worker(home), live_kernel(home) as kernel:
        loaded = kernel.run("%load_ext gofigr_jupyter")
        assert len(complaints(loaded)) == 1
        assert ".gofigr" in loaded.text
        kernel.run(SETUP)
        assert_unharmed(kernel.run(PLOT.format(1)))
        assert len(Outbox(home).list("new")) == 1


def test_our_own_error_is_one_line_and_the_figure_is_shown_once(notebook: Notebook) -> None:
    notebook.run(
        "import gofigr_jupyter.extension.session as s, gofigr_jupyter.extension.cards as c\n"
        "look, s.look = s.look, lambda *a: 1 / 0"
    )
    try:
        cells = [notebook.kernel.run(PLOT.format(i)) for i in range(3)]
    finally:
        notebook.run("s.look = look")
    for ran in cells:
        assert_unharmed(ran)
    assert len(complaints(*cells)) == 1
    assert "Traceback" not in "".join(ran.text for ran in cells)
    assert "ZeroDivisionError" in (notebook.home / "run" / "kernel.log").read_text()


def test_an_error_after_the_figure_was_sent_does_not_send_it_twice(notebook: Notebook) -> None:
    notebook.run("import gofigr_jupyter.extension.cards as c; show, c.Cards.show = c.Cards.show, lambda *a: 1 / 0", check=True)
    try:
        ran, parcels = notebook.run(PLOT.format(7))
    finally:
        notebook.run("c.Cards.show = show")
    assert_unharmed(ran)
    assert len(parcels) == 1


def test_a_hook_of_somebody_else_still_sees_every_message(notebook: Notebook) -> None:
    notebook.run(
        "seen = []\ndef theirs(m):\n    seen.append(m['msg_type']); return m\n"
        "get_ipython().display_pub.register_hook(theirs)"
    )
    try:
        ran, parcels = notebook.run("plt.plot([1, 17]); plt.show()")
        assert len(ran.figures) == len(ran.cards) == len(parcels) == 1
        assert notebook.kernel.value("seen")[:1] == ["display_data"]
    finally:
        notebook.run("get_ipython().display_pub.unregister_hook(theirs)")


def test_interrupt_during_a_cell_keeps_what_was_shown(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "plt.plot([1, 23]); plt.show()\nimport os, signal; os.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
        check=False,
    )
    assert "KeyboardInterrupt" in (ran.error or "")
    assert len(parcels) == len(ran.cards) == 1


def test_captured_output_is_published_when_it_is_shown(notebook: Notebook) -> None:
    ran, parcels = notebook.run("%%capture held\nplt.plot([1, 31]); plt.show()")
    assert ran.shown == parcels == []
    ran, parcels = notebook.run("held.show()")
    assert len(parcels) == len(ran.figures) == 1


def test_a_figure_of_fifty_megabytes(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "fig = Figure(); fig.subplots().plot(np.linspace(0, 9, 1_000_000), np.zeros(1_000_000)); display(fig)",
        timeout=120,
    )
    assert len(parcels) == len(ran.cards) == 1
    assert len(getattr(parcels[0].capture.source, "data", b"")) > 50_000_000


def test_a_figure_too_large_to_keep_is_stored_as_its_picture(notebook: Notebook) -> None:
    ran, parcels = notebook.run(
        "fig = Figure(); fig.held = bytearray(120_000_000); fig.subplots().plot([1, 2]); display(fig)", timeout=120
    )
    assert len(parcels) == len(ran.cards) == 1
    assert "MB" in getattr(parcels[0].capture.source, "reason", "")


@pytest.mark.skipif(sys.platform == "win32", reason="fork is a Unix word")
def test_a_forked_child_publishes_nothing(notebook: Notebook) -> None:
    before = len(notebook.parcels())
    ran, _ = notebook.run(
        "import os\npid = os.fork()\nif pid == 0:\n    os._exit(0)\nos.waitpid(pid, 0)\nplt.plot([3, 37]); plt.show()"
    )
    assert ran.error is None
    assert len(notebook.parcels()) == before + 1
    assert os.getpid() > 0


@pytest.mark.parametrize(("place", "broken"), [("session", "look"), ("session", "collect"), ("outgoing", "digest_of")])
def test_an_error_of_ours_costs_the_facts_and_never_the_picture(tmp_path: Path, place: str, broken: str) -> None:
    home = tmp_path / "home"
    once = (
        f"from gofigr_jupyter.extension import {place} as ours\n"
        f"whole = ours.{broken}\n"
        "def fail(*args, **kwargs):\n"
        f"    ours.{broken} = whole\n"
        "    raise RuntimeError('postgres://ada:hunter2secret@db/x')\n"
        f"ours.{broken} = fail"
    )
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(SETUP)
        kernel.run(once)
        hurt, well = kernel.run(PLOT.format(1)), kernel.run(PLOT.format(2))
        assert_unharmed(hurt)
        assert_unharmed(well)
        told = complaints(hurt, well)
        assert len(told) == 1, told
        assert "saved as the picture" in told[0]
    box = Outbox(home)
    rescued, whole = (box.read(entry) for entry in box.list("new"))
    assert rescued.capture.displayed[0].data == base64.b64decode(hurt.figures[0]["data"]["image/png"])
    assert isinstance(rescued.capture.source, Missing) or isinstance(rescued.provenance.cell, Missing)
    assert "hunter2secret" not in repr(rescued)
    assert not isinstance(whole.capture.source, Missing)


def test_a_card_that_fails_does_not_make_its_figure_be_saved_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    broken = (
        "from gofigr_jupyter.extension.cards import Cards\n"
        "def fail(*args, **kwargs):\n"
        "    raise RuntimeError('no card today')\n"
        "Cards.saved = fail"
    )
    with parked_worker(home), live_kernel(home) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(SETUP)
        kernel.run(broken)
        shown = kernel.run(PLOT.format(1))
        assert_unharmed(shown)
        assert "saved as the picture" not in shown.text  # it was saved whole
    (only,) = Outbox(home).list("new")
    assert not isinstance(Outbox(home).read(only).capture.source, Missing)
