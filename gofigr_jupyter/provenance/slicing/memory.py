"""What the analysis knows while it follows the statements: names, what they stand for, and each statement's effect.

In: names that are bound, things that are read and changed. Out: the locations of an effect. No code runs here.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.branches import Branches
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import NOTHING, STAR, Effect, Location, Scope, Thing, Things

BUDGET = 300_000  # looks; some seconds. A session of 350 cells takes 6,000
FOR_ONE = 40_000  # of them for one statement
_MOST_REACHED = 3_000
_BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "exit", "quit"}


class TooMuch(Exception):
    """The session is longer or more involved than the analysis has time for."""


class TooInvolved(Exception):
    """The same of one statement."""


class Memory(Branches):
    """Names and things as the statements so far have left them, and the effect of the one that is looked at now."""

    def __init__(self) -> None:
        super().__init__()
        self.globals: dict[str, Things] = {}
        self.texts: dict[str, str] = {}  # names that stand for a plain text
        self.hints: dict[str, Kind] = {}  # what the kernel saw the names of this cell bound to
        self.effect = Effect()
        self.scope: Scope | None = None
        self.warnings: dict[str, None] = {}
        self.stars: list[str] = []  # modules of which all was imported
        self.accessors: dict[str, Things] = {}  # what was put into classes of libraries, by attribute
        self._libraries: dict[str, Thing] = {}
        self._count = 0
        self._first = 0
        self._steps = 0
        self._begun_at = 0

    # ------------------------------------------------------------ statements

    def begin(self) -> None:
        """Forget the effect of the statement before."""
        self.effect, self.certain, self.scope = Effect(), set(), None
        self.warnings = {}
        self._first = self._count
        self._begun_at = self._steps

    def step(self) -> None:
        """Count a look at a node. Raises TooMuch."""
        self._steps += 1
        if self._steps > BUDGET:
            raise TooMuch("the session is too long to be followed")
        if self._steps - self._begun_at > FOR_ONE:
            raise TooInvolved

    def warn(self, text: str) -> None:
        """Say, once, what the analysis cannot be sure of."""
        self.warnings.setdefault(text)

    # ------------------------------------------------------------ things

    def fresh(self, kind: Kind = Kind.OTHER, parts: Iterable[Thing] = (), **more: Any) -> Thing:
        """A thing that this statement makes."""
        self._count += 1
        thing = Thing(self._count, kind, parts=set(parts), **more)
        if kind is Kind.FIGURE:  # may be shown by nobody's name
            self.effect.writes.add(("thing", thing.number, ""))
        return thing

    def fresh_scope(self, parent: Scope | None) -> Scope:
        """The names of a function that is called."""
        self._count += 1
        return Scope(parent, number=self._count)

    def is_new(self, thing: Thing) -> bool:
        """Whether the statement that is looked at has made it."""
        return thing.number > self._first

    def package(self, path: str) -> Thing:
        """A module, or a member of one."""
        known = self._libraries.get(path)
        if known is None:
            known = self._libraries[path] = self.fresh(Kind.LIBRARY, path=path)
        return known

    def reach(self, things: Iterable[Thing]) -> Iterator[Thing]:
        """The things, and all that they hold."""
        seen = set(things)
        rest = list(seen)
        while rest:
            thing = rest.pop()
            yield thing
            more = thing.parts.union(*thing.slots.values()) if thing.slots else thing.parts
            self._steps += len(more) // 16
            if thing.bound is not None:
                more = more | {thing.bound}
            if thing.view_of is not None and not thing.view_key:
                more = more | {thing.view_of}
            more = more - seen
            if more and len(seen) < _MOST_REACHED:
                seen |= more
                rest += more

    def held(self, thing: Thing, key: str | None = None) -> Things:
        """What a thing holds under a key, or at all."""
        found = set(thing.parts)
        for name, things in thing.slots.items():
            if key is None or name == key:
                found |= things
        return frozenset(found)

    # ------------------------------------------------------------ names

    def load(self, name: str) -> Things:
        """What a name stands for."""
        scope = self.scope
        while scope is not None:
            if name in scope.names:
                if self._is_kept(scope):
                    self.effect.reads.add(("field", scope.number, name))
                return scope.names[name]
            scope = scope.parent
        if name not in self.certain:
            self.effect.reads.add(("name", name, ""))
        if name in self.globals:
            return self.globals[name]
        if name not in _BUILTINS:
            self.effect.reads.add(STAR)
            return frozenset({self.package(self._from_star(name))})
        return frozenset({self.package(f"builtins.{name}")})

    def _is_kept(self, scope: Scope) -> bool:
        """Whether it is that of a call in an earlier statement."""
        return 0 < scope.number <= self._first

    def _from_star(self, name: str) -> str:
        """Where a name that nobody has bound most likely comes from."""
        for module in reversed(self.stars):
            if module in tables.PYPLOTS and name in tables.OF_PYPLOT:
                return f"matplotlib.pyplot.{name}"
            if module in tables.PYLABS and name in tables.OF_CHANCE:
                return f"numpy.random.{name}"
        return f"{self.stars[0]}.{name}" if len(self.stars) == 1 else f"builtins.{name}"

    def store(self, name: str, things: Things) -> None:
        """Bind a name."""
        scope = self.scope
        if scope is not None and name not in scope.outer:
            while name in scope.inner and scope.parent is not None:
                scope = scope.parent
            if self._is_kept(scope):
                self.effect.writes.add(("field", scope.number, name))
            self.bind(scope.names, name, things)
            return
        things = self._hinted(name, things)
        self.effect.writes.add(("name", name, ""))
        self.texts.pop(name, None)
        self.bind(self.globals, name, things | (self.globals.get(name, NOTHING) if scope else NOTHING))
        if scope is None:
            self.certain.add(name)

    def _hinted(self, name: str, things: Things) -> Things:
        """What the kernel saw is truer than what can be guessed of a thing that is new and of no known kind."""
        hint = self.hints.get(name)
        if hint is None or self.scope is not None:
            return things
        if not things:
            return things if hint is Kind.VALUE else frozenset({self.anything_of(hint)})
        if hint is Kind.VALUE:
            return NOTHING if all(t.kind not in {Kind.FIGURE, Kind.LIBRARY} for t in things) else things
        if hint is Kind.ARRAY and all(thing.kind is Kind.FIGURE for thing in things):
            return frozenset({self.fresh(hint)})  # numbers that a drawing function has given back
        for thing in things:
            if thing.kind is Kind.OTHER and self.is_new(thing):
                thing.kind = Kind.CONTAINER if hint is Kind.PLAIN else hint
                if hint is Kind.CONTAINER:
                    thing.parts.add(thing)  # of what, nobody knows: its elements are told from it by nothing
        return things

    def anything_of(self, kind: Kind) -> Thing:
        """A thing that may hold whatever there is: its elements are told from it by nothing."""
        made = self.fresh(Kind.CONTAINER if kind is Kind.PLAIN else kind)
        if kind is Kind.CONTAINER:
            made.parts.add(made)
        return made

    def drop(self, name: str) -> None:
        """`del name`"""
        if self.weak:
            return
        if self.scope is not None:
            self.scope.names.pop(name, None)
        else:
            self.globals.pop(name, None)
            self.texts.pop(name, None)
            self.certain.add(name)

    # ------------------------------------------------------------ effects

    @contextmanager
    def noted(self) -> Iterator[Effect]:
        """What is done in here, also told by itself."""
        before, self.effect = self.effect, Effect()
        inside = self.effect
        try:
            yield inside
        finally:
            self.effect = before
            self._do(inside)
            before.kills |= inside.kills

    def _do(self, effect: Effect) -> None:
        self.effect.reads |= effect.reads
        self.effect.writes |= effect.writes

    def read(self, things: Iterable[Thing], keys: Iterable[str] | None = None) -> None:
        """The state of things decides what happens: all of it, or only some fields of the things themselves."""
        if keys is not None:
            wanted = list(keys) or [""]
            for thing in things:
                for key in wanted:
                    self._read_one(thing, key)
            return
        for thing in self.reach(things):
            self._read_one(thing, None)

    def _read_one(self, thing: Thing, key: str | None) -> None:
        self.step()
        thing = self.package(thing.path.partition(".")[0]) if thing.kind is Kind.LIBRARY else thing
        reads = self.effect.reads
        reads.add(("thing", thing.number, ""))
        for name in thing.keys if key is None else {key} - {""}:
            reads.add(("field", thing.number, name))
        if thing.view_of is not None and thing.view_key:
            self._read_one(thing.view_of, thing.view_key)

    def use_up(self, things: Iterable[Thing]) -> None:
        """Something is taken out of those that are changed by it, and of those that they take it from."""
        self.change(one for thing in things if thing.is_used_up for one in self.reach([thing]) if one.is_used_up)

    def change(
        self, things: Iterable[Thing], key: str | None = None, *, deep: bool = False, sure: bool = False
    ) -> None:
        """Things are changed in place: anyhow, or in one field, which `sure`ly has a new value then."""
        chosen = list(self.reach(things) if deep else things)
        for thing in chosen:
            self.step()
            if thing.kind is Kind.VALUE:
                continue
            if thing.kind is Kind.LIBRARY:
                thing = self.package(thing.path.partition(".")[0])  # noqa: PLW2901 - its state is its package's
            location: Location = ("thing", thing.number, "")
            if key is not None:
                thing.keys.add(key)
                location = ("field", thing.number, key)
                if sure and len(chosen) == 1 and not self.weak and self.scope is None:
                    self.effect.kills.add(location)
            self.effect.writes.add(location)
            if thing.later is not None:
                self._do(thing.later)
            if thing.view_of is not None:
                self.change([thing.view_of], thing.view_key or None)
