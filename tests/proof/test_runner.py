"""The clean process: what it shows, what it cannot do, and that nothing of it is left."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from gofigr_jupyter.proof.recorded import Cell
from gofigr_jupyter.proof.runner import Limits, Ran, Setup, python_for, run
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    for name in ("work", "private"):
        (tmp_path / name).mkdir()
    return Setup(sys.executable, tmp_path / "work", tmp_path / "private", formats=("png",))


def ran(setup: Setup, *cells: str, seconds: float = 60, memory: int = 0) -> Ran:
    numbered = [Cell(source, count) for count, source in enumerate(cells, 1)]
    return run(numbered, setup, Limits(seconds, memory), lambda _: None)


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def wait_for(path: Path) -> int:
    deadline = time.monotonic() + 20
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(path.read_text())


def test_it_shows_what_a_notebook_shows(setup: Setup) -> None:
    found = ran(
        setup,
        "%matplotlib inline\nimport matplotlib.pyplot as plt",
        "plt.plot([1, 2]);",
        "fig, ax = plt.subplots(); ax.bar([1], [2])\nplt.show()",
        "plt.close(fig)\nfig",
        "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>')",
        "1 + 1",
    )
    assert found.problem is None
    assert [sorted(bundle) for bundle in found.shown] == [["image/png"]] * 3 + [["image/svg+xml"]]
    assert all(bundle["image/png"].startswith(b"\x89PNG") for bundle in found.shown[:3])
    assert found.around.python == sys.version.split()[0]
    assert "matplotlib" in found.around.used
    assert found.around.packages is not None
    assert found.around.packages["matplotlib"]


def test_counts_are_those_of_the_session(setup: Setup) -> None:
    done = run([Cell("40 + 2", 7), Cell("assert _7 == 42 and Out[7] == 42", 9)], setup, Limits(), lambda _: None)
    assert done.problem is None


def test_an_error_is_told_with_its_cell_and_last_lines(setup: Setup) -> None:
    found = ran(setup, "x = 1", "def f():\n    return 1 / 0\nf()", "never = 1")
    assert found.problem == "In [2]: ZeroDivisionError: division by zero"
    assert any("return 1 / 0" in line for line in found.trace)
    assert ran(setup, "import no_such_module").problem == "In [1]: ModuleNotFoundError: No module named 'no_such_module'"


def test_no_input_no_secrets_and_an_empty_folder(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GF_API_KEY", "secret")
    assert "EOFError" in (ran(setup, "input('?')").problem or "")
    code = "import os\nassert not [n for n in os.environ if n.startswith(('GF_', 'GOFIGR_'))]\nassert os.listdir() == []"
    assert ran(setup, code).problem is None


def test_what_takes_too_long_is_ended_with_all_it_started(setup: Setup) -> None:
    code = (
        "import subprocess, os, time\nchild = subprocess.Popen(['sleep', '300'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}')\ntime.sleep(300)"
    )
    began = time.monotonic()
    found = ran(setup, code, seconds=6)
    assert found.problem == "it took longer than 6 s"
    assert time.monotonic() - began < 20
    pids = [int(pid) for pid in (setup.folder / "pids").read_text().split()]
    until(lambda: not any(map(is_alive, pids)))  # a busy machine takes its time to end what was killed


def test_what_is_left_running_is_ended_too(setup: Setup) -> None:
    code = "import subprocess\nopen('pid', 'w').write(str(subprocess.Popen(['sleep', '300']).pid))"
    assert ran(setup, code).problem is None
    pid = wait_for(setup.folder / "pid")
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)


def test_memory_is_limited(setup: Setup) -> None:
    found = ran(setup, "x = bytearray(6 << 30)", memory=4 << 30)
    assert "MemoryError" in (found.problem or "")


def test_crashes_and_ends_are_told(setup: Setup) -> None:
    assert "SIGSEGV" in (ran(setup, "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)").problem or "")
    assert "exit code 3" in (ran(setup, "import os\nos._exit(3)").problem or "")
    assert "SystemExit" in (ran(setup, "import sys\nsys.exit(2)").problem or "")


def test_a_python_that_is_none(setup: Setup) -> None:
    other = Setup("/no/such/python", setup.folder, setup.private)
    assert "cannot be started" in (ran(other, "1").problem or "")


def test_publishing_code_displays_and_sends_nothing(setup: Setup) -> None:
    found = ran(
        setup,
        "%load_ext gofigr_jupyter\nfrom gofigr_jupyter import publish, configure, suppress, reproducible\n"
        "configure(workspace='Lab', api_key='x')\nimport matplotlib.pyplot as plt",
        "fig, ax = plt.subplots(); plt.close(fig)\npublish(fig, name='n')",
        "with suppress():\n    pass\n@reproducible\ndef f(): return 5\nassert f() == 5",
        "import gofigr, gofigr.jupyter\nfrom gofigr.jupyter import *",
    )
    assert found.problem is None
    assert len(found.shown) == 1


def test_readers_of_ours_are_those_of_pandas(setup: Setup) -> None:
    (setup.folder / "x.csv").write_text("a\n1\n")
    code = "from gofigr_jupyter import read_csv\nassert read_csv('x.csv').a.sum() == 1"
    assert ran(setup, code).problem is None


def test_plotly_shows_its_data(setup: Setup) -> None:
    found = ran(setup, "import plotly.graph_objects as go\nfig = go.Figure(go.Bar(y=[1, 2]))\nfig.show()")
    assert found.problem is None
    assert any("application/vnd.plotly.v1+json" in bundle for bundle in found.shown)


def test_progress_is_told(setup: Setup) -> None:
    told: list[int] = []
    run([Cell("import time"), Cell("time.sleep(1)"), Cell("time.sleep(1)")], setup, Limits(), told.append)
    assert {1, 2} <= set(told)


def test_which_python(tmp_path: Path) -> None:
    assert python_for(None, sys.executable) == (sys.executable, True)
    assert python_for(None, "/gone/bin/python3") == (sys.executable, False)
    assert python_for("/my/python", sys.executable) == ("/my/python", False)
    harmful = tmp_path / "rm"
    harmful.write_text("#!/bin/sh\n")
    harmful.chmod(0o700)
    assert python_for(None, str(harmful)) == (sys.executable, False)
