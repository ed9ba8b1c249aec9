"""What `verify` tells while it works and at the end: for people, for programs, for those who follow it as it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gofigr_jupyter.cli.console import err, out, plain, table

if TYPE_CHECKING:
    from gofigr_jupyter.client.figures import Revision
    from gofigr_jupyter.proof.verdict import Verdict

_COLOURS = {"identical": "green", "similar": "green", "differs": "yellow", "failed": "red"}
Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Outcome:
    """What came of one revision; `problem` says why the verdict could not be kept with it."""

    revision: Revision
    verdict: Verdict
    link: str
    problem: str | None


class Told:
    """For people: a bar while it runs, then a few lines."""

    @contextmanager
    def watching(self, revision: Revision) -> Iterator[Tell]:
        """While one is made again."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        short = Column(no_wrap=True, overflow="ellipsis", max_width=44)  # of 80, as titles can be long
        columns = (TextColumn("{task.description}", table_column=short), BarColumn(24), TimeElapsedColumn())
        with Progress(*columns, console=out, transient=True) as progress:
            task = progress.add_task(f"Making again: {_title(revision)}", total=1.0)
            yield lambda what, done: progress.update(task, description=plain(what), completed=done)

    def verdict(self, outcome: Outcome) -> None:
        """What came of it."""
        from gofigr_jupyter.proof.verdict import said

        verdict, colour = outcome.verdict, _COLOURS[str(outcome.verdict.kind)]
        headline = said(verdict.short())
        out.print(f"[bold]{_title(outcome.revision)}[/]: [bold {colour}]{plain(headline)}[/]")
        if verdict.reason not in headline:
            out.print(f"  {plain(verdict.reason)}")
        for line in (*verdict.changes.said(), *verdict.changes.hints):
            if line not in verdict.reason:
                out.print(f"  {plain(line)}")
        if verdict.changes.others:
            out.print(f"  {verdict.changes.others} packages of which nothing was imported have changed, too")
        _print_places(verdict)
        for line in verdict.trace:
            out.print(f"    {plain(line)}")
        if outcome.problem is not None:
            err.print(f"[yellow]![/] The verdict could not be kept: {plain(outcome.problem)}")
        out.print(f"  {plain(outcome.link)}")

    def refused(self, revision: Revision, who: str) -> None:
        """It holds the code of others."""
        err.print(f"[bold red]Error:[/] {plain(revision.api_id)} holds code of {plain(who)}, which was not run.")
        err.print("If you trust them with all that you can do on this machine, add --trust.")


class AsJson(Told):
    """For programs: nothing until the end."""

    @contextmanager
    def watching(self, revision: Revision) -> Iterator[Tell]:  # noqa: ARG002 - it is silent
        """While one is made again."""
        yield lambda _what, _done: None

    def verdict(self, outcome: Outcome) -> None:
        """All are printed together, later."""


class AsLines(Told):
    """For the card and the server, which follow it while it runs."""

    @contextmanager
    def watching(self, revision: Revision) -> Iterator[Tell]:
        """While one is made again; the same is not said twice."""
        before = [""]

        def tell(what: str, done: float) -> None:
            if what != before[0]:
                before[0] = what
                _line(revision=revision.api_id, stage=what, done=round(done, 3))

        yield tell

    def verdict(self, outcome: Outcome) -> None:
        """What came of it."""
        from gofigr_jupyter.proof.verdict import said

        short = outcome.verdict.short()
        _line(revision=outcome.revision.api_id, verdict=short, said=said(short), problem=outcome.problem)

    def refused(self, revision: Revision, who: str) -> None:
        """It holds the code of others."""
        _line(revision=revision.api_id, refused=f"It holds code of {who}, which is run only with --trust.")


def _title(revision: Revision) -> str:
    return plain(revision.title or revision.short_id or revision.api_id)


def _line(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _print_places(verdict: Verdict) -> None:
    places = [region for one in verdict.compared if one.measure is not None for region in one.measure.regions]
    if not places or verdict.is_reproduced:
        return
    shown = table("place", "from", "to", "pixels")
    for number, box in enumerate(places, 1):
        shown.add_row(str(number), f"{box.left}, {box.top}", f"{box.right}, {box.bottom}", str(box.pixels))
    out.print(shown)
