"""Records are read before a question comes: one at a time, each once, however many are opened."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.insight.ahead import MOST_WAITING, OFTEN, Ahead

ADA, BOB = Actor(1, "ada", "local"), Actor(2, "bob", "local")


class Slow:
    """Reads for as long as the test wants, and notes what."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.began, self.go_on = threading.Event(), threading.Event()

    def __call__(self, _reader: Actor, revision: str) -> None:
        """Read."""
        self.began.set()
        self.go_on.wait()
        self.done.append(revision)


def during(slow: Slow, what: Callable[[Ahead], None]) -> Ahead:
    """What happens while `first` is read; returns when all is."""
    ahead = Ahead(slow)
    thread = threading.Thread(target=ahead.read, args=(ADA, "first"))
    thread.start()
    slow.began.wait()
    what(ahead)
    slow.go_on.set()
    thread.join()
    return ahead


def wish(ahead: Ahead, reader: Actor, revision: str) -> None:
    """Open a pane."""
    if ahead.is_wanted(reader, revision):
        ahead.read(reader, revision)


def test_each_is_read_once() -> None:
    slow = Slow()
    slow.go_on.set()
    ahead = Ahead(slow)
    for revision in ("a", "b", "a"):
        wish(ahead, ADA, revision)
    wish(ahead, BOB, "b")
    assert slow.done == ["a", "b"]


def test_of_a_thousand_that_one_opens_the_newest_is_read_and_nobody_waits_behind_them() -> None:
    slow = Slow()

    def open_many(ahead: Ahead) -> None:
        for number in range(OFTEN):
            wish(ahead, ADA, f"of ada {number}")
        wish(ahead, BOB, "of bob")
        for number in range(1_000):
            wish(ahead, ADA, f"too many {number}")

    ahead = during(slow, open_many)
    assert slow.done == ["first", f"of ada {OFTEN - 1}", "of bob"]
    assert ahead.is_wanted(BOB, "of ada 3"), "it was pushed aside, and may be wanted again"
    assert not ahead.is_wanted(BOB, f"of ada {OFTEN - 1}")


def test_few_readers_wait() -> None:
    slow = Slow()
    readers = [Actor(number, "", "local") for number in range(10, 12 + MOST_WAITING)]

    def open_one_each(ahead: Ahead) -> None:
        for one in readers:
            wish(ahead, one, str(one.user_id))

    during(slow, open_one_each)
    assert slow.done == ["first", *(str(one.user_id) for one in readers[2:])]


def test_what_cannot_be_read_stops_no_other() -> None:
    done: list[str] = []

    def read(_reader: Actor, revision: str) -> None:
        if revision == "damaged":
            raise OSError
        done.append(revision)

    ahead = Ahead(read)
    for revision in ("damaged", "good"):
        wish(ahead, ADA, revision)
    assert done == ["good"]
