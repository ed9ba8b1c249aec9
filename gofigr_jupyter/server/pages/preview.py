"""The first rows of a data frame that came as CSV, as a small table of plain text."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import islice

from gofigr_jupyter.server.pages.words import plain

MAX_ROWS = 8
MAX_COLUMNS = 12
MAX_CELL = 60
LONGEST_LINE = 50_000
NUMBER = re.compile(r"[-+−]?[\d.,]+(?:[eE][-+]?\d+)?%?|nan|NaN|")


@dataclass(frozen=True, slots=True)
class Table:
    """The head of a table; `numeric` tells the columns of numbers, `more_rows` that there are more."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    more_rows: bool
    more_columns: bool


def head(text: str, *, is_cut: bool) -> Table | None:
    """The head of a CSV file; `is_cut` says that `text` is its beginning only. None when there is nothing to show."""
    lines = text.splitlines(keepends=True)
    if is_cut and len(lines) > 1:
        lines.pop()  # only a part of it is here
    if any(len(line) > LONGEST_LINE for line in lines[: MAX_ROWS + 2]):
        return None
    try:
        rows = [row for row in islice(csv.reader(lines), MAX_ROWS + 2) if row]
    except csv.Error:
        return None
    if len(rows) < 2:
        return None
    width = max(len(row) for row in rows)
    shown = [tuple(plain(cell, MAX_CELL) for cell in row[:MAX_COLUMNS]) for row in rows]
    padded = [row + ("",) * (min(width, MAX_COLUMNS) - len(row)) for row in shown]
    more_rows = is_cut or len(rows) > MAX_ROWS + 1
    columns, body = padded[0], tuple(padded[1 : MAX_ROWS + 1])
    numeric = tuple(all(NUMBER.fullmatch(cell) for cell in column) for column in zip(*body, strict=True))
    return Table(columns, body, numeric, more_rows, width > MAX_COLUMNS)
