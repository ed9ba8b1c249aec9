"""What a card's buttons ask of the kernel, where it is more than the parts that answer: in a real kernel."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.kernels import live_kernel

READY = """
import sys, threading
from gofigr_jupyter.extension import answers, current
session = current.of_shell(get_ipython())[0].session
names = ["gofigr_jupyter.extension.threads", "gofigr_jupyter.extension.insights", "httpx"]
def make_ready():
    answers.answer(session, "a revision", {"ask": "ready"})
def there():
    return [name in sys.modules for name in names]
"""
LATER = """
import pathlib, time
def rest():
    while session.is_busy:
        time.sleep(0.05)
    make_ready()
    pathlib.Path("rested").touch()
threading.Thread(target=rest).start()
"""


@pytest.mark.slow
def test_a_pointer_over_a_card_has_the_client_imported_but_never_beside_a_cell(tmp_path: Path) -> None:
    user = tmp_path / "user"  # the kernel works beside it
    user.mkdir()
    with live_kernel(user, GOFIGR_JUPYTER_HOME=str(tmp_path / "home")) as kernel:
        kernel.run("%load_ext gofigr_jupyter")
        kernel.run(READY)
        assert kernel.run("make_ready(); print(there())").text.strip() == "[False, False, False]"
        kernel.run(LATER)
        deadline = time.monotonic() + 60
        while not (tmp_path / "rested").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (tmp_path / "rested").exists()
        assert kernel.run("print(there())").text.strip() == "[True, True, True]"
