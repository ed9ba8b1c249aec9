"""Values in words: sizes, moments, names, links. People's text goes in, plain text comes out, never markup."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

LABELS = {"jpg": "JPEG", "html": "Interactive HTML", "webp": "WebP", "pickle": "Pickle"}
LONGEST_LINK = 2000
# Characters that reorder or hide text: a figure's name must not be able to imitate the words around it.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
JOINERS = "\u200c\u200d"  # these two are spelling, in Persian and in emoji


def plain(value: Any, limit: int = 300) -> str:
    """One line of visible characters, cut with an ellipsis; empty for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)[: 4 * limit]
    shown = "".join(c if c in JOINERS or unicodedata.category(c) not in HIDDEN else " " for c in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def name(value: Any) -> str:
    """The name of a thing, which is never nothing: there must be something to click on."""
    return plain(value) or "Untitled"


def size(size_bytes: int) -> str:
    """`412 KB`, as file managers count: thousands."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    amount, unit = float(size_bytes), "B"
    for unit in ("KB", "MB", "GB"):  # noqa: B007 - the last one stays
        amount /= 1000
        if amount < 999.5:
            break
    return f"{amount:.0f} {unit}" if amount >= 9.95 else f"{amount:.1f} {unit}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 figure`, `12 figures`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moment(at: datetime) -> str:
    """`21 November 2026, 19:51 UTC`; a script puts it into the reader's own zone."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def ago(at: datetime, now: datetime) -> str:
    """`just now`, `12 min ago`, `3 h ago`, `yesterday`, `5 days ago`, then the date."""
    past = now - at
    if past < timedelta(minutes=1):
        return "just now"
    if past < timedelta(hours=1):
        return f"{past // timedelta(minutes=1)} min ago"
    if past < timedelta(days=1):
        return f"{past // timedelta(hours=1)} h ago"
    if past < timedelta(days=7):
        days = past // timedelta(days=1)
        return "yesterday" if days == 1 else f"{days} days ago"
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y}"


def iso(at: datetime) -> str:
    """For machines: `<time datetime>`."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def web_link(value: Any) -> str:
    """The address if it is an ordinary one of the web, without credentials, else nothing: only that becomes a link."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_LINK:
        return ""
    if any(c.isspace() or unicodedata.category(c) in HIDDEN for c in value):
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    return value if fine else ""


def file_name(stem: str, extension: str) -> str:
    """A name for a download: letters and digits of any script, dashes for the rest."""
    slug = re.sub(r"[^\w.]+", "-", plain(stem, 80)).strip("-._") or "figure"
    suffix = re.sub(r"[^a-z0-9]+", "", extension.lower())[:12]
    return f"{slug}.{suffix}" if suffix else slug


def format_label(file_format: str) -> str:
    """A format's usual spelling."""
    return LABELS.get(file_format, plain(file_format, 20).upper())
