"""What stands for the session's objects, names and places while the analysis follows the statements.

A thing stands for an object, seen from afar: its kind, what it holds, where it came from. An effect says which places
(names, things, fields of things) a statement reads, changes, and surely replaces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gofigr_jupyter.provenance.slicing.kinds import Kind

Location = tuple[str, str | int, str]  # name: its name; thing: its number; field: the thing's number and the key

STAR: Location = ("name", "*", "")  # whatever names nobody has seen being bound
IMPORTS: Location = ("name", "@import", "")  # where modules are looked for
FOLDER: Location = ("name", "@folder", "")  # the working directory
ACCESSOR = "@accessor"  # what was put into a class of a library


@dataclass(eq=False, slots=True)
class Thing:
    """An object of the session; `slots` are what it holds under constant keys, `parts` what it holds anyhow."""

    number: int
    kind: Kind = Kind.OTHER
    path: str = ""  # of a library's members: numpy.random.normal
    parts: set[Thing] = field(default_factory=set)
    slots: dict[str, set[Thing]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)  # fields that were written
    node: Any = None  # of functions and classes: their syntax
    scope: Scope | None = None  # where that was defined
    bound: Thing | None = None  # a method's self; an instance's class
    bases: tuple[Thing, ...] = ()
    view_of: Thing | None = None  # shares its memory, or will read it later
    view_key: str = ""
    later: Effect | None = None  # of iterators: what their code does, each time that something is taken from them
    uses_chance: bool = False  # draws from NumPy's shared generator when used
    is_stream: bool = False  # an open file and its likes

    @property
    def is_used_up(self) -> bool:
        """Whether taking something out of it changes it."""
        return self.kind is Kind.ITERATOR or self.is_stream


Things = frozenset[Thing]
NOTHING: Things = frozenset()


@dataclass(slots=True)
class Effect:
    """What a statement does, as sets of locations."""

    reads: set[Location] = field(default_factory=set)
    writes: set[Location] = field(default_factory=set)
    kills: set[Location] = field(default_factory=set)


@dataclass(eq=False, slots=True)
class Scope:
    """The names inside a function, a class body or a comprehension that is being looked into."""

    parent: Scope | None
    is_class: bool = False
    is_comprehension: bool = False
    names: dict[str, Things] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)  # declared global
    inner: set[str] = field(default_factory=set)  # declared nonlocal
    returned: set[Thing] = field(default_factory=set)
    yields: bool = False
    number: int = 0  # of a function's: functions inside of it keep its names alive
