"""From a template and its values to an HTML response. All is escaped; what templates may call is listed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from gofigr_jupyter.server.auth import Actor, config_of
from gofigr_jupyter.server.pages import assets, words
from gofigr_jupyter.server.pages.facts import facts_of
from gofigr_jupyter.server.pages.pictures import format_of, picture_of, thumbnail_of
from gofigr_jupyter.server.pages.revision import Download
from gofigr_jupyter.server.store.gallery import Item, RevisionEntry

HEADERS = {"x-robots-tag": "noindex, nofollow"}
THUMBNAIL_PIXELS = 512
MAX_SIDE = 20_000


@dataclass(frozen=True, slots=True)
class Stage:
    """The large picture of a page: paths below the base, the size that the notebook gave it, else an excuse."""

    still: str = ""
    interactive: str = ""
    prefers_still: bool = False
    width: int | None = None
    height: int | None = None
    excuse: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page stands among the pages of a list; `newer` and `older` are links, or empty."""

    page: int
    pages: int
    newer: str
    older: str

    @classmethod
    def of(cls, page: int, total: int, per_page: int, **query: str) -> Paging:
        """The links keep the rest of the query."""
        pages = max(1, -(-total // per_page))

        def link(number: int) -> str:
            return "?" + urlencode({**{key: value for key, value in query.items() if value}, "page": number})

        newer = link(min(page - 1, pages)) if page > 1 else ""
        return cls(page, pages, newer, link(page + 1) if page < pages else "")


def page(
    request: Request, template: str, actor: Actor | None, values: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """An HTML response."""
    config = config_of(request)
    text = _environment.get_template(template).render(
        base=config.base_path,
        embedded=config.embedded,
        actor=actor,
        now=datetime.now(UTC),
        static=lambda name: f"{config.base_path}/static/{assets.BY_NAME[name].address}",
        **values,
    )
    return HTMLResponse(text, status, HEADERS)


def stage_of(items: Sequence[Item], stem: str, missing: Sequence[tuple[str, str]] = ()) -> Stage:
    """What to show large of a revision with these items; `missing` may say why there is nothing."""
    picture = picture_of(items)
    still = _still(picture.still, stem) if picture.still else ""
    live = f"/view/{picture.interactive.id}" if picture.interactive else ""
    width, height = _shown_size(picture.still) if picture.still else (None, None)
    return Stage(still, live, picture.prefers_still, width, height, _excuse(items, missing))


def _excuse(items: Sequence[Item], missing: Sequence[tuple[str, str]]) -> str:
    reasons = dict(missing)
    reason = next((reasons[one] for one in ("Interactive HTML", "PNG", "SVG") if one in reasons), "")
    if reason:
        return f"There is no picture: {reason}"
    if any(item.type == "image" and format_of(item) != "json" for item in items):
        return "This picture’s format is not for browsers; it is among the downloads."
    return "The picture is not here yet: it may still be on its way."


def file_url(download: Download) -> str:
    """The path of a download."""
    return f"/file/{download.item.id}/{quote(download.file, safe='')}"


def _thumbnail(revision: RevisionEntry) -> str:
    """The path of a small picture, empty when there is none."""
    small = thumbnail_of(revision.pictures)
    if small is not None:
        return _still(small, "figure")
    still = picture_of(revision.pictures).still
    return f"/thumb/revision/{revision.id}/{THUMBNAIL_PIXELS}" if still else ""


def _still(item: Item, stem: str) -> str:
    """A picture for an <img>; with its hash, because browsers keep it and a data object may be replaced in place."""
    if format_of(item) == "svg":
        return f"/svg/{item.id}?v={item.hash[:12]}"
    name = quote(words.file_name(stem, format_of(item)), safe="")
    return f"/file/{item.id}/{name}?inline=1&v={item.hash[:12]}"


def _shown_size(item: Item) -> tuple[int | None, int | None]:
    """The size that the notebook gave the picture: a retina picture has twice its pixels."""
    given = item.meta.get("output_metadata")
    if isinstance(given, dict):
        inner = given.get(item.meta.get("mime_type") or "")
        given = inner if isinstance(inner, dict) else given
        width, height = given.get("width"), given.get("height")
        if all(isinstance(side, int) and 0 < side < MAX_SIDE for side in (width, height)):
            return width, height
    return None, None


_environment = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_environment.filters |= {
    "ago": words.ago,
    "count": words.count,
    "facts": facts_of,
    "file_url": file_url,
    "iso": words.iso,
    "moment": words.moment,
    "name": words.name,
    "plain": words.plain,
    "size": words.size,
    "thumbnail": _thumbnail,
}
