"""The user's own classes: their instances, methods, properties and operators.

In: a class or instance, a name, what is passed. Out: what comes of it. Methods are looked into as functions are.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterable, Sequence

from gofigr_jupyter.provenance.slicing.functions import Functions
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import NOTHING, Thing, Things


class Classes(Functions):
    """Follows calls of classes and methods whose syntax is known."""

    @abstractmethod
    def call(self, callee: Thing, node: ast.Call, given: list[Things], named: dict[str, Things]) -> Iterable[Thing]:
        """Call one thing."""

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
        after = self._found(owner, "__post_init__")
        if after is not None:
            self.invoke(after, [frozenset({made})], {})
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

    def tell(self, receivers: Things, name: str, arguments: Sequence[Things]) -> bool:
        """A property's setter, or `__setitem__` and `__setattr__`."""
        is_told = False
        for receiver in receivers:
            own = receiver.bound
            method = self._found(own, name) if own is not None and own.kind is Kind.CLASS else None
            if method is None or (own is not None and not name.startswith("__") and not _is_setter(method, name)):
                continue
            self.invoke(method, [frozenset({receiver}), *arguments], {})
            is_told = True
        return is_told

    def _ask_all(self, things: Things, name: str) -> None:
        instances = frozenset(t for t in things if t.kind is Kind.INSTANCE)
        if instances:
            self.ask(instances, "__str__" if name == "__print__" else name)
            if name in {"__print__", "__str__", "__repr__"}:
                self.ask(instances, "__repr__")


def _decorated(method: Thing, name: str) -> bool:
    decorators = getattr(method.node, "decorator_list", ())
    return any((isinstance(d, ast.Name) and d.id == name) or (isinstance(d, ast.Attribute) and d.attr == name)
               for d in decorators)  # fmt: skip


def _is_setter(method: Thing, name: str) -> bool:
    return any(
        isinstance(one, ast.Attribute) and one.attr == "setter" and ast.unparse(one.value) == name
        for one in getattr(method.node, "decorator_list", ())
    )
