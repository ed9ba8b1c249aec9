"""The index: what is written is there, what is broken is passed over, and 100,000 pictures are searched in a moment."""

from __future__ import annotations

import dataclasses
import os
import random
import threading
import uuid

import pytest

from gofigr_jupyter.capture.fingerprint import Fingerprint, Look, fingerprint, packed
from gofigr_jupyter.finding import index
from gofigr_jupyter.finding.index import Catalogue, Entry, catalogue, remember, seen
from tests.finding.plots import plot


def entry(number: int = 0, **more) -> Entry:
    name = str(uuid.UUID(int=number + 1))
    fields = {
        "figure": f"Figure {number}",
        "short_id": f"abcdefgh{number}",
        "files": (f"{number:064x}",),
        "pixels": f"{number + 7:064x}",
    }
    return Entry(name, f"http://127.0.0.1:5/r/abcdefgh{number}", **fields | more)


def test_what_is_remembered_is_found_by_every_name(home):
    assert len(catalogue(home)) == 0
    look = fingerprint(plot(1)).look
    one = seen(entry(1), Fingerprint(1, 1, "f" * 64, look))
    remember(home, [one, entry(2, server="https://figures.example")])
    known = catalogue(home)
    assert known.named(one.revision) == known.named(one.revision.upper()) == known.named("abcdefgh1") == one
    assert known.named("abcdefgh3") is None
    assert known.holding(one.files[0]) == known.holding("f" * 64) == [one]
    assert known.alike(look) == [(pytest.approx(1), one)]
    assert known.revisions("") == {one.revision}
    assert known.revisions("https://figures.example") == {entry(2).revision}


def test_only_the_owner_can_read_it(home):
    remember(home, [entry()])
    [path] = (home / "pictures").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_last_entry_of_a_revision_counts(home):
    remember(home, [entry(1)])
    remember(home, [dataclasses.replace(entry(1), figure="Renamed")])
    assert catalogue(home).named("abcdefgh1").figure == "Renamed"
    assert [one.figure for one in catalogue(home).holding(entry(1).files[0])] == ["Renamed"]


def test_names_are_data(home):
    nasty = entry(1, figure='a"b\n\\"short_id": "abcdefgh2"\x00é', analysis="\u202e")
    remember(home, [nasty, entry(2)])
    assert catalogue(home).named("abcdefgh1") == dataclasses.replace(nasty, bits="0" * 64)
    assert catalogue(home).named("abcdefgh2").figure == "Figure 2"


@pytest.mark.parametrize("kept", [1, 8, 9, 40, 74, 120, -1])
def test_a_line_that_was_broken_off_costs_no_other(home, kept):
    remember(home, [entry(1)])
    path = index._path(home)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:kept])
    remember(home, [entry(2)])
    known = catalogue(home)
    assert known.named("abcdefgh1").figure == "Figure 1"
    assert known.named("abcdefgh2").figure == "Figure 2"


def test_damage_anywhere_is_passed_over(home):
    remember(home, [seen(entry(number), fingerprint(plot(number))) for number in range(3)])
    text = index._path(home).read_bytes()
    look = fingerprint(plot(0)).look
    for at in range(0, len(text), 37):
        spoilt = Catalogue(text[:at] + bytes([text[at] ^ 0x55]) + text[at + 1 :])
        found = [one for one in (spoilt.named(f"abcdefgh{n}") for n in range(3)) if one]
        assert len(found) >= 1
        assert all(one.figure == f"Figure {one.short_id[-1]}" for one in found)
        spoilt.alike(look)
    Catalogue(os.urandom(5000)).alike(look)


def test_many_writers_lose_nothing(home):
    def write(first: int) -> None:
        for number in range(first, first + 25):
            remember(home, [entry(number)])

    threads = [threading.Thread(target=write, args=(first,)) for first in range(0, 100, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalogue(home).revisions("")) == 100


@pytest.mark.timeout(60)
def test_a_hundred_thousand_pictures_are_searched_in_a_moment():
    luck = random.Random(1)  # noqa: S311 - pictures, not secrets
    sketch = packed(bytes(luck.randrange(16) for _ in range(1024)))
    others = (entry(number, bits=f"{luck.getrandbits(256):064x}", sketch=sketch) for number in range(10_000))
    wanted = seen(entry(10_001), fingerprint(plot(3)))
    text = b"".join(map(index._line, others)) * 10 + index._line(wanted)
    known = Catalogue(text)
    assert known.alike(Look(int(wanted.bits, 16) ^ 0b1011, wanted.look.sketch))[0][1] == wanted
    assert known.named(entry(7_777).short_id) is not None
    assert known.holding(entry(5).pixels)
    assert len(known) == 100_001
