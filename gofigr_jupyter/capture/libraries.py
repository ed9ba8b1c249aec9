"""Which libraries draw figures: names of their classes, marks of their bundles, the forms that can be drawn of them.

Names only: each library's module beside this one is loaded when the first of its figures appears, never before.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.records import Rendition, Source

ClassName = tuple[str, str]  # the module that defines it, and its name


class Adapter(Protocol):
    """What each library's module can do. The kernel's side reads, never raises, never changes a figure."""

    def figure_of(self, shown: Any) -> Any:
        """The object by which a figure is known again: a canvas stands for its figure, most stand for themselves."""

    def see(self, shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
        """What a displayed bundle shows of an object, or of none (`shown` is None): None when it is not for us."""

    def asked(self, shown: Any) -> Seen:
        """The figure as publish() takes it when nothing was displayed. May raise what the library raises."""

    def render(self, source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
        """The worker's side: the source in each format, in order; what cannot be had is Missing."""


@dataclass(frozen=True, slots=True)
class Library:
    """One plotting library. `kind` is also its module's name; `forms` are drawn by the worker, in that order.

    `marks` are words of which a bundle of its figures holds one, as a MIME type's start or inside its HTML, where no
    object was seen. `shows_itself`: its classes have `_ipython_display_`. `page_first`: its own forms are quick and its
    static picture is slow.
    """

    kind: str
    types: tuple[ClassName, ...]
    forms: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    shows_itself: bool = False
    page_first: bool = False

    @property
    def adapter(self) -> Adapter:
        """The module that knows it."""
        return cast(Adapter, importlib.import_module(f"gofigr_jupyter.capture.{self.kind}"))

    def may_have_made(self, data: Mapping[str, Any]) -> bool:
        """Whether a bundle bears one of its marks; a quick look that may be wrong."""
        page = data.get("text/html")
        text = "".join(page) if isinstance(page, list) else page if isinstance(page, str) else ""
        return any(mark in text or any(name.startswith(mark) for name in data) for mark in self.marks)


LIBRARIES: tuple[Library, ...] = (
    Library(
        "matplotlib",
        (("matplotlib.figure", "Figure"), ("matplotlib.backend_bases", "FigureCanvasBase")),
        forms=("svg", "pdf"),
    ),
    Library(
        "plotly",
        (("plotly.basedatatypes", "BaseFigure"),),
        forms=("html", "json"),
        marks=("application/vnd.plotly", "Plotly.newPlot("),
        shows_itself=True,
        page_first=True,
    ),
)


def of_kind(kind: str) -> Library | None:
    """The library of a captured figure; None for plain pictures and for kinds of a newer version."""
    return next((library for library in LIBRARIES if library.kind == kind), None)


def of_object(obj: Any) -> Library | None:
    """The library that an object is a figure of; tells by the names of its classes, imports nothing."""
    if obj is None:
        return None
    names = {(base.__module__, base.__name__) for base in type(obj).__mro__}
    return next((library for library in LIBRARIES if not names.isdisjoint(library.types)), None)
