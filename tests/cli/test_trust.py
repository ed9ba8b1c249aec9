"""`verify` on a team server: the code of others is run for those alone who say that they trust them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.settings import Settings
from tests.cli.conftest import Command, command_env
from tests.finding.plots import png
from tests.proof.records import slice_text

pytestmark = pytest.mark.slow

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Shared:
    """A figure that Ada has made and shared with Bob, and the file that its code writes wherever it runs."""

    revision: Revision
    address: str
    trace: Path

    def ran(self) -> bool:
        """Whether its code was run since somebody asked last."""
        there = self.trace.exists()
        self.trace.unlink(missing_ok=True)
        return there


@pytest.fixture
def shared(command: Command, home: Path, tmp_path: Path) -> Iterator[Shared]:
    folder = str(tmp_path / "team")
    for name in ("ada", "bob"):
        command("user", "add", name, "--password-stdin", "--data-dir", folder, stdin=f"{PASSWORD}\n")
    serve = [sys.executable, "-m", "gofigr_jupyter", "serve", "--port", "0", "--data-dir", folder]
    with subprocess.Popen(
        serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=command_env(home)
    ) as process:
        watch = threading.Timer(200, process.kill)
        watch.start()
        try:
            assert process.stdout is not None
            told = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert told is not None
            yield _shared(home, told[0], tmp_path / "trace")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            watch.cancel()


def _shared(home: Path, address: str, trace: Path) -> Shared:
    from PIL import Image

    code = f"open({str(trace)!r}, 'w').close()\nfrom PIL import Image\nImage.new('RGB', (8, 8), 'red')"
    facts = {"role": "displayed", "mime_type": "image/png", "format": "png"}
    pieces = [
        DataDraft(name="figure", type="image", data=png(Image.new("RGB", (8, 8), "red")), metadata=facts),
        DataDraft(name="Slice", type="code", data=slice_text([(1, code)]).encode(), metadata={"role": "slice"}),
    ]
    with GoFigr(settings=Settings(home=home, url=address, username="ada", password=PASSWORD)) as gf:
        figure = gf.find_figure("Red", analysis="Squares", create=True)
        revision = gf.revisions.create(figure=figure, data=pieces, metadata={"title": "Red"})
        gf.request("POST", f"revision/{revision.api_id}/share/user/", {"username": "bob", "sharing_enabled": True})
    return Shared(revision, address, trace)


def test_code_of_others_runs_with_trust_alone(command: Command, shared: Shared, home: Path) -> None:
    def asked(name: str, *arguments: str, check: bool = True):
        me = {"GF_URL": shared.address, "GF_USERNAME": name, "GF_PASSWORD": PASSWORD}
        return command("verify", shared.revision.api_id, *arguments, check=check, **me)

    refused = asked("bob", check=False)
    assert refused.code == 2
    assert "holds code of ada, which was not run" in refused.err
    assert "add --trust" in refused.err
    assert refused.out == ""
    refused = asked("bob", "--json", check=False)
    assert (refused.code, json.loads(refused.out)) == (2, [])
    assert not shared.ran(), "whatever it says, it was not run"

    trusted = asked("bob", "--trust")
    assert shared.ran()
    assert "Reproduced: identical" in trusted.out
    assert "The verdict could not be kept" in trusted.err, "he may only read it"

    own = asked("ada")
    assert shared.ran()
    assert "Reproduced: identical" in own.out
    assert own.err == ""
    link = f"{shared.address}/r/{shared.revision.short_id or shared.revision.api_id}"
    me = {"GF_URL": shared.address, "GF_USERNAME": "bob", "GF_PASSWORD": PASSWORD}
    seen = command("show", link, **me).out
    assert "identical" in seen, "what Ada has found is for all who may see the figure"
    assert "not shared with you" in command("show", _figure(shared), check=False, **me).err

    shared.ran()
    path = home / "taken.zip"
    command("bundle", link, str(path), **me)
    with zipfile.ZipFile(path) as taken:
        assert str(shared.trace) in taken.read("script.py").decode()
    assert not shared.ran(), "a bundle is written, not run"


def _figure(shared: Shared) -> str:
    return shared.revision.figure or ""
