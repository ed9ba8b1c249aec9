"""The net for what opens files below Python: what this process holds open."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from gofigr_jupyter.extension.reads_open import OpenFiles

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has /proc")


def nothing(_: str) -> bool:
    """No path is known."""
    return False


@pytest.fixture
def net() -> OpenFiles:
    """Has looked once, so that what the test's own process held open is known."""
    made = OpenFiles()
    made.look((), nothing)
    return made


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    return tmp_path / "a", tmp_path / "b"


def test_what_is_opened_is_seen_once(net: OpenFiles, paths: tuple[Path, Path]) -> None:
    with paths[0].open("rb"):
        assert net.look((), nothing) == [str(paths[0])]
        assert net.look((), nothing) == []


def test_what_is_known_never_wanted_or_written_is_left_out(net: OpenFiles, paths: tuple[Path, Path]) -> None:
    with paths[0].open("rb"), paths[1].open("wb"):
        assert net.look((), str(paths[0]).__eq__) == []
    with paths[0].open("rb"):
        assert OpenFiles().look((os.sep,), nothing) == []


@pytest.mark.parametrize(("taken", "looks"), [("a", 1), ("pipe", 1), ("socket", 8)])
def test_what_takes_the_number_of_another_is_seen(
    net: OpenFiles, paths: tuple[Path, Path], taken: str, looks: int
) -> None:
    with ExitStack() as stack:
        if taken == "socket":
            first = stack.enter_context(socket.socket()).fileno()
        elif taken == "pipe":
            first, other = os.pipe()
            stack.callback(os.close, first)
            stack.callback(os.close, other)
        else:
            first = stack.enter_context(paths[0].open("rb")).fileno()
        net.look((), nothing)
        net.look((), nothing)
        with paths[1].open("rb") as second:
            os.dup2(second.fileno(), first)
        assert str(paths[1]) in {path for _ in range(looks) for path in net.look((), nothing)}
