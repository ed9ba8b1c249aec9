"""A story as a file. HTML stands for itself: its pictures are in it, and nothing in it runs or is loaded.

Figures that the reader may not see, or that have gone, are named as such. One picture at a time is in memory.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal
from urllib.parse import quote

from starlette.responses import StreamingResponse

from gofigr_jupyter.embedding.files import marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.schema.stories import Slide
from gofigr_jupyter.server import markdown, policy
from gofigr_jupyter.server.auth import Actor
from gofigr_jupyter.server.marking import link_to
from gofigr_jupyter.server.routes.files import INERT, label, sniffed
from gofigr_jupyter.server.store import pictures, stories, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.pictures import Picture
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Revision, Story

Format = Literal["html", "md"]
MOST_BYTES = 64 << 20
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
STYLE = (
    ":root{color-scheme:light dark}body{font:18px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;"
    "padding:0 1rem}section{border-top:1px solid;padding:1rem 0;break-inside:avoid}img{max-width:100%;height:auto;"
    "background:#fff}figure{margin:1rem 0}figcaption,details{font-size:.85em}pre{overflow-x:auto}"
    "table{border-collapse:collapse}td,th{border:1px solid;padding:.2rem .5rem}"
)
NOT_SHOWN = "This figure is not here: it has been deleted, or is not shared with you."
SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


@dataclass(frozen=True)
class Shown:
    """A figure as the reader may see it."""

    caption: str
    link: str
    mark: Mark
    picture: Picture | None


@dataclass(frozen=True)
class Collected:
    """A story with all that its file needs."""

    title: str
    description: str
    slides: list[Slide]
    figures: Mapping[str, Shown]


def collected(db: Transaction, reader: Actor | None, row: Story, base: str) -> Collected:
    """What the file needs, for one reader; `base` is what links to the server begin with."""
    slides = stories.slides_of(row)
    revisions = policy.readable(db, reader, targets.by_ids(db, Revision, stories.revisions_in(slides)))
    images = pictures.best(db, [one.id for one in revisions])
    figures = {one.id: _shown(one, images.get(one.id), base) for one in revisions}
    return Collected(row.title, row.description or "", slides, figures)


def file(store: Store, story: Collected, kind: Format) -> StreamingResponse:
    """The file, as a download."""
    written = _html(story, store) if kind == "html" else _markdown(story)
    name = quote(f"{label(story.title)}.{kind}", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "content-security-policy": INERT}
    media_type = "text/html" if kind == "html" else "text/markdown"
    return StreamingResponse(written, headers=headers, media_type=f"{media_type}; charset=utf-8")


def _shown(row: Revision, picture: Picture | None, base: str) -> Shown:
    small = picture if picture and picture.size_bytes <= MOST_BYTES else None
    caption = f"{_line(row.figure.name)}, revision {row.revision_index + 1}"
    mark = Mark(link_to(row, base), row.id, row.figure.name)
    return Shown(caption, f"{base}/revision/{row.id}", mark, small)


def _figure_of(slide: Slide, story: Collected) -> Shown | None:
    return story.figures.get((slide.figure_revision or "").lower())


# ---------------------------------------------------------------- HTML


def _html(story: Collected, store: Store) -> Iterator[str]:
    title = escape(_line(story.title))
    yield (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
        f"<body><h1>{title}</h1>\n{markdown.html(story.description)}"
    )
    for slide in story.slides:
        yield f"<section><h2>{escape(_line(slide.title))}</h2>\n{markdown.html(slide.body)}"
        if slide.figure_revision:
            yield from _html_figure(_figure_of(slide, story), store.read)
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
    yield f"# {_plain(story.title)}\n\n"
    if story.description:
        yield f"{story.description}\n\n"
    for slide in story.slides:
        yield f"## {_plain(slide.title)}\n\n{slide.body}\n\n"
        if slide.figure_revision:
            figure = _figure_of(slide, story)
            yield f"[{_plain(figure.caption)}](<{figure.link}>)\n\n" if figure else f"*{NOT_SHOWN}*\n\n"
        if slide.notes:
            yield "".join(f"> {line}\n" for line in slide.notes.splitlines()) + "\n"


def _plain(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return SPECIAL.sub(r"\\\1", _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())
