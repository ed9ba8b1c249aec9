"""The net for what opens files below Python: what this process holds open."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gofigr_jupyter.extension.reads_open import OpenFiles

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has /proc")


@pytest.fixture
def net() -> OpenFiles:
    """Has looked once, so that what the test's own process held open is known."""
    made = OpenFiles()
    made.look((), set())
    return made


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    return tmp_path / "a", tmp_path / "b"


def test_what_is_opened_is_seen_once(net: OpenFiles, paths: tuple[Path, Path]) -> None:
    with paths[0].open("rb"):
        assert net.look((), set()) == [str(paths[0])]
        assert net.look((), set()) == []


def test_what_is_known_never_wanted_or_written_is_left_out(net: OpenFiles, paths: tuple[Path, Path]) -> None:
    with paths[0].open("rb"), paths[1].open("wb"):
        assert net.look((), {str(paths[0])}) == []
    with paths[0].open("rb"):
        assert OpenFiles().look((os.sep,), set()) == []


def test_what_takes_the_number_of_another_is_seen_before_long(net: OpenFiles, paths: tuple[Path, Path]) -> None:
    first = os.open(paths[0], os.O_RDONLY)
    net.look((), set())
    second = os.open(paths[1], os.O_RDONLY)
    os.dup2(second, first)
    os.close(second)
    seen = {path for _ in range(8) for path in net.look((), set())}
    os.close(first)
    assert str(paths[1]) in seen
