"""Where plotly's traces are drawn: titles of axes, colour bars and parts of a figure, and which axes show times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from gofigr_jupyter.capture.plotly import plain
from gofigr_jupyter.capture.series import units, values

_NEAR = 1e-6


class Layout:
    """The layout of a figure as the traces need it."""

    def __init__(self, layout: Mapping[str, Any], title: str, traces: Sequence[Mapping[str, Any]]) -> None:
        self._layout = layout
        self._title = title
        self._spots = list(dict.fromkeys(map(self._spot, traces)))

    def place(self, trace: Mapping[str, Any]) -> str:
        """The title of the part of the figure that shows a trace; a number where it has none."""
        spot = self._spot(trace)
        if len(self._spots) < 2:
            return self._title
        name = next(self._titles_over(trace), "") or f"part {self._spots.index(spot) + 1}"
        return f"{self._title}: {name}" if self._title else name[0].upper() + name[1:]

    @property
    def legend(self) -> str:
        """The title of the legend."""
        return _title_of(self._layout.get("legend"))

    def axis(self, trace: Mapping[str, Any], direction: str) -> tuple[str, str]:
        """What an axis shows, and its unit."""
        return units.split(_title_of(self.definition(trace, direction)))

    def colour(self, trace: Mapping[str, Any]) -> tuple[str, str]:
        """What colours stand for, by the title of the colour bar."""
        shared = item(trace, "marker.coloraxis") or trace.get("coloraxis") or item(trace, "line.coloraxis")
        bars = [item(self._layout, f"{shared}.colorbar")] if isinstance(shared, str) else []
        bars += [trace.get("colorbar"), item(trace, "marker.colorbar"), item(trace, "line.colorbar")]
        return units.split(next(filter(None, map(_title_of, bars)), ""))

    def label(self, trace: Mapping[str, Any], path: str) -> tuple[str, str]:
        """The label and unit of an attribute."""
        if path in {"marker.color", "line.color", "surfacecolor", "intensity", "value"}:
            return self.colour(trace)
        if path == "z" and str(trace.get("type")).startswith(("choropleth", "density")):
            return self.colour(trace)
        across = "x" if trace.get("orientation") == "h" else "y"
        direction = path[6] if path.startswith("error_") else across if path == "base" else path
        return self.axis(trace, direction) if direction in {"x", "y", "z", "r", "theta", "a", "b", "c"} else ("", "")

    def timed(self, trace: Mapping[str, Any], path: str, found: pa.Array) -> pa.Array:
        """Texts as times, unless the axis says that it has categories."""
        kind = self.definition(trace, path).get("type") if path in {"x", "y", "z"} else "category"
        if kind not in {None, "-", "date"}:
            return found
        return found if (moments := values.times(found)) is None else moments

    def number(self, trace: Mapping[str, Any]) -> int:
        """The number of the part of the figure that shows a trace, from 0."""
        return self._spots.index(self._spot(trace))

    def item(self, path: str) -> Any:
        """What lies at a path of names in the layout itself."""
        return item(self._layout, path)

    def followed(self, axis: Mapping[str, Any], direction: str) -> Mapping[str, Any]:
        """The axis whose range another one follows; empty where it follows none."""
        found = self._layout.get(f"{direction}axis{str(axis['matches'])[1:]}") if "matches" in axis else None
        return found if isinstance(found, Mapping) else {}

    def definition(self, trace: Mapping[str, Any], direction: str) -> Mapping[str, Any]:
        """What the layout says of an axis of a trace."""
        number = {"r": "polar", "theta": "polar", "a": "ternary", "b": "ternary", "c": "ternary"}.get(direction)
        if number is not None:
            inner = {"r": "radialaxis", "theta": "angularaxis"}.get(direction, f"{direction}axis")
            found = item(self._layout, f"{trace.get('subplot') or number}.{inner}")
        elif "3d" in str(trace.get("type")) or trace.get("scene") or trace.get("type") in SPATIAL:
            found = item(self._layout, f"{trace.get('scene') or 'scene'}.{direction}axis")
        else:
            reference = str(trace.get(f"{direction}axis") or direction)
            found = self._layout.get(f"{direction}axis{reference[1:]}")
            if not _title_of(found) and isinstance(found, Mapping) and "matches" in found:
                shared = self.followed(found, direction)
                found = {**found, "title": item(shared, "title")} if shared else found
        return found if isinstance(found, Mapping) else {}

    def _spot(self, trace: Mapping[str, Any]) -> tuple[str, ...]:
        """What tells the part of the figure that shows a trace; an axis over another one is in the same part."""
        own = trace.get("domain")
        spot = [str(own) if isinstance(own, Mapping) and "x" in own else ""]
        for direction in "xy":
            reference = str(trace.get(f"{direction}axis") or direction)
            under = item(self._layout, f"{direction}axis{reference[1:]}.overlaying")
            spot.append(under if isinstance(under, str) and under != "free" else reference)
        return (*spot, *(name if (name := str(trace.get(one) or "")) not in _FIRST else "" for one in _PARTS))

    def _titles_over(self, trace: Mapping[str, Any]) -> Iterator[str]:
        """Annotations that stand in the middle over the part, as titles of parts do."""
        domains = [item(self.definition(trace, direction), "domain") for direction in "xy"]
        if trace.get("domain"):
            domains = [item(trace, f"domain.{direction}") for direction in "xy"]
        if not all(isinstance(one, list) and len(one) == 2 for one in domains):
            return
        (left, right), (_, top) = domains
        for one in self._layout.get("annotations") or ():
            if not isinstance(one, Mapping) or one.get("xref") != "paper" or one.get("yref") != "paper":
                continue
            x, y = one.get("x"), one.get("y")
            if not isinstance(x, int | float) or not isinstance(y, int | float):
                continue
            if abs(x - (left + right) / 2) < _NEAR and abs(y - top) < _NEAR:
                yield plain(str(one.get("text") or "")) or ""


_PARTS = ("scene", "subplot", "geo")
_FIRST = {"scene", "polar", "ternary", "mapbox", "map", "smith", "geo"}  # the names of those that need not be named
SPATIAL = {"surface", "mesh3d", "cone", "streamtube", "isosurface", "volume"}


def item(container: Any, path: str) -> Any:
    """What lies at a path of names; None where there is nothing."""
    for name in path.split("."):
        container = container.get(name) if isinstance(container, Mapping) else None
    return container


def _title_of(holder: Any) -> str:
    found = item(holder, "title")
    words = item(found, "text") if isinstance(found, Mapping) else found
    return plain(words) or "" if isinstance(words, str) else ""
