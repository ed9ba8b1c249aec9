"""Stands in for the packages that publish figures, where a figure is made again: it displays, and sends nothing.

Loaded by `child.py` in another process; imports nothing of this package.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

NAMES = ("gofigr_jupyter", "gofigr", "gofigr.jupyter")


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


def install() -> None:
    """Take the packages' places."""
    for name in NAMES:
        module = StandIn(name)
        module.__dict__.update(
            publish=publish,
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


KINDS = ("csv", "excel", "json", "parquet", "table", "feather", "hdf", "pickle", "html", "xml", "orc", "stata", "sas")
READERS = tuple(f"read_{kind}" for kind in KINDS)


def reader(name: str) -> Callable[..., Any]:
    """The reader that the official client's wraps: pandas' own."""

    def read(*given: Any, **options: Any) -> Any:
        import pandas  # type: ignore[import-untyped] # noqa: PLC0415

        return getattr(pandas, name)(*given, **options)

    return read
