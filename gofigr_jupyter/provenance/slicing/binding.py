"""What assignments and loops bind: names, parts of things, several at a time.

In: the syntax of a target, and the things that the value may be. Out: names and things that have changed.
"""

from __future__ import annotations

import ast

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.expressions import Expressions
from gofigr_jupyter.provenance.slicing.keys import constant_keys
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import ACCESSOR, NOTHING, Things


class Binding(Expressions):
    """Follows assignments."""

    _target: ast.expr | None = None  # of the assignment that is looked at

    def iterate(self, target: ast.expr, source: ast.expr) -> None:
        """`for target in source`: what the names of the target stand for, pair by pair where that can be told."""
        if isinstance(target, ast.Tuple) and isinstance(source, ast.Call) and not source.keywords:
            pieces = self._side_by_side(source, len(target.elts))
            if pieces is not None:
                for name, things in zip(target.elts, pieces, strict=True):
                    self._bind_piece(name, things)
                return
        self.assign(target, self.elements(self.look(source)))

    def _bind_piece(self, target: ast.expr, piece: ast.expr | Things | None) -> None:
        if isinstance(piece, ast.expr):
            self.iterate(target, piece)
        else:
            self.assign(target, piece or NOTHING)

    def _side_by_side(self, call: ast.Call, width: int) -> list[ast.expr | Things | None] | None:
        function, arguments = call.func, call.args
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            return None
        if isinstance(function, ast.Name) and function.id not in self.globals:
            if function.id == "zip" and len(arguments) == width:
                return list(arguments)
            if function.id == "enumerate" and width == 2 and arguments:
                return [None, arguments[0]]
        if isinstance(function, ast.Attribute) and function.attr == "items" and width == 2 and not arguments:
            return [None, self.elements(self.look(function.value))]
        return None

    def assign(self, target: ast.expr, things: Things, value: ast.expr | None = None) -> None:
        """`target = value`, whose things are known already."""
        self._target = target
        match target:
            case ast.Name():
                self.store(target.id, things)
            case ast.Tuple() | ast.List():
                self._unpack(target.elts, things, value)
            case ast.Starred():
                self.assign(target.value, frozenset({self.fresh(Kind.CONTAINER, things)}))
            case ast.Attribute():
                owners = self.look(target.value)
                self._put(target.value, owners, target.attr, things)
                if any(one.kind is Kind.LIBRARY for one in owners):
                    self.extend_library(target.attr, things)
            case ast.Subscript():
                self.use(target.slice)
                keys = constant_keys(target.slice, target.value)
                key = keys[0] if keys is not None and len(keys) == 1 else None
                if key is not None and self._is_namespace(target.value):
                    self.store(key, things)
                self._put(target.value, self.look(target.value), key, things)
            case _:
                self.look(target)

    def _is_namespace(self, node: ast.expr) -> bool:
        """`globals()`"""
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args
        return is_call and ast.unparse(node) == "globals()" and self.scope is None

    def _set_by_themselves(self, owners: Things, key: str | None, things: Things) -> bool:
        """Whether instances decide what becomes of a value: by a property's setter, by `__setitem__`."""
        is_item = isinstance(self._target, ast.Subscript)
        names = ["__setitem__"] if is_item else ["__setattr__", *([key] if key is not None else [])]
        instances = frozenset(one for one in owners if one.kind is Kind.INSTANCE)
        return any(self.tell(instances, name, [NOTHING, things] if is_item else [things]) for name in names)

    def extend_library(self, name: str, things: Things) -> None:
        """`pandas.DataFrame.name = function`: whoever asks a thing for this attribute may get it."""
        own = frozenset(one for one in things if one.kind in {Kind.FUNCTION, Kind.CLASS})
        if own:
            self.accessors[name] = self.accessors.get(name, NOTHING) | own
            self.effect.writes.add((ACCESSOR, name, ""))

    def _unpack(self, targets: list[ast.expr], things: Things, value: ast.expr | None) -> None:
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(targets):
            pieces = [self.look(one) for one in value.elts]  # all of them first: a, b = b, a
            for target, piece, one in zip(targets, pieces, value.elts, strict=True):
                self.assign(target, piece, None if isinstance(one, ast.Tuple | ast.List) else one)
            return
        # What a library has just made and nobody else holds: one new thing for each name.
        is_anew = things and all(t.kind in {Kind.OTHER, Kind.ARRAY, Kind.FRAME} and self.is_new(t) for t in things)
        if isinstance(value, ast.Call) and is_anew and not any(t.parts or t.view_of for t in things):
            for target in targets:
                self.assign(target, frozenset({self.fresh(min(thing.kind for thing in things))}))
            return
        found = self.elements(things)
        starred = any(isinstance(target, ast.Starred) for target in targets)
        for number, target in enumerate(targets):
            known = [t.slots for t in things if str(number) in t.slots] if not starred else []
            exact = len(known) == len(things) > 0
            self.assign(target, frozenset(t for slots in known for t in slots[str(number)]) if exact else found)

    def _put(self, owner: ast.expr, owners: Things, key: str | None, things: Things) -> None:
        """`owner.key = things` or `owner[key] = things`"""
        if any(one.path == "pandas.options.display" for one in owners):
            return  # how tables look
        if isinstance(owner, ast.Attribute) and owner.attr in tables.ACCESSORS:
            self.change(owners, key)  # some rows of a column
            return
        if any(one.kind is Kind.FRAME for one in owners) and not isinstance(self._target, ast.Subscript):
            key = None  # `df.columns = ...` changes what all columns are called
        if not owners and isinstance(owner, ast.Name):  # of no kind that was recognised: it changes all the same
            self.effect.writes.add(("name", owner.id, ""))
        elif not owners and isinstance(owner, ast.Attribute):  # df.index.name = "day"
            self.change(self.look(owner.value))
        if self._set_by_themselves(owners, key, things):
            key = None
        self.change(owners, key, sure=not isinstance(owner, ast.Subscript))
        replaces = len(owners) == 1 and not self.weak and self.scope is None
        for one in owners:
            if one.kind in {Kind.CONTAINER, Kind.INSTANCE, Kind.CLASS, Kind.OTHER, Kind.FUNCTION} and one not in things:
                if key is None:
                    one.parts |= things
                elif replaces:
                    one.slots[key] = set(things)
                else:
                    one.slots.setdefault(key, set()).update(things)
