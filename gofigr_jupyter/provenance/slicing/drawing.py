"""What drawing libraries keep behind the user's back: which figure is the current one, which are open, what was shown.

In: calls that the table knows to draw. Out: changed figures, and events: a figure was shown here. The current figure
is a name as any other (`@figure`), so that statements depend on the one that chose it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.binding import Binding
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import NOTHING, Location, Thing, Things

_CURRENT = "@figure"
PERHAPS = "@perhaps"  # the path of a figure that nobody may have made
_IN_THE_PAGE = frozenset({"plotly", "altair", "bokeh"})  # drawn by scripts of theirs
STYLE = "matplotlib"  # the library whose state all its figures depend on


@dataclass(frozen=True, slots=True)
class Event:
    """Something was shown: what that depends on, and whether it surely was shown exactly once."""

    things: Things
    reads: frozenset[Location]
    is_figure: bool
    is_sure: bool


class Drawing(Binding):
    """Follows what draws."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[Thing] = []  # pyplot's figures
        self.events: list[Event] = []  # of this cell
        self.closed: set[Thing] = set()  # figures that this statement may have closed
        self.shows_at_end = True  # the inline backend shows and closes what is open when a cell ends

    # ------------------------------------------------------------ showing

    def show(self, things: Things) -> None:
        """These are displayed now."""
        if not things:
            return
        kept, self.effect.reads = self.effect.reads, set()
        self.read(things)
        figures = [thing for thing in self.reach(things) if thing.kind is Kind.FIGURE]
        for figure in figures:
            self.style_of(figure)
        read, self.effect.reads = frozenset(self.effect.reads), kept
        self.events.append(Event(things, read, bool(figures), not self.weak))

    def show_open(self) -> None:
        """plt.show(), or the end of a cell: all open figures are shown and closed."""
        for figure in self.open:
            self.show(frozenset({figure}))
        self.close()

    def show_changed(self, written: Collection[Location]) -> None:
        """The end of a cell where figures live in the page: which of those that it changed are seen, the page tells."""
        for figure in self.open:
            if any(kind in {"thing", "field"} and number == figure.number for kind, number, _ in written):
                self.show(frozenset({figure}))
        self.events = [replace(event, is_sure=False) for event in self.events]

    def close(self, things: Things | None = None) -> None:
        """Figures are closed: all of them, or some."""
        self.closed.update(self.open if things is None else things)
        if self.may_be_left:
            return
        self.open = [] if things is None else [figure for figure in self.open if figure not in things]
        current = self.globals.get(_CURRENT, NOTHING)
        if things is None or current & things:
            self.bind(self.globals, _CURRENT, NOTHING)
            if not self.weak:
                del self.globals[_CURRENT]
            self.certain.discard(_CURRENT)

    @contextmanager
    def perhaps(self, *, leaves: bool = True) -> Iterator[None]:
        """What is followed in here may not run: figures that it closes may still be open afterwards."""
        before = list(self.open)
        try:
            with super().perhaps(leaves=leaves):
                yield
        finally:
            self.open = before + [figure for figure in self.open if figure not in before]

    # ------------------------------------------------------------ the current figure

    def new_figure(self, parts: Things = NOTHING, *, is_open: bool = True) -> Things:
        """A figure is made; pyplot's become the current one."""
        figure = self.fresh(Kind.FIGURE, parts)
        self.read([self.package(STYLE)])
        if is_open:
            self.open.append(figure)
            self._choose(frozenset({figure}))
        return frozenset({figure})

    @property
    def has_current(self) -> bool:
        """Whether pyplot has a current figure, perhaps."""
        return bool(self.globals.get(_CURRENT))

    def _choose(self, things: Things) -> None:
        scope, self.scope = self.scope, None
        self.store(_CURRENT, things)
        self.scope = scope

    def current(self, *, changes: bool = True) -> Things:
        """pyplot's current figure, made now if there is none."""
        figures = self.globals.get(_CURRENT, NOTHING)
        if not figures:
            return self.new_figure()
        if _CURRENT not in self.certain:
            self.effect.reads.add(("name", _CURRENT, ""))
        self.read([self.package(STYLE)])
        if changes:
            self.change(figures)
        return figures

    def _hinted(self, name: str, things: Things) -> Things:
        """What the user's own module made, and the kernel saw to be a figure, may be pyplot's current one."""
        unknown = [thing for thing in things if thing.kind is Kind.OTHER and self.is_new(thing)]
        found = super()._hinted(name, things)
        made = frozenset(thing for thing in unknown if thing.kind is Kind.FIGURE and thing.path)
        if made:
            self.open += made
            self.effect.writes.add(("name", _CURRENT, ""))
            self.bind(self.globals, _CURRENT, self.globals.get(_CURRENT, NOTHING) | made)
        return found

    # ------------------------------------------------------------ calls

    def pyplot(self, name: str, node: ast.Call, given: Sequence[Things]) -> Things:
        """`plt.name(...)`"""
        if name == "show":
            self.show_open()
            return NOTHING
        if name == "close":
            self._closed(node, NOTHING.union(*given))
            return NOTHING
        if name in tables.NEW_FIGURE or name == "figure":
            return self._figure(name, node, given)
        if name == "sca":
            figures = NOTHING.union(*given)
            self._choose(figures)
            return figures
        if name in tables.PYPLOT_SETS:
            self.set_state(STYLE, _text(node))
            return NOTHING
        if name == "savefig":
            self.read(self.current(changes=False))
        if name in tables.PYPLOT_ONLY_ASKS or name[:1].isupper():
            return frozenset({self.fresh()})
        drawn_on = self._asked_axes(node)
        if drawn_on:
            self.change(drawn_on)
            return drawn_on
        return self.drawn(name, self.current(changes=name != "gcf"))

    def _closed(self, node: ast.Call, given: Things) -> None:
        """`plt.close(...)`; which one a number means is not known."""
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(isinstance(one, ast.Constant) and one.value == "all" for one in values):
            self.close()
        elif chosen := given if values else self.globals.get(_CURRENT, NOTHING):
            self.close(chosen)
            if self.open and not self.globals.get(_CURRENT):  # now another one is the current figure
                self._choose(frozenset(self.open))

    def drawn(self, name: str, figures: Things) -> Things:
        """What a drawing function gives back: something in the figure, for some after arrays of numbers."""
        numbers = tables.GIVES_NUMBERS.get(name)
        if numbers is None:
            return figures
        made = self.fresh(Kind.CONTAINER, slots={str(n): {self.fresh(Kind.ARRAY)} for n in range(numbers)})
        made.slots[str(numbers)] = set(figures)
        return frozenset({made})

    def _figure(self, name: str, node: ast.Call, given: Sequence[Things]) -> Things:
        known = frozenset(thing for things in given for thing in things if thing.kind is Kind.FIGURE)
        if name == "figure" and known:
            self._choose(known)
            return known
        may_be_old = name == "figure" and (node.args or any(k.arg == "num" for k in node.keywords)) and self.open
        if not may_be_old:
            return self.new_figure()
        before = frozenset(self.open)
        figures = before | self.new_figure()
        self.effect.reads.add(("name", _CURRENT, ""))
        self.bind(self.globals, _CURRENT, figures)
        return figures

    def seaborn(self, name: str, node: ast.Call) -> Things:
        """`sns.name(...)`: a figure of its own, or drawn on the given or current axes."""
        if name in tables.SEABORN_GRIDS:
            return self.new_figure()
        if not tables.SEABORN_DRAWS.search(name):
            return self.current() if name in {"despine", "move_legend"} else frozenset({self.fresh()})
        return self._on_axes(node)

    def frame_plot(self, node: ast.Call, path: str = "") -> Things:
        """`df.plot(...)`: on the given axes, or on the current or a new figure."""
        drawn_on = self._asked_axes(node)
        if drawn_on:
            self.change(drawn_on)
            return drawn_on
        self.read([self.package("pandas")])  # its plotting backend
        before = self.globals.get(_CURRENT, NOTHING)
        if not before and not path:
            return self.new_figure()
        if before:
            self.current()
        made = self.fresh(Kind.FIGURE, path=path)
        self.open.append(made)
        self.effect.writes.add(("name", _CURRENT, ""))
        self.bind(self.globals, _CURRENT, before | {made})
        return before | {made}

    def _on_axes(self, node: ast.Call) -> Things:
        drawn_on = self._asked_axes(node)
        if not drawn_on:
            return self.current()
        self.read([self.package(STYLE)])
        self.change(drawn_on)
        return drawn_on

    def _asked_axes(self, node: ast.Call) -> Things:
        named = [k.value for k in node.keywords if k.arg in {"ax", "axes", "axs"}]
        return NOTHING.union(*(self.look(value) for value in named if not isinstance(value, ast.Constant)))

    def style_of(self, figure: Thing) -> None:
        """The settings of the libraries that draw a figure are read."""
        self.read([self.package(library) for library in _drawn_by(figure)])

    def set_state(self, library: str, key: str) -> None:
        """A library is told something for all calls to come; the same call again replaces it."""
        self.change([self.package(library)], key, sure=True)


def _drawn_by(figure: Thing) -> list[str]:
    """The libraries whose settings decide on a figure's looks; most of them draw with matplotlib."""
    root = figure.path.partition(".")[0]
    return [root] if root in _IN_THE_PAGE else [STYLE, *([root] if root else [])]


def _text(node: ast.Call) -> str:
    """A call as text, so that the same call is known again."""
    return ast.unparse(node)[:200]
