"""Receipts: what became of each parcel, as a small file. The worker writes, card and command line read."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from gofigr_jupyter.outbox.files import read_json, write_json
from gofigr_jupyter.records import Download, OnCdn, Receipt, State

# These say something that must not be forgotten by a power failure.
_LASTING = {State.PUBLISHED, State.COMPLETE, State.FAILED}


def receipt_path(home: Path, client_id: str) -> Path:
    """Where the receipt of a parcel lies; its modification time tells a watcher that it has changed."""
    return home / "outbox" / "receipts" / f"{client_id}.json"


def read_receipt(home: Path, client_id: str) -> Receipt | None:
    """The receipt of a parcel; None means that it is saved and nothing has happened yet."""
    content = read_json(receipt_path(home, client_id))
    if content is None:
        return None
    try:
        content["state"] = State(content["state"])
        content["updated_at"] = datetime.fromisoformat(content["updated_at"])
        content["downloads"] = tuple(Download(**item) for item in content["downloads"])
        content["cdn"] = OnCdn(**content["cdn"]) if content.get("cdn") else None
        return Receipt(**content)
    except (KeyError, TypeError, ValueError):
        return None


def write_receipt(home: Path, receipt: Receipt) -> None:
    """Replace a receipt at once. Raises OutboxError (the disk is full); the old one stays then."""
    content = asdict(receipt) | {"updated_at": receipt.updated_at.isoformat()}
    write_json(receipt_path(home, receipt.client_id), content, durable=receipt.state in _LASTING)
