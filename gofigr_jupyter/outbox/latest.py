"""The index behind "unchanged": for each figure, the digest of what was last published, and where that is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from blake3 import blake3

from gofigr_jupyter.outbox.files import read_json, write_index


@dataclass(frozen=True, slots=True)
class Latest:
    """What was last put for a figure: `digest` covers picture, code and inputs, as the caller decides."""

    digest: str
    client_id: str
    short_id: str | None
    link: str
    revision_number: int | None = None


def _path(home: Path, key: str) -> Path:
    return home / "outbox" / "latest" / f"{blake3(key.encode('utf-8', 'replace')).hexdigest()[:40]}.json"


def read_latest(home: Path, key: str) -> Latest | None:
    """What was last put under a key (any text that names the figure and where it goes)."""
    content = read_json(_path(home, key))
    try:
        return None if content is None else Latest(**content)
    except TypeError:
        return None


def forget_latest(home: Path, client_id: str) -> None:
    """Forget what came to nothing, so that running the cell again publishes again. Raises nothing."""
    for path in _path(home, "").parent.glob("*.json"):
        content = read_json(path)
        if content is not None and content.get("client_id") == client_id:
            with suppress(OSError):
                path.unlink()


def write_latest(home: Path, key: str, latest: Latest) -> None:
    """Remember it. Raises OutboxError."""
    write_index(_path(home, key), asdict(latest))
