"""The process that draws: jobs in by stdin, renditions out by stdout, one by one, until stdin closes.

It runs objects of the figure's author, which may do anything: what they print goes nowhere, what they import
of their own is forgotten after the job, memory is limited; for the rest, the worker ends this process.
"""

from __future__ import annotations

import gc
import os
import sys
import sysconfig
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gofigr_jupyter.capture.renditions import renditions
from gofigr_jupyter.records import Capture, Source
from gofigr_jupyter.worker.render_pipe import Job, read_job, receive, rendition_frame, send

_DEFAULT_MEMORY = 4 * 1024**3


def main() -> None:
    """Serve jobs until the worker closes the pipe."""
    jobs, answers = _private_pipes()
    warnings.simplefilter("ignore")
    with suppress(OSError):  # Linux may weigh whole sessions; this process leads one, and "nice" counts inside only
        Path("/proc/self/autogroup").write_text("10", encoding="ascii")
    threading.Thread(target=_follow_parent, args=(os.getppid(),), daemon=True).start()
    send(answers, {"ready": True})
    memory = int(os.environ.get("GOFIGR_JUPYTER_RENDER_MEMORY", _DEFAULT_MEMORY))
    with suppress(EOFError, BrokenPipeError):
        while True:
            _serve(read_job(*receive(jobs)), answers, memory)
            gc.collect()
    os._exit(0)  # not by way of atexit and threads, which belong to whatever the jobs imported


def _follow_parent(parent: int) -> None:
    """End with the worker, even in the middle of a job that hangs."""
    while os.getppid() == parent:
        time.sleep(2)
    os._exit(1)


def _serve(job: Job, answers: BinaryIO, memory: int) -> None:
    capture, wanted, link, cwd = job
    with _at_home(capture, cwd), _limited(memory, capture):
        for rendition in renditions(capture, wanted, link):
            send(answers, *rendition_frame(rendition))


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes for ourselves; whatever prints or reads finds nothing in their place."""
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return jobs, answers


@contextmanager
def _at_home(capture: Capture, cwd: str) -> Iterator[None]:
    """Run a job where its figure was made: with that session's `sys.path` and working directory."""
    path, modules = sys.path[:], set(sys.modules)
    if isinstance(capture.source, Source):
        sys.path[:] = [*capture.source.path, *(entry for entry in path if entry not in capture.source.path)]
    with suppress(OSError):
        os.chdir(cwd or tempfile.gettempdir())
    try:
        yield
    finally:
        sys.path[:] = path
        _forget(set(sys.modules) - modules)
        os.chdir(tempfile.gettempdir())
        _close_figures()


def _forget(names: set[str]) -> None:
    """Drop packages that a job imported from its author's folders: they may have changed by the next job.

    Those with compiled parts stay, since these cannot be loaded twice.
    """
    packages: dict[str, list[str]] = {}
    for name in names:
        packages.setdefault(name.partition(".")[0], []).append(name)
    for members in packages.values():
        files = [str(getattr(sys.modules.get(name), "__file__", None) or "") for name in members]
        if any(files) and all(not file or (file.endswith(".py") and not _is_installed(file)) for file in files):
            for name in members:
                sys.modules.pop(name, None)


def _is_installed(file: str) -> bool:
    paths = sysconfig.get_paths()
    ours = Path(__file__).parents[1]
    return file.startswith((paths["stdlib"], paths["platstdlib"], paths["purelib"], paths["platlib"], str(ours)))


def _close_figures() -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        with suppress(Exception):
            pyplot.close("all")


@contextmanager
def _limited(memory: int, capture: Capture) -> Iterator[None]:
    """Let a pickled figure fail with MemoryError; what draws the others by JavaScript reserves more than it uses."""
    try:
        import resource  # noqa: PLC0415 -- there is none on Windows
    except ImportError:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    if isinstance(capture.source, Source) and capture.source.format == "pickle":
        with suppress(ValueError, OSError):
            # on top of what an earlier job has reserved: JavaScript engines take much more than they use, and keep it
            resource.setrlimit(resource.RLIMIT_AS, (memory + _reserved(), before[1]))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, before)


def _reserved() -> int:
    """The bytes of address space that this process has; 0 where nobody tells."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


if __name__ == "__main__":
    main()
