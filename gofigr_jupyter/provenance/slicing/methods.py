"""What calling a method of a thing does, by the thing's kind and the method's name.

In: the receiver, the name, the call. Out: what the result may be; a receiver of no known kind is taken to be changed
unless the name promises otherwise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.chance import is_seeded
from gofigr_jupyter.provenance.slicing.keys import constant_keys
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.libraries import Libraries
from gofigr_jupyter.provenance.slicing.things import Thing, Things

_REMADE = ("altair", "plotnine", "seaborn.objects")
_CALLS_BACK = frozenset({"apply", "map", "applymap", "agg", "aggregate", "transform", "pipe", "progress_apply"})
_NAMING = frozenset({"x", "y", "c", "s", "C", "column", "by", "xerr", "yerr"})
_FREE_NAMES = re.compile(r"@([A-Za-z_]\w*)")


class Methods(Libraries):
    """Follows methods of everything but the user's own classes."""

    def method(self, receiver: Thing, name: str, node: ast.Call, given: list[Things]) -> Iterable[Thing]:
        """`receiver.name(...)`"""
        things = frozenset(thing for one in given for thing in one)
        self.change([thing for thing in things if thing.kind is Kind.RANDOM])
        self.use_up(things)
        self.change(self.out(node))
        if receiver.uses_chance:
            self.draw()
        if name in {"show", "display"}:
            return self._shown(receiver)
        self.files(name, node)
        self.streamed(frozenset({receiver}))
        match receiver.kind:
            case Kind.FRAME:
                return self._of_frame(receiver, name, node, given)
            case Kind.ARRAY:
                return self._of_array(receiver, name)
            case Kind.CONTAINER:
                return self._of_container(receiver, name, things)
            case Kind.FIGURE:
                return self._of_figure(receiver, name, things)
            case Kind.RANDOM:
                return self._of_random(receiver, name, given)
            case Kind.ITERATOR:
                self.change([receiver])
                return self.held(receiver)
            case _:
                return self._of_other(receiver, name, node, things)

    def _shown(self, receiver: Thing) -> Iterable[Thing]:
        if receiver.kind in {Kind.FIGURE, Kind.OTHER, Kind.INSTANCE}:
            self.show(frozenset({receiver}))
        return ()

    # ------------------------------------------------------------ data

    def _of_frame(self, frame: Thing, name: str, node: ast.Call, given: list[Things]) -> Iterable[Thing]:
        base = frame.view_of if frame.view_of is not None and not frame.view_key else frame
        if name == "groupby" and node.args and (keys := constant_keys(node.args[0])) is not None and base is frame:
            self.read([frame], keys)
            return {self.fresh(Kind.FRAME, view_of=frame)}  # what else it reads shows later
        is_drawn = name in tables.FRAME_DRAWS or (
            name in tables.PLOT_KINDS and isinstance(node.func, ast.Attribute) and _is_plot(node.func.value)
        )
        self.read([frame], _named_columns(node) if is_drawn else None)
        if is_drawn:
            return self.frame_plot(node)
        if name in tables.DRAW and not is_seeded(node):
            self.draw()
        if name.startswith("to_"):  # a database, a writer of sheets
            self.change([t for one in given for t in one if t.kind is Kind.OTHER])
        if name.startswith("progress_"):
            self.read([self.package("tqdm")])
        if name in {"query", "eval"}:
            self._names_in_text(node)
        if is_inplace(node) or (name in tables.CHANGES_FRAME and not is_inplace(node, default=True)):
            self.change([frame])
        if name in tables.VIEW_METHODS:
            return {self.fresh(Kind.ARRAY, view_of=frame)}
        if name in _CALLS_BACK:
            self.change([t for one in given for t in one if t.kind in {Kind.FIGURE, Kind.RANDOM, Kind.CONTAINER}])
        functions = {t for one in given for t in one if t.kind is Kind.FUNCTION}
        either = {t for one in given for t in one} if name == "get" else set()  # for want of the column
        return {self.fresh(Kind.FRAME, functions if name == "pipe" else ()), *either}

    def _names_in_text(self, node: ast.Call) -> None:
        for one in node.args:
            for part in ast.walk(one):
                text = self.texts.get(part.id) if isinstance(part, ast.Name) else getattr(part, "value", None)
                if isinstance(text, str):
                    for name in _FREE_NAMES.findall(text):
                        self.read(self.load(name))

    def _of_array(self, array: Thing, name: str) -> Iterable[Thing]:
        self.read([array])
        if name in tables.CHANGES_ARRAY:
            self.change([array])
        return {array} if name in tables.VIEW_METHODS else {self.fresh(Kind.ARRAY)}

    def _of_container(self, container: Thing, name: str, things: Things) -> Iterable[Thing]:
        self.read([container], container.keys)
        if name in tables.CHANGES_CONTAINER:
            self.change([container])
            if name not in {"append", "extend", "update", "add", "setdefault"}:  # what stood where is not known now
                container.parts |= self.held(container)
                container.slots.clear()
            if name in {"extend", "update", "extendleft"}:
                container.parts |= self.elements(things) - {container}
            else:
                container.parts |= things - {container}
        if name in tables.GIVES_ELEMENT:
            return self.held(container) | things
        if name == "copy":
            made = self.fresh(Kind.CONTAINER, container.parts)
            made.slots = {key: set(held) for key, held in container.slots.items()}
            return {made}
        if name in {"items", "keys", "values", "most_common", "elements", "union", "intersection", "difference"}:
            return {self.fresh(Kind.CONTAINER, self.held(container) | things)}
        return {self.fresh(parts=self.held(container))}

    # ------------------------------------------------------------ figures, chance, anything

    def _of_figure(self, figure: Thing, name: str, things: Things) -> Iterable[Thing]:
        self.style_of(figure)
        if figure.path.startswith(_REMADE):  # their methods leave them as they are, and make others
            return {self.fresh(Kind.FIGURE, things | {figure}, path=figure.path)}
        if tables.KEEPS_FIGURE.match(name):
            self.read([figure])
        else:
            self.change([figure])
            keeps = {Kind.FUNCTION, Kind.FIGURE, *((Kind.OTHER,) if name.startswith(("add_", "set_")) else ())}
            figure.parts |= {t for t in things if t.kind in keeps and t is not figure}  # artists, locators, formatters
        return self.drawn(name, frozenset({figure}))

    def _of_random(self, source: Thing, name: str, given: list[Things]) -> Iterable[Thing]:
        self.read([source])
        self.change([source])
        if name == "shuffle" and given:
            self.change(given[0])
        if name == "spawn":
            return {self.fresh(Kind.CONTAINER, {self.fresh(Kind.RANDOM)})}
        return {self.fresh(Kind.ARRAY), *(self.elements(given[0]) if name in {"choice", "sample"} and given else ())}

    def _of_other(self, receiver: Thing, name: str, node: ast.Call, things: Things) -> Iterable[Thing]:
        self.read([receiver])
        self.change([t for t in things if t.kind in {Kind.FIGURE, Kind.RANDOM}])
        if name in {"sql", "execute", "query"}:
            self.names_in_texts(node)
        if name in tables.ON_STREAMS:
            self.change([receiver])
        if tables.DRAWING.search(name) and receiver.kind is Kind.OTHER:
            return self.frame_plot(node)
        kept = {t for t in things if t.kind not in {Kind.FRAME, Kind.ARRAY, Kind.LIBRARY, receiver.kind}}
        if tables.HARMLESS.match(name):
            inside = self.held(receiver) - {receiver}
            made = self.fresh(parts=inside, is_stream=name == "open")  # Path.open()
            return {made, *inside} if not name.startswith("predict") else {self.fresh()}
        changing = {Kind.OTHER, Kind.INSTANCE}  # an estimator in a pipeline
        self.change([receiver, *(thing for thing in self.reach([receiver]) if thing.kind in changing)])
        receiver.parts |= kept - {receiver}
        return {receiver}


def _is_plot(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"plot", "hist"}


def is_inplace(node: ast.Call, *, default: bool = False) -> bool:
    """Whether `inplace=` says yes; with `default`, whether it says no."""
    for keyword in node.keywords:
        if keyword.arg == "inplace":
            said_no = isinstance(keyword.value, ast.Constant) and not keyword.value.value
            return said_no if default else not said_no
    return False


def _named_columns(node: ast.Call) -> list[str] | None:
    """The columns that a table's own plot method draws, when it names x and y."""
    named = {k.arg: constant_keys(k.value) for k in node.keywords if k.arg in _NAMING}
    for name, one in zip(("x", "y"), node.args, strict=False):
        named[name] = constant_keys(one)
    if not ({"x", "y"} <= named.keys() or "column" in named) or None in named.values():
        return None
    return [key for keys in named.values() if keys is not None for key in keys]
