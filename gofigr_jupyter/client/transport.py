"""One request and its answer: JSON in, JSON out, and every failure as an error of our own tree.

In: method, path, JSON. Out: the JSON of a success, or its bytes as they come. Knows nothing of what the paths mean.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol

import httpx

from gofigr_jupyter.client.answers import DETAIL_LENGTH, detail, retry_after
from gofigr_jupyter.client.bodies import Body, Form, Progress
from gofigr_jupyter.client.retries import Attempts, Patience
from gofigr_jupyter.errors import BrokenOff, ConnectionFailed, StatusError, status_error

# Sending 50 MB over a slow line takes its time; each limit is for one step, not for the whole.
TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=30.0)
# Shorter than servers' own (uvicorn: 5 s), or we would write into a connection that is just being closed.
_LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=2, keepalive_expiry=3.0)
LARGEST = 1 << 30  # bytes of an answer that is held in memory; one without end must not fill the machine
_OF_THE_LINE = frozenset({"content-encoding", "content-length", "transfer-encoding"})  # undone when it was read
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True)
class Done:
    """Stands for the answer to a repeat that found its work done: a try of which nobody told us did arrive.

    `content` is the JSON of the refusal, None when it is none.
    """

    content: Any


class Prover(Protocol):
    """What makes sure that the right program listens; raises ConnectionFailed otherwise."""

    @property
    def base(self) -> str:
        """Where that is; it may move."""

    def prove(self) -> None:
        """Return when it is the right one."""

    def close(self) -> None:
        """Drop what it holds."""


def nobody() -> ssl.SSLContext:
    """Trusts no certificate: where none is ever shown, to read those of all authorities would take 25 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _InterruptedError(Exception):
    """No answer came; `error` is what the caller is told in the end."""

    def __init__(self, error: ConnectionFailed, *, was_sent: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.was_sent = was_sent


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
        patience: Patience | None = None,
        wire: httpx.BaseTransport | None = None,
        user_agent: str = "gofigr-jupyter",
    ) -> None:
        self._base = base.rstrip("/")
        self._prover = prover  # asked before anything is sent
        self._timeout = timeout
        self._patience = patience or Patience()
        self._client = httpx.Client(
            auth=auth,
            timeout=timeout,
            limits=_LIMITS,
            transport=wire,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # who we are is said by the header alone
            follow_redirects=False,  # a redirect must not carry credentials elsewhere
            trust_env=not is_local,  # no proxy on the way to our own machine
            verify=nobody() if is_local and base.startswith("http:") else True,
            headers={"User-Agent": user_agent, "Accept": "application/json"},
        )

    @property
    def base(self) -> str:
        """The server's base URL."""
        return self._base if self._prover is None else self._prover.base

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        form: Form | None = None,
        params: Mapping[str, str] | None = None,
        repeatable: bool = False,
        progress: Progress | None = None,
    ) -> Any:
        """Send a request and return the JSON of its answer (None for 204).

        `repeatable` says that a POST makes nothing twice; its repeat, or that of a DELETE, may return Done.
        `progress` is told how much of the body is sent. Raises ConnectionFailed when no answer, or not one of a
        GoFigr server, came; else the StatusError that belongs to the status.
        """
        with self.stream(
            method, path, body=body, form=form, params=params, repeatable=repeatable, progress=progress, whole=True
        ) as response:
            if isinstance(response, Done):
                return response
            if response.status_code == 204:
                return None
            try:
                return response.json()
            except (ValueError, RecursionError) as error:
                kind = response.headers.get("content-type", "no type").split(";")[0]
                raise ConnectionFailed(
                    f"What answers at {self.base} is not a GoFigr server, or something stands between: "
                    f"it sent {kind} that is not JSON"
                ) from error

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        form: Form | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        progress: Progress | None = None,
        silence: float | None = None,
        whole: bool = False,
    ) -> Iterator[Any]:
        """Send a request and hand out its answer while it comes, as an `httpx.Response`; `whole` waits for the end.

        `silence` is how many seconds may pass without a byte, where not as usual. Only what happens before the answer
        begins is tried again. Raises as `request` does, also while the answer is read.
        """
        timeout = self._timeout if silence is None else httpx.Timeout(**{**self._timeout.as_dict(), "read": silence})
        with Body(body, form, progress) as given:

            def build() -> httpx.Request:
                return self._client.build_request(
                    method,
                    self.base + path,
                    params=params,
                    headers={**given.headers, **(headers or {})},
                    timeout=timeout,
                    **given.options(),
                )

            response = self._tried(build, self.attempts(method, repeatable=repeatable), whole=whole)
        if isinstance(response, Done):
            yield response
            return
        try:
            with _translated(self.base):
                yield response
        finally:
            response.close()

    def attempts(self, method: str, *, repeatable: bool = False) -> Attempts:
        """How often, and after which waits, something may be tried."""
        return Attempts(self._patience, method, repeatable=repeatable)

    def _tried(self, build: Callable[[], httpx.Request], attempts: Attempts, *, whole: bool) -> httpx.Response | Done:
        """A success; what passes is waited for as long as patience lasts."""
        while True:
            try:
                response = self._sent(build, whole=whole)
            except _InterruptedError as interrupted:
                pause = attempts.after_failure(was_sent=interrupted.was_sent)
                if pause is None:
                    interrupted.error.was_sent = interrupted.was_sent or attempts.may_have_arrived
                    raise interrupted.error from interrupted.__cause__
            except StatusError as refused:  # of the sign-in: the request itself did nothing
                pause = attempts.after_answer(refused.status, refused.retry_after, was_reached=False)
                if pause is None:
                    raise
            else:
                if response.is_success:
                    return response
                if attempts.found_done(response.status_code):
                    return Done(_json(response))
                wanted = retry_after(response.headers.get("retry-after"))
                pause = attempts.after_answer(response.status_code, wanted)
                if pause is None:
                    raise self._refusal(response)
            time.sleep(pause)

    def _sent(self, build: Callable[[], httpx.Request], *, whole: bool) -> httpx.Response:
        """One try. Answers that are no success are always read to their end, here."""
        if self._prover is not None:
            try:
                self._prover.prove()
            except ConnectionFailed as error:
                raise _InterruptedError(error, was_sent=False) from error.__cause__
        try:
            response = self._client.send(build(), stream=True)
            if whole or not response.is_success:
                response = _read(response, self.base)
        except httpx.TimeoutException as error:
            failed = ConnectionFailed(f"{self.base} did not answer in time")
            raise _InterruptedError(failed, was_sent=not isinstance(error, _NOTHING_SENT)) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            failed = ConnectionFailed(f"{self.base} cannot be reached: {error or type(error).__name__}")
            raise _InterruptedError(failed, was_sent=not isinstance(error, _NOTHING_SENT)) from error
        return response

    def _refusal(self, response: httpx.Response) -> Exception:
        if response.is_redirect:
            target = response.headers.get("location", "nowhere")[:DETAIL_LENGTH]
            return ConnectionFailed(f"{self.base} sends on to {target}; if that is right, use its address")
        wanted = retry_after(response.headers.get("retry-after"))
        return status_error(response.status_code, detail(response), retry_after=wanted)

    def close(self) -> None:
        """Drop the connections."""
        self._client.close()
        if self._prover is not None:
            self._prover.close()

    def __deepcopy__(self, memo: dict[int, Any]) -> Transport:
        """Copies of an object share its connection."""
        return self


@contextmanager
def _translated(base: str) -> Iterator[None]:
    """What goes wrong while an answer is being read, as an error of our tree."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise BrokenOff(f"{base} fell silent in the middle of an answer") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise BrokenOff(f"{base} broke off in the middle of an answer") from error


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _read(response: httpx.Response, base: str) -> httpx.Response:
    """The same answer, read to its end, within bounds (which `Response.read` does not know)."""
    pieces, size = [], 0
    try:
        for piece in response.iter_bytes():
            size += len(piece)
            if size > LARGEST:
                raise ConnectionFailed(f"{base} sends more than {LARGEST >> 20} MB in one answer; nothing was kept")
            pieces.append(piece)
    finally:
        response.close()
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_LINE]
    content = b"".join(pieces)
    return httpx.Response(response.status_code, headers=headers, content=content, extensions=response.extensions)
