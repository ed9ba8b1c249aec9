"""Which libraries draw figures: names of their classes, marks of their bundles, the forms that can be drawn of them.

Names only: each library's module beside this one is loaded when the first of its figures appears, never before.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.records import Missing, Rendition, Source

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
    object was seen. `senders` are modules whose functions send bundles of their own, each with the variable that holds
    the figure there. `page_first`: its own forms are quick and its static picture is slow. `by_source`: the forms that
    a format of source has, for libraries with several such formats. `page_draws`: where it shows no pixels, the
    notebook's page can make some of what it shows.
    """

    kind: str
    types: tuple[ClassName, ...]
    forms: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    senders: tuple[tuple[str, str], ...] = ()
    page_first: bool = False
    page_draws: bool = False
    by_source: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def adapter(self) -> Adapter:
        """The module that knows it."""
        return cast(Adapter, importlib.import_module(f"gofigr_jupyter.capture.{self.kind}"))

    def forms_of(self, source: Source | Missing) -> tuple[str, ...]:
        """The forms that can be drawn of a source."""
        return dict(self.by_source).get(source.format, self.forms) if isinstance(source, Source) else self.forms

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
        senders=(("plotly.io._renderers", "fig"),),
        page_first=True,
        page_draws=True,
    ),
    Library(
        "vega",
        (
            *((f"altair.vegalite.v{version}.api", "TopLevelMixin") for version in (4, 5, 6, 7)),
            ("altair.utils.display", "Displayable"),
            ("altair.jupyter.jupyter_chart", "JupyterChart"),
        ),
        forms=("html", "json", "svg", "pdf"),
        marks=("application/vnd.vega", "vegaEmbed", "vega-embed"),
        page_draws=True,
    ),
    Library(
        "plotnine",
        (
            ("plotnine.ggplot", "ggplot"),
            ("plotnine.composition._compose", "Compose"),
            ("plotnine.plot_composition._compose", "Compose"),
        ),
        forms=("svg", "pdf"),
        senders=tuple(
            (f"plotnine.{module}", "self") for module in ("ggplot", "composition._compose", "plot_composition._compose")
        ),
    ),
    Library(
        "seaborn",
        (("seaborn._core.plot", "Plot"), ("seaborn._core.plot", "Plotter")),
        forms=("svg", "pdf"),
    ),
    Library(
        "holoviews",
        (("holoviews.core.dimension", "LabelledData"), ("panel.viewable", "Viewable")),
        senders=(("holoviews.ipython.display_hooks", "obj"),),
        by_source=(("pickle", ("svg", "pdf")), ("plotly", ("html", "json")), ("bokeh", ("html", "json"))),
        page_first=True,
    ),
    Library(
        "bokeh",
        (("bokeh.models.layouts", "LayoutDOM"),),
        forms=("html", "json"),
        marks=("application/vnd.bokehjs_exec", "docs_json = {"),
        page_first=True,
    ),
    Library(
        "pyvista",
        (("pyvista.plotting.plotter", "BasePlotter"), ("trame_pyvista.jupyter", "EmbeddableWidget")),
        senders=(("pyvista.plotting.plotter", "self"),),
        by_source=(("html", ("html",)), ("pyvista", ("json",))),
        page_first=True,
    ),
    Library(
        "py3dmol",
        (("py3Dmol", "view"),),
        forms=("html", "json"),
        marks=("application/3dmoljs_load",),
        senders=(("py3Dmol", "self"),),
        page_first=True,
    ),
    Library("html", ()),
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
