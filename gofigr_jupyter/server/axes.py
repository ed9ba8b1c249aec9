"""The axes of a figure as its worker has told them, for pages and for whoever else asks what a figure shows.

In: data objects, and JSON that anybody may have uploaded. Out: frozen `Axis` values; what has another form is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from gofigr_jupyter.capture.series import axes
from gofigr_jupyter.capture.series.axes import Axis
from gofigr_jupyter.server.store.gallery import Item

MOST_BYTES = 400_000


def read(text: str) -> tuple[Axis, ...]:
    """The axes in such a text: at most a hundred, each sound in itself; none where it is no such text."""
    return axes.read(text)


def item_of(items: Iterable[Item]) -> Item | None:
    """The data object that tells the axes; None where there is none, or one that is too large to be one."""
    return next((one for one in items if is_axes(one) and one.size_bytes <= MOST_BYTES), None)


def is_axes(item: Item) -> bool:
    """Whether a data object tells the axes."""
    return item.type == "text" and item.meta.get("role") == axes.ROLE and item.meta.get("format") == "json"
