"""Runs examples as notebooks in a real kernel, with the extension or without: what each cell sent out and published.

Many examples share a kernel, in the same order both times; between two of them the namespace, random generators and
settings of matplotlib are as at the start. A kernel that dies or takes too long is replaced. None reaches a network, so
that an example that would fetch something fails at once.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.records import Capture
from tests.galleries.example import Example
from tests.galleries.marks import Page
from tests.galleries.steady import steady
from tests.kernels import LiveKernel, Ran, is_card, kernel_env

_OUTPUTS = {"display_data", "execute_result", "update_display_data", "clear_output", "stream", "error"}
LIMIT = 60.0  # seconds for all cells of one example: most take a few
_PREPARING = 120.0  # for what comes before them: the library is imported there
_NOWHERE = "http://127.0.0.1:9"  # a proxy that nothing listens on
_ALONE = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), _NOWHERE)
_ALONE |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
_ALONE |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LP_NUM_THREADS"), "1")  # sums in the same order
_AT_START = "%matplotlib inline\nimport matplotlib; _settings = dict(matplotlib.rcParams)"
_BETWEEN = """
%reset -f
import sys as _sys, random as _random, warnings as _warnings
_random.seed(0)
if 'numpy' in _sys.modules: _sys.modules['numpy'].random.seed(0)
import matplotlib.pyplot as _plt; _plt.close('all'); _plt.rcdefaults(); get_ipython().run_line_magic('matplotlib', 'inline')
"""


@dataclass
class CellRun:
    """One cell as it ran: the outputs that are its author's, the page under it, what was published of it."""

    outputs: list[str] = field(default_factory=list)
    page: Page = field(default_factory=Page)
    displays: int = 0
    captures: list[Capture] = field(default_factory=list)
    failed: bool = False


@dataclass
class ExampleRun:
    """One example as it ran; `died` tells what became of a kernel that did not come back."""

    example: Example
    cells: list[CellRun] = field(default_factory=list)
    died: str | None = None

    @property
    def excuse(self) -> str:
        """Why it has shown nothing: its end, else its first error, in one line."""
        errors = (text for cell in self.cells for text in cell.outputs if text.startswith("error "))
        return self.died or next(errors, "it shows no figure").removeprefix("error ").partition("\n")[0][:160]


class Kernel:
    """A kernel that runs examples, one after the other."""

    def __init__(self, folder: Path, *, with_extension: bool, **env: str) -> None:
        self._stack = ExitStack()
        home = folder / "home"
        home.mkdir(parents=True)
        self._stack.enter_context(_parked(home))
        self._box = Outbox(home)
        self._folder = str(folder)
        self._seen: set[str] = set()
        # hashes of texts are drawn anew in each process unless told otherwise
        try:
            self._kernel = LiveKernel(kernel_env(home, PYTHONHASHSEED="0", **_ALONE, **env), folder)
        except BaseException:
            self._stack.close()
            raise
        self._stack.callback(self._kernel.close)
        self._kernel.run("%load_ext gofigr_jupyter" if with_extension else "pass")
        self._kernel.run(_AT_START)

    def close(self) -> None:
        """End it."""
        self._stack.close()

    def run(self, example: Example, prelude: str, limit: float) -> ExampleRun:
        """Run all cells of an example, also after one that fails, as a patient reader would; but not for ever."""
        done = ExampleRun(example)
        try:
            self._kernel.run(_BETWEEN, timeout=_PREPARING)
            if prelude:
                self._kernel.run(prelude, timeout=_PREPARING, check=False)
            self._published()
            end = time.monotonic() + limit
            for number, cell in enumerate(example.cells):
                code, cell_id = _own(cell, example, number), _cell_id(example, number)
                ran = self._kernel.run(code, cell_id=cell_id, timeout=end - time.monotonic(), check=False)
                done.cells.append(self._cell_run(ran))
        except TimeoutError:
            is_alive = self._kernel.manager.is_alive()
            done.died = f"it took longer than {limit:.0f} s" if is_alive else "its kernel died"
        except AssertionError as error:
            done.died = f"its kernel could not be made ready: {str(error)[-200:]}"
        return done

    def _cell_run(self, ran: Ran) -> CellRun:
        cell = CellRun(captures=self._published(), failed=ran.error is not None)
        for message in ran.messages:
            kind, content = message["msg_type"], message["content"]
            if kind not in _OUTPUTS or is_card(content):
                continue
            before = len(cell.page.shown)
            cell.page.take(kind, content)
            cell.displays += len(cell.page.shown) > before
            _append(cell.outputs, kind, content, self._folder)
        return cell

    def _published(self) -> list[Capture]:
        new = [entry for entry in self._box.list("new") if entry.name not in self._seen]
        self._seen |= {entry.name for entry in new}
        return [self._box.read(entry).capture for entry in new]


def run_all(
    examples: Iterable[Example],
    folder: Path,
    prelude: str,
    *,
    with_extension: bool,
    per_kernel: int = 25,
    limit: float = LIMIT,
    hopeless: Collection[Example] = (),
    **env: str,
) -> Iterator[ExampleRun]:
    """Each example in turn, in as few kernels as is wise. The `hopeless` are not run again, and end the kernel as before."""
    kernel, left, number = None, 0, 0
    try:
        for example in examples:
            if example in hopeless:
                done = ExampleRun(example, died="not tried again")
            else:
                if kernel is None or left == 0:
                    if kernel is not None:
                        kernel.close()
                        kernel = None
                    number, left = number + 1, per_kernel
                    kernel = Kernel(folder / f"kernel-{number}", with_extension=with_extension, **env)
                done = kernel.run(example, prelude, limit)
                left -= 1
            if done.died and kernel is not None:
                kernel.close()
                kernel = None
            yield done
    finally:
        if kernel is not None:
            kernel.close()


@contextmanager
def _parked(home: Path) -> Iterator[None]:
    """Hold the locks of worker and server: neither is started, and parcels stay where they can be looked at."""
    (home / "run").mkdir(parents=True)
    with ExitStack() as held:
        for name in ("worker", "server"):
            lock = held.enter_context((home / "run" / f"{name}.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _append(outputs: list[str], kind: str, content: dict[str, Any], folder: str) -> None:
    """One output as text; pieces of a stream are joined, since where they are cut is chance."""
    if kind == "stream":
        head, text = f"stream {content['name']}: ", steady(content["text"], folder=folder)
        if outputs and outputs[-1].startswith(head):
            outputs[-1] += text
        else:
            outputs.append(head + text)
        return
    if kind == "error":
        outputs.append(steady(f"error {content['ename']}: {content['evalue']}", folder=folder))
        return
    kept = {name: content[name] for name in ("data", "metadata", "wait") if name in content}
    outputs.append(steady(f"{kind} {json.dumps(kept, sort_keys=True)}", folder=folder))


def _own(cell: str, example: Example, number: int) -> str:
    """The cell, told apart from equal ones of other examples: the same code with the same picture is no new revision."""
    return cell if cell.lstrip().startswith("%") else f"# {example.name}, cell {number + 1}\n{cell}"


def _cell_id(example: Example, number: int) -> str:
    return f"{abs(hash(example)) % 16**6:06x}-{number}"
