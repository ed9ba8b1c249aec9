"""Blocks that may not run, or not to their end: what names may stand for inside of them, and after them.

Inside, a name stands for what the block has bound it to; afterwards, also for what it stood for before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Names = dict[str, frozenset[Any]]
_NOTHING: frozenset[Any] = frozenset()


@dataclass(slots=True)
class Branch:
    """What one such block has bound; `leaves` if it may be left at any point, by `break`, `return` or an exception."""

    leaves: bool
    before: dict[tuple[int, str], tuple[Names, frozenset[Any]]] = field(default_factory=dict)
    seen: dict[tuple[int, str], frozenset[Any]] = field(default_factory=dict)

    def note(self, names: Names, name: str, things: frozenset[Any]) -> None:
        """A name is about to be bound."""
        key = (id(names), name)
        self.before.setdefault(key, (names, names.get(name, _NOTHING)))
        self.seen[key] = self.seen.get(key, _NOTHING) | things


class Branches:
    """Names that are bound for certain, and names that are bound perhaps."""

    def __init__(self) -> None:
        self.certain: set[str] = set()  # names that this statement has surely bound so far
        self._branches: list[Branch] = []

    @property
    def weak(self) -> bool:
        """Whether a block is followed that may not run."""
        return bool(self._branches)

    @property
    def may_be_left(self) -> bool:
        """Whether what is followed now may never be come to, although its block is run."""
        return bool(self._branches) and self._branches[-1].leaves

    def bind(self, names: Names, name: str, things: frozenset[Any]) -> None:
        """From here on a name stands for other things."""
        if self._branches:
            self._branches[-1].note(names, name, things)
        names[name] = things

    @contextmanager
    def perhaps(self, *, leaves: bool = True) -> Iterator[None]:
        """What is followed in here may not run."""
        branch, certain = Branch(leaves or self.may_be_left), set(self.certain)
        self._branches.append(branch)
        try:
            yield
        finally:
            self._branches.pop()
            self.certain = certain
            for (key, name), (names, before) in branch.before.items():
                after = branch.seen[key, name] if branch.leaves else names.get(name, _NOTHING)
                names[name] = before  # for the block around, which may not run either
                self.bind(names, name, before | after)

    def branch(self, run: Callable[[], None], *, leaves: bool = True) -> set[str]:
        """Follow a block that may not run; returns the names that it surely binds when it does."""
        with self.perhaps(leaves=leaves):
            run()
            return self.certain
