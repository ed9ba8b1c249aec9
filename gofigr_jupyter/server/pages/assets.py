"""The pages' own style, script and icon; their addresses have a hash, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("static")
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    address: str
    content: bytes
    media_type: str


def _load(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(f"{path.stem}-{digest}{path.suffix}", content, TYPES[path.suffix])


BY_NAME = {path.name: _load(path) for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
BY_ADDRESS = {asset.address: asset for asset in BY_NAME.values()}
