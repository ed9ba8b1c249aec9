"""`%gofigr upload FILE... [--folder F]`: files to the CDN, a card for each.

In: the words of the line, a session's settings. Out: outputs in the notebook. Imported when somebody uploads, for it
brings the client along.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape
from typing import Any

from IPython.display import display

from gofigr_jupyter.cdn import uploader
from gofigr_jupyter.client.cdn_asset import CdnAsset
from gofigr_jupyter.client.fig1 import NotUploaded
from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.widgets import uploaded, words

_display: Any = display  # IPython has no types
_USAGE = "%gofigr upload FILE... [--folder FOLDER]"
_QUIET = 0.7  # seconds; what is over by then needs no bar
_OFTEN = 0.25  # seconds between two states of the bar


def upload(settings: Settings, line: Sequence[str]) -> None:
    """Upload the files of a line and show each. Raises ConfigurationError and NotUploadable for the line as a whole."""
    files, folder = _read(line)
    bar = _Bar()
    try:
        with uploader(settings) as fig1:
            found = fig1.upload_many(files, folder=folder, progress=bar.tell)
    finally:
        bar.close()
    for one in found:
        card = card_of(one)
        _display({"text/plain": uploaded.text(card), "text/html": uploaded.html(card)}, raw=True)


def card_of(one: CdnAsset | NotUploaded) -> uploaded.Uploaded:
    """What became of a file, ready to be shown."""
    if isinstance(one, NotUploaded):
        return uploaded.Uploaded(one.name, problem=str(one.error))
    is_picture = one.content_type.startswith("image/")
    preview = one.url(width=192, height=144, fit="contain") if is_picture else ""
    return uploaded.Uploaded(one.name, one.size_bytes, one.url(), one.markdown(), preview)


def _read(line: Sequence[str]) -> tuple[list[str], str | None]:
    files: list[str] = []
    folder: str | None = None
    given = iter(line)
    for word in given:
        option, is_set, value = word.partition("=")
        if option == "--folder":
            folder = value if is_set else next(given, None)
            if not folder:
                raise ConfigurationError(f"--folder needs a name: {_USAGE}")
        elif word.startswith("--"):
            raise ConfigurationError(f"{word} is unknown: {_USAGE}")
        else:
            files.append(word)
    if not files:
        raise ConfigurationError(f"Which file? {_USAGE}")
    return files, folder


class _Bar:
    """A bar that appears when it takes long, and goes when it is over. Told by several threads, one at a time."""

    def __init__(self) -> None:
        self._shown: Any = None
        self._next = time.monotonic() + _QUIET

    def tell(self, done: int, total: int | None) -> None:
        """So many bytes of so many are sent."""
        if time.monotonic() < self._next or not total:
            return
        self._next = time.monotonic() + _OFTEN
        said = f"Uploading: {words.size(done)} of {words.size(total)}"
        bar = {"text/plain": said, "text/html": f'<progress value="{done}" max="{total}"></progress> {escape(said)}'}
        if self._shown is None:
            self._shown = _display(bar, raw=True, display_id=True)
        else:
            self._shown.update(bar, raw=True)

    def close(self) -> None:
        """Take it away."""
        if self._shown is not None:
            self._shown.update({"text/plain": "", "text/html": ""}, raw=True)
