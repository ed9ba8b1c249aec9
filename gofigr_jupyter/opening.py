"""Ways in: the client that people use, and addresses for a browser. Both start the embedded server if need be.

In: settings and a local path. Out: a client, or a URL that holds no token: with a one-time ticket on our own servers,
plain on GoFigr's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlencode

from gofigr_jupyter.client.gofigr import GoFigr as Client
from gofigr_jupyter.errors import APIError, ConnectionFailed
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.spawn import ensure_server


class GoFigr(Client):
    __doc__ = f"{Client.__doc__}\n    The embedded server is started when it is needed and does not run.\n    "

    start_embedded: ClassVar[Callable[[Path], object] | None] = staticmethod(ensure_server)


def open_url(settings: Settings, path: str = "/") -> str:
    """The address to open for a page of the server. Raises APIError when the embedded server does not come up."""
    if not settings.is_embedded:
        return settings.page_url() + path
    try:
        with GoFigr(settings=settings, patience=0) as client:
            ticket = client.ticket()
    except ConnectionFailed as error:
        raise APIError(f"The embedded server did not start: {error}. Try: gofigr-jupyter doctor") from error
    base = settings.page_url()  # asked last: a server that starts may have to take another port
    return f"{base}/.gofigr/enter?{urlencode({'ticket': ticket.ticket, 'next': path})}"
