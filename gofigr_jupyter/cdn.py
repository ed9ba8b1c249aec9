"""The CDN as people use it: uploads that know figures, and start the embedded server if need be.

In: what an author wants to upload. Out: what `client.fig1` gives. This file knows no wire and no library of figures.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from gofigr_jupyter.capture.asking import asked
from gofigr_jupyter.capture.still import still
from gofigr_jupyter.client.fig1 import Drawn
from gofigr_jupyter.client.fig1 import Fig1 as Client
from gofigr_jupyter.settings import Settings, with_cdn_of_now
from gofigr_jupyter.spawn import ensure_server


def drawn(what: Any) -> Drawn:
    """The picture of a figure or an image, and its title. Raises CaptureError."""
    seen = asked(what)[1]
    return Drawn(still(seen), seen.title or "")


class Fig1(Client):
    __doc__ = f"{Client.__doc__}\n    The embedded server is started when it is needed and does not run.\n    "

    start_embedded: ClassVar[Callable[[Path], object] | None] = staticmethod(ensure_server)
    draw: ClassVar[Callable[[Any], Drawn] | None] = staticmethod(drawn)


def uploader(settings: Settings) -> Fig1:
    """For the settings of a session; a key that was set since it began counts too. Raises ConfigurationError."""
    return Fig1(settings=with_cdn_of_now(settings))
