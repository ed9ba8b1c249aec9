"""Notes to the worker: the input files of a published figure may go to its server, now that somebody has said so.

In: from the kernel, when the reader of a card agrees. Out: for the worker.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from gofigr_jupyter.outbox.files import read_json, write_json


@dataclass(frozen=True, slots=True)
class Consent:
    """For the files of one parcel, on one server, for one account."""

    client_id: str
    url: str | None
    account: str | None


def put_consent(home: Path, consent: Consent) -> None:
    """Leave a note. Raises OutboxError."""
    write_json(_folder(home) / f"{consent.client_id}.json", asdict(consent), durable=True)


def consents(home: Path) -> dict[Path, Consent]:
    """All notes, by the file to delete when one is carried out."""
    found = {}
    try:
        paths = sorted(_folder(home).glob("*.json"))
    except OSError:
        return {}
    for path in paths:
        content = read_json(path)
        try:
            if content is not None:
                found[path] = Consent(**content)
        except TypeError:
            path.unlink(missing_ok=True)  # of a version that we don't know
    return found


def _folder(home: Path) -> Path:
    return home / "outbox" / "consents"
