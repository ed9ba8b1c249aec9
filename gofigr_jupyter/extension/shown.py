"""What one cell has shown so far: the list of its figures, each in its last state.

In: bundles of outgoing messages, with the live object where one was noted. Out: Figures, holding bytes and weak
references only. Pure: no shell, no disk; the rules of "which of these is one figure" live here and nowhere else.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blake3 import blake3

from gofigr_jupyter.capture import anything, libraries
from gofigr_jupyter.capture.mime import lasting
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.cleanroom.running import Run
from gofigr_jupyter.extension.areas import CELL, Area
from gofigr_jupyter.publishing import Ids, Publisher
from gofigr_jupyter.records import Attachment, Capture, CdnWish, Displayed, Missing, Moment, Ref, Source


@dataclass
class Fate:
    """What became of a request: the revision that it is, once it has gone out, or why it did not."""

    ids: Ids | None = None
    problem: str = ""


@dataclass
class Request:
    """What the author asked for by calling publish(): it travels with the figure, however that is shown later."""

    name: str | None = None
    figure: Ref | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    cdn: CdnWish | Missing | None = None
    fate: Fate = field(default_factory=Fate)


@dataclass
class Figure:
    """One figure of the running cell: where it came from, its last displayed bytes, its identity."""

    publisher: Publisher  # as the settings were when it was shown
    ids: Ids
    kind: str
    title: str | None
    displayed: tuple[Displayed, ...]
    source: Source | Missing
    position: int
    reference: weakref.ref[Any] | None = None
    display_id: str | None = None
    request: Request | None = None
    was_shown: bool = True
    is_live: bool = False  # a canvas that goes on changing without messages (ipympl)
    card: Any = None
    area: Area = CELL
    wants_picture: bool = False  # the page is asked to draw it
    sent: tuple[Displayed, ...] | None = None  # the picture with which it went out before its cell had ended
    run: Run | None = None  # of the reproducible function that made it
    run_name: str = ""  # what it is called for want of a title

    def is_of(self, obj: Any) -> bool:
        """Whether this is the figure of a live object; ids of dead objects are reused, weak references are not."""
        return obj is not None and self.reference is not None and self.reference() is obj

    def same_picture(self, displayed: tuple[Displayed, ...]) -> bool:
        """Whether it showed exactly these bytes, the ids of pages aside, which are drawn anew each time."""
        return [(d.mime_type, lasting(d)) for d in self.displayed] == [(d.mime_type, lasting(d)) for d in displayed]

    def shows(self, seen: Seen) -> bool:
        """Whether it looks like this: by the bytes shown, and where only a script was, by what the script draws."""
        if self.displayed and seen.displayed:
            return self.same_picture(seen.displayed)
        one, other = self.source, seen.source
        if self.is_live or not isinstance(one, Source) or not isinstance(other, Source) or one.format == "pickle":
            return True
        return one.data == other.data

    def take(self, seen: Seen) -> None:
        """Replace its state by a newer one."""
        self.kind, self.title, self.displayed, self.source = seen.kind, seen.title, seen.displayed, seen.source
        self.reference, self.is_live, self.was_shown = seen.reference or self.reference, seen.is_live, True

    def capture(self) -> Capture:
        """The noun that travels on."""
        return Capture(self.kind, self.title, self.displayed, self.source)

    def name(self, moment: Moment) -> str:
        """An explicit name > the title > a fallback that stays the same when the cell runs again."""
        if self.request is not None and self.request.name:
            return self.request.name
        if self.title or self.run_name:
            return self.title or self.run_name
        key = moment.cell_id or blake3(moment.source.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"Untitled {key.rsplit('#', 1)[-1][:12]}-{self.position}"


@dataclass
class Cell:
    """The running cell: its moment and the figures that are visible under it now."""

    moment: Moment
    figures: list[Figure] = field(default_factory=list)
    is_aside: bool = False  # an interactive function's: shown in the place of earlier figures
    has_cleared: bool = False
    clears_next: set[Area] = field(default_factory=set)

    def find(self, obj: Any) -> Figure | None:
        """The latest figure made of a live object."""
        return next((f for f in reversed(self.figures) if f.is_of(obj)), None)

    def find_picture(self, seen: Seen) -> Figure | None:
        """The figure that showed these very bytes, where no object tells (`plotly`'s show sends a bare bundle)."""
        nameless = (f for f in self.figures if f.reference is None or seen.reference is None)
        return next((f for f in nameless if f.kind == seen.kind and _alike(f, seen)), None)

    def clear(self, area: Area, *, wait: bool) -> list[Figure]:
        """clear_output(): what it removes from its place; with `wait`, only when something new is shown there."""
        self.has_cleared = True
        if wait:
            self.clears_next.add(area)
            return []
        return self._drop(area)

    def about_to_show(self, area: Area) -> list[Figure]:
        """Something new is shown in a place: carries out a clear_output that waits there."""
        return self._drop(area) if area in self.clears_next else []

    def _drop(self, area: Area) -> list[Figure]:
        self.clears_next.discard(area)
        gone = [f for f in self.figures if f.was_shown and f.area == area]
        self.figures = [f for f in self.figures if not (f.was_shown and f.area == area)]
        return gone


# ---------------------------------------------------------------- from objects and bundles


def look(data: Mapping[str, Any], metadata: Mapping[str, Any], obj: Any) -> Seen | None:
    """Read a display message's bundle; None when it shows no figure. `obj` is the object noted just before, or None."""
    library = libraries.of_object(obj)
    seen = library.adapter.see(obj, data, metadata) if library is not None else None
    if seen is not None:
        return seen
    for library in libraries.LIBRARIES:
        if library.may_have_made(data):
            seen = library.adapter.see(None, data, metadata)
            if seen is not None:
                return seen
    return anything.see(obj, data, metadata)


def _alike(figure: Figure, seen: Seen) -> bool:
    if figure.displayed and seen.displayed:
        return figure.same_picture(seen.displayed)
    # One of them was given to publish() and never displayed: only what it is drawn from can be compared.
    if not isinstance(figure.source, Source) or not isinstance(seen.source, Source):
        return False
    if "pickle" in {figure.source.format, seen.source.format}:
        return False
    try:
        return bool(json.loads(figure.source.data) == json.loads(seen.source.data))
    except ValueError:  # not all sources are JSON
        return figure.source.data == seen.source.data


def live_object(obj: Any) -> Any:
    """The object by which a figure is recognised: a canvas stands for its figure."""
    library = libraries.of_object(obj)
    return obj if library is None else library.adapter.figure_of(obj)
