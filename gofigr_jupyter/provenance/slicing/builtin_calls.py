"""Calls of Python's own functions, and code in texts, which may do anything.

In: a builtin's name, the call, what is passed. Out: what its result may be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.classes import Classes
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import NOTHING, STAR, Effect, Thing, Things


class Builtins(Classes):
    """Follows calls of builtins."""

    def _builtin(self, name: str, node: ast.Call, given: list[Things]) -> Iterable[Thing]:
        with self.noted() as later:
            self._escape(given)
        things = frozenset(t for one in given for t in one)
        if name in tables.PURE_BUILTINS or name in tables.COLLECTS or name in {"min", "max", "next"}:
            self.use_up(things)
        if name == "next":
            self.change(things)
        if name in tables.PURE_BUILTINS:
            self.change(thing for k in node.keywords if k.arg == "file" for thing in self.look(k.value))
            self._ask_all(things, f"__{name}__")
            return {t.bound for t in things if t.bound is not None} if name == "type" and len(node.args) == 1 else ()
        if name in tables.COLLECTS:
            inside = self.elements(things)
            return {self.fresh(Kind.CONTAINER, inside, slots=_slots_of(things) if name == "dict" else {})}
        if name in tables.ITERATES:
            if name in {"map", "filter"} and given:  # a method of the figure, of a list
                self.change([t for t in given[0] if t.kind in {Kind.FIGURE, Kind.CONTAINER, Kind.RANDOM}])
            return {self._lazy(things, later)}
        if name in tables.OPAQUE_BUILTINS:
            return self._dynamic(name, node)
        if name == "setattr" and given:
            self.change(given[0])
            for owner in given[0]:
                owner.parts |= things - {owner}
            return ()
        if name in {"min", "max", "next"}:
            either = things if len(node.args) > 1 else NOTHING  # max(a, b) is one of the two
            return {self.fresh(parts=self.elements(things)), *self.elements(things), *either}
        if name == "getattr" and given:
            return self._getattr(node, given)
        if name == "input":
            self.warn("It asks for input, which nobody gives when it runs again.")
        return self.library_call(f"builtins.{name}", node, given)

    def _lazy(self, things: Things, later: Effect) -> Thing:
        """What takes from others only when it is asked itself."""
        with self.noted() as taken:
            inside = self.elements(things)
        later.reads |= taken.reads
        later.writes |= taken.writes
        return self.fresh(Kind.ITERATOR, inside | {thing for thing in things if thing.is_used_up}, later=later)

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
        if name == "compile":
            return {self.fresh(Kind.CONTAINER)}
        if name == "vars" and node.args:
            return {self.fresh(Kind.CONTAINER, self.held(one), view_of=one) for one in self.look(node.args[0])}
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


def _slots_of(things: Things) -> dict[str, set[Thing]]:
    return {key: set(held) for thing in things for key, held in thing.slots.items()}
