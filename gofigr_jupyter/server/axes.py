"""Which data object of a revision tells the axes of its figure; what it says is read by `capture.series.axes`."""

from __future__ import annotations

from collections.abc import Iterable

from gofigr_jupyter.capture.series.axes import are_told_in
from gofigr_jupyter.server.store.gallery import Item


def item_of(items: Iterable[Item]) -> Item | None:
    """The first that does; None where there is none."""
    return next((one for one in items if are_told_in(one.type, one.meta, one.size_bytes)), None)
