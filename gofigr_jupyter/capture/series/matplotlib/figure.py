"""A figure, axes by axes and artist by artist, to series; what fails or is no data is said and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from gofigr_jupyter.capture.mime import one_line
from gofigr_jupyter.capture.series import units
from gofigr_jupyter.capture.series.axes import Found
from gofigr_jupyter.capture.series.grouping import Series
from gofigr_jupyter.capture.series.matplotlib import areas, bars, boxes, grids, lines, marks, pies, spatial
from gofigr_jupyter.capture.series.matplotlib.axes import axes_of, ruled
from gofigr_jupyter.capture.series.matplotlib.frame import frame_of
from gofigr_jupyter.capture.series.matplotlib.place import Place, legend_names, legend_title, plain_numbers
from gofigr_jupyter.capture.series.matplotlib.whiskers import Whiskers
from gofigr_jupyter.capture.series.table import Column, text
from gofigr_jupyter.errors import CaptureError

Labels = dict[int, tuple[str, str]]
_SPOKEN = {"AxesImage": "image", "PcolorImage": "image", "NonUniformImage": "image", "QuadMesh": "mesh"}


def series_of(figure: Any, left_out: list[str], found: Found) -> Iterator[Series]:
    """All series of a figure, in the order of its axes; `left_out` is told what is not among them."""
    every = [one for axes in figure.axes for one in (axes, *_inside(axes))]
    labels = _bar_labels(every)
    places = ruled(_places(figure, every))
    for one in places:
        for series in _Axes(one.place, labels, left_out).series():
            yield series.under(legend_title(one.place.axes, figure), tuple(one.names.values()))
    frame = frame_of(figure, found.shown)  # draws, after which solids are no longer what they were given as
    found.note(lambda: axes_of(places, every, labels, frame))


def _places(figure: Any, every: list[Any]) -> list[Place]:
    shown = [
        one for one in every if one.get_visible() and one.get_label() != "<colorbar>" and not hasattr(one, "_colorbar")
    ]
    places = []
    for axes, title in zip(shown, _titles(figure, shown), strict=True):
        parent = axes.get_figure()
        whole = {"x": _figure_words(parent, "_supxlabel"), "y": _figure_words(parent, "_supylabel")}
        places.append(Place(axes, title, legend_names(axes, figure), whole))
    return places


class _Axes:
    """The artists of one axes, each taken once."""

    def __init__(self, place: Place, labels: Labels, left_out: list[str]) -> None:
        self.place = place
        self.axes = place.axes
        self._labels = labels
        self._left_out = left_out
        self._taken: set[int] = set()

    def series(self) -> Iterator[Series]:
        """Containers first, since they know best what their parts mean."""
        if hasattr(self.axes, "zaxis"):
            for artist in [*self.axes.lines, *self._open(self.axes.collections)]:
                yield from self._guarded(artist, lambda one: spatial.series_of(self.place, one, self._labels))
            return
        # bars before their error bars, which matplotlib lists first
        for container in sorted(self.axes.containers, key=lambda one: type(one).__name__ != "BarContainer"):
            yield from self._guarded(container, self._container)
        yield from self._statistics()
        yield from self._lines()
        for collection in self._open(self.axes.collections):
            yield from self._guarded(collection, self._collection)
        yield from self._patches()
        for image in self._open(self.axes.images):
            yield from self._guarded(image, lambda one: _some(grids.image(self.place, one, self._labels)))
        for table in self._open(self.axes.tables):
            yield from self._guarded(table, lambda one: _some(_table(self.place, one)))

    def _container(self, container: Any) -> Iterator[Series]:
        kinds = {base.__name__ for base in type(container).__mro__}
        if "BarContainer" in kinds:
            self._take(container.patches)
            if container.errorbar is not None:
                self._take(container.errorbar.get_children())
            whiskers = Whiskers(self.place, self._open(self.axes.lines))
            yield from _some(bars.bars(self.place, container, whiskers))
            self._take(whiskers.used)
        elif "ErrorbarContainer" in kinds and id(container.lines[0]) not in self._taken:
            pieces = container.get_children()
            if any(id(piece) in self._taken for piece in pieces):  # those of bars
                return
            found = bars.error_bars(self.place, container)
            if found is not None:
                self._take(pieces)
                yield found
        elif "StemContainer" in kinds:
            self._take(container.get_children())
            yield bars.stems(self.place, container)

    def _statistics(self) -> Iterator[Series]:
        """Box plots and violins."""
        with self._noting("box plot"):
            bodies = [one for one in self.axes.patches if type(one).__name__ == "PathPatch" and _is_box(one)]
            found, used = boxes.boxes(self.place, self._open(self.axes.lines), bodies)
            self._taken |= used
            if found:
                self._take(bodies)
            yield from found
        with self._noting("violins"):
            found, used = boxes.violins(self.place, self._open(self.axes.collections))
            self._taken |= used
            yield from found

    def _lines(self) -> Iterator[Series]:
        """Lines, those that are the error bars of others together with these."""
        every = self._open(self.axes.lines)
        whiskers = Whiskers(self.place, every)
        reach: dict[int, tuple[Column, ...]] = {}
        for line in every:
            with suppress(Exception):  # it is said below
                x, y = (plain_numbers(getattr(line, f"get_{direction}data")(orig=False)) for direction in "xy")
                ways = {"x": (x, y), "y": (y, x)}
                asked = (along for along in ways if not whiskers.is_one(along, line))
                found = (whiskers.around(along, *ways[along], line.get_color()) for along in asked)
                reach[id(line)] = next(filter(None, found), ())
        self._take(whiskers.used)
        for line in self._open(every):
            yield from self._guarded(line, lambda one: _some(lines.line(self.place, one, reach.get(id(one), ()))))

    def _collection(self, collection: Any) -> Iterator[Series]:
        kinds = [base.__name__ for base in type(collection).__mro__]
        place, labels = self.place, self._labels
        if "QuadMesh" in kinds or "PolyQuadMesh" in kinds:
            yield from _some(grids.mesh(place, collection, labels))
        elif "ContourSet" in kinds:
            yield from _some(marks.contours(place, collection, labels))
        elif "Quiver" in kinds or "Barbs" in kinds:
            yield marks.arrows(place, collection, labels)
        elif "EventCollection" in kinds:
            yield marks.events(place, collection)
        elif "LineCollection" in kinds:
            yield from marks.segments(place, collection, labels)
        elif "PolyCollection" in kinds and marks.is_hexbin(collection):
            yield marks.hexagons(place, collection, labels)
        elif "PathCollection" in kinds or all(place.is_in_data(collection.get_offset_transform())):
            yield from _some(marks.scatter(place, collection, labels))
        elif "TriMesh" in kinds:
            yield _triangles(place, collection, labels)
        elif all(place.is_data(collection)):
            yield from areas.areas(place, collection)

    def _patches(self) -> Iterator[Series]:
        found = self._open(self.axes.patches)
        wedges = [one for one in found if type(one).__name__ == "Wedge"]
        if wedges:
            yield from self._guarded(wedges, lambda every: _some(pies.pie(self.place, every)))
        for patch in found:
            kinds = {base.__name__ for base in type(patch).__mro__}
            if "StepPatch" in kinds:
                yield from self._guarded(patch, lambda one: _some(bars.stairs(self.place, one)))
            elif "Rectangle" in kinds and not (patch.get_width() or patch.get_height()):
                continue  # it stands there for a legend alone
            elif "Rectangle" in kinds:
                yield from self._guarded(patch, lambda one: bars.rectangles(self.place, [one]))
            elif ("Polygon" in kinds and "FancyArrow" not in kinds) or type(patch).__name__ == "PathPatch":
                yield from self._guarded(patch, lambda one: areas.outline(self.place, one))
            elif "Ellipse" in kinds and "Arc" not in kinds:
                yield from self._guarded(patch, lambda one: _some(areas.ellipse(self.place, one)))

    def _open(self, artists: Iterable[Any]) -> list[Any]:
        return [one for one in artists if id(one) not in self._taken and one.get_visible()]

    def _take(self, artists: Iterable[Any]) -> None:
        self._taken |= {id(one) for one in artists}

    def _guarded(self, artist: Any, read: Callable[[Any], Iterable[Series]]) -> Iterator[Series]:
        kind = type(artist).__name__
        with self._noting("pie" if isinstance(artist, list) else _SPOKEN.get(kind, kind)):
            yield from read(artist)

    @contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        """Artists of others may be anything: what fails costs its own data."""
        where = f" in {self.place.title!r}" if self.place.title else ""
        try:
            yield
        except CaptureError as error:
            self._left_out.append(f"{what}{where}: {error}")
        except Exception as error:  # noqa: BLE001 -- see above
            self._left_out.append(one_line(f"{what}{where} cannot be read ({type(error).__name__}: {error})") or what)


def _some(found: Series | None) -> tuple[Series, ...]:
    return () if found is None else (found,)


def _inside(axes: Any) -> Iterator[Any]:
    """Axes inside an axes that the figure does not list."""
    for child in axes.child_axes:
        if not type(child).__name__.startswith("Secondary"):
            yield child
            yield from _inside(child)


def _bar_labels(every: Iterable[Any]) -> Labels:
    """What colours mean, by the artist that has them: the words at its colour bar."""
    found: Labels = {}
    for axes in every:
        bar = getattr(axes, "_colorbar", None)
        mappable = getattr(bar, "mappable", None)
        if mappable is not None:
            words = axes.get_ylabel() or axes.get_xlabel() or axes.get_title()
            found[id(mappable)] = units.split(one_line(words) or "")
    return found


def _titles(figure: Any, shown: list[Any]) -> list[str]:
    """A name for each axes: its own, with its part of the figure where there are several; numbers where names lack.

    Axes one over the other bear the same name.
    """
    names: list[str] = []
    seen: dict[tuple[float, ...], str] = {}
    for axes in shown:
        spot = tuple(round(one, 6) for one in axes.get_position(original=True).bounds)
        own = next((t for t in (one_line(axes.get_title(loc=loc)) for loc in ("center", "left", "right")) if t), "")
        parent = axes.get_figure()
        part = _figure_words(parent, "_suptitle") if parent is not figure else ""
        key = (float(id(parent)), *spot)
        name = ": ".join(filter(None, (part, own))) or seen.get(key, "")
        if not name:
            name = _figure_words(figure, "_suptitle") if len(shown) == 1 else _numbered(axes, len(names) + 1)
        seen.setdefault(key, name)
        names.append(name)
    is_one = len(set(seen)) == 1 and all(name.startswith("Axes ") for name in names)
    return [_figure_words(figure, "_suptitle") if is_one else name for name in names]


def _numbered(axes: Any, number: int) -> str:
    """A name for axes without title, among several: a number, and what they show."""
    x, y = (Place(axes, "").label(direction)[0] for direction in "xy")
    if not x or not y:
        return f"Axes {number}"
    return f"Axes {number}: {x}" if x == y else f"Axes {number}: {y} against {x}"


def _figure_words(figure: Any, attribute: str) -> str:
    words = getattr(figure, attribute, None)
    return (one_line(words.get_text()) or "") if words is not None else ""


def _is_box(patch: Any) -> bool:
    """Whether a patch is the outline of a box: four corners, or the ten of a notched one."""
    return len(patch.get_path().vertices) in {5, 6, 11, 12}


def _triangles(place: Place, collection: Any, labels: Labels) -> Series:
    grid = collection._triangulation
    columns = [*place.columns("x", grid.x), *place.columns("y", grid.y)]
    values = [one for one in marks.colour_column(collection, labels) if len(one.values) == len(grid.x)]
    return Series(place.title, "mesh", "", (*columns, *values))


def _table(place: Place, found: Any) -> Series:
    """A table that is drawn as one: its words, column by column."""
    cells = {position: cell.get_text().get_text() for position, cell in found.get_celld().items()}
    rows, numbers = sorted({row for row, _ in cells}), sorted({column for _, column in cells})
    columns = [Column(f"column {n}", text([cells.get((row, n)) for row in rows]).cast("string")) for n in numbers]
    return Series(place.title, "table", "", tuple(columns))
