"""`@reproducible`: a function that runs alone with its arguments and imports, and whose figures can be made again.

In: the author's function and calls of it. Out: its result; figures shown or published meanwhile carry the clean room.
What cannot run in one runs as it is written, with a warning that says why.
"""

from __future__ import annotations

import functools
import inspect
import sys
import typing
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar, overload

from gofigr_jupyter.cleanroom import names
from gofigr_jupyter.cleanroom import packages as offers
from gofigr_jupyter.cleanroom.params import Param, infer_param, unboxed
from gofigr_jupyter.cleanroom.room import CleanRoom
from gofigr_jupyter.cleanroom.running import Run, call
from gofigr_jupyter.cleanroom.source import Source, source_of
from gofigr_jupyter.errors import CleanRoomError, NotSelfContained
from gofigr_jupyter.extension import front
from gofigr_jupyter.extension.explorer import Explorer
from gofigr_jupyter.settings import ApiId, FindByName

Function = TypeVar("Function", bound=Callable[..., Any])


@overload
def reproducible(_func: Function, /) -> Function: ...


@overload
def reproducible(
    _func: None = None,
    *,
    interactive: bool = False,
    packages: Mapping[str, str] | None = None,
    merge_packages: bool = True,
    publisher: Any = None,
) -> Callable[[Function], Function]: ...


def reproducible(
    _func: Callable[..., Any] | None = None,
    *,
    interactive: bool = False,
    packages: Mapping[str, str] | None = None,
    merge_packages: bool = True,
    publisher: Any = None,
) -> Any:
    """Run a function in a clean room: alone with its arguments, its imports, and `publish`, `FindByName`, `ApiId`.

    Its figures are published with all that is needed to make them again: source, arguments, packages. `interactive`
    shows a control for each parameter (in notebooks). `packages` maps short names to modules
    (`{"px": "plotly.express"}`), beside pandas, NumPy, pyplot and seaborn; with `merge_packages=False` instead of
    them. A `publisher` of one's own stands in for `publish`. Calls raise NotSelfContained for names from outside.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        recipe = Recipe(function, _source(function), interactive, packages, merge_packages, publisher)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return recipe(*args, **kwargs)

        return wrapper

    return decorate if _func is None else decorate(_func)


def given(publisher: Any = None) -> dict[str, Any]:
    """What every clean room has without importing it."""
    return {"FindByName": FindByName, "ApiId": ApiId, "publish": getattr(publisher, "publish", front.publish)}


@dataclass(frozen=True)
class Recipe:
    """A decorated function, and how it is to be called."""

    function: Callable[..., Any]
    source: Source | CleanRoomError  # taken when it was decorated: files change, cells are overwritten
    interactive: bool
    packages: Mapping[str, str] | None
    merge: bool
    publisher: Any

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        params = self._params(bound)
        bound.arguments.update({name: param.default for name, param in params.items()})
        try:
            room = self._room(dict(bound.arguments), params)
        except NotSelfContained:
            raise
        except CleanRoomError as error:
            self._warn(f"runs as an ordinary function, not in a clean room: {error}")
            return self.function(*bound.args, **bound.kwargs)
        shell = kernel_shell() if self.interactive else None
        if shell is not None:
            Explorer(shell, room, given(self.publisher)).open()
            return None
        if self.interactive:
            self._warn("is shown without controls: they need a notebook")
        return call(Run(room), room.values(), given(self.publisher))

    def _params(self, bound: inspect.BoundArguments) -> dict[str, Param]:
        """The control of each argument, standing at its value."""
        hints, found = _type_hints(self.function), {}
        for name, value in bound.arguments.items():
            declared = bound.signature.parameters[name].default
            if isinstance(value, Param):
                fitting = value if value.fits(value.default) else infer_param(name, value.default, hints)
            elif isinstance(declared, Param) and declared.fits(unboxed(value)):
                fitting = declared
            else:
                fitting = infer_param(name, value, hints)
            found[name] = fitting.with_default(value.default if isinstance(value, Param) else value)
        return found

    def _room(self, values: Mapping[str, Any], params: Mapping[str, Param]) -> CleanRoom:
        if isinstance(self.source, CleanRoomError):
            raise self.source
        wanted, outside = names.free_names(self.source.code()), _outside(self.function)
        imports = offers.offered(self.packages, merge=self.merge)
        offered = {*imports, *given()}
        if self.merge:  # modules imported where the function was written are as good as declared
            known = {name: names.module_of(name, outside) for name in wanted if name not in offered}
            imports |= {name: module for name, module in known.items() if module is not None}
        names.check(self.source.name, wanted, {*imports, *given()}, outside)
        return CleanRoom.of(self.source, imports, values, params)

    def _warn(self, text: str) -> None:
        # 4: past this method, the call above and the wrapper, to the line of the author's
        warnings.warn(f"{self.function.__name__}() {text}", stacklevel=4)


def kernel_shell() -> Any | None:
    """The shell of the running kernel; None in scripts and terminals, which have no page for controls."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    kernel = getattr(shell, "kernel", None)
    can_update = hasattr(getattr(shell, "display_pub", None), "register_hook") and hasattr(kernel, "io_loop")
    return shell if can_update else None


def _source(function: Callable[..., Any]) -> Source | CleanRoomError:
    try:
        return source_of(function)
    except CleanRoomError as error:
        return error


def _outside(function: Callable[..., Any]) -> dict[str, Any]:
    """The names that the function could see where it was written."""
    found = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return found


def _type_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The hints that can be understood, each on its own: one that cannot must not hide the others."""
    found: dict[str, Any] = {}
    try:
        annotations = inspect.get_annotations(function)
    except Exception:  # noqa: BLE001 - Python 3.14 evaluates them now, and they may fail
        return {}
    for name, hint in annotations.items():
        holder = SimpleNamespace(__annotations__={name: hint})
        try:
            found |= typing.get_type_hints(holder, function.__globals__, include_extras=True)
        except Exception:  # noqa: BLE001, S112 - whatever somebody has written there
            continue
    return found
