"""What part of a file a request wants, and whether it has it already: conditions and single ranges (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Mapping

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


class OutOfRange(ValueError):
    """Nothing of the file lies in the range that is wanted."""


def is_known(headers: Mapping[str, str], etag: str) -> bool:
    """Whether who asks has this very file (If-None-Match)."""
    told = headers.get("if-none-match", "")
    known = {one.strip().removeprefix("W/") for one in told.split(",")}
    return told.strip() == "*" or etag in known


def wanted(headers: Mapping[str, str], etag: str, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of the one range that is wanted; None for all of it. Raises OutOfRange.

    Several ranges at once, and what is no range, are answered with the whole, as the rules allow.
    """
    found = RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if found is None or headers.get("if-range", etag).strip() != etag:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        if not int(last) or not size:
            raise OutOfRange
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise OutOfRange
    return int(first), min(size, int(last) + 1) if last else size
