"""What a call of a library's function does, as far as its name tells: files, chance, settings, new figures, plain data.

In: the function's full name, the call, and what its arguments stand for. Out: what its result may be. A name that no
table knows is taken to change what it is given if nobody takes its result.
"""

from __future__ import annotations

import ast

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.drawing import STYLE, Drawing
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.memory import FOLDER, IMPORTS, NOTHING, Location, Thing, Things

_FLEETING = (Kind.FIGURE, Kind.RANDOM, Kind.ITERATOR)  # what changes when it is passed to a library
_GRAMMARS = frozenset({"altair", "plotnine", "bokeh", "holoviews"})
_STYLES = frozenset({"matplotlib.rcdefaults", "matplotlib.use", "matplotlib.rc"})
_FIGURES = tuple(
    f"plotly.{name}"
    for name in ("express.", "graph_objects.Figure", "graph_objs.Figure", "figure_factory.", "subplots.make_subplots")
)


class Libraries(Drawing):
    """Follows calls of what was imported."""

    def __init__(self) -> None:
        super().__init__()
        self.seeded: set[Location] = set()
        self.is_discarded = False  # nobody takes the result of the call that is looked at

    def library_call(self, path: str, node: ast.Call, given: list[Things]) -> Things:
        """`path(...)`; the arguments are read already."""
        root, _, rest = path.partition(".")
        name = path.rpartition(".")[2]
        self.read([self.package(root)])
        things = frozenset(thing for one in given for thing in one)
        self.change([thing for thing in things if thing.kind in _FLEETING and not self._is_asked(path, name)])
        self.change(self._out(node))
        if path in tables.CHANGES_FIRST and given:
            self.change(given[0])
        self.files(name, node, path)
        for special in (self._of_python, self._that_shows, self._that_draws, self._of_chance, self._that_sets):
            found = special(path, node, given)
            if found is not None:
                return found
        return self._ordinary(root, rest, node, things)

    def _is_asked(self, path: str, name: str) -> bool:
        return path.startswith(("matplotlib.pyplot.figure", "matplotlib.pyplot.close", "matplotlib.pyplot.sca")) or (
            name in {"display", "print", "isinstance", "len", "type", "zip", "enumerate", "list", "getattr", "repr"}
            or path.startswith("builtins.")
        )

    def _out(self, node: ast.Call) -> Things:
        """`out=x`"""
        return NOTHING.union(*(self.look(k.value) for k in node.keywords if k.arg == "out"))

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

    def _that_draws(self, path: str, node: ast.Call, given: list[Things]) -> Things | None:
        root, _, name = path.rpartition(".")
        if path in _STYLES or any(word in path for word in (".rcParams.", ".style.", "colormaps.register")):
            if path in _STYLES or name in {"update", "use", "register", "clear", "setdefault"}:
                self.set_state(STYLE, path if path in tables.REPLACES else ast.unparse(node)[:200])
            return frozenset({self.fresh()})
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
        if path.startswith(_FIGURES):
            return frozenset({self.fresh(Kind.FIGURE, path="plotly")})
        is_grammar = root == "seaborn.objects" or root.partition(".")[0] in _GRAMMARS
        if is_grammar and (name[:1].isupper() or root == "plotnine" or name == "figure"):
            return frozenset({self.fresh(Kind.FIGURE, (thing for one in given for thing in one), path=root)})
        return None

    # ------------------------------------------------------------ chance

    def _of_chance(self, path: str, node: ast.Call, given: list[Things]) -> Things | None:
        root, _, name = path.rpartition(".")
        if root not in {"numpy.random", "random"}:
            return None if root in {"matplotlib.pyplot", "seaborn"} else self._maybe_chancy(path, name, node)
        shared = self.package(f"{root.replace('.', '_')}@chance")
        if name in tables.DRAWS_NOTHING:
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
        if name in tables.DRAW or "jitter" in {k.arg for k in node.keywords}:
            self.draw()
        return things

    def draw(self) -> None:
        """NumPy's shared generator is used."""
        shared = self.package("numpy_random@chance")
        self.change([shared])
        self.read([shared])

    @property
    def chance(self) -> frozenset[Location]:
        """Where the state of those shared generators is kept that nobody has seeded."""
        names = ("numpy_random@chance", "random@chance")
        return frozenset({("thing", self.package(name).number, "") for name in names} - self.seeded)

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
        elif root.startswith("@own"):  # a module of the user's own, whose functions nobody has seen
            self.change(things)
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
        if root == "collections":
            made = self.anything_of(Kind.CONTAINER)
            made.parts |= self.elements(things)
            return frozenset({made})
        if root == "itertools":
            return frozenset({self.fresh(Kind.ITERATOR, self.elements(things) | functions)})
        if root in tables.KEEPS_NOTHING:
            return frozenset({self.fresh(parts=functions)})
        return frozenset({self.fresh(parts=(thing for thing in things if thing.kind not in {Kind.FRAME, Kind.ARRAY}))})

    # ------------------------------------------------------------ files

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
        elif name == "open" and _mode(node) & set("wax+"):
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


def is_seeded(node: ast.Call) -> bool:
    """Whether a call says where its random numbers come from."""
    return any(
        k.arg in {"random_state", "seed", "rng", "generator"}
        and not (isinstance(k.value, ast.Constant) and k.value.value is None)
        for k in node.keywords
    )


def _mode(node: ast.Call) -> set[str]:
    """The letters of open()'s mode."""
    is_method = isinstance(node.func, ast.Attribute)
    places = [*node.args[0 if is_method else 1 :][:1], *(k.value for k in node.keywords if k.arg == "mode")]
    return {
        letter
        for one in places
        if isinstance(one, ast.Constant)
        for letter in str(one.value)
        if len(str(one.value)) < 4
    }
