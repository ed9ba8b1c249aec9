"""What a call of a library's function does, as far as its name tells: files, chance, settings, new figures, plain data.

In: the function's full name, the call, and what its arguments stand for. Out: what its result may be. A name that no
table knows is taken to change what it is given if nobody takes its result.
"""

from __future__ import annotations

import ast
import re
import sys

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.drawing import PERHAPS, STYLE
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.modules import Modules
from gofigr_jupyter.provenance.slicing.things import FOLDER, IMPORTS, NOTHING, Thing, Things

_FLEETING = (Kind.FIGURE, Kind.RANDOM)  # what changes when it is passed to a library
_GRAMMARS = frozenset({"altair", "plotnine", "bokeh", "holoviews"})
_STYLES = frozenset({"matplotlib.rcdefaults", "matplotlib.use", "matplotlib.rc"})
_WORD = re.compile(r"[^\W\d]\w*")
_FIGURES = tuple(
    f"plotly.{name}"
    for name in ("express.", "graph_objects.Figure", "graph_objs.Figure", "figure_factory.", "subplots.make_subplots")
)


class Libraries(Modules):
    """Follows calls of what was imported."""

    def __init__(self) -> None:
        super().__init__()
        self.handles: dict[int, str | None] = {}  # the paths of files that things write to

    def library_call(self, path: str, node: ast.Call, given: list[Things]) -> Things:
        """`path(...)`; the arguments are read already."""
        root, _, rest = path.partition(".")
        name = path.rpartition(".")[2]
        self.read([self.package(root)])
        things = frozenset(thing for one in given for thing in one)
        if not self._is_asked(path, name):
            self.change([thing for thing in things if thing.kind in _FLEETING])
            self.use_up(things)
        self.change(self.out(node, path))
        if given and (path in tables.CHANGES_FIRST or (root == "numpy" and name == "at") or _is_in_place(node)):
            self.change(given[0])
        if root == "networkx":
            self.of_graph(name, node)
        if root in tables.READS_NAMES or name == "eval":
            self.names_in_texts(node)
        self.files(name, node, path)
        self.streamed(things)
        if self.is_own(root):
            return self.of_own(path, node, things)
        if path in {"matplotlib.pyplot", "seaborn"}:  # getattr(plt, name)(...)
            return self.frame_plot(node)
        for special in (
            self._of_python,
            self._that_shows,
            self._of_style,
            self._that_draws,
            self._of_chance,
            self._that_sets,
        ):
            found = special(path, node, given)
            if found is not None:
                return found
        found = self._ordinary(root, rest, node, things)
        for thing in found if path in tables.STREAMS else ():
            thing.is_stream = True
        return found

    def _is_asked(self, path: str, name: str) -> bool:
        return path.startswith(("matplotlib.pyplot.figure", "matplotlib.pyplot.close", "matplotlib.pyplot.sca")) or (
            name in {"display", "print", "isinstance", "len", "type", "zip", "enumerate", "list", "getattr", "repr"}
            or path.startswith("builtins.")
        )

    def out(self, node: ast.Call, path: str = "") -> Things:
        """`out=x`, or `numpy.add(a, b, x)`"""
        place = tables.OUT_AT.get(path.removeprefix("numpy."), len(node.args))
        values = [k.value for k in node.keywords if k.arg in {"out", "output"}] + node.args[place : place + 1]
        given = NOTHING.union(*map(self.look, values))
        return given.union(*(self.held(thing) for thing in given if thing.kind is Kind.CONTAINER))

    # ------------------------------------------------------------ Python's own

    def _of_python(self, path: str, _: ast.Call, given: list[Things]) -> Things | None:
        root, name = path.rpartition(".")[::2]
        if root == "os" and name in {"chdir", "fchdir"}:
            self.effect.writes.add(FOLDER)
            self.effect.kills.add(FOLDER)
            return NOTHING
        if path.startswith(("sys.path.", "importlib.reload", "importlib.invalidate")):
            self.effect.writes.add(IMPORTS)
            for thing in (thing for one in given for thing in one if thing.kind is Kind.LIBRARY):
                self.effect.reads.add(("file", f"{thing.path.replace('.', '/')}.py", ""))
                self.change([thing])
            return NOTHING
        if root == "copy" and name in {"copy", "deepcopy"} and given:
            return frozenset(self._copied(thing, is_deep=name == "deepcopy") for thing in given[0])
        if root.partition(".")[0] == "tqdm" and name == "pandas":  # gives tables a method
            self.set_state("tqdm", "pandas")
        if path == "locale.setlocale":
            self.set_state(STYLE, path)
        if path.startswith(("warnings.", "logging.", "tqdm.")) and self.is_discarded:
            return NOTHING
        return None

    def _that_shows(self, path: str, __: ast.Call, given: list[Things]) -> Things | None:
        root, name = path.rpartition(".")[::2]
        is_display = name == "display" and root in {"builtins", "IPython.display", "IPython.core.display"}
        if is_display or (name in {"show", "iplot"} and root.partition(".")[0] in {"plotly", "bokeh", "holoviews"}):
            for things in given:
                self.show(things)
            return NOTHING
        if path in {"gofigr_jupyter.publish", "gofigr.publish", "gofigr.jupyter.publish"}:
            for things in given[:1] or [self.current(changes=False)]:
                self.show(things)
        return frozenset({self.fresh()}) if root.partition(".")[0] in {"gofigr_jupyter", "gofigr"} else None

    def _copied(self, thing: Thing, *, is_deep: bool) -> Thing:
        if thing.kind in {Kind.LIBRARY, Kind.FUNCTION, Kind.CLASS}:
            return thing
        made = self.fresh(thing.kind, bound=thing.bound, node=thing.node)
        if not is_deep:
            made.parts = set(self.held(thing))
        return made

    # ------------------------------------------------------------ drawing

    def _of_style(self, path: str, node: ast.Call, __: list[Things]) -> Things | None:
        root, _, name = path.rpartition(".")
        if name in {"set_matplotlib_formats", "set_matplotlib_close"}:
            self.set_state(STYLE, name)
            return NOTHING
        if root == "plotnine" and name in {"theme_set", "theme_update"}:
            self.set_state(root, path if path in tables.REPLACES else ast.unparse(node)[:200])
            return NOTHING
        if path in _STYLES or any(word in path for word in (".rcParams.", ".style.", "colormaps.register")):
            if path in _STYLES or name in {"update", "use", "register", "clear", "setdefault"}:
                self.set_state(STYLE, path if path in tables.REPLACES else ast.unparse(node)[:200])
            return frozenset({self.fresh()})
        return None

    def _that_draws(self, path: str, node: ast.Call, given: list[Things]) -> Things | None:
        root, _, name = path.rpartition(".")
        if root in {"matplotlib.pyplot", "pylab", "matplotlib.pylab"}:
            return self.pyplot(name, node, given)
        if root == "seaborn":
            if tables.SETTER.match(name):
                self.set_state(STYLE, path if path in tables.REPLACES else ast.unparse(node)[:200])
                return NOTHING
            return self._chancy(self.seaborn(name, node), name, node)
        made = self._figure_made(path, root, name, given)
        if made is not None:
            return made
        own = path.partition(".")[0] in tables.NEVER_DRAWS and not path.startswith("pandas.plotting.")
        return None if own or not tables.DRAWING.search(name) else self.frame_plot(node)

    def _figure_made(self, path: str, root: str, name: str, given: list[Things]) -> Things | None:
        """A call of a class or function whose result is a figure."""
        if path.startswith("matplotlib.figure.Figure"):
            return self.new_figure(is_open=False)
        if root.startswith("mpl_toolkits"):  # parts of the figures that they are given
            return frozenset(thing for one in given for thing in one if thing.kind is Kind.FIGURE) or None
        if root.endswith("ImageDraw") and name == "Draw":
            return frozenset(self.fresh(view_of=thing) for one in given[:1] for thing in one) or None
        if path.startswith(_FIGURES):
            return frozenset({self.fresh(Kind.FIGURE, path="plotly")})
        is_grammar = root == "seaborn.objects" or root.partition(".")[0] in _GRAMMARS
        if is_grammar and (name[:1].isupper() or root == "plotnine" or name == "figure"):
            return frozenset({self.fresh(Kind.FIGURE, (thing for one in given for thing in one), path=root)})
        return None

    # ------------------------------------------------------------ settings, data, anything else

    def _that_sets(self, path: str, node: ast.Call, given: list[Things]) -> Things | None:
        root, _, name = path.rpartition(".")
        if not self.is_discarded or root in {"builtins", ""} or not tables.SETTER.match(name):
            return None
        if path == "numpy.set_printoptions" or (path == "pandas.set_option" and "display." in ast.unparse(node)[:80]):
            return NOTHING  # how tables look
        self.set_state(path.partition(".")[0], path if path in tables.REPLACES else ast.unparse(node)[:200])
        self.change([t for things in given for t in things if path.partition(".")[0] not in tables.PURE_LIBRARIES])
        return NOTHING

    def _ordinary(self, root: str, rest: str, node: ast.Call, things: Things) -> Things:
        if root in tables.PURE_LIBRARIES:
            return self._of_known(root, rest, things)
        if self.is_discarded:
            self.change(things, deep=True)
            if not things:
                self.set_state(root, ast.unparse(node)[:200])
            if root not in sys.stdlib_module_names and not any(thing.kind is Kind.FIGURE for thing in things):
                return self.frame_plot(node, PERHAPS)
        kept = [thing for thing in things if thing.kind not in {Kind.FRAME, Kind.ARRAY}]
        return frozenset({self.fresh(parts=kept)})

    def _of_known(self, root: str, rest: str, things: Things) -> Things:
        name = rest.rpartition(".")[2]
        functions = {thing for thing in things if thing.kind in {Kind.FUNCTION, Kind.CLASS, Kind.INSTANCE}}
        if root == "numpy":
            shared = {t for t in things if t.kind is not Kind.FRAME} if name in tables.VIEWS else ()
            return frozenset({self.fresh(Kind.ARRAY, functions), *shared})
        if (root == "pandas" and tables.FRAME_MAKERS.match(f"pandas.{rest}")) or name == "load_dataset":
            return frozenset({self.fresh(Kind.FRAME)})
        if root == "re" and name in {"findall", "split"}:
            return frozenset({self.fresh(Kind.CONTAINER)})
        if root == "collections" and name != "namedtuple":
            made = self.anything_of(Kind.CONTAINER)
            made.parts |= self.elements(things)
            return frozenset({made})
        if root == "itertools":
            with self.noted() as later:
                inside = self.elements(things)
            return frozenset({self.fresh(Kind.ITERATOR, inside | functions, later=later)})
        if root in tables.KEEPS_NOTHING:
            return frozenset({self.fresh(parts=functions)})
        return frozenset({self.fresh(parts=(thing for thing in things if thing.kind not in {Kind.FRAME, Kind.ARRAY}))})

    def names_in_texts(self, node: ast.Call) -> None:
        """Formulas and queries, which find tables and functions among the names of whoever calls."""
        parts = [part for one in [*node.args, *(k.value for k in node.keywords)] for part in ast.walk(one)]
        for part in parts:
            text = self.texts.get(part.id) if isinstance(part, ast.Name) else getattr(part, "value", None)
            if isinstance(text, str):
                for word in set(_WORD.findall(text[:20_000])) & self.globals.keys():
                    self.read(self.load(word))

    # ------------------------------------------------------------ files

    def opened(self, things: Things, node: ast.Call) -> None:
        """A file was opened: what is done to these does it to the file."""
        if _mode(node) & set("wax+"):
            path = self._path_of(node)
            self.handles.update({thing.number: path for thing in things if self.is_new(thing)})

    def streamed(self, things: Things) -> None:
        """Something is done to files that are open, or to what writes into them."""
        if not self.handles:
            return
        for thing in list(self.reach(things)):
            if thing.number in self.handles:
                self._touch_file(self.handles[thing.number], writes=True)
                self.change([thing])

    def files(self, name: str, node: ast.Call, path: str = "") -> None:
        """Files that a call reads or writes, by the plain text among its arguments, or any file at all."""
        if name in tables.ON_STREAMS or path.startswith(tables.STREAM_LIBRARIES):
            return  # the file was opened elsewhere
        if path.startswith(tables.MOVES_FILES):
            self._touch_file(None, writes=True)
            self._touch_file(None, writes=False)
        elif name in tables.WRITES_PICTURE:
            if path_read := self._path_of(node):
                self.effect.writes.add(("file", path_read, ""))
        elif name in {"open", "File"} and _mode(node) & set("wax+"):
            self._touch_file(self._path_of(node), writes=True)
        elif tables.WRITES_FILE.match(name) and (node.args or node.keywords):
            if (
                name not in {"copy", "save", "dump", "move"}
                or path.partition(".")[0] in tables.PURE_LIBRARIES
                or (self._path_of(node) is not None)
            ):
                self._touch_file(self._path_of(node), writes=True)
        elif name in tables.MAKES_FOLDER:
            self.effect.writes.add(("file", "@folders", ""))
        elif tables.READS_FILE.match(name):
            self._touch_file(self._path_of(node), writes=False)

    def _path_of(self, node: ast.Call) -> str | None:
        inside = node.func.value if isinstance(node.func, ast.Attribute) else None
        candidates: list[ast.expr] = [
            *node.args,
            *(k.value for k in node.keywords if k.arg in {"path", "fname", "buf"}),
        ]
        if isinstance(inside, ast.Call):  # Path("a").write_text(...)
            candidates = [*inside.args, *candidates]
        for one in candidates:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                return one.value
            if isinstance(one, ast.Name) and one.id in self.texts:
                return self.texts[one.id]
        return None

    def _touch_file(self, path: str | None, *, writes: bool) -> None:
        known, anyone, unknown = ("file", path or "", ""), ("file", "@any", ""), ("file", "@unknown", "")
        if writes:
            self.effect.writes |= {anyone, known if path else unknown}
            return
        self.effect.reads |= {FOLDER, ("file", "@folders", ""), *((known, unknown) if path else (anyone,))}


def _mode(node: ast.Call) -> set[str]:
    """The letters of open()'s mode."""
    places = [*node.args[:2], *(k.value for k in node.keywords if k.arg == "mode")]
    texts = [str(one.value) for one in places if isinstance(one, ast.Constant)]
    return {letter for text in texts if len(text) < 4 and set(text) <= set("rwaxbtU+") for letter in text}


def _is_in_place(node: ast.Call) -> bool:
    """`copy=False`: the first argument may be changed."""
    return any(k.arg == "copy" and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords)
