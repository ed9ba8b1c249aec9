"""What the metadata of a revision say of the files that it was made from: from records to JSON, no disk, no network."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from gofigr_jupyter.records import CellFacts, InputFile, Missing, Parcel
from gofigr_jupyter.worker.slices import slice_for


def described(file: InputFile, *, is_direct: bool) -> dict[str, Any]:
    """What the metadata of a revision say of one file before anything of it is sent."""
    name = PurePath(file.path).name if file.size is not None else file.path
    told = {"name": name, "path": file.path, "size": file.size, "digest": file.digest, "cell": file.cell}
    told |= {"read_by": file.read_by, "use_type": "direct" if is_direct else "indirect", "changed": False}
    return told | ({"problem": file.why_not} if file.why_not and file.size is not None else {})


def input_metadata(parcel: Parcel) -> list[dict[str, Any]]:
    """What the metadata of a revision say of its inputs at first, when none is sent yet."""
    return [described(file, is_direct=is_direct) for file, is_direct in distinct(parcel)]


def direct_paths(parcel: Parcel) -> frozenset[str] | None:
    """The files that the cells of the figure's slice read; None when there is no slice."""
    found = slice_for(parcel)
    if isinstance(found, Missing):
        return None
    cells = {statement.cell for statement in found.statements}
    return frozenset(file.path for file in parcel.provenance.inputs if file.cell in cells)


def distinct(parcel: Parcel) -> list[tuple[InputFile, bool]]:
    """Each content once, as it was read last, and whether the figure's own cell read it."""
    cell = parcel.provenance.cell
    count = cell.execution_count if isinstance(cell, CellFacts) else None
    found: dict[tuple[str, int | None, int | None], tuple[InputFile, bool]] = {}
    for file in parcel.provenance.inputs:
        key = (file.path, file.size, file.modified_ns)
        was_direct = found[key][1] if key in found else False
        found[key] = (file, was_direct or (count is not None and file.cell == count))
    return list(found.values())
