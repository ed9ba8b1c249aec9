"""The code that made a figure and nothing else, as it was cut out of the session when the figure was published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gofigr_jupyter.proof.recorded import LONGEST_CODE, Code, Piece
from gofigr_jupyter.schema.insight import ExtractedCode, LineageItem, Statement
from gofigr_jupyter.server.insight.record import Record, Rowed
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.store.store import Store

MOST_STATEMENTS = 10_000


def extracted(store: Store, rowed: Rowed, record: Record) -> ExtractedCode:
    """The slice with its statements, or the script. Refuses (404) where neither was recorded."""
    code = record.made.code
    if not isinstance(code, Code) or code.kind == "history":
        raise Refusal(404, {"detail": "Which statements made this figure was not recorded.", "code": "no_slice"})
    return ExtractedCode(
        language="python",
        code=code.text,
        statements=list(_statements(store, rowed, record.piece("slice-map"))),
        inputs=[
            LineageItem(asset_revision=one.asset_revision, path=one.path, hash=one.digest, size_bytes=one.size)
            for one in record.made.inputs
        ],
        method=code.kind,
    )


def _statements(store: Store, rowed: Rowed, piece: Piece | None) -> Iterator[Statement]:
    """From the map that was kept with the slice; what has another form is left out."""
    if piece is None or piece.size_bytes > LONGEST_CODE:
        return
    try:
        told = json.loads(b"".join(store.read(*rowed.found.kept[piece.id])))
        listed: Any = told.get("statements") if isinstance(told, Mapping) else None
    except (ValueError, RecursionError):
        return
    for one in listed[:MOST_STATEMENTS] if isinstance(listed, list) else ():
        if isinstance(one, Mapping):
            first, last, cell = (one.get(key) for key in ("first_line", "last_line", "cell"))
            lines = (first, last) if type(first) is int and type(last) is int else None
            yield Statement(cell=cell if type(cell) in (int, str) else None, lines=lines)
