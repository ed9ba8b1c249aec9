"""`upload`: files to the CDN, and their addresses back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gofigr_jupyter.cli.console import FAILED, err, plain, settings

if TYPE_CHECKING:
    from gofigr_jupyter.client.cdn_asset import CdnAsset
    from gofigr_jupyter.client.fig1 import NotUploaded


def upload(
    files: list[Path] = typer.Argument(metavar="FILE...", help="Pictures, documents, films or sounds."),
    folder: str = typer.Option("", "--folder", help="Where to put them, such as plots/2026."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Put files on the CDN and print their permanent addresses, one a line, in the order given.

    Where FIG1_URL says, with the key FIG1_API_KEY. What fails is told, and the others go on; exits with 1 then.
    """
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from gofigr_jupyter.cdn import Fig1
    from gofigr_jupyter.client.fig1 import NotUploaded

    columns = (TextColumn("Uploading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Fig1(settings=settings()) as fig1, Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=None)
        found = fig1.upload_many(
            files, folder=folder, progress=lambda done, total: progress.update(task, completed=done, total=total)
        )
    if as_json:
        typer.echo(json.dumps([_told(path, one) for path, one in zip(files, found, strict=True)], indent=2))
    for one in found:
        if isinstance(one, NotUploaded):
            err.print(f"[bold red]Error:[/] {plain(one)}")
        elif not as_json:
            typer.echo(one.url())
    if any(isinstance(one, NotUploaded) for one in found):
        raise typer.Exit(FAILED)


def _told(path: Path, one: CdnAsset | NotUploaded) -> dict[str, Any]:
    if (error := getattr(one, "error", None)) is not None:
        return {"file": str(path), "error": str(error)}
    told = {name: getattr(one, name) for name in ("key", "name", "content_type", "size_bytes")}
    return {"file": str(path), "url": one.url(), **told}
