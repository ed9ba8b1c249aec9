"""`publish(fig, cdn=True)`: the picture of a published figure on its way to the CDN, on a thread of its own.

In: what was seen of a figure. Out: an asset, or the error, to whoever asks. Nothing here delays or hurts publishing.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from importlib import import_module
from typing import TYPE_CHECKING

from blake3 import blake3

from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.errors import ConnectionFailed, GoFigrError
from gofigr_jupyter.extension.hooks import tell
from gofigr_jupyter.settings import Settings

if TYPE_CHECKING:
    from gofigr_jupyter.client.cdn_asset import CdnAsset

_MOST_REMEMBERED = 200
_sent: dict[tuple[str, str | None, str, bytes], CdnAsset] = {}  # in this session


class CdnPicture:
    """One picture under way."""

    def __init__(
        self, settings: Settings, seen: Seen, name: str | None, folder: str | None, *, is_script: bool
    ) -> None:
        self._found: Future[CdnAsset] = Future()
        work = (settings, seen, name or seen.title or "", folder)
        # A script that ends waits for it; a kernel that is shut down does not.
        threading.Thread(target=self._work, args=work, name="gofigr-cdn", daemon=not is_script).start()

    def wait(self, timeout: float) -> CdnAsset:
        """The asset; raises what went wrong, ConnectionFailed when it takes longer than `timeout` seconds."""
        try:
            return self._found.result(timeout)
        except LateError as error:
            raise ConnectionFailed(f"The picture was not on the CDN within {timeout:g} s") from error

    def _work(self, settings: Settings, seen: Seen, title: str, folder: str | None) -> None:
        try:
            self._found.set_result(_uploaded(settings, seen, title, folder))
        except Exception as error:  # noqa: BLE001 - nobody may be waiting: it is said once, and kept for who asks
            problem = error if isinstance(error, GoFigrError) else GoFigrError(f"{type(error).__name__}: {error}")
            self._found.set_exception(problem)
            tell(f"cdn:{problem}", f"a picture is published, but not put on the CDN: {problem}")


def _uploaded(settings: Settings, seen: Seen, title: str, folder: str | None) -> CdnAsset:
    # By their names: they bring the client and Pillow along, which loading the extension must not.
    cdn, still = import_module("gofigr_jupyter.cdn"), import_module("gofigr_jupyter.capture.still")
    drawn = cdn.Drawn(still.still(seen), title)
    with cdn.uploader(settings) as fig1:
        what = (fig1.base, folder, title, blake3(drawn.content).digest())
        if what not in _sent:  # else the cell was run again
            if len(_sent) >= _MOST_REMEMBERED:
                _sent.clear()
            _sent[what] = fig1.upload(drawn, folder=folder)
        return _sent[what]
