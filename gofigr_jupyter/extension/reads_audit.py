"""The one audit hook of this process: it tells listeners which files are being opened, and who opens them.

Hooks can be given to Python and never taken back: without listeners this one returns at once. It never raises, and what
it does for a file of a package costs less than a microsecond. Which files matter is decided elsewhere.
"""

from __future__ import annotations

import logging
import os
import sys
from types import FrameType
from typing import Any, Protocol

_log = logging.getLogger("gofigr_jupyter")
_OUR_READERS = ("gofigr_jupyter.extension.reads", "gofigr_jupyter.extension.readers")
_CARRIERS = frozenset("threading concurrent multiprocessing contextlib functools".split())  # they only hand on calls
_SHELLS = frozenset(
    "IPython ipykernel jupyter_client zmq tornado debugpy traitlets asyncio _pydevd_bundle gofigr_jupyter".split()
)
_OPEN_OF_IPYTHON = "_modified_open"  # stands for open() in cells
_DEEPEST = 200
_MOST_FAILURES = 10


class Listener(Protocol):
    """Who wants to know."""

    def opened(self, path: Any, flags: int) -> None:
        """A file is about to be opened, in any thread; `flags` as `os.open` takes them."""

    def fetched(self, address: str) -> None:
        """An address is about to be read."""


_listeners: tuple[Listener, ...] = ()
_is_installed = False
_failures = 0


def listen(listener: Listener) -> None:
    """From now on tell this one; harmless for one that is told already."""
    global _listeners, _is_installed  # noqa: PLW0603 - the process has one hook
    if listener not in _listeners:
        _listeners = (*_listeners, listener)
    if not _is_installed:
        _is_installed = True
        sys.addaudithook(_hook)


def leave(listener: Listener) -> None:
    """Tell it no more."""
    global _listeners  # noqa: PLW0603 - as above
    _listeners = tuple(one for one in _listeners if one is not listener)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _listeners:
        return
    if event == "open":
        _tell("opened", args[0], args[2])
    elif event == "sqlite3.connect" and isinstance(args[0], str | bytes):
        database = os.fsdecode(args[0])
        path = database.partition("?")[0].removeprefix("file://").removeprefix("file:")
        if path and ":memory:" not in database and "mode=memory" not in database:
            _tell("opened", path, os.O_RDWR | os.O_CREAT)
    elif event == "urllib.Request" and args[1] is None:  # with data it is no reading
        _tell("fetched", str(args[0]))


def _tell(deed: str, *what: Any) -> None:
    for listener in _listeners:
        try:
            getattr(listener, deed)(*what)
        except (RecursionError, MemoryError):
            return  # the user's code is at its limits, not we
        except Exception:  # noqa: BLE001 - what a hook raises would make the user's open() fail
            _failed(listener)


def _failed(listener: Listener) -> None:
    """Say so in the log; whoever fails again and again is told no more, so that nobody's files open slowly."""
    global _failures  # noqa: PLW0603 - as above
    _failures += 1
    if _failures == _MOST_FAILURES:
        leave(listener)
    if _failures <= _MOST_FAILURES:
        _log.exception("a file that is read is not noted")


def who_reads(frame: FrameType | None, packages: tuple[str, ...]) -> str | None:
    """The function that the author called to read a file, such as `pandas.read_csv`; `open` for open() itself.

    None when nobody's code did: the shell (which reads sources to show a traceback), an import inside a package, we.
    `packages` are the beginnings of the paths of code that is not the author's.
    """
    told, is_shell, depth = "", False, 0
    while frame is not None and depth < _DEEPEST:
        file, module = frame.f_code.co_filename, frame.f_globals.get("__name__")
        module = module if isinstance(module, str) else ""  # people may put anything there
        if file.startswith("<frozen importlib"):
            told = "import"
        elif not file.startswith(("<frozen", "<string>", "<__array_function__", "<decorator-gen")):
            root = module.partition(".")[0]
            if root == "gofigr_jupyter" and not module.startswith(_OUR_READERS):
                return None
            if not file.startswith(packages):
                return told or "open"
            is_ours = module.startswith(_OUR_READERS)
            is_shell = is_shell or (root in _SHELLS and not is_ours)
            if not is_ours and root not in _CARRIERS and frame.f_code.co_name != _OPEN_OF_IPYTHON:
                told = told if told == "import" else f"{root}.{_spoken(frame.f_code.co_qualname)}"
        frame, depth = frame.f_back, depth + 1
    return None if is_shell else told or "open"


def _spoken(name: str) -> str:
    return name.rpartition("<locals>.")[2].removesuffix(".__init__").removesuffix(".__new__")
