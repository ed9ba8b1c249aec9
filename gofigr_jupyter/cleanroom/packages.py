"""The modules that a clean room offers by short names, as the official client has them, and their versions."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from typing import Any

from gofigr_jupyter.errors import CleanRoomError

DEFAULT_PACKAGES: Mapping[str, str] = {"pd": "pandas", "np": "numpy", "plt": "matplotlib.pyplot", "sns": "seaborn"}
_chosen: dict[str, str] = dict(DEFAULT_PACKAGES)


def set_default_packages(packages: Mapping[str, str], merge: bool = True) -> None:
    """Offer these modules to every reproducible function, by their short names; `merge` keeps the others."""
    if not merge:
        _chosen.clear()
    _chosen.update(packages)


def get_default_packages() -> dict[str, str]:
    """Short name -> module, of what every reproducible function is offered."""
    return dict(_chosen)


def reset_default_packages() -> None:
    """Offer pandas, NumPy, pyplot and seaborn again, and nothing else."""
    set_default_packages(DEFAULT_PACKAGES, merge=False)


def offered(packages: Mapping[str, str] | None, *, merge: bool) -> dict[str, str]:
    """What one function is offered: the defaults that are installed, and what its decorator names."""
    if packages is not None and not merge:
        return dict(packages)
    installed = {alias: module for alias, module in _chosen.items() if _is_installed(module.partition(".")[0])}
    return {**installed, **(packages or {})}


def namespace(imports: Mapping[str, str], used: Collection[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The globals of a clean room: used modules imported, others if they are loaded anyway, and what is given.

    Raises CleanRoomError that names every module which cannot be imported.
    """
    room: dict[str, Any] = {"__builtins__": builtins, "__name__": "__main__"}
    failed = []
    for alias, module in imports.items():
        if alias not in used and module not in sys.modules:
            continue
        try:
            room[alias] = importlib.import_module(module)
        except Exception as error:  # noqa: BLE001 - a module may fail in any way while it is imported
            if alias in used:
                failed.append(f"{module} (as {alias}): {type(error).__name__}: {error}")
    if failed:
        raise CleanRoomError("What the function uses cannot be imported here: " + "; ".join(failed))
    return {**room, **given}


def versions(imports: Mapping[str, str]) -> dict[str, str | None]:
    """Distribution -> installed version, of all the modules; None where it is none (the standard library)."""
    found: dict[str, str | None] = {}
    for module in imports.values():
        name, number = _distribution(module.partition(".")[0])
        found[name] = number
    return found


@cache
def _distribution(module: str) -> tuple[str, str | None]:
    try:
        return module, version(module)  # most are called as what they are imported by
    except PackageNotFoundError:
        pass
    if module in sys.stdlib_module_names:
        return module, None
    for name in packages_distributions().get(module, ()):  # reads the records of every package: the last resort
        return name, version(name)
    return module, None


@cache
def _is_installed(module: str) -> bool:
    try:
        return module in sys.modules or find_spec(module) is not None
    except (ImportError, ValueError):
        return False
