"""What answers say besides their content: the server's words about a refusal, and when to come again."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

DETAIL_LENGTH = 300


def detail(response: httpx.Response) -> str:
    """The server's own words about a refusal, in one line: its `detail`, its `error`, or `{"<field>": [...]}`."""
    try:
        content = response.json()
    except (ValueError, RecursionError):
        return response.reason_phrase
    if isinstance(content, dict) and "detail" in content:
        text = str(content["detail"])
    elif isinstance(content, dict) and isinstance(content.get("error"), str):
        text = content["error"]
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
        seconds = float(header)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
