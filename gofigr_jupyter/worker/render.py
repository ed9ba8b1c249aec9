"""Parcel to Renditions, in a process of its own: one for each interpreter, warm, at the lowest priority.

In: parcels. Out: one Rendition for every form that the figure can have; one that hangs, crashes or fails is
Missing with the reason, and the others are made all the same. This file must not know how anything is drawn.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar, cast

from gofigr_jupyter.capture.renditions import Wanted, plan, without
from gofigr_jupyter.records import Capture, Missing, Parcel, Rendition, Source
from gofigr_jupyter.worker.render_pipe import job_frame, read_rendition, receive, send

T = TypeVar("T")

# The interpreter's own packages come first, ours serve where it has none: it may be of another environment.
_START = """
import os, sys
hasattr(os, "nice") and os.nice(19)
sys.path.append({root!r})
from gofigr_jupyter.worker.render_child import main
main()
"""
_ROOT = str(Path(__file__).resolve().parents[2])
_START_TIMEOUT = 60.0
_PATIENCE = 20  # times the timeout, for a process that gets little of the processor


class Renderer:
    """Draws the further forms of figures, with one process for each interpreter, started when first needed.

    `timeout` is what one form may take and `idle` how long an unused process stays, both in seconds; `memory`
    is in bytes. One figure at a time; `close` may come from any thread.
    """

    def __init__(self, *, timeout: float = 60.0, idle: float = 120.0, memory: int = 4 * 1024**3) -> None:
        self._timeout = timeout
        self._idle = idle
        self._memory = memory
        self._resting: dict[str, _Child] = {}
        self._lock = threading.Lock()
        self._bedtime: threading.Timer | None = None

    def render(self, parcel: Parcel) -> list[Rendition]:
        """All further forms of a parcel's figure. Never raises; what cannot be made is Missing."""
        return list(self.stream(parcel))

    def stream(self, parcel: Parcel) -> Iterator[Rendition]:
        """The same, each as soon as it is made; giving up halfway ends the drawing."""
        capture = parcel.capture
        wanted = plan(capture, parcel.formats)
        while wanted:
            child = None
            try:
                child = self._take(_python(capture))
                child.begin(capture, wanted, parcel.link, parcel.working_dir)
                while wanted:
                    rendition = child.next(self._timeout)
                    wanted = wanted[1:]
                    yield rendition
                self._give_back(child)
                child = None
            except _StartError as error:
                if _python(capture) == sys.executable:
                    yield from _missing(wanted, str(error))
                    return
                # pictures can still be made from what was displayed
                capture = replace(capture, source=Missing(f"the Python of the figure does not start: {error}"))
            except _DiedError as error:
                left = without(wanted[0], wanted)
                yield from _missing([item for item in wanted if item not in left], str(error))
                wanted = left
            finally:
                if child is not None:
                    child.end()

    def close(self) -> None:
        """End the processes that rest."""
        with self._lock:
            children = list(self._resting.values())
            self._resting.clear()
            if self._bedtime is not None:
                self._bedtime.cancel()
        for child in children:
            child.end()

    def _take(self, python: str) -> _Child:
        with self._lock:
            child = self._resting.pop(python, None)
        if child is not None and child.is_alive:
            return child
        self.close()  # at most one process rests: another interpreter's gives way
        return _Child(python, self._memory)

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            self._resting[child.python] = child
            if self._bedtime is not None:
                self._bedtime.cancel()
            self._bedtime = threading.Timer(self._idle, self.close)
            self._bedtime.daemon = True
            self._bedtime.start()


class _StartError(Exception):
    """The interpreter cannot be started, or lacks what drawing needs."""


class _DiedError(Exception):
    """The process ended in the middle of a form; the text says how."""


