"""Calls: of the user's own functions and classes, into whose bodies the analysis looks; of builtins; of anything else.

In: a call's syntax. Out: what its result may be. A body is looked into with the names of the moment of the call, as
Python does it, so that what a function needs is what its names stand for then.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.memory import NOTHING, STAR, Scope, Thing, Things
from gofigr_jupyter.provenance.slicing.methods import Methods

_DEEPEST = 12  # calls within calls
_DATA_TAKERS = ("plotly.express.", "seaborn.")


class Calls(Methods):
    """Follows calls."""

    def __init__(self) -> None:
        super().__init__()
        self._inside: list[Any] = []  # the functions that are being looked into
        self._known: dict[tuple[int, tuple[Things, ...]], Things] = {}  # results, for the same call in one statement

    @abstractmethod
    def run_body(self, body: list[ast.stmt]) -> None:
        """Follow the statements of a function or class."""

    def begin(self) -> None:
        """Forget the results of the statement before."""
        super().begin()
        self._known.clear()
        self._inside.clear()

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
                found.update(self.call(self.library(f"{owner.path}.{name}"), node, given, named))
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
            self._ask_all(things, f"__{name}__")
            return ()
        if name in tables.COLLECTS:
            inside = self.elements(things)
            return {self.fresh(Kind.CONTAINER, inside, slots=_slots_of(things) if name == "dict" else {})}
        if name in tables.ITERATES:
            return {self.fresh(Kind.ITERATOR, self.elements(things) | {t for t in iterators if t})}
        if name in tables.OPAQUE_BUILTINS or name in {"eval", "compile"}:
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
        if isinstance(known, str) and name in {"exec", "eval"}:
            try:
                self.run_body(ast.parse(known.strip()).body)
            except (SyntaxError, ValueError):
                return ()
            return {self.fresh()}
        if name in {"vars", "compile"} and node.args:
            return {self.fresh(Kind.CONTAINER)}
        self.anything()
        return {self.fresh(Kind.CONTAINER, (t for held in self.globals.values() for t in held))}

    def anything(self) -> None:
        """This may read and change whatever there is."""
        self.warn("It runs code that is made as it runs, so that all before it is taken to be needed.")
        for name, things in self.globals.items():
            if not name.startswith("_"):
                self.effect.reads.add(("name", name, ""))
                self.effect.writes.add(("name", name, ""))
                self.read(things)
        self.effect.writes.add(STAR)

    # ------------------------------------------------------------ the user's own functions

    def _escape(self, given: Iterable[Things]) -> None:
        """Functions that are passed on will be called by somebody."""
        for things in given:
            for thing in things:
                if thing.kind is Kind.FUNCTION:
                    others = frozenset(t for one in given for t in one if t.kind is not Kind.FUNCTION)
                    inside = self.elements(others) | {self.fresh()}
                    self.invoke(thing, [inside] * 3, {})
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
        for part in ast.walk(owner.node):
            if isinstance(part, ast.Name) and part.id in self.globals:
                self.read(self.load(part.id))
        self._inside.remove(owner)

    def invoke(self, function: Thing, given: Sequence[Things], named: dict[str, Things]) -> Things:
        """Look into a function's body."""
        node = function.node
        key = (function.number, (*given, *named.values()))
        if key in self._known:
            return self._known[key]
        if any(node is one for one in self._inside) or len(self._inside) > _DEEPEST:
            things = frozenset(t for one in [*given, *named.values()] for t in one)
            self.read(things)
            return things | {self.fresh(parts=things)}
        if function.bound is not None:
            given = [frozenset({function.bound}), *given]
        scope = Scope(function.scope)
        self._bind(function, scope, given, named)
        self._known[key] = NOTHING
        result = self._run(function, scope)
        self._known[key] = result
        return result

    def _run(self, function: Thing, scope: Scope) -> Things:
        node = function.node
        before, weak = self.scope, self.weak
        self.scope = scope
        self._inside.append(node)
        try:
            if isinstance(node, ast.Lambda):
                return self.look(node.body)
            self.weak = 1 if weak else 0
            self.run_body(node.body)
        finally:
            self._inside.pop()
            self.scope, self.weak = before, weak
        if scope.yields:
            return frozenset({self.fresh(Kind.ITERATOR, scope.returned)})
        return frozenset(scope.returned)

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

    # ------------------------------------------------------------ the user's own classes

    def _instance(self, owner: Thing, given: list[Things], named: dict[str, Things]) -> Thing:
        made = self.fresh(Kind.INSTANCE, bound=owner)
        self.read([owner])
        method = self._found(owner, "__init__")
        if method is not None:
            self.invoke(method, [frozenset({made}), *given], named)
            return made
        fields = [one.target.id for one in owner.node.body if isinstance(one, ast.AnnAssign)
                  and isinstance(one.target, ast.Name)]  # fmt: skip
        for name, things in [*zip(fields, given, strict=False), *named.items()]:
            made.slots.setdefault(name, set()).update(things)
        for name in fields:
            made.slots.setdefault(name, {self.fresh()})  # what its default makes
        if len(given) > len(fields):
            made.parts |= {t for one in given for t in one}
        return made

    def _found(self, owner: Thing, name: str) -> Thing | None:
        """A method in a class or those that it inherits from."""
        own = [thing for thing in owner.slots.get(name, ()) if thing.kind is Kind.FUNCTION]
        if own:
            return max(own, key=lambda thing: thing.number)
        for base in owner.bases:
            found = self._found(base, name) if base.kind is Kind.CLASS else None
            if found is not None:
                return found
        return None

    def _of_bases(self, name: str, given: list[Things], named: dict[str, Things]) -> Things:
        """`super().name(...)`"""
        inside = self._inside[-1] if self._inside else None
        names = [one.arg for one in inside.args.args] if inside is not None else []
        owners = self.load(names[0]) if names else NOTHING
        found: set[Thing] = set()
        for owner in owners:
            own = owner if owner.kind is Kind.CLASS else owner.bound
            method = self._inherited(own, name) if own is not None else None
            if method is not None:
                found.update(self.invoke(method, [frozenset({owner}), *given], named))
            else:
                owner.parts |= {t for one in [*given, *named.values()] for t in one}
        return frozenset(found)

    def _inherited(self, owner: Thing, name: str) -> Thing | None:
        """A method of a base, other than those that are being looked into."""
        for base in owner.bases:
            if base.kind is not Kind.CLASS:
                continue
            method = next((t for t in base.slots.get(name, ()) if t.kind is Kind.FUNCTION), None)
            if method is not None and not any(method.node is one for one in self._inside):
                return method
            if (found := self._inherited(base, name)) is not None:
                return found
        return None

    def _own_method(
        self, owner: Thing, name: str, node: ast.Call, given: list[Things], named: dict[str, Things]
    ) -> Iterable[Thing]:
        own = owner if owner.kind is Kind.CLASS else owner.bound
        method = self._found(own, name) if own is not None else None
        if method is not None:
            self.read([own] if own is not None else [], [name])
            is_plain = owner.kind is Kind.CLASS and not _decorated(method, "classmethod")
            bare = is_plain or _decorated(method, "staticmethod")
            return self.invoke(method, given if bare else [frozenset({owner}), *given], named)
        everything = [*given, *named.values()]
        stored = [t for t in self.held(owner, name) if owner.kind is Kind.INSTANCE]
        if name in owner.slots and stored:
            return {found for one in stored for found in self.call(one, node, given, named)}
        for things in everything:
            self.read(things)
        self._escape([*everything, frozenset({owner})])
        return self._of_other(owner, name, node, frozenset(t for one in everything for t in one))

    def ask(self, receivers: Things, name: str, arguments: Sequence[Things] = ()) -> Things:
        """A property, a method as a value, or, for `*`, whatever operator."""
        found: set[Thing] = set()
        for receiver in receivers:
            own = receiver if receiver.kind is Kind.CLASS else receiver.bound
            if own is None or own.kind is not Kind.CLASS:
                continue
            if name == "*":
                self._touch_class(own)
                found.add(self.fresh(Kind.INSTANCE, receivers - {receiver}, bound=own))
                found.update(self.held(receiver))
                continue
            method = self._found(own, name)
            if method is None:
                found.update(self.held(own, name))
            elif _decorated(method, "property") or _decorated(method, "cached_property") or name.startswith("__"):
                found.update(self.invoke(method, [frozenset({receiver}), *arguments], {}))
            else:
                is_free = receiver.kind is Kind.CLASS or _decorated(method, "staticmethod")
                bound = None if is_free else receiver
                found.add(self.fresh(Kind.FUNCTION, node=method.node, scope=method.scope, bound=bound))
        return frozenset(found)

    def _ask_all(self, things: Things, name: str) -> None:
        instances = frozenset(t for t in things if t.kind is Kind.INSTANCE)
        if instances:
            self.ask(instances, "__str__" if name == "__print__" else name)
            if name in {"__print__", "__str__", "__repr__"}:
                self.ask(instances, "__repr__")


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _decorated(method: Thing, name: str) -> bool:
    decorators = getattr(method.node, "decorator_list", ())
    return any((isinstance(d, ast.Name) and d.id == name) or (isinstance(d, ast.Attribute) and d.attr == name)
               for d in decorators)  # fmt: skip


def _slots_of(things: Things) -> dict[str, set[Thing]]:
    return {key: set(held) for thing in things for key, held in thing.slots.items()}
