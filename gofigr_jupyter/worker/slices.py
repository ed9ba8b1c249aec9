"""A parcel's slice, worked out once: the script that makes the figure, and the map from its statements to the cells.

In: a parcel. Out: a Slice, or Missing with the reason. A repeat of the same parcel gets the same slice.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from threading import Lock

from gofigr_jupyter.provenance.slicing.compute import Slice, slice_of
from gofigr_jupyter.records import Missing, Parcel

_KEPT = 16  # a parcel is asked for several times in a row
_log = logging.getLogger("gofigr_jupyter")
_known: OrderedDict[str, Slice | Missing] = OrderedDict()
_lock = Lock()


def slice_for(parcel: Parcel) -> Slice | Missing:
    """The statements that made the parcel's figure."""
    with _lock:
        known = _known.get(parcel.client_id)
    if known is not None:
        return known
    try:
        found = slice_of(parcel.provenance, parcel.showing)
    except Exception as error:  # noqa: BLE001 - whatever the cells are, the figure goes out
        _log.exception("the slice of %s", parcel.client_id)
        found = Missing(f"the session could not be followed ({type(error).__name__})")
    with _lock:
        _known[parcel.client_id] = found
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return found


def map_of(found: Slice) -> str:
    """The slice as JSON: each statement with its cell and lines, the files read, what is not sure."""
    return json.dumps(
        {
            "statements": [
                {
                    "cell": line.cell,
                    "cell_id": line.cell_id,
                    "first_line": line.first_line,
                    "last_line": line.last_line,
                    "source": line.source,
                }
                for line in found.statements
            ],
            "of": found.total,
            "inputs": list(found.inputs),
            "warnings": list(found.warnings),
        },
        ensure_ascii=False,
    )
