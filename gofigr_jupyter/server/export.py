"""A story as a file. HTML stands for itself: its pictures are in it, and nothing in it runs or is loaded.

Figures that the reader may not see, or that have gone, are named as such. One picture at a time is in memory.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import chain
from urllib.parse import quote

from starlette.responses import StreamingResponse

from gofigr_jupyter import markdown
from gofigr_jupyter.embedding.files import marked
from gofigr_jupyter.schema.stories import ExportFormat
from gofigr_jupyter.server import slideshow
from gofigr_jupyter.server.collected import NOT_SHOWN, Collected, Shown, line
from gofigr_jupyter.server.routes.files import INERT, label, sniffed
from gofigr_jupyter.server.store.store import Store

TYPES = {
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
STYLE = (
    ":root{color-scheme:light dark}body{font:18px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;"
    "padding:0 1rem}section{border-top:1px solid;padding:1rem 0;break-inside:avoid}img{max-width:100%;height:auto;"
    "background:#fff}figure{margin:1rem 0}figcaption,details{font-size:.85em}pre{overflow-x:auto}"
    "table{border-collapse:collapse}td,th{border:1px solid;padding:.2rem .5rem}"
)


def file(store: Store, story: Collected, kind: ExportFormat) -> StreamingResponse:
    """The file, as a download."""
    name = quote(f"{label(story.title)}.{kind}", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "content-security-policy": INERT}
    return StreamingResponse(_written(store, story, kind), headers=headers, media_type=TYPES[kind])


def _written(store: Store, story: Collected, kind: ExportFormat) -> Iterable[str | bytes]:
    match kind:
        case "html":
            return _html(story, store)
        case "md":
            return _markdown(story)
    pieces = slideshow.pieces(story, store)
    return chain([next(pieces)], pieces)  # what is missing is an error, and no broken answer


# ---------------------------------------------------------------- HTML


def _html(story: Collected, store: Store) -> Iterator[str]:
    title = escape(line(story.title))
    yield (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
        f"<body><h1>{title}</h1>\n{markdown.html(story.description)}"
    )
    for slide in story.slides:
        yield f"<section><h2>{escape(line(slide.title))}</h2>\n{markdown.html(slide.body)}"
        if slide.figure_revision:
            yield from _html_figure(story.figure_of(slide), store.read)
        if slide.notes:
            yield f"<details><summary>Notes</summary>{markdown.html(slide.notes)}</details>"
        yield "</section>\n"
    yield "</body></html>\n"


def _html_figure(figure: Shown | None, read: Callable[[list[str], str | None], Iterator[bytes]]) -> Iterator[str]:
    if figure is None:
        yield f"<p><em>{NOT_SHOWN}</em></p>"
        return
    yield "<figure>"
    if figure.picture is not None:
        content = marked(b"".join(read(figure.picture.chunks, figure.picture.bucket_id)), figure.mark)
        if kind := sniffed(content):
            encoded = base64.b64encode(content).decode()
            yield f'<img alt="{escape(figure.caption)}" src="data:{kind};base64,{encoded}">'
    yield f'<figcaption><a href="{escape(figure.link)}">{escape(figure.caption)}</a></figcaption></figure>'


# ---------------------------------------------------------------- Markdown


def _markdown(story: Collected) -> Iterator[str]:
    yield f"# {markdown.as_text(story.title)}\n\n"
    if story.description:
        yield f"{story.description}\n\n"
    for slide in story.slides:
        yield f"## {markdown.as_text(slide.title)}\n\n{slide.body}\n\n"
        if slide.figure_revision:
            figure = story.figure_of(slide)
            yield f"[{markdown.as_text(figure.caption)}](<{figure.link}>)\n\n" if figure else f"*{NOT_SHOWN}*\n\n"
        if slide.notes:
            yield "".join(f"> {one}\n" for one in slide.notes.splitlines()) + "\n"