class _Child:
    """One drawing process, seen from the worker."""

    def __init__(self, python: str, memory: int) -> None:
        self.python = python
        self._timed_out = False
        try:
            self._process = subprocess.Popen(
                [python, "-P", "-c", _START.format(root=_ROOT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=tempfile.gettempdir(),
                env=_environment(memory),
                start_new_session=True,  # so that what it starts can be ended with it
            )
        except OSError as error:
            raise _StartError(f"{python}: {error.strerror}") from error
        self._jobs = cast("BinaryIO", self._process.stdin)
        self._answers = cast("BinaryIO", self._process.stdout)
        try:
            self._within(_START_TIMEOUT, lambda: receive(self._answers))
        except _DiedError as error:
            self.end()
            raise _StartError(str(error)) from error

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def begin(self, capture: Capture, wanted: tuple[Wanted, ...], link: str, cwd: str) -> None:
        """Hand over a job. Raises _DiedError."""
        self._within(_START_TIMEOUT, lambda: send(self._jobs, *job_frame(capture, wanted, link, cwd)))

    def next(self, timeout: float) -> Rendition:
        """Wait for the next form of the job. Raises _DiedError, also when it takes too long."""
        return self._within(timeout, lambda: read_rendition(*receive(self._answers)))

    def end(self) -> None:
        """Close the pipe, which ends an idle process by itself, and see to it that it is gone."""
        with suppress(OSError):
            self._jobs.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        self._kill()
        self._process.wait()
        self._answers.close()

    def _within(self, seconds: float, talk: Callable[[], T]) -> T:
        over = threading.Event()
        threading.Thread(target=self._watch, args=(seconds, over), daemon=True).start()
        try:
            return talk()
        except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
            self._kill()
            raise _DiedError(self._why(seconds)) from error
        finally:
            over.set()

    def _watch(self, seconds: float, over: threading.Event) -> None:
        """End the process when it takes too long; one that only waits for a busy processor gets more time."""
        before, began, more = _activity(self._process.pid), time.monotonic(), seconds
        while more:
            if over.wait(more):
                return
            more = _more(seconds, time.monotonic() - began, before, _activity(self._process.pid))
        self._timed_out = True
        self._kill()

    def _kill(self) -> None:
        if self._process.poll() is not None:
            return  # its id may be another's by now
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _why(self, seconds: float) -> str:
        code = self._process.wait()
        if self._timed_out:
            return f"it took longer than {seconds:g} s"
        if code < 0 and -code in set(signal.Signals):
            return f"the drawing process crashed ({signal.Signals(-code).name})"
        return f"the drawing process ended ({code})"


class _Activity(NamedTuple):
    """Whether a process could go on if it had a processor; the seconds it has had one, and has waited for one."""

    is_runnable: bool
    used: float
    waited: float


def _activity(pid: int) -> _Activity:
    """Of a process's life until now; nothing where nobody tells."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        fields = text.rpartition(")")[2].split()
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return _Activity(fields[0] == "R", used, _waited(pid))
    except (OSError, ValueError, IndexError):
        return _Activity(False, 0.0, 0.0)


def _waited(pid: int) -> float:
    """Not every Linux counts this; what is known without is whether it waits at the moment."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _more(seconds: float, elapsed: float, before: _Activity, now: _Activity) -> float:
    """How long a process may go on before it is looked at again; 0 when it has taken too long.

    What counts is what it would have taken had it been alone: the time in which it ran, or slept.
    """
    if elapsed >= _PATIENCE * seconds:
        return 0.0
    own = elapsed - (now.waited - before.waited)
    if own < seconds:
        return max(seconds - own, seconds / 50)
    # A wait that has not ended is not counted yet.
    return seconds / 10 if now.is_runnable and now.used - before.used < 0.9 * seconds else 0.0


def _python(capture: Capture) -> str:
    source = capture.source
    return source.python or sys.executable if isinstance(source, Source) else sys.executable


def _missing(wanted: list[Wanted] | tuple[Wanted, ...], reason: str) -> Iterator[Rendition]:
    return (Rendition(item.format, Missing(reason), item.role) for item in wanted)


def _environment(memory: int) -> dict[str, str]:
    """The worker's environment without credentials; one thread for algebra, since the cores are shared."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GF_", "FIG1_"))}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return kept | threads | {"MPLBACKEND": "agg", "GOFIGR_JUPYTER_RENDER_MEMORY": str(memory)}
