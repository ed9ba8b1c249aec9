"""A card's facts in words that people read: states, sizes, links.

In: plain values. Out: short plain text, free of control characters, never markup. This file knows no widget.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from gofigr_jupyter.records import Download, State

SAID = {
    State.SAVED: "Saved on this machine",
    State.UPLOADING: "Uploading",
    State.PUBLISHED: "Published, more formats on the way",
    State.COMPLETE: "Published",
    State.WAITING: "Saved on this machine, waiting to upload",
    State.FAILED: "Not published",
}
UNCHANGED = "Unchanged, already published"
# Characters that reorder or hide text: a figure's name must not be able to imitate the words around it.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # these two are spelling, in Persian and in emoji
_TOLD = {"series": "Plotted data", "axes": "Axes of the plotted data"}  # of which there may be a part


def said(state: str, unchanged: bool) -> str:
    """How far the figure has come, said in a few words; only what is already true."""
    if unchanged and state in {State.COMPLETE, State.PUBLISHED}:
        return UNCHANGED
    return SAID.get(State(state), state) if state in set(State) else plain(state, 40)


def plain(text: str | None, limit: int) -> str:
    """One line of visible characters, cut with an ellipsis at `limit`."""
    if not text:
        return ""
    shown = "".join(c if c in _JOINERS or unicodedata.category(c) not in _HIDDEN else " " for c in text[: 4 * limit])
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def size(size_bytes: int | None) -> str:
    """`412 KB`, as file managers count: thousands."""
    if size_bytes is None:
        return ""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    amount, unit = float(size_bytes), "B"
    for unit in ("KB", "MB", "GB"):  # noqa: B007 - the last one stays
        amount /= 1000
        if amount < 999.5:
            break
    return f"{amount:.0f} {unit}" if amount >= 9.95 else f"{amount:.1f} {unit}"


def secrets(masked: int) -> str:
    """`2 secrets masked`; nothing for none."""
    return f"{masked} secret{'' if masked == 1 else 's'} masked" if masked else ""


def inputs(count: int, asks: int) -> str:
    """`3 input files, 2 not sent`; nothing for none."""
    if not count:
        return ""
    held = "not sent" if asks == count else f"{asks} not sent"
    return f"{count} input file{'' if count == 1 else 's'}" + (f", {held}" if asks else "")


def changed(names: Sequence[str]) -> str:
    """`doses.csv and 2 more have changed since`, of files that are no longer what a figure was made from."""
    if not names:
        return ""
    more = f" and {len(names) - 1} more have" if len(names) > 1 else " has"
    return f"{plain(names[0], 40)}{more} changed since"


def sending(asks: int) -> str:
    """What the button says that lets input files go; nothing where none waits."""
    return f"Send {asks} input file{'' if asks == 1 else 's'}" if asks else ""


def waits_for_cdn(reason: str) -> str:
    """`Not on the CDN yet: ...`; nothing where nothing waits."""
    return f"Not on the CDN yet: {plain(reason, 120)}" if reason else ""


@lru_cache(maxsize=64)  # one card asks several times, and each character is looked at
def web_link(link: str | None) -> str:
    """The link if it is an ordinary web address, else nothing: no other scheme may become clickable."""
    if not link or len(link) > 500 or any(c.isspace() or unicodedata.category(c) in _HIDDEN for c in link):
        return ""
    return link if link.lower().startswith(("http://", "https://")) else ""


def link_label(link: str) -> str:
    """The address without its scheme, as short as it can be and still tell where it leads."""
    parts = urlsplit(link)
    path = parts.path.rstrip("/")
    shown = parts.netloc + path
    return shown if len(shown) <= 44 else f"{parts.netloc[:24]}/…{path[-16:]}"


def form(download: Download) -> str:
    """`SVG`, `PNG with watermark`: the name of one form on its button."""
    return download.format.upper() + (" with watermark" if download.is_watermarked else "")


def without(form: str, reason: str) -> str:
    """`No PNG: ...`, for a form that could not be made; of plotted data there may be a part."""
    if form in _TOLD:
        return f"{_TOLD[form]}: {plain(reason, 120)}"
    return f"No {plain(form, 20).upper()}: {plain(reason, 120)}"


def file_name(name: str, download: Download) -> str:
    """A name for the downloaded file, safe on every file system."""
    stem = "".join(c if c.isalnum() or c in " -_." else "_" for c in plain(name, 80)).strip(" .") or "figure"
    suffix = "".join(c for c in download.format.lower() if c.isalnum()) or "bin"
    return f"{stem} (watermark).{suffix}" if download.is_watermarked else f"{stem}.{suffix}"
