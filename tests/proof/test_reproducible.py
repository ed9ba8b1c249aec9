"""Figures of reproducible functions are made again: as they were called, and as a reader has turned them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.proof.verdict import Kind
from gofigr_jupyter.proof.verify import Options, verify
from gofigr_jupyter.settings import Settings
from tests.kernels import live_kernel
from tests.proof.test_river import published

pytestmark = pytest.mark.slow

CELLS = (
    "%load_ext gofigr_jupyter",
    "import pandas as pd\nimport matplotlib.pyplot as plt\nunused = [n ** 2 for n in range(9)]",
    "from datetime import date\nfrom enum import Enum\nclass Scale(Enum):\n    LINEAR = 'linear'\n    LOG = 'log'",
    "table = pd.DataFrame({'dose': [1, 2, 4], 'response': [0.1, 0.5, 0.9]})",
    """@reproducible(interactive=True)
def response(table, power: int = SliderParam(2, min=1, max=5), scale=Scale.LINEAR, day=date(2026, 3, 1)):
    plt.plot(table["dose"], np.asarray(table["response"]) ** power)
    plt.yscale(scale.value)
    plt.title("Dose response")
    plt.xlabel(f"{day:%d %b %Y}")""",
    "response(table)",
)
CONTROLS = "[*__import__('gofigr_jupyter').extension.explorer._explorers.values()][-1][-1][1]._controls"
TURNED = f"""
inputs = {CONTROLS}._inputs
inputs["power"].value, inputs["scale"].label, inputs["day"].value = 4, "LOG", date(2026, 4, 2)
"""


def test_as_it_was_called_and_as_it_was_turned(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with live_kernel(home) as kernel:
        for number, source in enumerate(CELLS):
            kernel.run(source, cell_id=f"cell-{number}")
        kernel.run(TURNED)
        deadline = time.monotonic() + 120
        while "Kept" not in kernel.value(f"{CONTROLS}._said.value"):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        published(home)
    with GoFigr(settings=Settings(home=home)) as gf:
        (figure,) = [one for analysis in gf.find_workspace().analyses for one in analysis.figures]
        revisions = [gf.revisions.get(one) for one in gf.figures.get(figure).revisions]
        verdicts = [verify(gf, one, Options(), lambda _what, _done: None) for one in revisions]
    assert [(one.kind, one.code) for one in verdicts] == [(Kind.IDENTICAL, "slice")] * 2, [
        one.full() for one in verdicts
    ]
