"""One request and its answer: JSON in, JSON out, and every failure as an error of our own tree.

In: method, path, JSON. Out: the JSON of a success. Knows nothing of what the paths mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx

from gofigr_jupyter.errors import ConnectionFailed, status_error

DETAIL_LENGTH = 300
# Sending 50 MB over a slow line takes its time; each limit is for one step, not for the whole.
TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=30.0)
# Shorter than servers' own (uvicorn: 5 s), or we would write into a connection that is just being closed.
_LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=2, keepalive_expiry=3.0)


class Prover(Protocol):
    """What makes sure that the right program listens; raises ConnectionFailed otherwise."""

    def prove(self) -> None:
        """Return when it is the right one."""

    def close(self) -> None:
        """Drop what it holds."""


class Transport:
    """The connection to one server as one user; may be used by several threads."""

    def __init__(
        self,
        base: str,
        auth: httpx.Auth | None,
        *,
        is_local: bool = False,
        prover: Prover | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        user_agent: str = "gofigr-jupyter",
    ) -> None:
        self.base = base.rstrip("/")
        self._prover = prover  # asked before anything is sent
        self._client = httpx.Client(
            auth=auth,
            timeout=timeout,
            limits=_LIMITS,
            follow_redirects=False,  # a redirect must not carry credentials elsewhere
            trust_env=not is_local,  # no proxy on the way to our own machine
            headers={"User-Agent": user_agent, "Accept": "application/json"},
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request and return the JSON of its answer (None for 204).

        Raises ConnectionFailed when no answer, or not one of a GoFigr server, came; else the StatusError that
        belongs to the status.
        """
        if self._prover is not None:
            self._prover.prove()
        response = self._send(method, path, body, params)
        if not response.is_success:
            raise self._refusal(response)
        if response.status_code == 204:
            return None
        try:
            return response.json()
        except ValueError as error:
            kind = response.headers.get("content-type", "no type").split(";")[0]
            raise ConnectionFailed(
                f"What answers at {self.base} is not a GoFigr server, or something stands between: "
                f"it sent {kind} that is not JSON"
            ) from error

    def _send(self, method: str, path: str, body: Any, params: Mapping[str, str] | None) -> httpx.Response:
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            return self._client.request(
                method, self.base + path, content=content, params=params, headers=headers
            )
        except httpx.TimeoutException as error:
            raise ConnectionFailed(f"{self.base} did not answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ConnectionFailed(
                f"{self.base} cannot be reached: {error or type(error).__name__}"
            ) from error

    def _refusal(self, response: httpx.Response) -> Exception:
        if response.is_redirect:
            target = response.headers.get("location", "nowhere")[:DETAIL_LENGTH]
            return ConnectionFailed(f"{self.base} sends on to {target}; if that is right, use its address")
        return status_error(
            response.status_code,
            detail(response),
            retry_after=retry_after(response.headers.get("retry-after")),
        )

    def close(self) -> None:
        """Drop the connections."""
        self._client.close()
        if self._prover is not None:
            self._prover.close()


def detail(response: httpx.Response) -> str:
    """The server's own words about a refusal, in one line: `{"detail": ...}` or `{"<field>": [...]}`."""
    try:
        content = response.json()
    except ValueError:
        return response.reason_phrase
    if isinstance(content, dict) and "detail" in content:
        text = str(content["detail"])
    elif isinstance(content, dict):
        text = "; ".join(f"{name}: {_joined(value)}" for name, value in content.items())
    else:
        text = _joined(content)
    return " ".join(text.split())[:DETAIL_LENGTH]


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds from a `Retry-After` header, which holds seconds or a date."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
