"""The picture of a figure: which one it is, and a small one of it for models that see.

In: a record and a store. Out: the data object that is shown, and a PNG, made where a crash or a bomb costs nothing.
"""

from __future__ import annotations

import struct
from contextlib import suppress

from gofigr_jupyter.proof.recorded import Piece
from gofigr_jupyter.server import thumbnails
from gofigr_jupyter.server.insight.engine import Picture
from gofigr_jupyter.server.insight.record import Record, Rowed
from gofigr_jupyter.server.store import pictures
from gofigr_jupyter.server.store.blobs import DamagedBlob, OutOfReach
from gofigr_jupyter.server.store.store import Store

MOST_STORED = 32 << 20  # bytes of a picture that is looked at
MOST_SENT = 1 << 20
SIZES = (1024, 512, 256)  # pixels; the largest that is small enough in bytes is sent
_SIZE = struct.Struct(">II")
_SIZE_AT = 16  # in every PNG


def shown(record: Record) -> Piece | None:
    """The picture with pixels that a revision shows; None where there is none, or a huge one."""
    rasters = (one for one in (*record.made.displayed, *record.made.drawn) if one.format in pictures.RASTERS)
    return next((one for one in rasters if one.size_bytes <= MOST_STORED), None)


def small(store: Store, rowed: Rowed, record: Record) -> Picture | None:
    """The same made small; None where there is none that can be read."""
    piece = shown(record)
    if piece is None:
        return None
    kept = rowed.found.kept[piece.id]
    stored = pictures.Picture(piece.hash, piece.size_bytes, kept.chunks, kept.bucket_id)
    with suppress(DamagedBlob, OutOfReach):
        for size in SIZES:
            png = thumbnails.first(store, [stored], size)
            if png is not None and len(png) <= MOST_SENT:
                return Picture(png, *_SIZE.unpack_from(png, _SIZE_AT))
    return None
