"""An answer of the server as a file: written while it comes, there when all of it is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from gofigr_jupyter.client.transport import Transport


def downloaded(transport: Transport, where: str, path: str | Path, params: Mapping[str, str]) -> Path:
    """Write the answer to GET to a file. Raises OSError where it cannot be written, and errors of the APIError tree."""
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder; name the file")
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with transport.stream("GET", where, params=params) as response, partial.open("xb") as stream:
            for piece in response.iter_bytes():
                stream.write(piece)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target
