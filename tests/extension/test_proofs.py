"""The card's "Make again": a process beside the kernel, whose words the card shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.extension.proofs import Proofs, _environment
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.settings import Settings
from tests.server.processes import Server
from tests.server.test_files import png


@pytest.fixture
def proofs() -> Iterator[Proofs]:
    made = Proofs()
    yield made
    made.close()


def published(gf: GoFigr, code: str) -> str:
    figure = gf.find_figure("f", analysis="a", create=True)
    data = [
        DataDraft(name="f", type="image", data=png(8, 8), metadata={"role": "displayed", "mime_type": "image/png"}),
        DataDraft(name="s", type="code", data=code.encode(), metadata={"role": "slice"}),
    ]
    return gf.revisions.create(figure=figure, data=data, metadata={}).api_id


def wait_until(said: list[str], word: str) -> None:
    deadline = time.monotonic() + 60
    while not any(word in one for one in said):
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


@pytest.mark.slow
def test_what_is_said_while_it_runs_and_at_the_end(home: Path, proofs: Proofs) -> None:
    with Server(home) as server:
        server.wait()
        settings, said = Settings(home=home), []
        with GoFigr(settings=settings) as gf:
            api_id = published(gf, "1 / 0")
            assert proofs.start(api_id, settings, said.append) == {}
            assert "already" in proofs.start(api_id, settings, said.append)["problem"]
            wait_until(said, "Could not be made again")
            assert said[0] == "Being made again"
            assert gf.revisions.get(api_id).metadata["verdict"]["reason"].startswith("the script: ZeroDivisionError")
        deadline = time.monotonic() + 60
        while proofs._running and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not proofs._running


@pytest.mark.slow
def test_closing_ends_what_runs(home: Path, proofs: Proofs, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    with Server(home) as server:
        server.wait()
        settings, said = Settings(home=home), []
        with GoFigr(settings=settings) as gf:
            code = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)"
            proofs.start(published(gf, code), settings, said.append)
            wait_until(said, "Running cell")
            deadline = time.monotonic() + 60
            while not mark.exists() or not mark.read_text():
                assert time.monotonic() < deadline
                time.sleep(0.05)
            proofs.close()
            while (Path("/proc") / mark.read_text()).exists():
                assert time.monotonic() < deadline
                time.sleep(0.05)


@pytest.mark.slow
def test_a_figure_that_is_not_there(home: Path, proofs: Proofs) -> None:
    with Server(home) as server:
        server.wait()
        said: list[str] = []
        proofs.start("3f2b8a52-0000-4000-8000-000000000001", Settings(home=home), said.append)
        wait_until(said, "Could not be made again: There is no")


def test_secrets_are_in_no_command_line_and_settings_are_those_of_the_session(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GF_API_KEY", "of the environment")
    monkeypatch.setenv("MPLBACKEND", "module://ipympl")
    found = _environment(Settings(home=home, url="https://figures.example.org", api_key="of the session"))
    assert found["GF_API_KEY"] == "of the session"
    assert found["GF_URL"] == "https://figures.example.org"
    assert "MPLBACKEND" not in found
    assert "GF_API_KEY" not in _environment(Settings(home=home))


def test_no_more_than_a_few_at_a_time(home: Path, proofs: Proofs) -> None:
    held = threading.Event()
    proofs._running = dict.fromkeys("abc")  # type: ignore[arg-type]
    assert "3 figures" in proofs.start("d", Settings(home=home), lambda _: held.set())["problem"]
    proofs._running = {}
    assert not held.is_set()
