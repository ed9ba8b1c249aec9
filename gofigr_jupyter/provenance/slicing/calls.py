"""Calls: of the user's own functions and classes, of builtins, of libraries, of anything else.

In: a call's syntax. Out: what its result may be. Who is called is decided here; what that does, elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.classes import Classes
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.memory import NOTHING, STAR, Thing, Things

_DATA_TAKERS = ("plotly.express.", "seaborn.")


class Calls(Classes):
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
        return frozenset(found) if callees else frozenset({self.fresh()})

    def _calls_of(self, owners: Things, function: ast.Attribute, node: ast.Call, is_discarded: bool) -> Things:
        name = function.attr
        given, named = self._arguments(node, owners, name)
        everything = [*given, *named.values()]
        self.is_discarded = is_discarded
        found: set[Thing] = set()
        for owner in owners:
            if owner.kind is Kind.LIBRARY and not owner.path.startswith("builtins."):
                found.update(self.call(self.package(f"{owner.path}.{name}"), node, given, named))
            elif owner.kind is Kind.LIBRARY:  # dict.fromkeys, str.join
                self._escape(everything)
                made = self.anything_of(Kind.CONTAINER)
                made.parts.update(t for one in everything for t in one)
                found.add(made)
            elif owner.kind in {Kind.INSTANCE, Kind.CLASS}:
                found.update(self._own_method(owner, name, node, given, named))
            else:
                self._escape(everything)
                found.update(self.method(owner, name, node, everything))
        self.is_discarded = False
        if not owners:
            return self._method_of_value(function, node, everything)
        return frozenset(found)

    def _method_of_value(self, function: ast.Attribute, node: ast.Call, given: list[Things]) -> Things:
        """The receiver is a plain value, or something that was not recognised."""
        self._escape(given)
        self.files(function.attr, node)
        changing = tables.CHANGES_CONTAINER | tables.CHANGES_ARRAY
        if function.attr in changing and isinstance(function.value, ast.Name) and function.attr != "replace":
            self.effect.writes.add(("name", function.value.id, ""))
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
        for keyword in node.keywords:
            for part in ast.walk(keyword.value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    texts.append(part.value)
        values = {k.arg: k.value for k in node.keywords}
        plain = all(isinstance(values[arg], ast.Constant) for arg in ("x", "y", "hue", "color") if arg in values)
        is_wide = not {"x", "y"} & values.keys() or paths[0].endswith(("pairplot", "heatmap", "clustermap", "PairGrid"))
        return texts if plain and not is_wide else None

    def call(self, callee: Thing, node: ast.Call, given: list[Things], named: dict[str, Things]) -> Iterable[Thing]:
        """Call one thing."""
        self.step()
        everything = [*given, *named.values()]
        if callee.kind is Kind.FUNCTION:
            return self.invoke(callee, given, named)
        if callee.kind is Kind.CLASS:
            return {self._instance(callee, given, named)}
        if callee.kind is Kind.LIBRARY and callee.path.startswith("builtins."):
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

    # ------------------------------------------------------------ builtins

    def _builtin(self, name: str, node: ast.Call, given: list[Things]) -> Iterable[Thing]:
        self._escape(given)
        things = frozenset(t for one in given for t in one)
        iterators = [t for t in things if t.kind is Kind.ITERATOR]
        if name in tables.PURE_BUILTINS or name in tables.COLLECTS or name in {"min", "max", "next"}:
            self.change(iterators)
        if name in tables.PURE_BUILTINS:
            self.change(thing for k in node.keywords if k.arg == "file" for thing in self.look(k.value))
            self._ask_all(things, f"__{name}__")
            return ()
        if name in tables.COLLECTS:
            inside = self.elements(things)
            return {self.fresh(Kind.CONTAINER, inside, slots=_slots_of(things) if name == "dict" else {})}
        if name in tables.ITERATES:
            if name in {"map", "filter"} and given:  # a method of the figure, of a list
                self.change([t for t in given[0] if t.kind in {Kind.FIGURE, Kind.CONTAINER, Kind.RANDOM}])
            return {self.fresh(Kind.ITERATOR, self.elements(things) | {t for t in iterators if t})}
        if name in tables.OPAQUE_BUILTINS:
            return self._dynamic(name, node)
        if name == "setattr" and given:
            self.change(given[0])
            for owner in given[0]:
                owner.parts |= things - {owner}
            return ()
        if name in {"min", "max", "next"}:
            return {self.fresh(parts=self.elements(things)), *self.elements(things)}
        if name == "getattr" and given:
            return self._getattr(node, given)
        if name == "input":
            self.warn("It asks for input, which nobody gives when it runs again.")
        return self.library_call(f"builtins.{name}", node, given)

    def _getattr(self, node: ast.Call, given: list[Things]) -> Iterable[Thing]:
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            return self.attribute(given[0], str(node.args[1].value))
        return given[0] | {self.fresh(parts=given[0])}

    def _dynamic(self, name: str, node: ast.Call) -> Iterable[Thing]:
        """Code in a text: looked into where it is a constant, or else it may do anything."""
        text = node.args[0] if node.args else None
        known = self.texts.get(text.id) if isinstance(text, ast.Name) else getattr(text, "value", None)
        if isinstance(known, str) and name == "__import__":
            return {self.package(known)}
        if isinstance(known, str) and name in {"exec", "eval"}:
            try:
                self.run_body(ast.parse(known.strip()).body)
            except (SyntaxError, ValueError):
                return ()
            return {self.fresh()}
        if name in {"vars", "compile"} and node.args:
            return {self.fresh(Kind.CONTAINER)}
        self.anything("It runs code that is made as it runs, so that all before it is taken to be needed.")
        return {self.fresh(Kind.CONTAINER, (t for held in self.globals.values() for t in held))}

    def anything(self, why: str) -> None:
        """This may read and change whatever there is."""
        self.warn(why)
        for name, things in self.globals.items():
            if not name.startswith("_"):
                self.effect.reads.add(("name", name, ""))
                self.effect.writes.add(("name", name, ""))
                self.read(things)
        self.effect.writes.add(STAR)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _slots_of(things: Things) -> dict[str, set[Thing]]:
    return {key: set(held) for thing in things for key, held in thing.slots.items()}
