"""JSON that means one thing only: what repeats a key, or holds a number that is none, is refused with its field named.

Numbers come out exactly as they went in: integers of any size that Python reads, floats that are finite.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gofigr_jupyter.server.intake import MOST_IN_MEMORY, LongString
from gofigr_jupyter.server.refusal import Refusal, invalid

LONGEST_INTEGER = 4_000  # digits; where Python itself has no limit (of some 4,300), longer ones take for ever
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class _Flaw:
    """Stands in the value where something cannot be taken; `key` is what it is about, if anything."""

    def __init__(self, problem: str, key: str = "detail") -> None:
        self.problem = problem
        self.key = key


class Reader:
    """Reads one body; the strings named in `long` are put back where they were.

    `keeps_data`: those in `data[].data` stay where they lie, as LongString.
    """

    def __init__(self, long: Mapping[str, LongString] | None = None, *, keeps_data: bool = False) -> None:
        self._long = long or {}
        self._keeps_data = keeps_data
        self._is_flawed = False
        self._holders: list[tuple[dict[str, Any], str, LongString]] = []

    def read(self, raw: bytes) -> Any:
        """The value; refuses (400) what is not JSON."""
        try:
            value = json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=self._object,
                parse_float=self._float,
                parse_int=self._integer,
                parse_constant=self._constant,
            )
            if self._is_flawed:
                _refuse(value, lambda one: one.problem if isinstance(one, _Flaw) else None)
            if SURROGATE.search(raw):
                _refuse(value, _half_a_pair)
            self._put_back(value)
        except UnicodeDecodeError as error:
            raise invalid("detail", "The body is not UTF-8.") from error
        except RecursionError as error:
            raise invalid("detail", "The body is nested too deeply.") from error
        except ValueError as error:
            raise invalid("detail", f"The body is not JSON: {error}.") from error
        return value

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Flaw:
        made = dict(pairs)
        if len(made) != len(pairs):
            return self._flaw("This key is there twice.", _repeated(pairs))
        for key, value in pairs if self._long else ():
            if isinstance(value, str) and value in self._long:
                self._holders.append((made, key, self._long[value]))
        return made

    def _float(self, text: str) -> float | _Flaw:
        value = float(text)
        return value if math.isfinite(value) else self._flaw("A number is too large.")

    def _integer(self, text: str) -> int | _Flaw:
        return int(text) if len(text.lstrip("-")) <= LONGEST_INTEGER else self._flaw("A number has too many digits.")

    def _constant(self, name: str) -> _Flaw:
        return self._flaw(f"JSON has no {name}.")

    def _flaw(self, problem: str, key: str = "detail") -> _Flaw:
        self._is_flawed = True
        return _Flaw(problem, key)

    def _put_back(self, value: Any) -> None:
        items = value.get("data") if self._keeps_data and isinstance(value, dict) else None
        data = {id(item) for item in items} if isinstance(items, list) else set()
        room = MOST_IN_MEMORY
        for holder, key, long in self._holders:
            if key == "data" and id(holder) in data:
                holder[key] = long
                continue
            room -= long.length
            if room < 0:
                raise Refusal(413, {"detail": f"Beside its data, a request has at most {MOST_IN_MEMORY} bytes."})
            holder[key] = long.text()


def _repeated(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    return "detail"


def _half_a_pair(value: Any) -> str | None:
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return "A text has half of a surrogate pair."
    return None


def _refuse(value: Any, problem_of: Callable[[Any], str | None]) -> None:
    """Refuse (400) a value in which something has a problem; the first field with one is named."""
    if isinstance(value, _Flaw):
        raise invalid(shown(value.key), value.problem)
    fields = value.items() if isinstance(value, dict) else [("detail", value)]
    for name, content in fields:
        for one in _all_in({name: content}):
            problem = problem_of(one)
            if problem is not None:
                raise invalid(shown(name), problem)


def _all_in(value: Any) -> Iterator[Any]:
    left = [value]
    while left:
        one = left.pop()
        yield one
        if isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one


def shown(name: str) -> str:
    """A client's word, fit to be said back."""
    return name[:100].encode("utf-8", "replace").decode("utf-8")
