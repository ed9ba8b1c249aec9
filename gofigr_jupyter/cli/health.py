"""`doctor`: what is wrong, and what to do."""

from __future__ import annotations

import typer

from gofigr_jupyter.cli.console import FAILED, out, plain, settings


def doctor() -> None:
    """Look at everything that has to work, and say what to do where it does not.

    Exits with 1 when something serious was found; a missing convenience does not count.
    """
    from gofigr_jupyter.doctor import examine

    is_ill = False
    for finding in examine(settings()):
        is_ill |= not finding.ok and finding.is_serious
        mark = "[green]ok  [/]" if finding.ok else "[bold red]!!  [/]" if finding.is_serious else "[yellow]note[/]"
        out.print(f"{mark} [bold]{plain(finding.what)}[/]: {plain(finding.found)}")
        if not finding.ok and finding.advice:
            out.print(f"     → {plain(finding.advice)}")
    if is_ill:
        raise typer.Exit(FAILED)
