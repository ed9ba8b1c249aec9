"""The survey of one library: each example run without us and with us, and what was missed, doubled or changed.

Examples that differ are tried again, apart from the rest, twice in each way: what differs from itself is chance.
"""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gofigr_jupyter.records import Capture
from tests.galleries.example import Example
from tests.galleries.runs import LIMIT, CellRun, ExampleRun, run_all


@dataclass
class Report:
    """A row of the table."""

    library: str
    examples: int = 0  # that show a figure
    cells: int = 0
    shown: int = 0
    captured: int = 0
    missed: int = 0
    twice: int = 0
    bytes_differ: int = 0
    outputs_differ: int = 0
    by_chance: int = 0  # outputs that differ without us, too
    not_run: int = 0  # examples that show nothing here, by themselves
    seconds: int = 0
    faults: list[str] = field(default_factory=list)
    excuses: list[str] = field(default_factory=list)  # of those that were not run

    COLUMNS = "examples cells shown captured missed twice bytes_differ outputs_differ by_chance not_run seconds".split()

    @property
    def row(self) -> str:
        """The figures of the table, in columns."""
        return f"{self.library:<14}" + "".join(f"{getattr(self, name):>15}" for name in self.COLUMNS)

    @property
    def notes(self) -> list[str]:
        """Every fault, and why examples were not run."""
        excuses = [f"not run: {count} x {excuse}" for excuse, count in Counter(self.excuses).most_common()]
        return [f"    {text[:600]}" for text in self.faults + excuses]

    @classmethod
    def total(cls, reports: Sequence[Report]) -> Report:
        """All of them together."""
        whole = cls("all", faults=[fault for report in reports for fault in report.faults])
        for name in cls.COLUMNS:
            setattr(whole, name, sum(getattr(report, name) for report in reports))
        return whole

    @classmethod
    def head(cls) -> str:
        """The table's first line."""
        return f"{'library':<14}" + "".join(f"{name:>15}" for name in cls.COLUMNS)


def survey(library: str, examples: Sequence[Example], folder: Path, prelude: str = "", **env: str) -> Report:
    """Run all examples of a library in both ways and compare."""
    report, began = Report(library), time.monotonic()
    plain = list(run_all(examples, folder / "without", prelude, with_extension=False, **env))
    lost = frozenset(run.example for run in plain if run.died)
    # twice the time: an example that only just ended in time without us must not fail by chance
    options = {"limit": 2 * LIMIT, "hopeless": lost, **env}
    ours = list(run_all(examples, folder / "with", prelude, with_extension=True, **options))  # type: ignore[arg-type]
    doubtful: dict[Example, int] = {}  # the number of its cells that differ
    for before, after in zip(plain, ours, strict=True):
        if before.died or not any(cell.displays for cell in before.cells):
            report.not_run += 1
            report.excuses.append(before.excuse)
            continue
        _add(report, before, after)
        if cells := differing(before, after):
            doubtful[before.example] = len(cells)
    _try_again(report, doubtful, folder / "again", prelude, env)
    report.seconds = round(time.monotonic() - began)
    return report


def _add(report: Report, before: ExampleRun, after: ExampleRun) -> None:
    name = before.example.name
    report.examples += 1
    if after.died:
        report.faults.append(f"{name}: {after.died}, only with us")
    for number, cell in enumerate(after.cells):
        report.cells += 1
        shown, captured = len(cell.page.figures), len(cell.captures)
        report.shown += shown
        report.captured += captured
        where = f"{name}, cell {number + 1}"
        if captured < shown:
            report.missed += shown - captured
            report.faults.append(f"{where}: {shown} shown, {captured} captured")
        if captured > max(shown, cell.displays):
            report.twice += captured - max(shown, cell.displays)
            report.faults.append(f"{where}: {shown} shown ({cell.displays} displays), {captured} captured")
        wrong = unlike(cell)
        report.bytes_differ += len(wrong)
        report.faults += [f"{where}: {text}" for text in wrong]


def differing(before: ExampleRun, after: ExampleRun) -> list[int]:
    """The numbers of the cells whose outputs are not the same."""
    count = max(len(before.cells), len(after.cells))
    runs = [run.cells + [CellRun()] * (count - len(run.cells)) for run in (before, after)]
    return [number for number in range(count) if runs[0][number].outputs != runs[1][number].outputs]


def _try_again(
    report: Report, doubtful: Mapping[Example, int], folder: Path, prelude: str, env: dict[str, str]
) -> None:
    """In kernels of their own: without us and with us; those that differ, once more in both ways."""

    def again(examples: Iterable[Example], name: str, *, with_extension: bool) -> dict[Example, ExampleRun]:
        options = {"with_extension": with_extension, "limit": 2 * LIMIT, **env}
        runs = run_all(examples, folder / name, prelude, **options)  # type: ignore[arg-type]
        return {run.example: run for run in runs}

    first, ours = again(doubtful, "first", with_extension=False), again(doubtful, "ours", with_extension=True)
    still = [example for example in doubtful if differing(first[example], ours[example])]
    second = again(still, "second", with_extension=False)
    second_ours = again(still, "second-ours", with_extension=True)
    for example, cells in doubtful.items():
        chance: set[int] = set()
        if example in second:
            chance |= {*differing(first[example], second[example]), *differing(ours[example], second_ours[example])}
        real = [number for number in differing(first[example], ours[example]) if number not in chance]
        report.outputs_differ += len(real)
        report.by_chance += 0 if real else len(chance) or cells
        report.faults += [
            f"{example.name}, cell {number + 1}: {_first_difference(first[example], ours[example], number)}"
            for number in real
        ]


def _first_difference(before: ExampleRun, after: ExampleRun, number: int) -> str:
    left, right = (run.cells[number].outputs if number < len(run.cells) else [] for run in (before, after))
    for one, other in zip(left, right, strict=False):
        if one != other:
            at = next(
                (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
            )
            return f"outputs differ: {one[max(0, at - 60) : at + 100]!r} became {other[max(0, at - 60) : at + 100]!r}"
    return f"outputs differ: {len(left)} became {len(right)}: {(left + right)[min(len(left), len(right)) :][:1]!r:.300}"


# ---------------------------------------------------------------- displayed bytes are stored bytes


def unlike(cell: CellRun) -> list[str]:
    """Which figures of a cell were shown with pictures that no capture holds."""
    stored = [_stored(capture) for capture in cell.captures]
    wrong = []
    for pictures in cell.page.figures.values():
        wanted = {name: _decoded(name, value) for name, value in pictures.items()}
        if wanted and not any(_same(wanted, have) for have in stored):
            wrong.append(f"no capture holds the displayed {', '.join(wanted)}")
    return wrong


def _same(wanted: dict[str, Any], have: dict[str, Any]) -> bool:
    return all(have.get(name) == value for name, value in wanted.items())


def _stored(capture: Capture) -> dict[str, Any]:
    return {
        one.mime_type: json.loads(one.data) if one.mime_type.endswith("json") else one.data for one in capture.displayed
    }


def _decoded(name: str, value: Any) -> Any:
    if name.endswith("json"):
        return json.loads(value) if isinstance(value, str) else value
    text = "".join(value) if isinstance(value, list) else value
    return text.encode() if name == "image/svg+xml" and "<" in text else base64.b64decode(text)
