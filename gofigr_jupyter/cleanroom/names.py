"""Whether a function needs nothing from outside: every name that it looks up beyond itself, and what to do about each.

In: compiled code, what the clean room offers, and where the function was written, for advice. Out: names.
"""

from __future__ import annotations

import builtins
import dis
import sys
from collections.abc import Collection, Iterator, Mapping
from types import CodeType, ModuleType
from typing import Any

from gofigr_jupyter.errors import NotSelfContained

_LOOK_UP = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
_STORE = ("STORE_GLOBAL", "STORE_NAME")
_ALWAYS = frozenset(
    {"__name__", "__qualname__", "__module__", "__builtins__", "__annotations__", "__doc__", "__debug__"}
)


def free_names(code: CodeType) -> list[str]:
    """The names that are looked up outside of the function, in order of appearance; builtins are left out."""
    found = dict.fromkeys(name for part in _parts(code) for name in _looked_up(part))
    made = {one.argval for part in _parts(code) for one in dis.get_instructions(part) if one.opname == "STORE_GLOBAL"}
    return [name for name in found if name not in made | _ALWAYS and not hasattr(builtins, name)]


def check(name: str, wanted: Collection[str], offered: Collection[str], outside: Mapping[str, Any]) -> None:
    """Raise NotSelfContained, with every name that nobody offers and what to do about it."""
    missing = [one for one in wanted if one not in offered]
    if not missing:
        return
    lines = [f"  {one}: {_advice(one, outside)}" for one in missing]
    raise NotSelfContained(
        f"{name}() is not self-contained, so it cannot run in a clean room. It uses names from outside:\n"
        + "\n".join(lines)
        + f"\nIt sees its arguments, what it defines and imports itself, and {', '.join(sorted(offered))}.",
        names=tuple(missing),
    )


def module_of(name: str, outside: Mapping[str, Any]) -> str | None:
    """The importable module that a name stands for where the function was written, if it stands for one."""
    value = outside.get(name)
    if not isinstance(value, ModuleType) or getattr(value, "__spec__", None) is None:
        return None
    return value.__name__ if sys.modules.get(value.__name__) is value and value.__name__ != "__main__" else None


def _parts(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of the functions and classes inside it; annotations are never evaluated."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and inner.co_name != "__annotate__":
            yield from _parts(inner)


def _looked_up(code: CodeType) -> Iterator[str]:
    own = {one.argval for one in dis.get_instructions(code) if one.opname in _STORE}
    for instruction in dis.get_instructions(code):
        if instruction.opname in _LOOK_UP and instruction.argval not in own:
            yield instruction.argval


def _advice(name: str, outside: Mapping[str, Any]) -> str:
    if name not in outside:
        return "is defined nowhere"
    value = outside[name]
    if isinstance(value, ModuleType):
        return f"import it inside the function, or add it: packages={{{name!r}: {value.__name__!r}}}"
    home, called = getattr(value, "__module__", None), getattr(value, "__qualname__", getattr(value, "__name__", None))
    if callable(value) and isinstance(home, str) and home not in {"__main__", "builtins"} and called:
        word = called if called == name else f"{called} as {name}"
        return f"write inside the function: from {home} import {word}"
    if callable(value):
        return "define it inside the function, or move it into a module of yours and import it there"
    return "make it an argument of the function"
