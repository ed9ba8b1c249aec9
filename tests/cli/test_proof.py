"""`verify` and `bundle` as people run them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.settings import Settings
from tests.cli.conftest import Command
from tests.kernels import live_kernel
from tests.proof.conftest import _pictures
from tests.proof.records import slice_text
from tests.server.processes import Server

pytestmark = pytest.mark.slow

CELLS = ((1, "import matplotlib.pyplot as plt"), (2, "plt.plot([1, 4, 2])\nplt.title('Dose')"))
OTHER = ((1, "import matplotlib.pyplot as plt"), (2, "plt.plot([1, 4, 3])\nplt.title('Dose')"))


@pytest.fixture(scope="module")
def message(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a kernel displayed."""
    with live_kernel(tmp_path_factory.mktemp("kernel") / "home") as kernel:
        return [kernel.run(source) for _, source in CELLS][-1].figures[-1]


@pytest.fixture
def gf(home: Path) -> Iterator[GoFigr]:
    with Server(home) as server:
        server.wait()
        with GoFigr(settings=Settings(home=home)) as client:
            yield client


def publish(gf: GoFigr, message: dict[str, object], cells: object = CELLS, name: str = "Dose", **more: object) -> Revision:
    figure = gf.find_figure(name, analysis="Trial 7", create=True)
    told = DataDraft(name="Slice", type="code", data=slice_text(cells).encode(), metadata={"role": "slice"})  # type: ignore[arg-type]
    return gf.revisions.create(figure=figure, data=[*_pictures(message), told], metadata={"title": name}, **more)  # type: ignore[arg-type]


def test_a_revision_by_id_and_link(command: Command, gf: GoFigr, message: dict[str, object]) -> None:
    revision = publish(gf, message)
    ran = command("verify", revision.api_id)
    assert "Reproduced: identical" in ran.out
    assert gf.page_url(revision) in ran.out
    assert gf.revisions.get(revision).metadata["verdict"]["verdict"] == "identical"
    ran = command("verify", gf.page_url(revision), "--json")
    told = json.loads(ran.out)
    assert told[0]["verdict"] == "identical"
    assert told[0]["revision"] == revision.api_id


def test_what_differs_exits_with_1_and_tells_the_places(command: Command, gf: GoFigr, message: dict[str, object]) -> None:
    ran = command("verify", publish(gf, message, OTHER).api_id, check=False)
    assert ran.code == 1
    assert "it differs" in ran.out
    assert "place" in ran.out


def test_a_whole_analysis(command: Command, gf: GoFigr, message: dict[str, object]) -> None:
    publish(gf, message)
    publish(gf, message, OTHER, name="Other")
    ran = command("verify", "--analysis", "Trial 7", check=False)
    assert ran.code == 1
    assert "1 of 2 figures reproduced." in ran.out


def test_code_of_others_is_refused_without_trust(command: Command, gf: GoFigr, message: dict[str, object]) -> None:
    revision = publish(gf, message)
    gf.request("PATCH", f"revision/{revision.api_id}/", {"created_on_behalf": True, "created_on_behalf_name": "Eve"})
    ran = command("verify", revision.api_id, check=False)
    assert ran.code == 2
    assert "holds code of Eve, which was not run" in ran.err
    assert "verdict" not in gf.revisions.get(revision).metadata
    assert "Reproduced" in command("verify", revision.api_id, "--trust").out


def test_too_long_and_another_python(command: Command, gf: GoFigr, message: dict[str, object]) -> None:
    endless = publish(gf, message, ((1, "while True: pass"),))
    ran = command("verify", endless.api_id, "--timeout", "3", check=False)
    assert ran.code == 1
    assert "it took longer than 3 s" in ran.out
    ran = command("verify", publish(gf, message).api_id, "--python", "/no/such/python", check=False)
    assert "cannot be started" in ran.out


def test_misuse(command: Command) -> None:
    assert command("verify", check=False).code == 2
    assert command("verify", "x", "--analysis", "y", check=False).code == 2
    assert command("bundle", "x", "--part", "half", check=False).code == 2


def test_a_bundle(command: Command, gf: GoFigr, message: dict[str, object], tmp_path: Path) -> None:
    revision = publish(gf, message)
    ran = command("bundle", revision.api_id, str(tmp_path / "b.zip"))
    assert "b.zip" in ran.out
    with zipfile.ZipFile(tmp_path / "b.zip") as found:
        assert found.testzip() is None
        assert {"script.py", "notebook.ipynb", "ro-crate-metadata.json", "figure-as-shown.png"} <= set(found.namelist())
    command("bundle", revision.api_id, str(tmp_path / "s.py"), "--part", "script")
    assert "plt.plot([1, 4, 2])" in (tmp_path / "s.py").read_text()
