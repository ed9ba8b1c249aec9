"""Figures that only the page can show as pixels: it is asked to draw them, and what it draws goes to the worker.

In: a figure that is about to be published; a page's answer. Out: notes and pictures in the outbox.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from gofigr_jupyter.capture import libraries, mime
from gofigr_jupyter.extension.shown import Figure
from gofigr_jupyter.outbox import drawings
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.widgets.live import PAGES

_URL = "data:image/png;base64,"


def ask_page(figure: Figure, settings: Settings) -> None:
    """Note that a page is asked for this figure: if one listens, its library draws there, and no pixels were shown."""
    library = libraries.of_kind(figure.kind)
    if library is None or not library.page_draws or settings.card == "off" or not PAGES.is_heard:
        return
    if any(item.mime_type in mime.RASTERS for item in figure.displayed):
        return
    figure.wants_picture = True
    drawings.ask(settings.home, figure.ids.client_id)


def answered(home: Path, client_id: str, url: object) -> bool:
    """A page has drawn it, or says with an empty answer that it cannot."""
    picture = None
    if isinstance(url, str) and url.startswith(_URL):
        try:
            picture = base64.b64decode(url[len(_URL) :], validate=True)
        except (binascii.Error, ValueError):
            picture = None
    return drawings.put(home, client_id, picture)
