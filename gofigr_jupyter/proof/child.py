"""The program that makes a figure again: a notebook's shell without a notebook, in a process of its own.

In: a job file. Out: a result file with all that a front end would have been shown, and what Python and packages ran.
It may run in another interpreter than ours, so it imports nothing of this package but two files beside it.
"""

from __future__ import annotations

import base64
import importlib.metadata
import importlib.util
import json
import os
import platform
import signal
import sys
import sysconfig
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

MOST_SHOWN = 200
MOST_BYTES = 200_000_000
LARGEST_FILE = 1 << 32
LINES = 14  # of a traceback
CONFIGURATION = ("ipython_config.py", "ipython_kernel_config.py")
WANTED = ("image/", "application/vnd.", "application/pdf", "text/html")


class Shown:
    """What was displayed, in order."""

    def __init__(self) -> None:
        self.bundles: list[dict[str, Any]] = []
        self._size = 0

    def add(self, data: Any, metadata: Any, display_id: str | None = None) -> None:
        """Note a bundle; one with the id of an earlier one takes its place."""
        kept = {str(mime): _plain(value) for mime, value in dict(data).items() if str(mime).startswith(WANTED)}
        if not kept:
            return
        bundle = {"data": kept, "metadata": _jsonable(metadata), "display_id": display_id}
        self._size += len(json.dumps(bundle["data"]))
        earlier = [one for one in self.bundles if display_id and one["display_id"] == display_id]
        if earlier:
            earlier[-1].update(bundle)
        elif self._size <= MOST_BYTES:
            self.bundles = [*self.bundles, bundle][-MOST_SHOWN:]

    def bring_up(self, live: ModuleType) -> None:
        """Bring what lives in the page to its last state."""
        states, displayed = live.states(), set()
        for bundle in self.bundles:
            displayed.add(model := live.model_of(bundle["data"]))
            bundle["data"] |= {mime: _plain(value) for mime, value in states.get(model, {}).items()}
        for model in states.keys() - displayed:
            self.add(states[model], {})


def main() -> None:
    """Read the job, do it, write the result; then end without waiting for threads that the code has left."""
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    threading.Thread(target=_follow_parent, args=(os.getppid(),), daemon=True).start()
    _confine(job["memory"])
    os.chdir(job["folder"])
    sys.path[:0] = ["", *job["paths"]]
    # Code that publishes its figures must not do so again: it only displays them.
    _beside("standin").install(job.get("called"))
    shown, began = Shown(), time.monotonic()
    problem, trace = _run(job, shown)
    shown.bring_up(_beside("live"))
    result = {
        "problem": problem,
        "trace": trace,
        "shown": shown.bundles,
        "seconds": round(time.monotonic() - began, 3),
        "environment": _environment(job["folder"]),
    }
    target = Path(job["result"])
    part = target.with_suffix(".part")
    part.write_text(json.dumps(result), "utf-8")
    part.replace(target)
    sys.stdout.flush()
    os._exit(0)


def _run(job: dict[str, Any], shown: Shown) -> tuple[str | None, list[str]]:
    """What went wrong in one line, and the last lines of its traceback; a session goes on after a cell that failed."""
    problem: tuple[str | None, list[str]] = None, []
    try:
        shell = _shell(job, shown)
    except ImportError as error:
        return f"this Python has no IPython: {error}", []
    for number, cell in enumerate(job["cells"]):
        Path(job["progress"]).write_text(str(number), "ascii")
        if cell["count"] is not None:
            shell.execution_count = cell["count"]
        done = shell.run_cell(cell["source"], store_history=True)
        raised = done.error_before_exec or done.error_in_exec
        if raised is not None:
            name = f"In [{cell['count']}]" if cell["count"] is not None else "the script"
            problem = f"{name}: {_one_line(raised)}", _traced(raised)
            if not job["goes_on"]:
                break
    return problem


