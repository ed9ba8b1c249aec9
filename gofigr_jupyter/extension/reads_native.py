"""Listens at readers that the audit hook cannot hear: wraps public functions while the extension is loaded.

In: the table of `reads_libraries`. Out: a call for each path. What is wrapped keeps its name, signature and place, so
that pickle and inspect find it; a traceback or a warning never shows our frame.
"""

from __future__ import annotations

import functools
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, ModuleType
from typing import Any

from gofigr_jupyter.extension.reads_libraries import READERS, Reader

_log = logging.getLogger("gofigr_jupyter")
_CALL: CodeType = compile("call(*args, **kwargs)", "<call>", "eval")
_HIDDEN_NAMES = {"call": "~call", "args": "~args", "kwargs": "~kwargs"}  # no variable of anybody's has such a name


class Doors:
    """All that is wrapped in this process, and taken off again; `told` gets the path, the reader and what it does."""

    def __init__(self, told: Callable[..., None], readers: Sequence[Reader] = READERS) -> None:
        self._told = told
        self._readers = readers
        self._watched = frozenset(reader.module for reader in readers)
        self._undo: list[Callable[[], None]] = []
        self._originals: dict[int, tuple[Any, Any]] = {}  # by the wrapper's id: wrapper, original
        self._is_open = False
        self._own = threading.local()

    def open(self) -> None:
        """Wrap what is imported, and from now on what will be."""
        self._is_open = True
        sys.meta_path.insert(0, self)
        for name in self._watched:
            if name in sys.modules:
                self._imported(name)

    def close(self, namespace: dict[str, Any] | None = None) -> None:
        """Restore everything; in `namespace`, too, what was imported from there."""
        self._is_open = False
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        while self._undo:
            with suppress(Exception):
                self._undo.pop()()
        for name, value in list((namespace or {}).items()):
            if id(value) in self._originals and namespace is not None:
                namespace[name] = self._originals[id(value)][1]
        self._originals.clear()

    # -------------------------------------------------------- imports to come

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """For the import system: a module of the table is found as ever, and wrapped when it has been executed."""
        if name not in self._watched or getattr(self._own, "is_looking", False) or not self._is_open:
            return None
        self._own.is_looking = True
        try:
            for finder in sys.meta_path:
                find = getattr(finder, "find_spec", None)
                spec: ModuleSpec | None = find(name, path, target) if find is not None and finder is not self else None
                if spec is not None:
                    if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                        spec.loader = _Loader(spec.loader, self._imported)  # type: ignore[assignment]  # stands for it
                    return spec
        finally:
            self._own.is_looking = False
        return None

    def _imported(self, name: str) -> None:
        try:
            for reader in self._readers:
                if reader.module == name:
                    for function in reader.names:
                        self._wrap(reader, sys.modules[name], function)
        except Exception:  # noqa: BLE001 - an import of the user's must not fail through us
            _log.exception("the readers of %s are not heard", name)

    # -------------------------------------------------------- wrapping

    def _wrap(self, reader: Reader, module: ModuleType, path: str) -> None:
        owner_name, _, name = path.rpartition(".")
        owner: Any = getattr(module, owner_name, None) if owner_name else module
        original = vars(owner).get(name) if isinstance(owner, type) else getattr(owner, name, None)
        if original is None or not callable(original) or id(original) in self._originals:
            return
        said = f"{module.__name__.partition('.')[0]}.{path.removesuffix('.__init__')}"
        wrapper = _wrapper(original, functools.partial(self._called, reader, said), looks_around=reader.looks_around)
        self._originals[id(wrapper)] = (wrapper, original)
        owners = [owner] if isinstance(owner, type) else _homes(original, name, module)
        for home in owners:
            with suppress(TypeError, AttributeError):  # a type that cannot be changed
                setattr(home, name, wrapper)
                self._undo.append(functools.partial(_restore, home, name, wrapper, original))

    def _called(self, reader: Reader, said: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not self._is_open:
            return
        try:
            given = dict(zip(reader.takes, args, strict=False)) | kwargs
            for found, writes in reader.finds(given):
                self._told(found, said, writes=writes)
        except Exception:  # noqa: BLE001 - nothing of ours raises into user code
            _log.exception("a file that %s reads is not noted", said)


class _Loader:
    """Stands before a module's own loader for the one moment of its execution."""

    def __init__(self, loader: Any, imported: Callable[[str], None]) -> None:
        self._loader = loader
        self._imported = imported

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the loader does."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """As the loader does; then the module's readers are wrapped, and nothing of this loader is left."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._imported(module.__name__)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


# An import that fails shows none of the import system's frames: this one counts as such.
_Loader.exec_module.__code__ = _Loader.exec_module.__code__.replace(
    co_filename="<frozen importlib._bootstrap_external>"
)


def _homes(original: Any, name: str, module: ModuleType) -> list[ModuleType]:
    """The modules of its package in which a function stands under its name; pickle looks into the one that made it."""
    root = module.__name__.partition(".")[0]
    own = str(getattr(original, "__module__", None) or "")
    near = [one for key, one in list(sys.modules.items()) if key == own or key.partition(".")[0] == root]
    return [one for one in near if isinstance(one, ModuleType) and vars(one).get(name) is original]


def _restore(home: Any, name: str, wrapper: Any, original: Any) -> None:
    if vars(home).get(name) is wrapper:  # else somebody has put something over it, and it is theirs
        setattr(home, name, original)


def _wrapper(original: Any, called: Callable[[tuple[Any, ...], dict[str, Any]], None], *, looks_around: bool) -> Any:
    """A function that tells of each call and is otherwise the original, in every error and warning too."""

    def plain(*args: Any, **kwargs: Any) -> Any:
        called(args, kwargs)
        try:
            return original(*args, **kwargs)
        except BaseException as error:
            # Raised again as it is, an exception gets no second entry for this frame: none is left of it.
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise

    def among_callers_names(*args: Any, **kwargs: Any) -> Any:
        called(args, kwargs)
        try:
            return _call_from(sys._getframe(1), original, args, kwargs)
        except BaseException as error:
            entry = error.__traceback__
            for _ in range(3):  # this frame, _call_from's, and that of the evaluated call
                entry = entry and entry.tb_next
            error.__traceback__ = entry
            raise

    function = among_callers_names if looks_around else plain
    function.__code__ = _disguised(function.__code__, original)
    assigned = [name for name in functools.WRAPPER_ASSIGNMENTS if hasattr(original, name)]
    return functools.update_wrapper(function, original, assigned=assigned, updated=())


def _call_from(frame: FrameType, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function that looks for variables in its caller's frame from a frame with the same names."""
    mine = {_HIDDEN_NAMES["call"]: function, _HIDDEN_NAMES["args"]: args, _HIDDEN_NAMES["kwargs"]: kwargs}
    return eval(_HIDDEN_CALL, frame.f_globals, {**frame.f_locals, **mine})  # noqa: S307 - a constant of ours


def _disguised(code: CodeType, original: Any) -> CodeType:
    """Let those who count frames, to name the line that a warning is about, pass over ours.

    Python's `warnings` skips files of the import system, known by their names; libraries skip files in their folders.
    """
    package = sys.modules.get(str(getattr(original, "__module__", "")).partition(".")[0])
    folder = (list(getattr(package, "__path__", [])) or ["<readers>"])[0]
    return code.replace(
        co_filename=f"{folder}/importlib/_bootstrap", co_name=getattr(original, "__name__", code.co_name)
    )


_HIDDEN_CALL = _CALL.replace(
    co_names=tuple(_HIDDEN_NAMES[name] for name in _CALL.co_names), co_filename="<importlib._bootstrap>"
)
