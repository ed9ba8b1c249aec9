"""What `%gofigr upload` shows of a file on the CDN: a small picture, its address, and Markdown for other places.

In: plain values of anybody's choice. Out: static HTML and text, in the page's own colours; nothing in it is markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from gofigr_jupyter.widgets import words

_BOX = (
    "display:flex;gap:12px;align-items:center;border:1px solid var(--jp-border-color2,#d0d4da);border-radius:6px;"
    "padding:8px 12px;margin:4px 0;max-width:720px;font-size:13px;line-height:1.5"
)
_PICTURE = "max-width:96px;max-height:72px;object-fit:contain;flex:none;margin:0"
_COPY = (
    "user-select:all;font-size:12px;overflow-wrap:anywhere;white-space:pre-wrap;"
    "background:var(--jp-layout-color2,rgba(127,127,127,.12));color:inherit;padding:1px 4px;border-radius:3px"
)
_QUIET = "opacity:.75"


@dataclass(frozen=True)
class Uploaded:
    """One file: `preview` is the address of its picture, empty for what is none; `problem` says why it is not there."""

    name: str
    size_bytes: int = 0
    url: str = ""
    markdown: str = ""
    preview: str = ""
    problem: str = ""


def html(one: Uploaded) -> str:
    """The card; a click into an address or the Markdown selects all of it, to be copied."""
    name = f"<b>{escape(words.plain(one.name, 160))}</b>"
    link = words.web_link(one.url)
    if one.problem or not link:
        return f'<div style="{_BOX}" role="alert"><div><b>Not uploaded</b> · {escape(_why_not(one))}</div></div>'
    preview = words.web_link(one.preview)
    picture = f'<img src="{escape(preview)}" alt="" style="{_PICTURE}">' if preview else ""
    where = f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer">open</a>'
    lines = [
        f'{name} <span style="{_QUIET}">· {words.size(one.size_bytes)} · on the CDN</span> · {where}',
        f'<code style="{_COPY}" title="Address">{escape(link)}</code>',
        f'<code style="{_COPY}" title="Markdown">{escape(one.markdown)}</code>',
    ]
    inside = "".join(f"<div>{line}</div>" for line in lines)
    return f'<div style="{_BOX}">{picture}<div style="min-width:0">{inside}</div></div>'


def text(one: Uploaded) -> str:
    """The same for terminals."""
    link = words.web_link(one.url)
    if one.problem or not link:
        return f"Not uploaded: {_why_not(one)}"
    return f"{words.plain(one.name, 160)}: {link}"


def _why_not(one: Uploaded) -> str:
    """What went wrong; with the name, where that does not say it."""
    problem = words.plain(one.problem or "the server named no address", 400)
    return problem if one.name in one.problem else f"{words.plain(one.name, 160)}: {problem}"
