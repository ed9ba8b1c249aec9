"""The objects of a bokeh document: each stands in full where it occurs first, and by its id elsewhere.

In: a document's JSON. Out: its objects, and the way from one to those that it names. Knows nothing of what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DEEPEST = 60
_PLOTS = frozenset(("Figure", "Plot", "figure"))


class Objects:
    """All objects of a document, by their ids."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._by_id: dict[str, Mapping[str, Any]] = {}
        _index(document, self._by_id, 0)

    def every(self) -> list[Mapping[str, Any]]:
        """All of them, in their order."""
        return list(self._by_id.values())

    def plots(self) -> list[Mapping[str, Any]]:
        """Those that are plots."""
        return [one for one in self.every() if name_of(one) in _PLOTS]

    def get(self, holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """The object that an attribute holds."""
        return self.resolved(attributes_of(holder).get(name))

    def all(self, holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        """The objects of a list."""
        found = attributes_of(holder).get(name)
        return [self.resolved(one) for one in found] if isinstance(found, list) else []

    def at(self, holder: Mapping[str, Any], *sides: str) -> list[Mapping[str, Any]]:
        """What stands at some sides of a plot."""
        return [one for side in sides for one in self.all(holder, side)]

    def resolved(self, found: Any) -> Mapping[str, Any]:
        """An object out of what names it; a text or a number in the clothing of one."""
        if not isinstance(found, Mapping):
            return {"attributes": {"text": found}}
        return self._by_id.get(str(found.get("id")), found)


def name_of(found: Mapping[str, Any]) -> str:
    """The name of an object's class."""
    return str(found.get("name") or found.get("type") or "")


def attributes_of(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its attributes; those at their defaults are not among them."""
    attributes = found.get("attributes")
    return attributes if isinstance(attributes, Mapping) else {}


def field_of(given: Any) -> str:
    """The column that an attribute is taken from; "" for one value for all."""
    return str(given["field"]) if isinstance(given, Mapping) and isinstance(given.get("field"), str) else ""


def _index(found: Any, objects: dict[str, Mapping[str, Any]], depth: int) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(found, Mapping):
        if "id" in found and ("attributes" in found or "name" in found):
            objects.setdefault(str(found["id"]), found)
        for inner in found.values():
            _index(inner, objects, depth + 1)
    elif isinstance(found, list):
        for inner in found:
            if isinstance(inner, list | Mapping):
                _index(inner, objects, depth + 1)
