"""Points of a figure's data: what a page sends as one, and what it must know to show them on the picture.

In: JSON of a page, and a client. Out: anchors as the contract has them; where the axes of a revision run in its
picture, and the comments about points of the data on the revisions before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from gofigr_jupyter.capture.series import axes
from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError
from gofigr_jupyter.schema.comments import Comment
from gofigr_jupyter.widgets.thread import said


def point(anchor: object) -> dict[str, Any] | None:
    """A point of the picture or of the data as the contract has it, where a page has sent one."""
    match anchor:
        case {"u": int() | float() as u, "v": int() | float() as v} if 0 <= u <= 1 and 0 <= v <= 1:
            return {"u": float(u), "v": float(v)}
        case {"axes": int() as panel, "x": int() | float() as x, "y": int() | float() as y}:
            if 0 <= panel < axes.MOST_PANELS and math.isfinite(x) and math.isfinite(y):
                return {"axes": int(panel), "x": float(x), "y": float(y)}
    return None


def ground(gf: GoFigr, revision_id: str, reader: str) -> dict[str, Any]:
    """What the page of a revision shows points on. `reader` is who looks. Raises APIError."""
    revision = gf.revisions.get(revision_id)
    earlier = gf.comments.earlier(revision)
    return {"axes": [*_axes(revision)], "earlier": [*_faces(gf, revision, earlier, reader)] if earlier else []}


def _axes(revision: Revision) -> Iterator[dict[str, Any]]:
    """Those that are known to run somewhere, the first of each subplot and direction."""
    item = next((one for one in revision.data if axes.are_told_in(one.type, one.metadata, one.size_bytes)), None)
    there: set[tuple[int, str]] = set()
    for one in axes.read(item.text()) if item else ():
        if one.run is not None and (one.index, one.direction) not in there:
            there.add((one.index, one.direction))
            run = [one.run.start, one.run.end, one.run.first, one.run.last]
            yield {"axes": one.index, "direction": one.direction, "scale": one.scale, "run": run}


def _faces(gf: GoFigr, revision: Revision, earlier: list[Comment], reader: str) -> Iterator[dict[str, Any]]:
    """The comments as the page draws them, each with the number of its revision, where that may be known."""
    numbers: dict[str | None, int] = {}
    if revision.figure:
        with suppress(APIError):  # a revision shared by itself does not open its figure
            numbers = {one.api_id: one.revision_index + 1 for one in gf.figures.get(revision.figure).revisions}
    for comment in earlier:
        yield said(comment, reader) | {"revision": numbers.get(comment.target_id, 0)}
