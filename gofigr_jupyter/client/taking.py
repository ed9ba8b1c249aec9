"""A revision's picture as a file of one's own: in the form that its name asks for, with the link in its metadata."""

from __future__ import annotations

import secrets
from pathlib import Path

from gofigr_jupyter.client.data import DataObject
from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.embedding.files import marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.errors import ConfigurationError

_SAME = {"jpg": "jpeg"}
_ROLES = ("displayed", "picture", "", "watermark", "thumbnail")


def download(revision: Revision, path: str | Path, link: str) -> Path:
    """Write the picture to a file. Raises ConfigurationError when it is in no such form, or APIError."""
    target = Path(path)
    item = form_of(revision, target.suffix)
    if item is None:
        there = sorted({_format(one) for one in revision.data if one.type == "image"})
        raise ConfigurationError(
            f"There is no {target.suffix or 'picture without a suffix'} of this revision; "
            f"there are: {', '.join(there) or 'none'}"
        )
    content = marked(item.bytes(), Mark(link, revision.api_id))
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def form_of(revision: Revision, suffix: str) -> DataObject | None:
    """The picture in the format of a file's suffix: as shown, else as drawn later, with a watermark as the last."""
    wanted = suffix.lower().lstrip(".")
    images = [one for one in revision.data if one.type == "image" and _format(one) == _SAME.get(wanted, wanted)]
    return min(images, key=_place, default=None)


def _place(item: DataObject) -> int:
    role = str(item.metadata.get("role") or ("watermark" if item.metadata.get("is_watermarked") else ""))
    return _ROLES.index(role) if role in _ROLES else len(_ROLES)


def _format(item: DataObject) -> str:
    told = str(item.metadata.get("format", "")).lower()
    return _SAME.get(told, told)
