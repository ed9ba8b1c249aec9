"""Runs code in a clean process: a fresh interpreter, no input, limits of time and memory, ended with all it started.

In: cells, a folder to run in, an interpreter. Out: what was shown, or why it could not run. Nothing that the code does
reaches the process that asks; what it writes is read as untrusted data. The network is left as it is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gofigr_jupyter.capture import mime
from gofigr_jupyter.proof.recorded import Cell

CHILD = Path(__file__).with_name("child.py")
TICK = 0.05
LARGEST_RESULT = 1 << 29
LEAST_MEMORY = 4 << 30
LOG_LINES = 5
INLINE = "module://matplotlib_inline.backend_inline"
_PRIVATE = ("GF_", "GOFIGR_")  # settings and credentials of ours
_NOTEBOOKS = ("PYTHONINSPECT", "PYTHONSTARTUP", "JPY_", "MPLBACKEND")  # of another process

Bundle = Mapping[str, bytes]  # what one display showed, by MIME type


@dataclass(frozen=True, slots=True)
class Limits:
    """What the code may use: seconds by the clock, bytes of memory (0: as much as the machine has)."""

    seconds: float = 300.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Setup:
    """Where the code runs: `folder` is the working directory, `paths` lead to modules, `formats` are for IPython."""

    python: str
    folder: Path
    private: Path  # for our own files, outside of the working directory
    paths: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    goes_on: bool = False  # after a cell that failed, as a session does
    called: Mapping[str, Any] | None = None  # `name` and `values` of a reproducible function, turned by hand


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The Python that ran and its packages; `used` names those of which something was imported."""

    python: str = ""
    executable: str = ""
    platform: str = ""
    packages: Mapping[str, str] | None = None
    used: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended: `problem` is None when all cells ran, `shown` is what was displayed until then."""

    problem: str | None
    trace: tuple[str, ...]
    shown: tuple[Bundle, ...]
    seconds: float
    around: Surroundings


def run(cells: Sequence[Cell], setup: Setup, limits: Limits, tell: Callable[[int], None]) -> Ran:
    """Run the cells; `tell` is told the number of the cell that runs, from 0."""
    job, result, progress = (setup.private / name for name in ("job.json", "result.json", "progress"))
    order = {
        "cells": [{"source": cell.source, "count": cell.count} for cell in cells],
        "folder": str(setup.folder),
        "private": str(setup.private),
        "paths": list(setup.paths),
        "formats": list(setup.formats),
        "goes_on": setup.goes_on,
        "called": setup.called,
        "memory": limits.memory or machine_memory(),
        "result": str(result),
        "progress": str(progress),
    }
    job.write_text(json.dumps(order), "utf-8")
    log, began = setup.private / "output.txt", time.monotonic()
    try:
        code = _run(setup, job, log, limits.seconds, lambda: _tell(progress, tell))
    except OSError as error:
        return _failed(f"{setup.python} cannot be started: {error.strerror}", began)
    if code is None:
        return _failed(f"it took longer than {limits.seconds:g} s", began, _last_lines(log))
    told = _read(result)
    if told is None:
        return _failed(_ended(code), began, _last_lines(log))
    shown = tuple(_bundle(one) for one in _list(told.get("shown")))
    trace = tuple(_text(line)[:300] for line in _list(told.get("trace"))[-20:])
    return Ran(
        problem=_text(told.get("problem"))[:600] or None,
        trace=trace or (() if shown else _last_lines(log)),
        shown=shown,
        seconds=time.monotonic() - began,
        around=_surroundings(told.get("environment")),
    )


def python_for(wanted: str | None, recorded: str) -> tuple[str, bool]:
    """The interpreter to use, and whether it is the recorded one: that which is asked for, else that, else our own."""
    if wanted:
        return wanted, wanted == recorded
    path = Path(recorded or "-")
    # A record is data: what it names is started only if it looks like a Python.
    if path.is_absolute() and path.name.startswith(("python", "pypy")) and os.access(path, os.X_OK) and path.is_file():
        return str(path), True
    return sys.executable, False


def machine_memory() -> int:
    """The bytes of memory that this machine has."""
    with suppress(ValueError, OSError, AttributeError):
        return max(LEAST_MEMORY, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return LEAST_MEMORY


# ---------------------------------------------------------------- the process


def _run(setup: Setup, job: Path, log: Path, seconds: float, look: Callable[[], None]) -> int | None:
    """The exit code; None when it was ended because it took too long."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [setup.python, "-P", str(CHILD), str(job)],
            cwd=setup.folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # so that what it starts can be ended with it
        )
    deadline = time.monotonic() + seconds
    try:
        while not _has_ended(process):
            look()
            if time.monotonic() > deadline:
                return None
            time.sleep(TICK)
    finally:
        code = _end(process)
    return code


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has, without taking note of it: as long as nobody has, no other process can get its number."""
    if hasattr(os, "waitid"):
        with suppress(ChildProcessError):
            return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return process.poll() is not None


def _end(process: subprocess.Popen[bytes]) -> int:
    """End whatever of its group still runs, and only then take note that it has ended."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
    return process.wait()


def _environment() -> dict[str, str]:
    """That of the caller without credentials and without what is meant for another process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith((*_PRIVATE, *_NOTEBOOKS))}
    return kept | {"MPLBACKEND": INLINE, "PYTHONDONTWRITEBYTECODE": "1"}


def _ended(code: int) -> str:
    if code < 0 and -code in set(signal.Signals):
        name = signal.Signals(-code).name
        return f"its process crashed ({name})" + (", perhaps for want of memory" if name == "SIGKILL" else "")
    return f"its process ended before the code did (exit code {code})"


def _failed(problem: str, began: float, trace: tuple[str, ...] = ()) -> Ran:
    return Ran(problem, trace, (), time.monotonic() - began, Surroundings())


# ---------------------------------------------------------------- what it tells


def _tell(progress: Path, tell: Callable[[int], None]) -> None:
    with suppress(OSError, ValueError):
        tell(int(progress.read_text("ascii")[:9]))


def _last_lines(log: Path) -> tuple[str, ...]:
    with suppress(OSError), log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 4000))
        lines = stream.read().decode("utf-8", "replace").splitlines()
        return tuple(line[:300] for line in lines if line.strip())[-LOG_LINES:]
    return ()


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        if path.stat().st_size > LARGEST_RESULT:
            return None
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _bundle(told: Any) -> Bundle:
    data = told.get("data") if isinstance(told, Mapping) else None
    found = {}
    for kind, value in data.items() if isinstance(data, Mapping) else ():
        content = mime.decoded(kind, value)
        if content is None and isinstance(value, str):
            content = value.encode("utf-8", "surrogatepass")
        if content:
            found[str(kind)] = content
    return found


def _surroundings(told: Any) -> Surroundings:
    told = told if isinstance(told, Mapping) else {}
    packages = told.get("packages")
    return Surroundings(
        python=_text(told.get("python")),
        executable=_text(told.get("executable")),
        platform=_text(told.get("platform")),
        packages={str(k): _text(v) for k, v in packages.items()} if isinstance(packages, Mapping) else None,
        used=tuple(map(_text, _list(told.get("used")))),
        modules=tuple(map(_text, _list(told.get("modules")))),
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
