"""The whole river: a notebook with our extension shows a figure from a file; it is published, and made again."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.proof.verdict import Kind
from gofigr_jupyter.proof.verify import Options, record_of, verify
from gofigr_jupyter.settings import Settings
from tests.kernels import live_kernel

pytestmark = pytest.mark.slow

CELLS = (
    "%load_ext gofigr_jupyter",
    "import numpy as np\nimport matplotlib.pyplot as plt\nunused = [n ** 2 for n in range(9)]",
    "doses = np.loadtxt('data/doses.csv', delimiter=',')\nscale = 2",
    "def drawn(table):\n    fig, ax = plt.subplots()\n    ax.plot(*(table * scale).T)\n    ax.set_title('Dose response')\n    return fig",
    "drawn(doses);",
)


def published(home: Path) -> None:
    """Wait until all is on the server."""
    box, deadline = Outbox(home), time.monotonic() + 240
    while (counts := box.counts())["new"] + counts["taken"]:
        assert time.monotonic() < deadline, counts
        time.sleep(0.2)
    assert counts["failed"] == 0


def test_a_published_figure_is_made_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "doses.csv").write_text("1,2\n2,8\n3,1\n")
    with live_kernel(home, GOFIGR_JUPYTER_SERVER_IDLE="60") as kernel:
        for number, source in enumerate(CELLS):
            kernel.run(source, cell_id=f"cell-{number}")
        published(home)
    with GoFigr(settings=Settings(home=home)) as gf:
        (figure,) = [one for analysis in gf.find_workspace().analyses for one in analysis.figures]
        revision: Revision = gf.revisions.get(gf.figures.get(figure).revisions[-1])
        record = record_of(gf, revision)
        verdict = verify(gf, revision, Options(), lambda _what, _done: None)
        assert verdict.kind is Kind.IDENTICAL, verdict.full()
        assert verdict.code == "slice"
        assert "unused" not in record.code.text  # type: ignore[union-attr]
        assert [one.name for one in record.inputs] == ["doses.csv"]
        path = revision.bundle(tmp_path / "figure.zip")
    with zipfile.ZipFile(path) as bundle:
        assert bundle.testzip() is None
        assert "script.py" in bundle.namelist()