def _shell(job: dict[str, Any], shown: Shown) -> Any:
    """The shell of a kernel without its sockets: matplotlib's inline backend and all formatters do as they do there."""
    from IPython.core.displayhook import DisplayHook  # noqa: PLC0415
    from IPython.core.displaypub import DisplayPublisher  # noqa: PLC0415
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415
    from traitlets import Type  # noqa: PLC0415

    class Hook(DisplayHook):
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            shown.add(format_dict, md_dict)

    class Publisher(DisplayPublisher):
        def publish(self, data: Any, metadata: Any = None, *_: Any, transient: Any = None, **__: Any) -> None:
            shown.add(data, metadata, (transient or {}).get("display_id"))

        def clear_output(self, *_: Any, **__: Any) -> None:
            pass

    class Shell(InteractiveShell):
        displayhook_class = Type(Hook)
        display_pub_class = Type(Publisher)

        def enable_gui(self, gui: Any = None) -> None:
            pass

    return Shell.instance(config=_config(job), ipython_dir=job["private"])


def _config(job: dict[str, Any]) -> Any:
    """Of the user's own configuration only what decides on how pictures are made."""
    from IPython.paths import get_ipython_dir  # noqa: PLC0415
    from traitlets.config.loader import Config, PyFileConfigLoader  # noqa: PLC0415

    config = Config()
    profile = Path(get_ipython_dir()) / "profile_default"
    for name in CONFIGURATION:
        with suppress(Exception):  # there is none, or it does not load: a kernel goes on without it, too
            config.InlineBackend.update(PyFileConfigLoader(name, path=str(profile)).load_config().InlineBackend)
    if job["formats"]:
        config.InlineBackend.figure_formats = set(job["formats"])
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    return config


def _beside(name: str) -> ModuleType:
    """A module of this folder."""
    spec = importlib.util.spec_from_file_location(f"_gofigr_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None  # noqa: S101 - the file is beside this one
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _follow_parent(parent: int) -> None:
    """End with whoever wanted the figure, and with all that the code has started."""
    while os.getppid() == parent:
        time.sleep(1)
    with suppress(OSError, AttributeError):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _confine(memory: int) -> None:
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: LARGEST_FILE}
    if memory:
        limits[resource.RLIMIT_AS] = memory
    for kind, most in limits.items():
        with suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


# ---------------------------------------------------------------- what is told


def _environment(folder: str) -> dict[str, Any]:
    """The Python and the packages that ran; `used` are the distributions of which something was imported."""
    versions: dict[str, str] = {}
    for one in importlib.metadata.distributions():
        with suppress(Exception):  # half removed
            versions.setdefault(one.metadata["Name"], one.version)
    tops = {name.partition(".")[0] for name in list(sys.modules)}
    owners: dict[str, list[str]] = {}
    with suppress(Exception):
        owners = dict(importlib.metadata.packages_distributions())
    used = {name for top in tops for name in owners.get(top, ())}
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "packages": versions,
        "used": sorted(used),
        "modules": sorted(_own_modules(folder)),
    }


def _own_modules(folder: str) -> set[str]:
    """Files of modules that belong to no package and were not laid out: code beside the notebook."""
    paths = sysconfig.get_paths()
    homes = tuple({paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")} | {folder})
    found = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or file.startswith((*homes, str(Path(__file__).parent))):
            continue
        if file.endswith(".py") and not {"site-packages", "dist-packages"} & set(Path(file).parts):
            found.add(file)
    return set(sorted(found)[:100])


def _one_line(error: BaseException) -> str:
    lines = traceback.format_exception_only(type(error), error)
    return " ".join(lines[-1].split())[:500]


def _traced(error: BaseException) -> list[str]:
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()
    return [line[:300] for line in lines[-LINES:]]


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else _jsonable(value)


def _jsonable(value: Any) -> Any:
    """What JSON can hold of a value, as a kernel would send it."""
    return json.loads(json.dumps(value, default=_odd))


def _odd(value: Any) -> Any:
    for name in ("tolist", "isoformat"):
        if hasattr(value, name):
            return getattr(value, name)()
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    main()
