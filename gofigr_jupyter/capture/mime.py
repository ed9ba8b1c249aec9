"""A Jupyter MIME bundle to Displayed records: the bytes that the front end got, out of their JSON clothing.

In: `data` and `metadata` of an outgoing message. Out: one record per picture (or Plotly/Vega specification).
This file knows no plotting library and decodes no picture.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from gofigr_jupyter.records import Displayed

PLOTLY_MIME = "application/vnd.plotly.v1+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

FORMATS: dict[str, str] = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/svg+xml": "svg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
PICTURES = frozenset(FORMATS)
RASTERS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

_DRAWN_ANEW = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SPECIFICATION = re.compile(r"application/vnd\.(plotly\.v\d+\+json|vega(lite)?\.v\d+(\.\d+)*[+.]json)")


def displayed(data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> tuple[Displayed, ...]:
    """The pictures and specifications of a bundle, in its order; what cannot be decoded is left out."""
    metadata = metadata or {}
    found = []
    for mime_type, value in data.items():
        content = decoded(mime_type, value)
        if content:
            found.append(Displayed(mime_type, content, output_metadata(mime_type, metadata)))
    return tuple(found)


def page(mime_type: str, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Displayed | None:
    """A bundle's HTML or Markdown, exactly as it is displayed."""
    value = data.get(mime_type)
    if not isinstance(value, str | list):
        return None
    try:
        text = "".join(value)  # nbformat splits long texts into lists of lines
    except TypeError:
        return None
    return Displayed(mime_type, text.encode("utf-8", "surrogatepass"), output_metadata(mime_type, metadata))


def has_picture(data: Mapping[str, Any]) -> bool:
    """Whether a bundle shows a picture; costs nothing, decodes nothing."""
    return any(mime_type in PICTURES for mime_type in data)


def lasting(shown: Displayed) -> bytes:
    """The bytes without the ids that pages draw anew each time they are made: by these, the same picture is known."""
    return _DRAWN_ANEW.sub(b"", shown.data) if shown.mime_type.startswith("text/") else shown.data


def format_of(mime_type: str) -> str | None:
    """The wire's name of a format: `png`, `svg`, ...; `json` for a specification, None for the rest."""
    return FORMATS.get(mime_type) or ("json" if _SPECIFICATION.fullmatch(mime_type) else None)


def decoded(mime_type: str, value: Any) -> bytes | None:
    """The bytes of one entry of a bundle, or None if it is no picture or specification, or is damaged."""
    try:
        if mime_type == "image/svg+xml":
            return _text(value)
        if mime_type in PICTURES:
            return value if isinstance(value, bytes) else _from_base64(value)
        if _SPECIFICATION.fullmatch(mime_type):
            return _text(value) if isinstance(value, str | bytes) else compact_json(value)
    except (ValueError, TypeError, RecursionError):
        return None
    return None


def output_metadata(mime_type: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an output's metadata that concerns one MIME type: the common entries, then its own."""
    own = metadata.get(mime_type)
    plain = str | int | float
    common = {key: value for key, value in metadata.items() if "/" not in key and isinstance(value, plain)}
    return common | dict(own if isinstance(own, Mapping) else {})


def compact_json(value: Any) -> bytes:
    """Strict JSON: NaN and infinities, which JSON lacks, become null as plotly.js and Vega expect them."""
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        text = json.dumps(_finite(value), allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def one_line(text: object, limit: int = 200) -> str | None:
    """A title as people quote it: one line, at most `limit` characters; None when nothing is left."""
    if not isinstance(text, str):
        return None
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line or None


def _from_base64(value: Any) -> bytes:
    # nbformat splits long texts into lists of lines
    text = "".join(value) if isinstance(value, list) else value
    try:
        return base64.b64decode(text)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _text(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    text = "".join(value) if isinstance(value, list) else value
    return bytes(text.encode("utf-8"))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
