"""Random numbers: which calls draw from the generators that all share, which seed those.

In: a library's call. Out: what its result may be; the shared generators are things that such calls read and change.
"""

from __future__ import annotations

import ast

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.drawing import Drawing
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import NOTHING, Location, Things

UNSEEDED = "It draws random numbers without a seed, so that each run gives others."
_NUMPYS, _PYTHONS = GENERATORS = ("numpy_random@chance", "random@chance")  # that all code shares


class Chance(Drawing):
    """Follows random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.seeded: set[Location] = set()

    def _of_chance(self, path: str, node: ast.Call, given: list[Things]) -> Things | None:
        root, _, name = path.rpartition(".")
        if root not in {"numpy.random", "random"}:
            return None if root in {"matplotlib.pyplot", "seaborn"} else self._maybe_chancy(path, name, node)
        shared = self.package(f"{root.replace('.', '_')}@chance")
        if name in tables.DRAWS_NOTHING:
            if name in {"default_rng", "RandomState", "Random"} and not node.args and not node.keywords:
                self.warn(UNSEEDED)
            if name == "get_state":
                self.read([shared])
            return frozenset({self.fresh(Kind.RANDOM)})
        self.change([shared])
        if name in tables.SEEDS:
            self.seeded.add(("thing", shared.number, ""))
            if not self.weak:
                self.effect.kills.add(("thing", shared.number, ""))
            return NOTHING
        self.read([shared])
        return frozenset({self.fresh(Kind.ARRAY)}) if root == "numpy.random" else self._picked(given)

    def _picked(self, given: list[Things]) -> Things:
        found = self.elements(given[0]) if given else NOTHING
        return frozenset({self.fresh(parts=found), *found})

    def _maybe_chancy(self, path: str, name: str, node: ast.Call) -> Things | None:
        root = path.partition(".")[0]
        if name[:1].isupper() and tables.CHANCY_CLASSES.search(name) and not is_seeded(node):
            return frozenset({self.fresh(uses_chance=True)})
        if name in tables.DRAW and root not in {"builtins", "random"} and not is_seeded(node):
            self.draw()
        return None

    def _chancy(self, things: Things, name: str, node: ast.Call) -> Things:
        named = {k.arg: k.value for k in node.keywords}
        kind = named.get("kind")
        is_strip = name == "catplot" and (kind is None or getattr(kind, "value", "strip") == "strip")
        if name in tables.DRAW or is_strip or {"jitter", "x_jitter", "y_jitter"} & named.keys():
            self.draw()
        return things

    def of_graph(self, name: str, node: ast.Call) -> None:
        """Graphs are made and laid out by chance unless told otherwise."""
        has_places = len(node.args) > 1 or any(k.arg == "pos" for k in node.keywords)
        lays_out = name in {"draw", "draw_networkx", "draw_spring", "draw_random"} and not has_places
        if lays_out or (tables.CHANCY_GRAPHS.search(name) and not is_seeded(node)):
            self.draw(_NUMPYS if lays_out or name.endswith("_layout") else _PYTHONS)

    def draw(self, generator: str = _NUMPYS) -> None:
        """A shared generator is used."""
        shared = self.package(generator)
        self.change([shared])
        self.read([shared])

    @property
    def chance(self) -> frozenset[Location]:
        """Where the state of those shared generators is kept that nobody has seeded."""
        return frozenset({("thing", self.package(name).number, "") for name in GENERATORS} - self.seeded)


def is_seeded(node: ast.Call) -> bool:
    """Whether a call says where its random numbers come from."""
    return any(
        k.arg in {"random_state", "seed", "rng", "generator"}
        and not (isinstance(k.value, ast.Constant) and k.value.value is None)
        for k in node.keywords
    )
