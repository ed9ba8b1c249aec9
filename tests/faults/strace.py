"""Crash points one by one: a prepared process is forked, strace takes hold of it, and it dies or fails at its Nth call.

In: what to do, and where in its system calls to strike. Out: what it had said before its end. strace counts the calls
of each name apart, so a first, unharmed run tells which points there are.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.debian import program
from tests.faults.nursery import Nursery


def find_strace() -> str:
    """The path of strace."""
    return program("strace", "strace")


@dataclass(frozen=True)
class Struck:
    """How a struck process ended: what it had said, whether it was killed, what strace saw."""

    said: str
    was_killed: bool
    calls: str


def points(source: Nursery, deed: Callable[[], object], calls: str, log: Path) -> list[tuple[str, int]]:
    """Each call that the deed makes when nothing happens to it: its name, and that it is the Nth of that name."""
    seen: Counter[tuple[str, str]] = Counter()
    for line in strike(source, deed, calls, "", log).calls.splitlines():
        found = re.match(r"(\d+)\s+(\w+)\(", line)
        if found is not None:
            seen[found[1], found[2]] += 1  # each thread counts for itself
    most: dict[str, int] = {}
    for (_, name), count in seen.items():
        most[name] = max(most.get(name, 0), count)
    return [(name, nth) for name, count in most.items() for nth in range(1, count + 1)]


def strike(
    source: Nursery, deed: Callable[[], object], calls: str, harm: str, log: Path, seconds: float = 60.0
) -> Struck:
    """Do the deed in a forked process; harm (`write:signal=KILL:when=2`, `mkdir:error=ENOSPC:when=1+`) comes to it."""
    log.unlink(missing_ok=True)
    go_out, go_in = os.pipe()
    said_out, said_in = os.pipe()
    pid = source.do(deed, go_out, said_in)
    os.close(go_out)
    os.close(said_in)
    assert os.read(said_out, 6) == b"ready\n", "the process did not start"
    tracer = subprocess.Popen(
        [find_strace(), "-f", "-y", "-o", str(log), "-e", f"trace={calls}", *(["-e", f"inject={harm}"] if harm else []),
         "-p", str(pid)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    assert tracer.stderr is not None
    told = tracer.stderr.readline()
    if "attached" not in told:
        source.kill(pid)
        pytest.fail(f"strace cannot take hold of a process: {told}{tracer.stderr.read()}", pytrace=False)
    os.write(go_in, b"go")
    os.close(go_in)
    try:
        tracer.wait(seconds)  # it ends with the process
    except subprocess.TimeoutExpired:
        source.kill(pid)
        tracer.wait(20)
        raise AssertionError("a struck process did not end") from None
    finally:
        tracer.stderr.close()
    with os.fdopen(said_out) as stream:
        said = stream.read()
    made = log.read_text(errors="replace")
    return Struck(said, re.search(rf"^{pid}\s+\+\+\+ killed by SIGKILL", made, re.MULTILINE) is not None, made)
