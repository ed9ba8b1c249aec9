"""Start a worker or a server of ours, detached, once for each state folder; is it alive?

The process holds a lock on `run/<name>.lock` for as long as it lives, which no kill can leave behind.
In: a state folder. Out: a running process that owes its starter nothing. Knows nothing of what they do.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_COMMANDS = {
    "worker": ("gofigr_jupyter.worker",),
    "server": ("gofigr_jupyter.server", "--embedded"),
}
_NICE = {"worker": 10, "server": 5}
_STARTING_SECONDS = 5.0  # how long a start is trusted to be under way before another is made
_LOG_BYTES = 2_000_000
# Our processes read credentials from 0600 files only.
_SECRETS = ("GF_API_KEY", "GF_PASSWORD", "FIG1_API_KEY", "GF_FIG1_API_KEY")


@dataclass(frozen=True)
class Hold:
    """The lock of a running process; dropped by `release`, or with the process."""

    descriptor: int

    def release(self) -> None:
        """Let another process begin."""
        os.close(self.descriptor)


def ensure_worker(home: Path) -> bool:
    """See to it that a worker runs; True when one is alive or on its way. Returns within milliseconds."""
    return _ensure(home, "worker")


def ensure_server(home: Path) -> bool:
    """See to it that the embedded server runs; as `ensure_worker`. It answers some time later."""
    return _ensure(home, "server")


def alive(home: Path, name: str) -> bool:
    """Whether a process holds the lock of `worker` or `server`."""
    hold = _lock(home, name)
    if hold is None:
        return True
    hold.release()
    return False


def hold(home: Path, name: str, *, patience: float = 1.0) -> Hold | None:
    """Take the lock for this process's life; None when another one has it. Raises OSError.

    `alive` takes the lock for a moment to see whether it is free, hence the patience.
    """
    deadline = time.monotonic() + patience
    while True:
        taken = _lock(home, name, exclusive=True)
        if taken is not None:
            (home / "run" / f"{name}.starting").unlink(missing_ok=True)
            lower_priority(_NICE[name])
            return taken
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.02)


def lower_priority(nice: int) -> None:
    """Give way to the user's kernel.

    Linux weighs whole sessions before the processes in them, so a session of ours is told too.
    """
    with suppress(OSError):
        os.nice(max(0, nice - os.nice(0)))
    with suppress(OSError):
        if os.getsid(0) == os.getpid():
            Path("/proc/self/autogroup").write_text(str(nice), encoding="ascii")


def _lock(home: Path, name: str, *, exclusive: bool = False) -> Hold | None:
    path = home / "run" / f"{name}.lock"
    flags = os.O_RDWR | os.O_CREAT if exclusive else os.O_RDONLY
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        if not exclusive:
            return Hold(os.open(os.devnull, os.O_RDONLY))  # never started: free
        _make_folders(path.parent)
        descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return Hold(descriptor)


def _ensure(home: Path, name: str) -> bool:
    try:
        if alive(home, name):
            return True
        stamp = home / "run" / f"{name}.starting"
        with suppress(FileNotFoundError):
            if 0 <= time.time() - stamp.stat().st_mtime < _STARTING_SECONDS:
                return True
        _make_folders(stamp.parent)
        stamp.touch(0o600)
        _start(home, name)
    except OSError:  # a read-only disk, no more processes: parcels wait, and `doctor` says why
        return False
    return True


class _Detached(subprocess.Popen[bytes]):
    """A child that outlives us on purpose."""

    def __del__(self) -> None:
        """Without Popen's warning that it is still running."""


_started: list[_Detached] = []


def _start(home: Path, name: str) -> None:
    if not sys.executable:
        raise OSError("this Python does not know its own executable")
    log = home / "run" / f"{name}.log"
    with suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = _Detached(
            [sys.executable, "-m", *_COMMANDS[name]],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd=home,
            env=_environment(home, os.environ),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    _started[:] = [other for other in _started if other.poll() is None]  # no zombies
    _started.append(child)


def _environment(home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment, without credentials and without what is meant for its notebook only."""
    own = {name: value for name, value in environ.items() if name not in _SECRETS}
    own |= {"GOFIGR_JUPYTER_HOME": str(home), "MPLBACKEND": "agg", "PYTHONSAFEPATH": "1"}
    own.pop("PYTHONINSPECT", None)
    source = Path(__file__).parents[1]
    if source.name not in {
        "site-packages",
        "dist-packages",
    }:  # imported from a checkout: it must be found again
        own["PYTHONPATH"] = os.pathsep.join(filter(None, [str(source), environ.get("PYTHONPATH")]))
    return own


def _make_folders(path: Path) -> None:
    if not path.parent.exists():
        _make_folders(path.parent)
    path.mkdir(0o700, exist_ok=True)
