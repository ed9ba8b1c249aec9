"""Calls of modules that nobody has installed: files of the user's own, whose functions are not looked into.

In: a call. Out: what its result may be. Such a function may do whatever a statement of the session may: change what it
is given, hand it back, draw, choose a style, draw random numbers.
"""

from __future__ import annotations

import ast
import sys

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.chance import GENERATORS, Chance
from gofigr_jupyter.provenance.slicing.drawing import PERHAPS, STYLE
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import Things

_KNOWN = tables.PURE_LIBRARIES | tables.QUIET_IMPORTS | sys.stdlib_module_names
OWN = "@own"  # the path of what their functions return


class Modules(Chance):
    """Follows calls of the user's own modules."""

    def __init__(self) -> None:
        super().__init__()
        self.installed: frozenset[str] = frozenset()  # the names of packages, as they are imported
        self.is_discarded = False  # nobody takes the result of the call that is looked at

    def is_own(self, root: str) -> bool:
        """Whether a module is none that is installed."""
        return not any(name in known for name in (root, root.lower()) for known in (_KNOWN, self.installed))

    def of_own(self, path: str, node: ast.Call, things: Things) -> Things:
        """`module.function(...)`"""
        name, is_given_figure = path.rpartition(".")[2], any(thing.kind is Kind.FIGURE for thing in things)
        self.change(things, deep=self.is_discarded)
        for generator in GENERATORS:
            location = ("thing", self.package(generator).number, "")
            if "seed" in name:
                self.seeded.add(location)
            if location in self.seeded:
                self.draw(generator)
        if self.is_discarded and not things:
            self.set_state(path.partition(".")[0], ast.unparse(node)[:200])
            self.set_state(STYLE, ast.unparse(node)[:200])
        may_draw = self.is_discarded and (self.has_current or not tables.SETTER.match(name))
        if not is_given_figure and (may_draw or tables.DRAWING.search(name)):
            return self.frame_plot(node, PERHAPS)
        kept = {thing for thing in things if thing.kind not in {Kind.LIBRARY, Kind.FUNCTION, Kind.CLASS}}
        return frozenset({self.fresh(path=OWN, parts=things), *kept})
