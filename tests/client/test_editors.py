"""What an editor knows: real fields, the next object's too, and a word against what cannot be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jedi
import pytest

ROOT = Path(__file__).parents[2]
BEGIN = "from gofigr_jupyter import GoFigr\ngf = GoFigr()\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("gf.", {"figures", "find_figure", "comments", "search"}),
        ("gf.workspaces.", {"list", "get", "create", "add_member", "dashboard"}),
        ("gf.figures.get('x').", {"name", "created_on", "revisions", "share", "save", "thumbnail"}),
        ("gf.find_analysis('x').figures[0].revisions[-1].", {"metadata", "data", "assets", "short_id", "wait"}),
        ("gf.find_figure('x', 'y').revisions[0].data[0].", {"bytes", "text", "save", "hash", "size_bytes"}),
        ("gf.comments.list(('figure', 'x'))[0].", {"content", "author", "reactions"}),
        ("gf.workspaces.members('x')[0].", {"username", "membership_type"}),
    ],
)
def test_completion(line: str, names: set[str]) -> None:
    project = jedi.Project(ROOT)
    found = {one.name for one in jedi.Script(BEGIN + line, project=project).complete()}
    assert names - found == set()


def test_arguments_are_named() -> None:
    (signature,) = jedi.Script(BEGIN + "gf.revisions.create(", project=jedi.Project(ROOT)).get_signatures()
    assert [one.name for one in signature.params][:5] == ["draft", "figure", "data", "metadata", "assets"]


RIGHT = """
from pathlib import Path
from gofigr_jupyter import GoFigr
from gofigr_jupyter.client.data import DataObject

def right(gf: GoFigr) -> bytes:
    figure = gf.find_figure("a", "b", create=True)
    revision = gf.revisions.create(figure=figure, data=[Path("plot.png")], metadata={"n": 1})
    items: list[DataObject] = figure.revisions[-1].data
    revision.metadata = None
    lengths: list[int] = [len(workspace.name) for workspace in gf.workspaces.iter()]
    return items[0].bytes()[: sum(lengths)]
"""
WRONG = """
from gofigr_jupyter import GoFigr

def wrong(gf: GoFigr) -> None:
    gf.figures.get("x").colour
    gf.revisions.create(figur="x")
    gf.workspaces.add_member("x", "ann", "king")
    gf.data.get("x").save(7)
"""


@pytest.mark.slow
def test_types(tmp_path: Path) -> None:
    for name, text, errors in (("right", RIGHT, 0), ("wrong", WRONG, 4)):
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.stdout.count(": error:") == errors, done.stdout
