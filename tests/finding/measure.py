"""How sure and how quick finding is, in numbers: `python -m tests.finding.measure [others] [known] [entries]`.

Other plots of the same kinds and in the same style are held against known ones, by two processes that give way to
others; then pictures are looked up among many entries, which look like plots do.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

from gofigr_jupyter.capture.fingerprint import fingerprint, packed
from gofigr_jupyter.finding import index
from gofigr_jupyter.finding.index import Catalogue, seen
from gofigr_jupyter.finding.local import ALIKE, look_up
from tests.finding.plots import TRANSFORMS, plot
from tests.finding.test_index import entry

PROCESSES = 2
PART = 25  # plots that a process is given at once
_known: list[Catalogue] = []  # of a process


@dataclass(frozen=True)
class Looked:
    """What came of one plot that is not known: what it was taken for, and the likeness of the nearest."""

    seed: int
    taken_for: tuple[str, ...]
    nearest: float


def strangers(others: Iterable[int], known: Iterable[int]) -> list[Looked]:
    """Look up plots among others; with the same numbers always the same."""
    text = b"".join(index._line(seen(entry(seed), fingerprint(plot(seed)))) for seed in known)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, spawn, initializer=_begin, initargs=(text,)) as pool:
        return list(pool.map(_looked, others, chunksize=PART))


def _begin(text: bytes) -> None:
    os.nice(10)
    _known.append(Catalogue(text))


def _looked(seed: int) -> Looked:
    known, picture = _known[0], plot(seed)
    look = fingerprint(picture).look
    nearest = known.alike(look) if look else []
    found = look_up(picture, known)
    return Looked(seed, tuple(one.entry.figure for one in found if one.entry), nearest[0][0] if nearest else 0.0)


# ---------------------------------------------------------------- among many


@dataclass(frozen=True)
class Times:
    """Seconds of the processor."""

    reading: float
    plot: float
    screenshot: float
    stranger: float
    bytes: int


def entries(count: int, plots: int = 48) -> bytes:
    """Lines of an index: real plots, each of them many times, with a few cells and bits that are others."""
    luck = random.Random(7)  # noqa: S311 - pictures, not secrets
    looks = [look for seed in range(5000, 5000 + plots) if (look := fingerprint(plot(seed)).look)]
    near = [(look.bits, packed(_noisy(look.sketch, luck))) for look in looks for _ in range(8)]
    lines = []
    for number in range(count):
        bits, sketch = luck.choice(near)
        other = sum(1 << luck.randrange(256) for _ in range(24)) & ((1 << 256) - 1)
        lines.append(index._line(entry(number, bits=f"{bits ^ other:064x}", sketch=sketch)))
    return b"".join(lines)


def _noisy(sketch: bytes, luck: random.Random) -> bytes:
    return bytes(luck.randrange(16) if luck.random() < 0.2 else cell for cell in sketch)


def times(count: int) -> Times:
    """Look up a picture, a screenshot of it and one that is not known among so many entries."""
    wanted = plot(5)
    text = entries(count) + index._line(replace(seen(entry(count + 1), fingerprint(wanted)), figure="wanted"))
    begun = time.process_time()
    known = Catalogue(text)
    reading, taken = time.process_time() - begun, []
    dark = TRANSFORMS["dark page"]
    for picture, names in (
        (TRANSFORMS["50 %"](wanted), {"wanted"}),
        (dark(wanted), {"wanted"}),
        (dark(plot(2)), set()),
    ):
        begun = time.process_time()
        found = {one.entry.figure for one in look_up(picture, known) if one.entry}
        taken.append(time.process_time() - begun)
        assert found == names, found
    return Times(reading, *taken, bytes=len(text))


def main(others: int = 1000, known: int = 36, count: int = 100_000) -> None:
    """Print it all."""
    begun = time.monotonic()
    looked = strangers(range(1000, 1000 + others), range(known))
    wrong = [one for one in looked if one.taken_for]
    nearest = sorted((one.nearest for one in looked), reverse=True)
    print(
        f"{others} plots against {known} known ones: {len(wrong)} taken for another, {time.monotonic() - begun:.0f} s"
    )
    print("nearest:", ", ".join(f"{one:.3f}" for one in nearest[:8]), f"({ALIKE} is asked for)", *wrong[:5])
    print(f"{count:,} entries:", times(count))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
