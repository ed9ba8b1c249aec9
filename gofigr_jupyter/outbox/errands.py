"""Pictures of revisions that are to go to a CDN: a small file for each wish, from when the revision is on its server.

In: from the worker, when a parcel that carries a wish has arrived; from the kernel, for a figure that arrived before.
Out: for the worker, oldest first. The address that was promised is noted here before anything is sent to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from blake3 import blake3

from gofigr_jupyter.outbox.files import read_json, write_json
from gofigr_jupyter.records import CdnWish


@dataclass(frozen=True, slots=True)
class Errand:
    """For a revision of one server and account. `ticket` is what the CDN promised, as it said it."""

    client_id: str
    url: str | None
    account: str | None
    wish: CdnWish
    ticket: Mapping[str, Any] | None = None


def wish_id(wish: CdnWish) -> str:
    """By which equal wishes are known: the same CDN and the same folder."""
    return blake3(f"{wish.account or ''}\n{wish.folder}".encode("utf-8", "replace")).hexdigest()[:12]


def put_errand(home: Path, errand: Errand) -> None:
    """Keep one: no kill loses it when this returns. One that is there already stays as it is. Raises OutboxError."""
    if not errand_path(home, errand).exists():
        write_errand(home, errand)


def write_errand(home: Path, errand: Errand) -> None:
    """Keep one as it is now. Raises OutboxError."""
    write_json(errand_path(home, errand), asdict(errand), durable=True)


def errands(home: Path, client_id: str = "") -> dict[Path, Errand]:
    """Those of one revision, or all, oldest first; by the file to delete when one is done."""
    found = {}
    for path in sorted(_folder(home).glob(f"{client_id}*.json"), key=_age):
        content = read_json(path)
        with suppress(KeyError, TypeError):  # of a version that we don't know: it stays for that version
            if content is not None:
                found[path] = Errand(**{**content, "wish": CdnWish(**content["wish"])})
    return found


def errand_path(home: Path, errand: Errand) -> Path:
    """Where one lies, from when it is put until it is done."""
    return _folder(home) / f"{errand.client_id}-{wish_id(errand.wish)}.json"


def _age(path: Path) -> float:
    try:
        return path.stat().st_ctime
    except OSError:
        return 0.0


def _folder(home: Path) -> Path:
    return home / "outbox" / "errands"
