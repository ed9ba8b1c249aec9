"""Family metadata: a mailbox by which a page in a browser tells a program what it cannot know."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from gofigr_jupyter.client.resource import API, drafted, read_as, step, to_wire
from gofigr_jupyter.client.transport import Transport
from gofigr_jupyter.errors import APIError
from gofigr_jupyter.schema.metadata import MetadataMessage, MetadataProxy, MetadataProxyDraft

_POLL_SECONDS = 0.25


class Metadata:
    """Mailboxes, each under a token of its own."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, *, expiry: datetime | None = None, metadata: Any = None) -> MetadataProxy:
        """Make one; the server chooses an `expiry` that is missing or too far away."""
        body = to_wire(drafted(MetadataProxyDraft, None, expiry=expiry, metadata=metadata))
        return read_as(MetadataProxy, self._transport.request("POST", f"{API}/metadata/", body=body))

    def get(self, token: str) -> MetadataProxy:
        """Look into one; only who made it may."""
        return read_as(MetadataProxy, self._transport.request("GET", self._at(token)))

    def post(self, token: str, metadata: Any) -> MetadataProxy | None:
        """Put any JSON into one, in place of what was there; whoever has the token may, its maker is shown it."""
        body = {"metadata": drafted(MetadataMessage, None, metadata=metadata).metadata}
        answer = self._transport.request("POST", self._at(token), body=body, repeatable=True)
        return None if answer is None else read_as(MetadataProxy, answer)

    def delete(self, token: str) -> None:
        """Take it away."""
        self._transport.request("DELETE", self._at(token))

    def wait(self, token: str, seconds: float = 10.0) -> Any:
        """What somebody puts in. Raises APIError when nobody does in time."""
        deadline = time.monotonic() + seconds
        while (box := self.get(token)).updated is None:
            if time.monotonic() + _POLL_SECONDS > deadline:
                raise APIError(f"Nothing was put into the mailbox within {seconds:g} s")
            time.sleep(_POLL_SECONDS)
        return box.metadata

    def _at(self, token: str) -> str:
        return f"{API}/metadata/{step(token)}"
