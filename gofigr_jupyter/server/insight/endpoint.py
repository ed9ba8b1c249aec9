"""The one way from the engines to the network: to the address that the operator has named, and nowhere else.

No redirect is followed, no answer is read without end, and what goes wrong is told without the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from gofigr_jupyter.server.insight.engine import BUSY, EngineFailed

CONNECT = 10.0  # seconds
SILENCE = 120.0  # seconds; a model may think before its first word
TOO_MANY = 429
LARGEST = 16 << 20  # bytes of one answer
DETAIL = 300  # characters of a refusal


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server of models: its base address, and the key that it wants."""

    url: str
    key: str = field(default="", repr=False)

    def stream(self, path: str, body: Mapping[str, Any]) -> Iterator[bytes]:
        """What the server answers, piece by piece; closing the iterator hangs up. Raises EngineFailed."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        timeout = httpx.Timeout(SILENCE, connect=CONNECT)
        host = httpx.URL(self.url).host
        try:
            with (
                httpx.Client(timeout=timeout, follow_redirects=False) as client,
                client.stream("POST", f"{self.url}{path}", json=dict(body), headers=headers) as answer,
            ):
                if answer.status_code == TOO_MANY:
                    raise EngineFailed(BUSY)
                if not answer.is_success:
                    raise EngineFailed(f"{host} refused ({answer.status_code}): {self._detail(answer)}")
                size = 0
                for piece in answer.iter_bytes():
                    size += len(piece)
                    if size > LARGEST:
                        raise EngineFailed(f"{host} does not come to an end.")
                    yield piece
        except httpx.TimeoutException as error:
            raise EngineFailed(f"{host} did not answer in time.") from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise EngineFailed(f"{host} cannot be reached, or broke off.") from error

    def _detail(self, answer: httpx.Response) -> str:
        content = b""
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > DETAIL * 4:
                break
        text = " ".join(content.decode("utf-8", "replace").split())[:DETAIL]
        return text.replace(self.key, "***") if self.key else text
