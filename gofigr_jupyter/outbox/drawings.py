"""Pictures that pages draw of figures without pixels, on their way to the worker, which waits a little for them.

In: the kernel notes that it asks a page, then what the page has drawn. Out: the PNG, to the worker. Nothing here is
needed: whatever fails leaves a figure that is drawn otherwise, or not at all.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from gofigr_jupyter.outbox.files import make_folder

PATIENCE = 6.0  # seconds after it was asked in which a page may still draw
MAX_BYTES = 20_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_STEP = 0.1


def ask(home: Path, client_id: str) -> None:
    """A page is being asked for the picture of a figure."""
    with suppress(OSError):
        mark = _mark(home, client_id)
        make_folder(mark.parent)
        mark.write_bytes(b"")


def put(home: Path, client_id: str, picture: bytes | None) -> bool:
    """What a page has drawn, or None when it cannot; False when it is no picture, or when nobody waits any more."""
    mark = _mark(home, client_id)
    is_one = picture is not None and picture.startswith(_PNG) and len(picture) <= MAX_BYTES
    try:
        if is_one and picture is not None and mark.exists():
            draft = mark.with_name(f".{client_id}.{os.getpid()}")
            draft.write_bytes(picture)
            draft.replace(_picture(home, client_id))
        mark.unlink()
    except OSError:
        return False
    return is_one


def take(home: Path, client_id: str, *, patience: float = PATIENCE) -> bytes | None:
    """The picture that a page has drawn; waits for it as long as the page may still be drawing."""
    mark, picture = _mark(home, client_id), _picture(home, client_id)
    with suppress(OSError):  # never asked, answered, or given up
        while time.time() - mark.stat().st_mtime < patience:
            time.sleep(_STEP)
    with suppress(OSError):
        mark.unlink(missing_ok=True)
    try:
        return picture.read_bytes()
    except OSError:
        return None


def forget(home: Path, client_id: str) -> None:
    """The figure is complete."""
    for path in (_mark(home, client_id), _picture(home, client_id)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _mark(home: Path, client_id: str) -> Path:
    return home / "outbox" / "drawings" / f"{client_id}.asked"


def _picture(home: Path, client_id: str) -> Path:
    return home / "outbox" / "drawings" / f"{client_id}.png"
