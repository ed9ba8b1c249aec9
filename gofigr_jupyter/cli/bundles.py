"""`bundle`: what it takes to make a figure again, as a file to take along."""

from __future__ import annotations

from pathlib import Path

import typer

from gofigr_jupyter.cli.console import MISUSED, fail, out, plain, settings, size


def bundle(
    revision: str = typer.Argument(..., help="The revision: its id, short id or link; or a figure's name."),
    file: str = typer.Argument("", help="The file to write; by default named after the figure."),
    part: str = typer.Option("all", help="all, script or notebook."),
) -> None:
    """Write what it takes to make a figure again to a zip: script, notebook, packages, inputs, picture (RO-Crate)."""
    from gofigr_jupyter.cli.naming import named, revision_of
    from gofigr_jupyter.opening import GoFigr
    from gofigr_jupyter.proof.places import safe_name

    endings = {"all": "zip", "script": "py", "notebook": "ipynb"}
    if part not in endings:
        fail("--part is one of all, script, notebook.", code=MISUSED)
    with GoFigr(settings=settings()) as gf:
        meant = named(gf, revision)
        found = revision_of(gf, meant)
        default = f"{safe_name(meant.figure.name).replace(' ', '-')}-r{found.revision_index + 1}.{endings[part]}"
        path = gf.revisions.bundle(found, Path(file or default), part=part)  # type: ignore[arg-type]  # one of the three
    out.print(f"{plain(path)}  {size(path.stat().st_size)}")
