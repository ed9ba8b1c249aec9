"""Is it really there? What a server shows of a revision, compared with what was to be sent; only reads."""

from __future__ import annotations

from blake3 import blake3

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.records import Download
from gofigr_jupyter.schema.figures import DataDraft, DataObject, Revision
from gofigr_jupyter.worker.upload import digest, local_id


def absent(revision: Revision, drafts: list[DataDraft]) -> list[DataDraft]:
    """What the revision does not hold yet."""
    there = {item.metadata.get("local_id") for item in revision.data or []}
    return [draft for draft in drafts if local_id(draft) not in there]


def difference(gf: GoFigr, revision: Revision, drafts: list[DataDraft]) -> str | None:
    """What is not there as it was sent, in one line; None when every hash equals."""
    there = {str(item.metadata.get("local_id")): item for item in revision.data or []}
    for draft in drafts:
        item = there.get(local_id(draft))
        label = f"{draft.name} ({draft.metadata['format']})"
        if item is None:
            return f"the server does not show {label}"
        if _hash(gf, item) != digest(draft):
            return f"the server's copy of {label} is not what was sent"
    return None


def downloads(revision: Revision) -> tuple[Download, ...]:
    """The forms of the figure that a person may want, as the server lists them; of pages the one that stands alone."""
    drawn = {item.metadata.get("format") for item in revision.data or [] if item.metadata.get("role") == "picture"}
    return tuple(
        Download(
            format=str(item.metadata.get("format")),
            api_id=item.api_id or "",
            size_bytes=item.size_bytes,
            is_watermarked=bool(item.metadata.get("is_watermarked")),
        )
        for item in revision.data or []
        if item.type == "image"
        and item.metadata.get("role") in {"displayed", "picture", "watermark"}
        and not (item.metadata.get("role") == "displayed" and item.metadata.get("format") == "html" and "html" in drawn)
    )


def _hash(gf: GoFigr, item: DataObject) -> str:
    if item.hash:
        return item.hash
    return blake3(gf.data.get(item.api_id or "").data or b"").hexdigest()
