"""The README's script runs as it stands, on a machine where nothing has been set up."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from gofigr_jupyter.client.gofigr import GoFigr
from tests.cli.conftest import command_env
from tests.client.test_tree import PNG

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## From a script\n")[2].partition("\n## ")[0]


@pytest.mark.slow
def test_the_script_runs(home: Path, tmp_path: Path) -> None:
    script = re.search(r"```python\n(.+?)```", SECTION, re.DOTALL)
    assert script is not None
    (tmp_path / "plot.png").write_bytes(PNG)
    (tmp_path / "doses.csv").write_text("dose\n1\n")
    command = [sys.executable, "-c", script[1]]
    env = command_env(home, GOFIGR_JUPYTER_SERVER_IDLE="20")
    try:
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    finally:
        for process in psutil.process_iter(["cmdline", "environ"]):
            is_server = "gofigr_jupyter.server" in (process.info["cmdline"] or [])
            if is_server and (process.info["environ"] or {}).get("GOFIGR_JUPYTER_HOME") == str(home):
                process.kill()
                process.wait(5)
    assert done.stderr == ""
    assert done.stdout == f"image plot.png {len(PNG)}\ndataframe doses.csv 7\n"
    assert (tmp_path / "copy.png").read_bytes() == PNG


@pytest.mark.parametrize("family", sorted(name for name in vars(GoFigr()) if name not in {"_transport", "_system", "settings"}))
def test_every_family_is_named(family: str) -> None:
    assert f"`{family}`" in SECTION
