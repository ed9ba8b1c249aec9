"""What an expression stands for and reads: every kind of expression but calls.

In: syntax. Out: the things that its value may be; reads and changes go into the effect of the statement. `look` gives
the things themselves (an alias reads nothing yet), `use` also reads their state.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.keys import constant_keys
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.memory import Memory
from gofigr_jupyter.provenance.slicing.things import ACCESSOR, NOTHING, Scope, Thing, Things

_MOST_SLOTS = 30
_DATA = (Kind.FIGURE, Kind.FRAME, Kind.ARRAY, Kind.CONTAINER)


class Expressions(Memory, ABC):
    """Follows expressions; calls are followed by who inherits from it."""

    @abstractmethod
    def look_at_call(self, node: ast.Call) -> Things:
        """A call's value."""

    @abstractmethod
    def ask(self, receivers: Things, name: str, arguments: Sequence[Things] = ()) -> Things:
        """Call a method of the user's own classes that syntax asks for without naming it: properties, operators."""

    @abstractmethod
    def tell(self, receivers: Things, name: str, arguments: Sequence[Things]) -> bool:
        """Set something in instances of the user's own classes: whether a method of theirs does it."""

    @abstractmethod
    def assign(self, target: ast.expr, things: Things, value: ast.expr | None = None) -> None:
        """`target = value`, whose things are known already."""

    @abstractmethod
    def iterate(self, target: ast.expr, source: ast.expr) -> None:
        """`for target in source`"""

    # ------------------------------------------------------------ entrances

    def look(self, node: ast.AST | None) -> Things:
        """The things that an expression's value may be."""
        if node is None or isinstance(node, ast.Constant):
            return NOTHING
        self.step()
        handler: Callable[[Any], Things] = getattr(self, f"_on_{type(node).__name__.lower()}", self._on_other)
        return handler(node)

    def use(self, node: ast.AST | None) -> Things:
        """The same, and their state is read."""
        things = self.look(node)
        self.read(things)
        return things

    # ------------------------------------------------------------ names, attributes, items

    def _on_name(self, node: ast.Name) -> Things:
        return self.load(node.id)

    def _on_attribute(self, node: ast.Attribute) -> Things:
        return self.attribute(self.look(node.value), node.attr)

    def attribute(self, owners: Things, name: str) -> Things:
        """`owner.name`"""
        if name in self.accessors:
            self.effect.reads.add((ACCESSOR, name, ""))
        found: set[Thing] = set()
        for owner in owners:
            found.update(self._attribute_of(owner, name))
        return frozenset(found)

    def _attribute_of(self, owner: Thing, name: str) -> Iterable[Thing]:
        if owner.kind is Kind.LIBRARY:
            return {self.package(f"{owner.path}.{name}")}
        if name == "__class__" and owner.bound is not None:
            return {owner.bound}
        if owner.kind in {Kind.INSTANCE, Kind.CLASS}:
            self.read([owner], [name])
            return self.held(owner, name) or self.ask(frozenset({owner}), name) or self._inherited_state(owner, name)
        if name in tables.PLAIN_ATTRIBUTES and owner.kind is not Kind.FIGURE:
            self.read([owner], ["."] if name in {"index", "name", "names"} else None)
            return ()
        if owner.kind is Kind.FRAME and name in tables.WHOLE_ATTRIBUTES:
            return {self.fresh(Kind.ARRAY, view_of=owner)}
        is_column = name not in tables.ACCESSORS and name not in tables.FRAME_ATTRIBUTES
        return {self.column(owner, name)} if owner.kind is Kind.FRAME and is_column else {owner}

    def _inherited_state(self, owner: Thing, name: str) -> Iterable[Thing]:
        """An attribute that nobody was seen to set: a base class of a library may have."""
        own = owner if owner.kind is Kind.CLASS else owner.bound
        is_foreign = own is not None and any(base.kind is not Kind.CLASS for base in own.bases)
        return {owner} if is_foreign and name not in owner.slots else ()

    def column(self, frame: Thing, key: str) -> Thing:
        """A column of a table: changes of it may change the table."""
        return self.fresh(Kind.FRAME, view_of=frame, view_key=key)

    def _on_subscript(self, node: ast.Subscript) -> Things:
        owners = self.look(node.value)
        keys = constant_keys(node.slice, node.value)
        self.use(node.slice)
        found: set[Thing] = set()
        is_single = isinstance(node.slice, ast.Constant)
        for owner in owners:
            if isinstance(node.slice, ast.Slice) and owner.kind is Kind.CONTAINER:  # a copy
                self.read([owner], owner.keys)
                found.add(self.fresh(Kind.CONTAINER, self.held(owner)))
                continue
            found.update(self._item_of(owner, keys, is_single=is_single))
        return frozenset(found)

    def _item_of(self, owner: Thing, keys: tuple[str, ...] | None, *, is_single: bool) -> Iterable[Thing]:
        if owner.kind is Kind.FRAME:
            base = owner.view_of if owner.view_of is not None and not owner.view_key else owner
            if keys is not None and base.view_of is None:
                self.read([base], keys)
                return {self.column(base, keys[0]) if is_single and base is owner else self.fresh(Kind.FRAME)}
            self.read([owner])
            return {self.fresh(Kind.FRAME)}
        if owner.kind in {Kind.CONTAINER, Kind.ITERATOR}:
            key = keys[0] if keys is not None and len(keys) == 1 else None
            if key is None:
                self.read([owner], owner.keys)
                return self.held(owner)
            self.read([owner], [key])
            return self.held(owner, key)
        if owner.kind is Kind.INSTANCE:
            self.read([owner])
            return {*self.held(owner), *self.ask(frozenset({owner}), "__getitem__")}
        return {owner}

    # ------------------------------------------------------------ displays

    def _on_list(self, node: ast.List) -> Things:
        return frozenset({self._in_order(node.elts)})

    def _on_set(self, node: ast.Set) -> Things:
        return frozenset({self.fresh(Kind.CONTAINER, self._gathered(node.elts))})

    def _on_tuple(self, node: ast.Tuple) -> Things:
        made = self._in_order(node.elts)
        return frozenset({made}) if made.parts or made.slots else NOTHING

    def _in_order(self, nodes: list[ast.expr]) -> Thing:
        if len(nodes) > _MOST_SLOTS or any(isinstance(node, ast.Starred) for node in nodes):
            return self.fresh(Kind.CONTAINER, self._gathered(nodes))
        made = self.fresh(Kind.CONTAINER)
        for number, node in enumerate(nodes):
            if things := self.look(node):
                made.slots[str(number)] = set(things)
        return made

    def _gathered(self, nodes: Iterable[ast.expr]) -> set[Thing]:
        parts: set[Thing] = set()
        for node in nodes:
            parts |= self.elements(self.look(node.value)) if isinstance(node, ast.Starred) else self.look(node)
        return parts

    def _on_dict(self, node: ast.Dict) -> Things:
        made = self.fresh(Kind.CONTAINER)
        for key, value in zip(node.keys, node.values, strict=True):
            things = self.look(value)
            if key is None:  # **other
                self.read(things)
                made.parts |= self.elements(things)
            elif isinstance(key, ast.Constant):
                made.slots.setdefault(str(key.value), set()).update(things)
            else:
                self.use(key)
                made.parts |= things
        return frozenset({made})

    def elements(self, things: Things) -> Things:
        """What iterating over things gives."""
        found: set[Thing] = set()
        for thing in things:
            self._read_one(thing, None)
            if thing.is_used_up:
                self.use_up([thing])
            if thing.kind in {Kind.CONTAINER, Kind.ITERATOR}:
                found.update(self.held(thing))
            elif thing.is_stream:
                found.add(self.fresh())
            elif thing.kind is Kind.FRAME:
                self.read([thing])
                found.add(self.fresh(Kind.FRAME))
            elif thing.kind is Kind.INSTANCE:
                found.update({*self.held(thing), *self.elements(self.ask(frozenset({thing}), "__iter__") - {thing})})
            elif thing.kind is not Kind.LIBRARY:
                held = self.held(thing)  # what a library has wrapped around it
                inside = (part for one in held if one.kind is Kind.CONTAINER for part in self.held(one))
                found |= {thing, *held, *inside}
        return frozenset(found)

    # ------------------------------------------------------------ operators

    def _on_binop(self, node: ast.BinOp) -> Things:
        left, right = self.use(node.left), self.use(node.right)
        return self.combined(left, right)

    def combined(self, left: Things, right: Things) -> Things:
        """What an operator makes of two values: something new."""
        both = left | right
        if not both:
            return NOTHING
        kinds = {thing.kind for thing in both}
        kind = next((kind for kind in _DATA if kind in kinds), Kind.OTHER)
        if Kind.INSTANCE in kinds:
            return self.ask(both, "*", [right])
        keeps = kind in {Kind.CONTAINER, Kind.FIGURE}
        return frozenset({self.fresh(kind, {part for t in both for part in self._kept(t)} if keeps else ())})

    def _kept(self, thing: Thing) -> Iterable[Thing]:
        return {thing} if thing.kind is Kind.FIGURE else self.held(thing)

    def _on_boolop(self, node: ast.BoolOp) -> Things:
        found = self.use(node.values[0])
        with self.perhaps(leaves=False):
            return found.union(*(self.use(value) for value in node.values[1:]))

    def _on_unaryop(self, node: ast.UnaryOp) -> Things:
        return self.combined(self.use(node.operand), NOTHING)

    def _on_compare(self, node: ast.Compare) -> Things:
        things = self.use(node.left).union(*(self.use(one) for one in node.comparators))
        kind = next((k for k in (Kind.FRAME, Kind.ARRAY) if any(t.kind is k for t in things)), None)
        if kind is None and not any(t.kind in {Kind.OTHER, Kind.INSTANCE} for t in things):
            return NOTHING
        return frozenset({self.fresh(kind or Kind.OTHER)})

    def _on_ifexp(self, node: ast.IfExp) -> Things:
        self.use(node.test)
        found = NOTHING
        for one in (node.body, node.orelse):
            with self.perhaps(leaves=False):
                found |= self.look(one)
        return found

    def _on_namedexpr(self, node: ast.NamedExpr) -> Things:
        things, inside = self.look(node.value), self.scope
        while self.scope is not None and self.scope.is_comprehension:  # it binds outside of it
            self.scope = self.scope.parent
        self.assign(node.target, things)
        self.scope = inside
        return things

    def _on_starred(self, node: ast.Starred) -> Things:
        return self.elements(self.look(node.value))

    def _on_await(self, node: ast.Await | ast.YieldFrom) -> Things:
        return self.use(node.value)

    def _on_yield(self, node: ast.Yield) -> Things:
        things = self.look(node.value)
        if self.scope is not None:
            self.scope.yields = True
            self.scope.returned |= things
        return NOTHING

    def _on_yieldfrom(self, node: ast.YieldFrom) -> Things:
        things = self.elements(self.look(node.value))
        if self.scope is not None:
            self.scope.yields = True
            self.scope.returned |= things
        return NOTHING

    def _on_other(self, node: ast.AST) -> Things:
        """f-strings, slices and whatever newer Pythons have: all that is inside is read."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr | ast.comprehension):
                self.use(child)
        return NOTHING

    def _on_call(self, node: ast.Call) -> Things:
        return self.look_at_call(node)

    # ------------------------------------------------------------ functions and comprehensions

    def _on_lambda(self, node: ast.Lambda) -> Things:
        return frozenset({self.function(node)})

    def function(self, node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) -> Thing:
        """A function of the user's own, with its defaults."""
        scope = self.scope
        while scope is not None and scope.is_class:
            scope = scope.parent
        made = self.fresh(Kind.FUNCTION, node=node, scope=scope)
        arguments = node.args
        if not isinstance(node, ast.Lambda):
            for said in (*ast.walk(arguments), node):  # what it promises of types is looked up when it is defined
                self.look(getattr(said, "annotation", None) or getattr(said, "returns", None))
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
            made.slots[argument.arg] = set(self.look(default))
        for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            made.slots[argument.arg] = set(self.look(value))
        return made

    def _comprehension(self, generators: list[ast.comprehension], *values: ast.expr) -> set[Thing]:
        before = self.scope
        with self.perhaps(leaves=False):
            self.scope = Scope(before, is_comprehension=True)
            try:
                for one in generators:
                    self.iterate(one.target, one.iter)
                    for condition in one.ifs:
                        self.use(condition)
                return {thing for value in values for thing in self.look(value)}
            finally:
                self.scope = before

    def _on_listcomp(self, node: ast.ListComp | ast.SetComp) -> Things:
        return frozenset({self.fresh(Kind.CONTAINER, self._comprehension(node.generators, node.elt))})

    _on_setcomp = _on_listcomp

    def _on_generatorexp(self, node: ast.GeneratorExp) -> Things:
        with self.noted() as later:
            inside = self._comprehension(node.generators, node.elt)
        return frozenset({self.fresh(Kind.ITERATOR, inside, later=later)})

    def _on_dictcomp(self, node: ast.DictComp) -> Things:
        return frozenset({self.fresh(Kind.CONTAINER, self._comprehension(node.generators, node.key, node.value))})
