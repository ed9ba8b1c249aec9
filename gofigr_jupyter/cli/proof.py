"""`verify`: make a figure again, here, in a clean process, and see whether it is the same."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from gofigr_jupyter.cli.console import FAILED, MISUSED, fail, out, settings
from gofigr_jupyter.cli.verdicts import AsJson, AsLines, Outcome, Told

if TYPE_CHECKING:
    from gofigr_jupyter.client.figures import Revision
    from gofigr_jupyter.client.gofigr import GoFigr
    from gofigr_jupyter.proof.verdict import Verdict
    from gofigr_jupyter.proof.verify import Options


def verify(
    revision: str = typer.Argument("", help="The revision: its id, short id or link; or a figure's name."),
    *,
    analysis: str = typer.Option("", "--analysis", help="All figures of an analysis instead: its name or id."),
    trust: bool = typer.Option(False, "--trust", help="Also run what others have written."),
    timeout: float = typer.Option(300.0, min=1, help="Seconds that the code of a figure may take."),
    python: str = typer.Option("", help="The interpreter to use; by default the one that made the figure."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
    lines: bool = typer.Option(False, "--lines", hidden=True, help="Print what happens as lines of JSON."),
    local: bool = typer.Option(False, "--local", hidden=True, help="On this machine's server, whatever the settings."),
) -> None:
    """Make a figure again from its code and inputs, in a clean process, and compare it with what was shown.

    The code runs on this machine, as you. The verdict is kept with the revision. Exits with 1 when a figure differs or
    could not be made again, with 2 when it holds the code of others and --trust is not given.
    """
    from gofigr_jupyter.opening import GoFigr
    from gofigr_jupyter.proof.runner import Limits
    from gofigr_jupyter.proof.verify import Options
    from gofigr_jupyter.settings import Settings, state_home

    if bool(revision) == bool(analysis):
        fail("Name a revision, or an analysis with --analysis.", code=MISUSED)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # in order, so that the code does not outlive us
    options = Options(python=python or None, limits=Limits(seconds=timeout))
    with GoFigr(settings=Settings(home=state_home()) if local else settings()) as gf:
        run = _Run(gf, options, trust=trust, told=AsLines() if lines else AsJson() if as_json else Told())
        verdicts = [run.one(one) for one in _meant(gf, revision, analysis)]
        if as_json:
            typer.echo(json.dumps([one.full() | {"revision": api_id} for api_id, one in run.done], indent=2))
    if analysis and not as_json and not lines:
        out.print(f"{sum(verdicts)} of {len(verdicts)} figures reproduced.")
    if run.refused and not run.done:
        raise typer.Exit(MISUSED)
    if not all(verdicts):
        raise typer.Exit(FAILED)


class _Run:
    """One call of the command: what it does with each revision, and what came of them."""

    def __init__(self, gf: GoFigr, options: Options, *, trust: bool, told: Told) -> None:
        self.done: list[tuple[str, Verdict]] = []
        self.refused = False
        self._gf, self._options, self._trust, self._told = gf, options, trust, told

    def one(self, revision: Revision) -> bool:
        """Whether a revision was reproduced."""
        from gofigr_jupyter.errors import StatusError
        from gofigr_jupyter.proof.keeping import keep
        from gofigr_jupyter.proof.verify import verify as made_again
        from gofigr_jupyter.proof.whose import stranger

        who = None if self._trust else stranger(self._gf, revision)
        if who is not None:
            self.refused = True
            self._told.refused(revision, who)
            return False
        with self._told.watching(revision) as tell:
            verdict = made_again(self._gf, revision, self._options, tell)
            problem = None
            try:
                keep(self._gf, revision.api_id, verdict)
            except StatusError as error:  # who may read only can still look for himself
                problem = str(error)
        self.done.append((revision.api_id, verdict))
        self._told.verdict(Outcome(revision, verdict, self._gf.page_url(revision), problem))
        return verdict.is_reproduced


def _meant(gf: GoFigr, revision: str, analysis: str) -> Iterator[Revision]:
    """The revision, or the newest of each figure of an analysis."""
    from gofigr_jupyter.cli.naming import analysis_of, named, revision_of

    if not analysis:
        yield revision_of(gf, named(gf, revision))
        return
    for figure in analysis_of(gf, analysis).figures:
        found = gf.figures.get(figure).revisions
        if found:
            yield gf.revisions.get(max(found, key=lambda one: one.revision_index))
