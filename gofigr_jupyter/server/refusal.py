"""How the server says no: one exception that carries the status and the body, raised anywhere below a route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gofigr_jupyter.errors import GoFigrError

NO_ENGINE = "no engine is configured"


class Refusal(GoFigrError):
    """An answer that is not a success; `body` is what the client reads."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})


def invalid(field: str, problem: str) -> Refusal:
    """400: a field of the request cannot be."""
    return Refusal(400, {field: [problem]})


def bad_credentials(*, token_not_valid: bool = False) -> Refusal:
    """401: credentials were sent, and are no good.

    Only for Bearer tokens `code` is set: the official client would refresh for ever with an API key.
    """
    body = {"detail": "These credentials are not valid (any more)."}
    return Refusal(401, body | {"code": "token_not_valid"} if token_not_valid else body)


def forbidden() -> Refusal:
    """403, always with the same words: it must say nothing about the object."""
    return Refusal(403, {"detail": "You do not have permission to perform this action."})


def not_found() -> Refusal:
    """404."""
    return Refusal(404, {"detail": "Not found."})


def no_engine() -> Refusal:
    """503: what only a machine can answer, on a server that was given none."""
    return Refusal(503, {"detail": NO_ENGINE, "code": "no_engine"})


def conflict(detail: str, api_id: str | None) -> Refusal:
    """409: the id is taken; `api_id` is what has it."""
    return Refusal(409, {"detail": detail} | ({"api_id": api_id} if api_id else {}))
