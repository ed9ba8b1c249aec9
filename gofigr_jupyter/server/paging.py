"""Lists that can grow, part by part: `?limit=&cursor=` in, and the cursor of the next part out.

A cursor is the key of the last row shown, so that rows which come and go in between shift nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query

from gofigr_jupyter.server.refusal import Refusal, invalid

Row = TypeVar("Row")
USUAL, MOST = 50, 200


@dataclass(frozen=True)
class Part:
    """Which part of a list is asked for: at most `limit` rows, after the row with the key `after`."""

    limit: int = USUAL
    after: tuple[Any, ...] | None = None

    def moment(self) -> tuple[datetime, str] | None:
        """The key of a list in the order of time: when a row was made, and its id. Refuses (400) any other."""
        if self.after is None:
            return None
        match self.after:
            case (str(when), str(api_id)):
                try:
                    return _in_utc(datetime.fromisoformat(when)), api_id
                except (ValueError, OverflowError) as error:
                    raise _unknown() from error
        raise _unknown()

    def text(self) -> tuple[str] | None:
        """The key of a list in the order of names: one text. Refuses (400) any other."""
        match self.after:
            case None:
                return None
            case (str(name),):
                return (name,)
        raise _unknown()

    def cut(self, rows: Sequence[Row], key: Callable[[Row], tuple[Any, ...]]) -> tuple[list[Row], str | None]:
        """The rows to show and the next cursor, of rows that were asked for with one more than `limit`."""
        shown = list(rows[: self.limit])
        return shown, _sealed(key(shown[-1])) if len(rows) > self.limit else None


def part_of(
    limit: Annotated[int, Query(ge=1, le=MOST)] = USUAL,
    cursor: Annotated[str | None, Query(max_length=600)] = None,
) -> Part:
    """Which part the request asks for; refuses (400) a cursor that is none."""
    return Part(limit, None if cursor is None else _opened(cursor))


PartOf = Annotated[Part, Depends(part_of)]


def _sealed(key: tuple[Any, ...]) -> str:
    plain = [one.isoformat() if isinstance(one, datetime) else one for one in key]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _opened(cursor: str) -> tuple[Any, ...]:
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        json.dumps(key, ensure_ascii=False).encode()  # half of a surrogate pair is no text for a database
    except (ValueError, RecursionError) as error:
        raise _unknown() from error
    if not isinstance(key, list):
        raise _unknown()
    return tuple(key)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    return moment.astimezone(UTC)


def _unknown() -> Refusal:
    return invalid("cursor", "This is no cursor of this list.")
