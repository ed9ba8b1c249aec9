"""Signing requests: by API key, or by user name and password with tokens that are refreshed.

The flows are generators that yield requests and are sent the answers; they do no I/O of their own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Generator

import httpx

from gofigr_jupyter.client.answers import retry_after
from gofigr_jupyter.errors import status_error

Flow = Generator[httpx.Request, httpx.Response, None]


class KeyAuth(httpx.Auth):
    """`Authorization: Token <key>`."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Sign."""
        request.headers["Authorization"] = f"Token {self._key}"
        yield request


class PasswordAuth(httpx.Auth):
    """`Authorization: Bearer <access>`; signs in first, refreshes once per refused request, or signs in anew.

    A server that refuses a fresh token has its refusal passed on, it is not asked for ever.
    """

    def __init__(self, base: str, username: str, password: str) -> None:
        self._base = base
        self._username = username
        self._password = password
        self._access: str | None = None
        self._refresh: str | None = None
        self._lock = threading.Lock()  # guards the two tokens only, never held while waiting for an answer

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Sign, and get new tokens where there are none or they have ended."""
        used = self._access
        if used is None:
            used = yield from self._sign_in()
        request.headers["Authorization"] = f"Bearer {used}"
        response = yield request
        if response.status_code != 401 or _code(response) != "token_not_valid":
            return
        if self._access != used and self._access is not None:  # another thread has been quicker
            fresh = self._access
        else:
            fresh = yield from self._renewed()
        request.headers["Authorization"] = f"Bearer {fresh}"
        yield request

    def sync_auth_flow(self, request: httpx.Request) -> Flow:
        """As httpx drives a flow; but only answers that the flow looks into are read: others may be streams."""
        flow = self.auth_flow(request)
        asked = next(flow)
        while True:
            response = yield asked
            if asked is not request or response.status_code == 401:
                response.read()
            try:
                asked = flow.send(response)
            except StopIteration:
                return

    def _renewed(self) -> Generator[httpx.Request, httpx.Response, str]:
        if self._refresh is not None:
            response = yield httpx.Request("POST", f"{self._base}/api/token/refresh/", json={"refresh": self._refresh})
            access = _field(response, "access")
            if response.status_code == 200 and access:
                self._keep(access, self._refresh)
                return access
        return (yield from self._sign_in())

    def _sign_in(self) -> Generator[httpx.Request, httpx.Response, str]:
        body = {"username": self._username, "password": self._password}
        response = yield httpx.Request("POST", f"{self._base}/api/token/", data=body)
        access = _field(response, "access")
        if response.status_code != 200 or not access:
            status = response.status_code if response.status_code >= 400 else 502
            wanted = retry_after(response.headers.get("retry-after"))
            raise status_error(status, _field(response, "detail") or "the sign-in failed", retry_after=wanted)
        self._keep(access, _field(response, "refresh"))
        return access

    def _keep(self, access: str, refresh: str | None) -> None:
        with self._lock:
            self._access, self._refresh = access, refresh


def _field(response: httpx.Response, name: str) -> str | None:
    try:
        content = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None
    value = content.get(name) if isinstance(content, dict) else None
    return value if isinstance(value, str) else None


def _code(response: httpx.Response) -> str | None:
    return _field(response, "code")
