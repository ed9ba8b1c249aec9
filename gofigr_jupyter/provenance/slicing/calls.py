"""Calls: of the user's own functions and classes, of builtins, of libraries, of anything else.

In: a call's syntax. Out: what its result may be. Who is called is decided here; what that does, elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.builtin_calls import Builtins
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.methods import is_inplace
from gofigr_jupyter.provenance.slicing.things import ACCESSOR, NOTHING, Thing, Things

_DATA_TAKERS = ("plotly.express.", "seaborn.")


class Calls(Builtins):
    """Follows calls."""

    # ------------------------------------------------------------ dispatch

    def look_at_call(self, node: ast.Call) -> Things:
        """A call's value."""
        is_discarded, self.is_discarded = self.is_discarded, False
        function = node.func
        if isinstance(function, ast.Attribute):
            if _is_super(function.value):
                return self._of_bases(function.attr, *self._arguments(node, NOTHING))
            owners = self.look(function.value)
            return self._calls_of(owners, function, node, is_discarded)
        callees = self.look(function)
        given, named = self._arguments(node, callees)
        self.is_discarded = is_discarded
        found: set[Thing] = set()
        for callee in callees:
            found.update(self.call(callee, node, given, named))
        self.is_discarded = False
        if isinstance(function, ast.Name) and function.id == "open":
            self.opened(frozenset(found), node)
        return frozenset(found) if callees else frozenset({self.fresh()})

    def _calls_of(self, owners: Things, function: ast.Attribute, node: ast.Call, is_discarded: bool) -> Things:
        name = function.attr
        given, named = self._arguments(node, owners, name)
        everything = [*given, *named.values()]
        self.is_discarded = is_discarded
        found: set[Thing] = set(self._extended(owners, name, given, named)) if name in self.accessors else set()
        for owner in owners:
            if owner.kind is Kind.LIBRARY and not owner.path.startswith("builtins."):
                found.update(self.call(self.package(f"{owner.path}.{name}"), node, given, named))
            elif owner.kind is Kind.LIBRARY:  # dict.fromkeys, str.join
                self._escape(everything)
                for one in given[0] if given and name in tables.CHANGES_CONTAINER else ():  # list.append(values, 3)
                    found.update(self.method(one, name, node, everything[1:]))
                made = self.anything_of(Kind.CONTAINER)
                made.parts.update(t for one in everything for t in one)
                found.add(made)
            elif owner.kind in {Kind.INSTANCE, Kind.CLASS}:
                found.update(self._own_method(owner, name, node, given, named))
            else:
                self._escape(everything)
                is_run = name == "join" or not tables.HARMLESS.match(name)
                if is_run and any(one.kind is Kind.FUNCTION for one in owner.parts):
                    self._escape([frozenset(owner.parts)])  # thread.start()
                found.update(self.method(owner, name, node, everything))
        self.is_discarded = False
        if name == "open":
            self.opened(frozenset(found), node)
        if not owners:
            return self._method_of_value(function, node, everything)
        return frozenset(found)

    def _extended(self, owners: Things, name: str, given: list[Things], named: dict[str, Things]) -> Iterable[Thing]:
        """`df.name(...)`, which the user has put into the library's class."""
        self.effect.reads.add((ACCESSOR, name, ""))
        for one in self.accessors[name]:
            if one.kind is Kind.FUNCTION:
                yield from self.invoke(one, [owners, *given], named)

    def _method_of_value(self, function: ast.Attribute, node: ast.Call, given: list[Things]) -> Things:
        """The receiver is a plain value, or something that was not recognised."""
        self._escape(given)
        self.files(function.attr, node)
        changing = tables.CHANGES_CONTAINER | tables.CHANGES_ARRAY
        if (function.attr in changing and function.attr != "replace") or is_inplace(node):
            if isinstance(function.value, ast.Name):
                self.effect.writes.add(("name", function.value.id, ""))
            elif isinstance(function.value, ast.Attribute):  # df.index.rename("day", inplace=True)
                self.change(self.look(function.value.value))
        if function.attr in {"split", "rsplit", "splitlines", "partition", "rpartition"}:
            return frozenset({self.fresh(Kind.CONTAINER)})
        return frozenset({self.fresh(parts=(t for one in given for t in one))})

    def _arguments(
        self, node: ast.Call, callees: Things, name: str | None = None
    ) -> tuple[list[Things], dict[str, Things]]:
        """What is passed. What is passed to the user's own code is read there, column by column where that is told."""
        is_own = callees and all(c.kind in {Kind.FUNCTION, Kind.CLASS, Kind.INSTANCE} for c in callees)
        holds = callees and all(c.kind is Kind.CONTAINER for c in callees) and name in tables.CHANGES_CONTAINER
        columns = self._columns_taken(node, callees, name)
        values = [(None, one) for one in node.args] + [(k.arg, k.value) for k in node.keywords]
        given: list[Things] = []
        named: dict[str, Things] = {}
        for key, value in values:
            things = self.look(value)
            if columns is not None and things and all(t.kind is Kind.FRAME and t.view_of is None for t in things):
                self.read(things, columns)
            elif not is_own and not holds:
                self.read(things)
            if key is None:
                given.append(things)
            else:
                named[key] = things
        return given, named

    def _columns_taken(self, node: ast.Call, callees: Things, name: str | None) -> list[str] | None:
        """`px.line(df, x="a", y="b")` and seaborn's like need the columns that they name, if they name x or y."""
        paths = [f"{c.path}.{name}" if name else c.path for c in callees if c.kind is Kind.LIBRARY]
        if len(paths) != 1 or not paths[0].startswith(_DATA_TAKERS):
            return None
        texts: list[str] = []
        values = {k.arg: k.value for k in node.keywords}
        plain = None not in values
        for arg, value in values.items():
            for part in ast.walk(value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    texts.append(part.value)
                elif isinstance(part, ast.Name) and part.id in self.texts and self.scope is None:
                    texts.append(self.texts[part.id])
                elif isinstance(part, ast.Name | ast.Attribute) and arg not in tables.NAMES_NO_COLUMN:
                    plain = False
        is_wide = not {"x", "y"} & values.keys() or paths[0].endswith(("pairplot", "heatmap", "clustermap", "PairGrid"))
        return texts if plain and not is_wide else None

    def call(self, callee: Thing, node: ast.Call, given: list[Things], named: dict[str, Things]) -> Iterable[Thing]:
        """Call one thing."""
        self.step()
        everything = [*given, *named.values()]
        if callee.kind is Kind.FUNCTION:
            return self._own_function(callee, given, named)
        if callee.kind is Kind.CLASS:
            return {self._instance(callee, given, named)}
        if callee.kind is Kind.LIBRARY and callee.path.startswith("builtins."):
            self._escape(named.values())  # sorted(key=...)
            return self._builtin(callee.path[9:], node, given)
        self._escape(everything)
        if callee.kind is Kind.LIBRARY:
            return self.library_call(callee.path, node, everything)
        if callee.kind is Kind.INSTANCE:
            return self._own_method(callee, "__call__", node, given, named)
        found: set[Thing] = {self.fresh(parts=(t for one in everything for t in one if t.kind is not Kind.FRAME))}
        self.read([callee])
        for inside in list(self.reach([callee])):  # partial, lru_cache, njit and their likes hold the function
            if inside.kind is Kind.FUNCTION:
                found.update(self.invoke(inside, given, named))
            elif inside.kind is Kind.CLASS:
                found.add(self._instance(inside, given, named))
        if callee.kind in {Kind.FIGURE, Kind.CONTAINER, Kind.RANDOM, Kind.ITERATOR}:  # a method kept under a name
            self.change([callee])
            callee.parts |= {t for one in everything for t in one if callee.kind is Kind.CONTAINER} - {callee}
            found.add(callee)
        return found

    def _own_function(self, callee: Thing, given: list[Things], named: dict[str, Things]) -> Iterable[Thing]:
        self.read([callee], ())
        found = set(self.invoke(callee, given, named))
        for other in callee.parts:  # registered with it, for other types
            if other.kind is Kind.FUNCTION:
                found |= self.invoke(other, given, named)
        return found


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
