"""Crash points one by one: a prepared process is forked, strace takes hold of it, and it dies or fails at its Nth call.

In: what to do, and where in its system calls to strike. Out: what it had said before its end. strace counts the calls
of each name apart, so a first, unharmed run tells which points there are.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest


def find_strace() -> str:
    """The path of strace; installs Debian's where there is none, and fails where none can be had."""
    found = shutil.which("strace")
    if found is None and shutil.which("apt-get") and os.getuid() == 0:
        subprocess.run(["apt-get", "install", "-y", "-q", "strace"], capture_output=True)
        found = shutil.which("strace")
    if found is None:
        pytest.fail("This test needs strace, and it could not be installed; try: apt-get install strace", pytrace=False)
    return found


@dataclass(frozen=True)
class Struck:
    """How a struck process ended: what it had said, whether it was killed, what strace saw."""

    said: str
    was_killed: bool
    was_struck: bool  # whether the Nth call was ever made
    calls: str


def points(deed: Callable[[], None], calls: str, log: Path) -> list[tuple[str, int]]:
    """Each call that the deed makes when nothing happens to it: its name, and that it is the Nth of that name."""
    seen: Counter[tuple[str, str]] = Counter()
    for line in strike(deed, calls, "", log).calls.splitlines():
        found = re.match(r"(\d+)\s+(\w+)\(", line)
        if found is not None:
            seen[found[1], found[2]] += 1  # each thread counts for itself
    most: dict[str, int] = {}
    for (_, name), count in seen.items():
        most[name] = max(most.get(name, 0), count)
    return [(name, nth) for name, count in most.items() for nth in range(1, count + 1)]


def strike(deed: Callable[[], None], calls: str, harm: str, log: Path, seconds: float = 60.0) -> Struck:
    """Do the deed in a forked process; harm (`write:signal=KILL:when=2`, `mkdir:error=ENOSPC:when=1+`) comes to it.

    The deed says what it has achieved on its stdout.
    """
    log.unlink(missing_ok=True)
    go_out, go_in = os.pipe()
    said_out, said_in = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads stay behind; the deed needs none of them
        pid = os.fork()
    if pid == 0:
        _child(deed, go_out, said_in)
    os.close(go_out)
    os.close(said_in)
    tracer = subprocess.Popen(
        [find_strace(), "-f", "-y", "-o", str(log), "-e", f"trace={calls}", *(["-e", f"inject={harm}"] if harm else []),
         "-p", str(pid)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    assert tracer.stderr is not None
    told = tracer.stderr.readline()
    if "attached" not in told:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        pytest.fail(f"strace cannot take hold of a process: {told}{tracer.stderr.read()}", pytrace=False)
    os.write(go_in, b"go")
    os.close(go_in)
    status = _wait(pid, seconds)
    with os.fdopen(said_out) as stream:
        said = stream.read()
    tracer.wait(20)
    tracer.stderr.close()
    calls_made = log.read_text(errors="replace") if log.exists() else ""
    was_killed = os.WIFSIGNALED(status)
    return Struck(said, was_killed, was_killed or "(INJECTED)" in calls_made, calls_made)


def _child(deed: Callable[[], None], go: int, said: int) -> None:
    code = 1
    try:
        os.dup2(said, 1)
        os.read(go, 2)
        deed()
        code = 0
    finally:
        if code:
            with suppress(BaseException):
                import traceback

                say(traceback.format_exc())
        os._exit(code)


def _wait(pid: int, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("a struck process did not end")


def say(word: str) -> None:
    """From a deed: this much is done. No buffer between it and the reader, and not by the calls that are made to fail."""
    os.writev(1, [f"{word}\n".encode()])
