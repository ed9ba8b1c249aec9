"""A figure of a notebook as it is published: what the child found -> name, data objects and metadata. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from blake3 import blake3

from gofigr_jupyter.provenance.secrets import mask
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.server.child import Frame

FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
}
LONGEST_PATH = 150


@dataclass(frozen=True)
class Origin:
    """The notebook that figures come from; `facts` join each revision's metadata, `author` is who last changed it."""

    path: str
    facts: Mapping[str, Any]
    author: tuple[str, str] | None = None


@dataclass(frozen=True)
class Drawn:
    """One figure, ready to be kept."""

    name: str
    drafts: list[DataDraft]
    metadata: dict[str, Any]
    author: tuple[str, str] | None
    hashes: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def drawn(frames: Iterator[Frame], origin: Origin) -> Iterator[Drawn]:
    """The figures of one notebook; no two have the same name."""
    names: dict[str, int] = {}
    last, code, masked = None, "", 0
    for header, (raw, *pictures) in frames:
        if raw != last:  # a cell may show many figures
            last, (code, masked) = raw, mask(raw.decode("utf-8", "replace"))
        name = _name(header, origin.path)
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            name = f"{name} ({names[name]})"
        shown = [_picture(mime, data) for mime, data in zip(header["mimes"], pictures, strict=True)]
        drafts = [*shown, _code(code, str(header["language"]))]
        hashes = frozenset((draft.type, blake3(_bytes(draft)).hexdigest()) for draft in drafts)
        yield Drawn(name, drafts, _metadata(header, origin, masked), origin.author, hashes)


def _name(header: Mapping[str, Any], path: str) -> str:
    notebook = path.removesuffix(".ipynb")[-LONGEST_PATH:]
    place = header["title"] or f"cell {header['id'] or header['cell'] + 1}"
    return f"{notebook}: {place}" + (f", {header['position'] + 1}" if header["position"] else "")


def _metadata(header: Mapping[str, Any], origin: Origin, masked: int) -> dict[str, Any]:
    has_picture = any(mime in FORMATS for mime in header["mimes"])
    return {
        "title": header["title"],
        "kind": next((kind for kind in ("plotly", "vega") if any(kind in mime for mime in header["mimes"])), "mime"),
        "cell_id": header["id"],
        "execution_count": header["count"],
        "notebook_name": origin.path.rpartition("/")[2],
        "notebook_path": origin.path,
        "secrets_masked": masked,
        "missing": {} if has_picture else {"picture": "the notebook has only what the figure is drawn from"},
        **origin.facts,
    }


def _picture(mime: str, data: bytes) -> DataDraft:
    metadata = {"format": FORMATS.get(mime, "json"), "role": "displayed", "is_watermarked": False, "mime_type": mime}
    return DataDraft(name="figure", type="image", data=data, metadata=metadata)


def _code(code: str, language: str) -> DataDraft:
    metadata = {"format": "jupyter-cell", "role": "cell", "language": language, "encoding": "utf-8"}
    return DataDraft(name="Jupyter Cell", type="code", data=code.encode("utf-8", "replace"), metadata=metadata)


def _bytes(draft: DataDraft) -> bytes:
    return draft.data if isinstance(draft.data, bytes) else b""
