"""Which data object is what: the picture as it was shown, the interactive figure, the thumbnail, the watermark.

In: the items of one revision, with our roles or, from other clients, without. Out: a choice among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gofigr_jupyter.server.store.gallery import Item

# What browsers show in an <img>, the sharpest first.
STILL = ("svg", "png", "webp", "jpeg", "jpg", "gif")
SMALL = ("webp", "png", "jpeg", "jpg", "gif")  # a large SVG in a list of sixty would make it slow
LIGHT_BYTES = 400_000  # what a list may load for one picture where there is no thumbnail


@dataclass(frozen=True, slots=True)
class Picture:
    """How a revision can be seen: as a still, as an interactive figure, as both, or (yet) not at all.

    `prefers_still` says that the still is what its author saw.
    """

    still: Item | None
    interactive: Item | None
    prefers_still: bool


def format_of(item: Item) -> str:
    """The format in lower case, empty when nothing tells."""
    value = item.meta.get("format")
    return value.lower().lstrip(".") if isinstance(value, str) else ""


def role_of(item: Item) -> str:
    """The role that our worker gave it; for other clients' items what their marks amount to."""
    role = item.meta.get("role")
    if isinstance(role, str):
        return role
    if item.type == "image":
        return "watermark" if item.meta.get("is_watermarked") is True else "picture"
    return ""


def picture_of(items: Sequence[Item]) -> Picture:
    """What to show of a revision."""
    images = [item for item in items if item.type == "image"]
    shown = _best(_with_role(images, "displayed"), STILL)
    others = (_best(_with_role(images, role), STILL) for role in ("picture", "watermark", "thumbnail"))
    still = shown or next(filter(None, others), None)
    # a page that was displayed may need scripts from the network; one that was drawn stands alone
    pages = sorted((item for item in images if format_of(item) == "html"), key=lambda one: role_of(one) == "displayed")
    interactive = next(iter(pages), None)
    return Picture(still, interactive, prefers_still=shown is not None)


def thumbnail_of(items: Sequence[Item]) -> Item | None:
    """The picture for a list: the thumbnail, else a picture that is small enough to stand in for it."""
    images = [item for item in items if item.type == "image"]
    if small := _best(_with_role(images, "thumbnail"), SMALL):
        return small
    light = [item for item in images if item.size_bytes <= LIGHT_BYTES]
    roles = ("displayed", "picture", "watermark")
    return next((best for role in roles if (best := _best(_with_role(light, role), (*SMALL, "svg")))), None)


def _with_role(items: Sequence[Item], role: str) -> list[Item]:
    return [item for item in items if role_of(item) == role]


def _best(items: Sequence[Item], formats: Sequence[str]) -> Item | None:
    usable = [item for item in items if format_of(item) in formats]
    return min(usable, key=lambda item: formats.index(format_of(item)), default=None)
