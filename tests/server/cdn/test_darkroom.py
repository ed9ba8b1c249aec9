"""Made once, kept within bounds, and nothing lost or half there whatever happens to the children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from blake3 import blake3

from gofigr_jupyter.server.cdn import crew, darkroom
from gofigr_jupyter.server.cdn.crew import Busy, Child, Terms
from gofigr_jupyter.server.cdn.darkroom import Undevelopable
from gofigr_jupyter.server.cdn.wishes import Wish
from tests.server.cdn.photographs import quarters, saved, seen
from tests.server.cdn.rooms import Opener, Room

PHOTO = saved(quarters(), "JPEG")


def children(room: Room) -> list[psutil.Process]:
    """The processes that wait for work."""
    return [psutil.Process(child.pid) for child in room.dark.crew.free]


def eventually(true: Callable[[], bool]) -> None:
    """Wait for what must come."""
    while not true():
        time.sleep(0.01)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_made_is_kept(room: Room, opened: Opener) -> None:
    first = room.develop(PHOTO, "image/jpeg", "w=40")
    assert room.develop(PHOTO, "image/jpeg", "w=0040&q=80") == first
    assert room.reads == 1
    assert first.digest == blake3(first.content).hexdigest()
    later = opened()  # after a restart
    assert later.develop(PHOTO, "image/jpeg", "w=20&dpr=2") == first
    assert (later.reads, later.dark.crew.free) == (0, ())


def test_equal_requests_at_once_are_one_computation(room: Room) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: room.develop(PHOTO, "image/jpeg", "w=40"), range(16)))
    assert len(set(made)) == 1
    assert room.reads == 1


def test_different_requests_at_once(room: Room) -> None:
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda side: room.develop(PHOTO, "image/jpeg", f"w={side}"), range(10, 22)))
    assert [seen(one.content).width for one in made] == list(range(10, 22))
    assert room.reads == 12
    assert 1 <= len(children(room)) <= 2


def test_a_child_serves_many(room: Room) -> None:
    room.develop(PHOTO, "image/jpeg", "w=10")
    before = children(room)
    room.develop(PHOTO, "image/jpeg", "w=11")
    assert children(room) == before


def test_a_child_is_replaced_in_time(opened: Opener) -> None:
    room = opened(terms=Terms(children=1, jobs=2))
    room.develop(PHOTO, "image/jpeg", "w=10")
    [first] = children(room)
    room.develop(PHOTO, "image/jpeg", "w=11")
    assert children(room) == []
    assert not first.is_running()


def test_children_without_work_are_sent_home(opened: Opener) -> None:
    room = opened(terms=Terms(idle=0.05))
    room.develop(PHOTO, "image/jpeg", "w=10")
    eventually(lambda: room.dark.crew.free == ())
    assert seen(room.develop(PHOTO, "image/jpeg", "w=11").content).width == 11


def test_closing_ends_them(room: Room) -> None:
    room.develop(PHOTO, "image/jpeg", "w=10")
    [child] = children(room)
    room.dark.close()
    assert not child.is_running()


def test_a_child_that_was_killed_between_jobs(room: Room) -> None:
    room.develop(PHOTO, "image/jpeg", "w=10")
    os.kill(children(room)[0].pid, signal.SIGKILL)
    assert seen(room.develop(PHOTO, "image/jpeg", "w=11").content).width == 11


def killing(monkeypatch: pytest.MonkeyPatch, step: str, times: int) -> None:
    """Kill the child when it is asked for a step."""
    left, ask = [times], Child.ask

    def killed(child: Child, header: dict[str, Any]) -> Any:
        if header["do"] == step and left[0]:
            left[0] -= 1
            os.kill(child.pid, signal.SIGKILL)
        return ask(child, header)

    monkeypatch.setattr(Child, "ask", killed)


STEPS = ["look", "draw", "encode"]


@pytest.mark.parametrize("step", STEPS)
def test_a_child_that_is_killed_at_work_once(room: Room, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    killing(monkeypatch, step, 1)
    assert seen(room.develop(PHOTO, "image/jpeg", "w=11").content).width == 11
    assert room.reads == 2


@pytest.mark.parametrize("step", STEPS)
def test_a_child_that_is_killed_again_and_again(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    killing(monkeypatch, step, 2)
    with pytest.raises(Undevelopable, match="too much time or memory"):
        room.develop(PHOTO, "image/jpeg", "w=11")
    assert [path.name for path in files(tmp_path) if not path.name.endswith(darkroom.ABOUT)] == []
    with pytest.raises(Undevelopable):  # at once
        room.develop(PHOTO, "image/jpeg", "w=11")
    assert room.reads == 2
    if step == "encode":  # another size may well be possible
        assert seen(room.develop(PHOTO, "image/jpeg", "w=12").content).width == 12


def test_what_failed_is_tried_again_later(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    killing(monkeypatch, "look", 2)
    monkeypatch.setattr(darkroom, "REPENTANCE", 0.0)
    with pytest.raises(Undevelopable):
        room.develop(PHOTO, "image/jpeg", "w=11")
    assert seen(room.develop(PHOTO, "image/jpeg", "w=11").content).width == 11


def test_a_step_that_takes_too_long_is_not_tried_again(opened: Opener) -> None:
    room = opened(terms=Terms(seconds=0.3), module="tests.server.cdn.sleeper")
    with pytest.raises(Undevelopable, match="too much time"):
        room.develop(PHOTO, "image/jpeg", "w=11")
    assert room.reads == 1


def test_a_child_that_talks_nonsense(opened: Opener) -> None:
    room = opened(module="this")
    with pytest.raises(Undevelopable):
        room.develop(PHOTO, "image/jpeg", "w=11")


class Held:
    """Reads that do not end before they are let go."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()

    def develop(self, side: int) -> bytes:
        def read() -> Iterator[bytes]:
            self.begun.release()
            self.go_on.wait()
            yield PHOTO

        return self._room.dark.develop(blake3(PHOTO).hexdigest(), "image/jpeg", read, Wish(side)).content


