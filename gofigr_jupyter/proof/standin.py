"""Stands in for the packages that publish figures, where a figure is made again: it displays, and sends nothing.

Loaded by `child.py` in another process; imports nothing of this package.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from enum import Enum
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

PACKAGES = ("gofigr_jupyter", "gofigr")
NAMES = (
    *PACKAGES,
    "gofigr.jupyter",
    *(f"{name}.{part}" for name in PACKAGES for part in ("reproducible", "cleanroom")),
)
# What clean rooms have without importing it.
OFFERED = {"pd": "pandas", "np": "numpy", "plt": "matplotlib.pyplot", "sns": "seaborn"}
CONTROLS = ("SliderParam", "DropdownParam", "CheckboxParam", "TextParam", "DateParam", "StaticParam")
MASKED = "***"


class StandIn(ModuleType):
    """A module with all the public names, none of which does anything but `publish`, which displays."""

    def __getattr__(self, name: str) -> Any:
        """Whatever else is asked for: readers are those of pandas, the rest does nothing."""
        if name.startswith("__"):
            raise AttributeError(name)
        return reader(name) if name.startswith("read_") else Nothing()


class Nothing:
    """Takes anything and does nothing; as a decorator it leaves a function as it is."""

    def __call__(self, *given: Any, **_: Any) -> Any:
        """The function, if it is given one alone."""
        return given[0] if len(given) == 1 and callable(given[0]) else self

    def __getattr__(self, name: str) -> Any:
        """More of the same."""
        if name.startswith("_"):
            raise AttributeError(name)
        return reader(name) if name.startswith("read_") else self

    def __enter__(self) -> Nothing:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """For `with`."""


class Param:
    """A parameter's default; nobody is here to turn it."""

    def __init__(self, default: Any = None, **_: Any) -> None:
        self.default = default


def install(called: Mapping[str, Any] | None = None) -> None:
    """Take the packages' places; `called` is the `name` of a reproducible function and the `values` it is given."""
    told = called or {"name": "", "values": {}}
    for name in NAMES:
        module = StandIn(name)
        module.__dict__.update(dict.fromkeys(CONTROLS, Param))
        module.__dict__.update(
            publish=publish,
            reproducible=functools.partial(reproducible, told),
            load_ipython_extension=lambda _shell: None,
            unload_ipython_extension=lambda _shell: None,
            sync=SimpleNamespace(sync=lambda path, **_: path, open=open, **{n: reader(n) for n in READERS}),
        )
        module.__path__ = []
        sys.modules[name] = module


def publish(fig: Any = None, *_: Any, **__: Any) -> Any:
    """Display the figure, or pyplot's current one."""
    from IPython.display import display  # noqa: PLC0415

    pyplot = sys.modules.get("matplotlib.pyplot")
    if fig is None and pyplot is not None:
        fig = pyplot.gcf()
    display(fig)  # type: ignore[no-untyped-call]
    return Nothing()


def reproducible(
    told: Mapping[str, Any],
    function: Callable[..., Any] | None = None,
    *,
    packages: Mapping[str, str] | None = None,
    merge_packages: bool = True,
    **_: Any,
) -> Any:
    """The function as it ran in its clean room: with plain values, and with the modules that were there."""
    if function is None:
        more: dict[str, Any] = {"packages": packages, "merge_packages": merge_packages}
        return functools.partial(reproducible, told, **more)
    wanted = {**(OFFERED if merge_packages else {}), **(packages or {})}

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        for name, value in bound.arguments.items():
            bound.arguments[name] = value.default if isinstance(value, Param) else value
        if function.__name__ == told["name"]:
            changed = {name: one for name, one in told["values"].items() if name in bound.arguments and one != MASKED}
            bound.arguments.update({name: _like(bound.arguments[name], one) for name, one in changed.items()})
        return _in_room(function, wanted)(*bound.args, **bound.kwargs)

    return call


def _in_room(function: Any, wanted: Mapping[str, str]) -> Callable[..., Any]:
    room = {**function.__globals__, "publish": publish, "FindByName": Nothing(), "ApiId": Nothing()}
    for alias, module in wanted.items():
        if alias in function.__code__.co_names:
            with suppress(ImportError):  # the function's own error says what is missing
                room[alias] = importlib.import_module(module)
    made = FunctionType(function.__code__, room, function.__name__, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _like(passed: Any, plain: Any) -> Any:
    """The recorded value in the type of the one in the code: a reader may have turned it by hand."""
    with suppress(Exception):
        if isinstance(passed, Enum) or hasattr(passed, "dtype"):
            return type(passed)(plain)
        return type(passed).fromisoformat(plain) if isinstance(passed, date) else plain
    return passed


KINDS = ("csv", "excel", "json", "parquet", "table", "feather", "hdf", "pickle", "html", "xml", "orc", "stata", "sas")
READERS = tuple(f"read_{kind}" for kind in KINDS)


def reader(name: str) -> Callable[..., Any]:
    """The reader that the official client's wraps: pandas' own."""

    def read(*given: Any, **options: Any) -> Any:
        import pandas  # type: ignore[import-untyped] # noqa: PLC0415

        return getattr(pandas, name)(*given, **options)

    return read
