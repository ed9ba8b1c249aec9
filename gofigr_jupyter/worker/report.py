"""Receipts as the worker writes them: each says only what is already true, and keeps what was true before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gofigr_jupyter.outbox.receipts import read_receipt, write_receipt
from gofigr_jupyter.records import Parcel, Receipt, State
from gofigr_jupyter.schema.figures import Revision
from gofigr_jupyter.worker.settle import downloads
from gofigr_jupyter.worker.upload import figure_name


def report(home: Path, client_id: str, state: State, **changes: Any) -> None:
    """Write the next receipt of a parcel; the problem of the last one is gone unless named again."""
    before = read_receipt(home, client_id) or Receipt(client_id, State.SAVED, datetime.now(UTC))
    fields: dict[str, Any] = {"problem": None, "advice": None} | changes
    write_receipt(home, replace(before, state=state, updated_at=datetime.now(UTC), **fields))


def of_parcel(parcel: Parcel) -> dict[str, Any]:
    """What a receipt takes from the parcel itself."""
    return {"figure_name": figure_name(parcel), "link": parcel.link, "short_id": parcel.short_id}


def of_revision(parcel: Parcel, revision: Revision) -> dict[str, Any]:
    """What a receipt takes from the server's answer. A short id that went to another revision is in no link."""
    link = parcel.link
    if parcel.short_id and revision.short_id != parcel.short_id:
        link = link.replace(parcel.short_id, parcel.client_id)
    return {
        "link": link,
        "short_id": revision.short_id,
        "figure_id": revision.figure,
        "revision_number": revision.revision_index + 1,
        "size_bytes": revision.size_bytes,
        "downloads": downloads(revision),
    }
