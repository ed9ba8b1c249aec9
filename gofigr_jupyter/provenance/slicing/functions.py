"""Calls of the user's own functions: the analysis looks into their bodies.

In: a function, and what is passed to it. Out: what it may return. A body is looked into with the names of the moment of
the call, as Python does it, so that what a function needs is what its names stand for then.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.methods import Methods
from gofigr_jupyter.provenance.slicing.things import NOTHING, Scope, Thing, Things

_DEEPEST = 12  # calls within calls
_MOST_LOOKS = 12  # into one function, with other arguments each time, for one statement


class Functions(Methods):
    """Follows calls of functions whose syntax is known."""

    def __init__(self) -> None:
        super().__init__()
        self._inside: list[Any] = []  # the functions that are being looked into
        self._loops = 0  # around what is looked at, in the same function
        self._looks: dict[int, int] = {}
        self._known: dict[tuple[int, tuple[Things, ...]], Things] = {}  # results, for the same call in one statement

    @abstractmethod
    def run_body(self, body: list[ast.stmt]) -> None:
        """Follow the statements of a function or class."""

    def begin(self) -> None:
        """Forget the results of the statement before."""
        super().begin()
        self._known.clear()
        self._looks.clear()
        self._inside.clear()

    def _escape(self, given: Iterable[Things]) -> None:
        """Functions that are passed on will be called by somebody."""
        for things in given:
            for thing in things:
                if thing.kind is Kind.FUNCTION:
                    others = frozenset(t for one in given for t in one if t.kind is not Kind.FUNCTION)
                    inside = self.elements(others) | {self.fresh()}
                    self.invoke(thing, [inside] * 3, {})
                elif thing.kind is Kind.LIBRARY and thing.path.startswith("matplotlib.pyplot."):
                    if thing.path[18:] in tables.OF_PYPLOT:
                        self.current()
                elif thing.kind in {Kind.INSTANCE, Kind.CLASS}:
                    self._touch_class(thing if thing.kind is Kind.CLASS else thing.bound)

    def _touch_class(self, owner: Thing | None) -> None:
        """Somebody may call any method of it: the names that they speak of are read."""
        if owner is None or owner in self._inside:
            return
        self._inside.append(owner)
        for base in owner.bases:
            if base.kind is Kind.CLASS:
                self._touch_class(base)
        self._touch_names(owner.node)
        self._inside.remove(owner)

    def _touch_names(self, node: ast.AST) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in self.globals:
                self.read(self.load(part.id))

    def invoke(self, function: Thing, given: Sequence[Things], named: dict[str, Things]) -> Things:
        """Look into a function's body."""
        node = function.node
        key = (function.number, (*given, *named.values()))
        if key in self._known:
            return self._known[key]
        looks = self._looks[function.number] = self._looks.get(function.number, 0) + 1
        if looks > _MOST_LOOKS or any(node is one for one in self._inside) or len(self._inside) > _DEEPEST:
            things = frozenset(t for one in [*given, *named.values()] for t in one)
            self.read(things)
            self.change(thing for thing in things if thing.kind is not Kind.FUNCTION)
            if len(self._inside) > _DEEPEST:
                self._touch_names(node)
            return things | {self.fresh(parts=things)}
        if function.bound is not None:
            given = [frozenset({function.bound}), *given]
        scope = self.fresh_scope(function.scope)
        self._bind(function, scope, given, named)
        self._known[key] = NOTHING
        result = self._run(function, scope)
        self._known[key] = result
        return result

    def _run(self, function: Thing, scope: Scope) -> Things:
        node = function.node
        before, self.scope = self.scope, scope
        loops, self._loops = self._loops, 0
        self._inside.append(node)
        try:
            if isinstance(node, ast.Lambda):
                return self.look(node.body)
            with self.noted() as later:
                self._run_until_left(node.body)
        finally:
            self._inside.pop()
            self.scope, self._loops = before, loops
        if scope.yields:
            self.effect.kills -= later.kills  # nothing of it has run yet
            return frozenset({self.fresh(Kind.ITERATOR, scope.returned, later=later)})
        return frozenset(scope.returned)

    def _run_until_left(self, body: list[ast.stmt]) -> None:
        """A body; what comes after a `return` under a condition may not run."""
        for number, statement in enumerate(body, 1):
            self.run_body([statement])
            if number < len(body) and any(isinstance(part, ast.Return) for part in ast.walk(statement)):
                self.branch(lambda rest=body[number:]: self.run_body(rest))  # type: ignore[misc]
                return

    def _bind(self, function: Thing, scope: Scope, given: Sequence[Things], named: dict[str, Things]) -> None:
        arguments = function.node.args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        for name, things in zip(names, given, strict=False):
            scope.names[name] = things
        rest = frozenset(t for one in given[len(names) :] for t in one)
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if one.arg in named:
                scope.names[one.arg] = named[one.arg]
            elif one.arg not in scope.names:
                scope.names[one.arg] = frozenset(function.slots.get(one.arg, ()))
        more = frozenset(t for key, things in named.items() if key not in scope.names for t in things)
        if arguments.vararg:
            scope.names[arguments.vararg.arg] = frozenset({self.fresh(Kind.CONTAINER, rest)})
        if arguments.kwarg:
            scope.names[arguments.kwarg.arg] = frozenset({self.fresh(Kind.CONTAINER, more)})
