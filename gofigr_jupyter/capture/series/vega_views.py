"""The parts of a Vega-Lite chart that have marks, each with what it inherits from those around it.

In: a specification. Out: marks with their views, in order. Reads no data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gofigr_jupyter.capture.mime import one_line

_PARTS = ("layer", "concat", "hconcat", "vconcat")


@dataclass(frozen=True)
class View:
    """What a part of a chart inherits: data, encodings, fields of a repetition, title, and whether data is changed.

    `panel` tells the subplot by its place in the chart, which layers share; `apart` tells by direction which layer has
    a scale of its own.
    """

    data: Any = None
    encoding: Mapping[str, Any] = field(default_factory=dict)
    repeated: Mapping[str, Sequence[str]] = field(default_factory=dict)
    title: str = ""
    transforms: tuple[str, ...] = ()
    panel: str = ""
    apart: Mapping[str, str] = field(default_factory=dict)

    def name(self, direction: str) -> str:
        """The name of an axis."""
        return f"{direction} of {self.panel}{self.apart.get(direction, '')}"


def views_of(spec: Mapping[str, Any], above: View | None = None) -> Iterator[tuple[Any, View]]:
    """The marks of a chart and of its parts."""
    above = View() if above is None else above
    view = replace(
        above,
        data=spec["data"] if spec.get("data") is not None else above.data,
        encoding={**above.encoding, **(spec.get("encoding") or {})},
        title=title_of(spec.get("title")) or above.title,
        transforms=above.transforms + tuple(_transforms(spec)),
    )
    if "mark" in spec:
        yield spec["mark"], view
    for name in _PARTS:
        for number, part in enumerate(spec.get(name) or ()):
            yield from views_of(part, _layer(spec, view, number) if name == "layer" else _panel(view, name, number))
    if isinstance(spec.get("spec"), Mapping):
        yield from views_of(spec["spec"], _inner(spec, view))


def title_of(given: Any) -> str:
    """The words of a title, in one line."""
    words = given.get("text") if isinstance(given, Mapping) else given
    return one_line(" ".join(map(str, words)) if isinstance(words, list) else words) or ""


def _panel(view: View, name: str, number: int) -> View:
    return replace(view, panel=f"{view.panel}/{name} {number}")


def _layer(spec: Mapping[str, Any], view: View, number: int) -> View:
    """A layer; where scales are resolved to be independent it has its own."""
    resolve = spec.get("resolve")
    scales = resolve.get("scale") if isinstance(resolve, Mapping) else None
    if not isinstance(scales, Mapping):
        return view
    own = [name for name in ("x", "y") if scales.get(name) == "independent"]
    apart = {name: f"{view.apart.get(name, '')}/layer {number}" for name in own}
    return replace(view, apart={**view.apart, **apart})


def _inner(spec: Mapping[str, Any], view: View) -> View:
    """What the inside of a facet or a repetition inherits."""
    repeated = spec.get("repeat")
    if isinstance(repeated, list):
        return replace(view, repeated={"repeat": repeated})
    if isinstance(repeated, Mapping):
        return replace(view, repeated={str(name): list(fields) for name, fields in repeated.items()})
    facet = spec.get("facet")
    if isinstance(facet, Mapping):
        channels = (
            {"facet": facet}
            if "field" in facet
            else {name: one for name, one in facet.items() if name in {"row", "column"}}
        )
        return replace(view, encoding={**channels, **view.encoding})
    return view


def _transforms(spec: Mapping[str, Any]) -> Iterator[str]:
    for one in spec.get("transform") or ():
        if isinstance(one, Mapping):
            yield next((str(name) for name in one if name not in {"as", "groupby", "sort", "frame"}), "transform")
