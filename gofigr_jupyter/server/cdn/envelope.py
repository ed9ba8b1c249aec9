"""The shape in which everything below these paths is answered, refusals of every origin among it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from gofigr_jupyter.schema.fig1 import Failure, Success
from gofigr_jupyter.server.refusal import Refusal
from gofigr_jupyter.server.web import answer

WRAPPED = re.compile(r"/(api/sdk|cdn)(/.*)?", re.DOTALL)


def covers(path: str) -> bool:
    """Whether this path is answered so."""
    return WRAPPED.fullmatch(path) is not None


def failure(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a refusal, as it is elsewhere, in the envelope: one sentence."""
    said = {name: " ".join(map(str, one)) if isinstance(one, list) else str(one) for name, one in body.items()}
    told = said["detail"] if "detail" in said else "; ".join(f"{name}: {one}" for name, one in said.items())
    return Failure(error=told).model_dump()


def refusal(status: int, error: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """What is answered with this sentence."""
    return Refusal(status, {"detail": error}, headers)


def success(data: BaseModel | list[Any], status: int = 200) -> Response:
    """An answer in its envelope."""
    return answer(Success[Any](data=data), status)
