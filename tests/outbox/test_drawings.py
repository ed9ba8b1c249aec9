"""Pictures that pages draw: asked for, handed over, waited for a little, and gone in the end."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from gofigr_jupyter.outbox import drawings

PNG = b"\x89PNG\r\n\x1a\n..."


def left(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "outbox" / "drawings").iterdir())


def test_what_a_page_draws_arrives(home: Path) -> None:
    drawings.ask(home, "a")
    assert drawings.put(home, "a", PNG)
    assert drawings.take(home, "a") == PNG
    assert drawings.take(home, "a") == PNG  # the server may have failed meanwhile
    drawings.forget(home, "a")
    assert drawings.take(home, "a") is None
    assert left(home) == []


def test_the_worker_waits_for_a_page_that_draws(home: Path) -> None:
    drawings.ask(home, "a")
    page = threading.Timer(0.3, drawings.put, (home, "a", PNG))
    page.start()
    assert drawings.take(home, "a", patience=60) == PNG
    page.join()


def test_nobody_waits_for_a_page_that_was_not_asked_or_cannot(home: Path) -> None:
    started = time.monotonic()
    assert drawings.take(home, "a", patience=300) is None
    drawings.ask(home, "b")
    assert not drawings.put(home, "b", None)
    assert drawings.take(home, "b", patience=300) is None
    assert time.monotonic() - started < 60


def test_nobody_waits_for_ever_and_who_comes_late_leaves_nothing(home: Path) -> None:
    drawings.ask(home, "a")
    assert drawings.take(home, "a", patience=0.2) is None
    assert not drawings.put(home, "a", PNG)
    assert left(home) == []


def test_only_pictures_are_taken(home: Path) -> None:
    for wrong in (b"", b"<svg/>", PNG + bytes(drawings.MAX_BYTES)):
        drawings.ask(home, "a")
        assert not drawings.put(home, "a", wrong)
        assert left(home) == []


def test_a_folder_that_cannot_be_used_is_no_trouble(home: Path) -> None:
    (home / "outbox").write_text("in the way")
    drawings.ask(home, "a")
    assert not drawings.put(home, "a", PNG)
    assert drawings.take(home, "a") is None
    drawings.forget(home, "a")
