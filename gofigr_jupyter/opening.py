"""Addresses that a browser can open: with a one-time ticket on our own servers, plain on GoFigr's.

In: settings and a local path. Out: a URL that holds no token. Starts the embedded server when it is not running.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import APIError, ConnectionFailed
from gofigr_jupyter.settings import Settings
from gofigr_jupyter.spawn import ensure_server

_START_SECONDS = 15.0


def open_url(settings: Settings, path: str = "/") -> str:
    """The address to open for a page of the server. Raises APIError when the embedded server does not come up."""
    base = settings.page_url()
    if not settings.is_embedded:
        return base + path
    with _client(settings) as client:
        ticket = client.ticket()
    return f"{base}/.gofigr/enter?{urlencode({'ticket': ticket.ticket, 'next': path})}"


def _client(settings: Settings) -> GoFigr:
    """A client of the embedded server, which may have to be started first."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        ensure_server(settings.home)
        client = GoFigr(settings=settings)
        try:
            client.info()
            return client
        except APIError as error:
            client.close()
            if not isinstance(error, ConnectionFailed):
                raise
            if time.monotonic() > deadline:
                raise APIError(f"The embedded server did not start: {error}. Try: gofigr-jupyter doctor") from error
            time.sleep(0.1)
