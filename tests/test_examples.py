"""The examples are executed as people execute them, and every figure of theirs is looked for on the server."""

from __future__ import annotations

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gofigr_jupyter import clean_room
from gofigr_jupyter.cli.examples import QUICKSTART, examples_folder
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.settings import Settings
from tests.cli.conftest import command_env

FIGURES = 7
REPRODUCIBLE = "03_reproducible.ipynb"


def run(home, *command, timeout=500, **options):
    env = command_env(home, GOFIGR_JUPYTER_SERVER_IDLE="120")
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, env=env, timeout=timeout, **options
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_publishes_every_figure_and_again_with_serve_nothing_new(home, tmp_path):
    first = run(home, "-m", "gofigr_jupyter", "demo", "--keep", cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"All {FIGURES} figures are on the server, byte for byte" in first.stdout
    assert first.stderr == ""
    links = re.findall(r"http://127\.0\.0\.1:\d+/r/[\w-]+", first.stdout)
    assert len(set(links)) == FIGURES
    executed = re.search(r"The executed notebook is (\S+)", first.stdout)[1]
    cells = json.loads(Path(executed).read_text(encoding="utf-8"))["cells"]
    assert any(cell.get("outputs") for cell in cells)
    shutil.rmtree(re.match(r"(.*)/examples/", executed)[1])

    with GoFigr(settings=Settings(home=home)) as gf:
        analysis = next(a for a in gf.workspaces.get(gf.primary_workspace.api_id).analyses if a.name == "01_quickstart")
        names = {figure.name for figure in gf.analyses.get(analysis.api_id).figures}
    assert "Bill depth against bill length" in names
    assert "Body mass over the years" in names

    command = [sys.executable, "-m", "gofigr_jupyter", "demo", "--serve"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=command_env(home), cwd=tmp_path
    ) as process:
        watch = threading.Timer(500, process.kill)
        watch.start()
        told = ""
        for line in process.stdout:
            if "Ctrl-C" in line and "Ctrl-C" not in told:
                process.send_signal(signal.SIGINT)
            told += line
        watch.cancel()
    assert process.returncode == 0, told
    assert "/.gofigr/enter?ticket=" in told
    assert "Bye" in told
    assert sum(Outbox(home).counts().values()) == FIGURES  # the same pictures from the same code


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_script_publishes_its_figure_with_its_data(home, tmp_path):
    folder = tmp_path / "examples"
    shutil.copytree(examples_folder(), folder)
    done = run(home, str(folder / "02_script.py"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    link = re.search(r"Published: (\S+)", done.stdout)[1]
    pushed = run(home, "-m", "gofigr_jupyter", "push", cwd=tmp_path)
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    with GoFigr(settings=Settings(home=home)) as gf:
        revision = gf.revisions.get(Outbox(home).list()[0].client_id)
    assert (revision.short_id or revision.api_id) in link or revision.api_id in link
    kinds = {data.type for data in revision.data}
    assert {"image", "dataframe", "code", "text"} <= kinds
    assert any(data.metadata.get("role") == "script" for data in revision.data)


@pytest.mark.slow
def test_a_notebook_that_fails_says_which_cell_did(home, tmp_path):
    code = (
        "import json, pathlib, gofigr_jupyter.cli.examples as e, sys; from gofigr_jupyter.errors import GoFigrError\n"
        "path = pathlib.Path(sys.argv[1]); home = pathlib.Path(sys.argv[2])\n"
        "try: e.execute(path, home, lambda *_: None)\n"
        "except GoFigrError as error: print(error)\n"
    )
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1 / 0", "outputs": [], "execution_count": None}
    path = tmp_path / "broken.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    done = run(home, "-c", code, str(path), str(home))
    assert "A cell of broken.ipynb failed: ZeroDivisionError" in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_reproducible_function_is_published_taken_back_and_explored(home, tmp_path):
    code = (
        "import pathlib, sys, gofigr_jupyter.cli.examples as e\n"
        f"path = e.copy_examples(pathlib.Path(sys.argv[1])) / {REPRODUCIBLE!r}\n"
        "notebook = e.execute(path, pathlib.Path(sys.argv[2]), lambda *_: None)\n"
        "print(len(e.pictures_of(notebook)))\n"
    )
    done = run(home, "-c", code, str(tmp_path), str(home))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["4"]
    pushed = run(home, "-m", "gofigr_jupyter", "push", cwd=tmp_path)
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    with GoFigr(settings=Settings(home=home)) as gf:
        figure = gf.find_figure("How large penguins are", analysis=Path(REPRODUCIBLE).stem)
        functions = [clean_room(gf.revisions.get(one)) for one in figure.revisions]
    told = [{name: value for name, value in one.parameters.items() if name != "table"} for one in functions]
    first = {"column": "body_mass_g", "bins": 24, "stacked": True}
    others = [{"column": "flipper_length_mm"}, {"bins": 40}, {"column": "bill_length_mm"}]
    assert told == [first, *(first | one for one in others)]
    assert len(functions[-1].parameters["table"]) == 333


@pytest.mark.parametrize("name", [QUICKSTART, REPRODUCIBLE])
def test_the_notebook_is_stored_without_outputs_and_begins_with_the_one_line(name):
    notebook = json.loads((examples_folder() / name).read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert "".join(cells[0]["source"]).strip() == "%load_ext gofigr_jupyter"
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_the_data_are_whole_and_say_where_they_come_from():
    folder = examples_folder() / "data"
    with (folder / "penguins.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 344
    assert {row["species"] for row in rows} == {"Adelie", "Chinstrap", "Gentoo"}
    told = (folder / "README.md").read_text(encoding="utf-8")
    assert "Source" in told
    assert "CC0" in told