def test_too_many_at_once_are_told_so(opened: Opener) -> None:
    room = opened(terms=Terms(children=1, waiting=1))
    room.develop(PHOTO, "image/jpeg", "w=9")
    held = Held(room)
    with ThreadPoolExecutor(3) as pool:
        working = pool.submit(held.develop, 10)
        held.begun.acquire()
        waiting = pool.submit(held.develop, 11)
        eventually(lambda: room.dark.crew.waiting == 1)
        with pytest.raises(Busy) as busy:
            held.develop(12)
        assert busy.value.seconds >= 1
        equal = pool.submit(held.develop, 10)  # is no work
        eventually(lambda: room.dark.followers == 1)
        with pytest.raises(Busy):
            held.develop(10)  # and still holds a thread
        held.go_on.set()
        assert equal.result() == working.result()
        assert seen(waiting.result()).width == 11
    assert seen(held.develop(12)).width == 12


def test_nobody_waits_for_ever(opened: Opener) -> None:
    room = opened(terms=Terms(children=1, patience=0.05))
    room.develop(PHOTO, "image/jpeg", "w=9")
    held = Held(room)
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(held.develop, 10)
        held.begun.acquire()
        for side in (10, 11):
            with pytest.raises(Busy):
                held.develop(side)
        held.go_on.set()
        assert seen(working.result()).width == 10


def test_no_room_for_a_process(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Any:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(crew, "started", refused)
        with pytest.raises(Busy):
            room.develop(PHOTO, "image/jpeg", "w=9")
    assert seen(room.develop(PHOTO, "image/jpeg", "w=9").content).width == 9


def test_bytes_that_cannot_be_read_are_told_to_all_who_wait_and_spoil_nothing(room: Room) -> None:
    def broken() -> Iterator[bytes]:
        yield PHOTO[:100]
        raise OSError("the disk")

    digest = blake3(PHOTO).hexdigest()
    with pytest.raises(OSError, match="the disk"):
        room.dark.develop(digest, "image/jpeg", broken, Wish(10))
    assert seen(room.develop(PHOTO, "image/jpeg", "w=10").content).width == 10


def test_svg_and_all_that_is_no_picture_is_not_touched(room: Room) -> None:
    for content_type in ("image/svg+xml", "application/pdf", "text/html", "image/tiff"):
        assert not room.dark.takes(content_type)
        with pytest.raises(Undevelopable):
            room.develop(b"<svg/>", content_type, "w=10")
    assert room.reads == 0


def test_what_is_forgotten_is_gone(room: Room, tmp_path: Path) -> None:
    room.develop(PHOTO, "image/jpeg", "w=10")
    assert files(tmp_path)
    room.dark.forget(blake3(PHOTO).hexdigest())
    assert files(tmp_path) == []
    room.develop(PHOTO, "image/jpeg", "w=10")
    assert room.reads == 2


def test_what_was_made_of_deleted_pictures_is_weeded(room: Room, tmp_path: Path) -> None:
    room.develop(PHOTO, "image/jpeg", "w=10")
    digest = blake3(PHOTO).hexdigest()
    assert room.dark.weed(set) == 0
    assert files(tmp_path)
    assert room.dark.weed(lambda among: {one for one in among if one != digest}) == 1
    assert files(tmp_path) == []


def test_many_sizes_of_one_picture(opened: Opener, tmp_path: Path) -> None:
    room = opened(most_variants=5)
    for side in range(10, 25):
        room.develop(PHOTO, "image/jpeg", f"w={side}")
    assert len(files(tmp_path)) == 5
    room.develop(PHOTO, "image/jpeg", "w=24")
    assert room.reads == 15


SERVER = """
import sys
from gofigr_jupyter.server.cdn.crew import Crew, Terms
from gofigr_jupyter.server.cdn.darkroom import CHILD
crew = Crew(CHILD, Terms())
with crew.hired() as child:
    print(child.pid, flush=True)
    sys.stdin.read()
"""


def test_children_end_with_the_server(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        child = psutil.Process(int(server.stdout.readline()))
        server.kill()
    eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
