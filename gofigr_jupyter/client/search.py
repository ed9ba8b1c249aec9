"""Family search: by words, and by a picture; only what the caller may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from gofigr_jupyter.client.resource import API, Ident, drafted, items, maybe_id, read_as, to_wire
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.schema.base import Page
from gofigr_jupyter.schema.search import Hit, HitType, ImageHit, ImageQuery


class Search:
    """`gf.search("decay")` finds by words, `gf.search.image("screenshot.png")` by a picture."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __call__(
        self, words: str, *, workspace: Ident | None = None, types: Iterable[HitType] = (), page: int | None = None
    ) -> Iterator[Hit]:
        """What has these words in it, best first, fetched `page` (1 to 200) at a time.

        `types` narrows it to some of `figure`, `analysis`, `asset`, `story`, `comment`.
        """
        params = {
            "q": words,
            "workspace": maybe_id(workspace),
            "type": ",".join(types) or None,
            "limit": None if page is None else str(page),
        }
        return items(self._transport, f"{API}/search/", Hit, params)

    def image(self, picture: bytes | str | Path, limit: int = 50) -> list[ImageHit]:
        """The published pictures nearest to one (its bytes or its file), nearest first, at most `limit` (1 to 200)."""
        content = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
        body = to_wire(drafted(ImageQuery, None, data=content, limit=limit))
        answer = self._transport.request("POST", f"{API}/search/image/", body=body, repeatable=True)
        return read_as(Page[ImageHit], answer).results
