"""Numbers, names and points in words, as answers put them: rounded to four digits, harmless in Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from gofigr_jupyter.markdown import as_text
from gofigr_jupyter.server.tables.profile import ColumnFacts

DIGITS = 4  # significant ones: what an answer says is right to that many
LONGEST = 120
_PLAIN = (1e-4, 1e9)  # between these, no exponent
_YEAR = re.compile(r"\byears?\b", re.IGNORECASE)
_LAST_YEAR = 10_000
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")


def number(value: float) -> str:
    """`1,234`, `0.01235`, `1.2e-09`: four significant digits, whole numbers whole."""
    if value == 0:
        return "0"
    if float(value).is_integer() and abs(value) < _PLAIN[1]:
        return f"{int(value):,}"
    if not _PLAIN[0] <= abs(value) < _PLAIN[1]:
        return f"{value:.{DIGITS - 1}e}"
    places = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cell(value: Any) -> str:
    """A value as it stands in a table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    return name(value)


def name(text: Any) -> str:
    """Somebody's words in one line, cut, without a meaning in Markdown."""
    line = " ".join(str(text).split())
    return as_text(line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…")


def quoted(text: str, most: int = 600) -> str:
    """Somebody's words as a quotation in one line, without a meaning in Markdown."""
    line = " ".join(text.split())
    return f"“{as_text(line if len(line) <= most else f'{line[: most - 1]}…')}”"


def label(column: ColumnFacts) -> str:
    """What a column is called on its axis, else its name."""
    return name(column.label or column.name)


def whose(column: ColumnFacts, series: str) -> str:
    """`Force of control`; a series that is called like its axis is not named twice."""
    said = label(column)
    is_same = series.casefold() == (column.label or column.name).casefold()
    return f"{said} of {name(series)}" if series and not is_same else said


def labelled(column: ColumnFacts) -> str:
    """The same with its unit: `Force (N)`."""
    return f"{label(column)} ({name(column.unit)})" if column.unit else label(column)


def is_year(column: ColumnFacts) -> bool:
    """Whether its whole numbers are years, as its name says."""
    return bool(_YEAR.search(column.label or column.name))


def measured(value: Any, column: ColumnFacts | None) -> str:
    """A value with the unit of its column."""
    if column is not None and is_year(column) and isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() and abs(value) < _LAST_YEAR else cell(value)
    if column is not None and column.is_time and isinstance(value, str):
        return name(value.removesuffix(" 00:00:00"))
    if column is not None and column.role == "share" and isinstance(value, int | float):
        return f"{number(100 * value)} %"
    unit = column.unit if column is not None and isinstance(value, int | float) else ""
    return f"{cell(value)} {name(unit)}" if unit else cell(value)


def listed(words: Iterable[str], most: int = 12) -> str:
    """`a, b and c`; what is beyond `most` is counted."""
    found = list(words)
    rest = len(found) - most
    shown = found if rest <= 0 else [*found[:most], f"{rest:,} more"]
    between = "; " if any("," in _THOUSANDS.sub("", word) for word in shown) else ", "
    return shown[0] if len(shown) == 1 else f"{between.join(shown[:-1])} and {shown[-1]}" if shown else ""


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """`1 point`, `12 points`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def point(at: Sequence[Any], along: ColumnFacts | None, across: ColumnFacts | None) -> str:
    """`7 N at Length 3 mm`."""
    place, value = at
    return f"{measured(value, across)} at {located(place, along)}"


def located(place: Any, along: ColumnFacts | None) -> str:
    """`Length 3 mm`; the place alone where its axis has no label."""
    return f"{label(along)} {measured(place, along)}" if along is not None and along.label else measured(place, along)
