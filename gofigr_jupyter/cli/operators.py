"""`backup`, `restore` and `fsck`: what the operator of a team server does with its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from gofigr_jupyter.cli.console import FAILED, err, out, plain, size
from gofigr_jupyter.cli.serving import DATA_HELP, data_folder

_DATA = typer.Option(None, "--data-dir", help=DATA_HELP)
_SHOWN = 50  # damages that are listed one by one


def backup(
    folder: Path = typer.Argument(metavar="DIR", help="A folder for backups of this server, and nothing else."),
    data_dir: Path | None = _DATA,
) -> None:
    """Copy everything a server keeps, while it runs; again into the same folder, only what is new.

    Data in buckets stays there and is not copied. Exits with 1 when some data was lost before already.
    """
    from gofigr_jupyter.server.store.backup import back_up

    with _progress("Copying") as told:
        made = back_up(data_folder(data_dir), folder.expanduser().absolute(), told)
    manifest = made.manifest
    what = f"{len(manifest.chunks)} chunks, {size(manifest.size_bytes)}; {made.new} of them new"
    out.print(f"Backed up to {plain(folder)}: {what}")
    if manifest.elsewhere:
        out.print(f"[yellow]Note:[/] {manifest.elsewhere} data objects lie in buckets and were not copied.")
    if manifest.absent:
        err.print(f"[bold red]Error:[/] {len(manifest.absent)} chunks of data are damaged or gone on the server.")
        err.print("Everything else was copied. See: gofigr-jupyter fsck")
        raise typer.Exit(FAILED)


def restore(
    folder: Path = typer.Argument(metavar="DIR", help="The folder of a backup."),
    data_dir: Path | None = _DATA,
) -> None:
    """Make an empty data folder what was backed up; every byte is proved by its hash.

    Start no server on the folder meanwhile. A backup that is damaged or was not finished is refused.
    """
    from gofigr_jupyter.server.store.restore import restore as bring_back

    target = data_folder(data_dir)
    with _progress("Restoring") as told:
        manifest = bring_back(folder.expanduser().absolute(), target, told)
    what = f"{len(manifest.chunks)} chunks, {size(manifest.size_bytes)}, all proved by their hashes"
    out.print(f"Restored to {plain(target)}: {what}. It is the state of {plain(manifest.made_on)}.")
    if manifest.absent:
        out.print(f"[yellow]Note:[/] {len(manifest.absent)} chunks were lost before the backup was made.")


def fsck(
    repair: bool = typer.Option(False, "--repair", help="Take away bytes that nothing names, and set sums right."),
    data_dir: Path | None = _DATA,
) -> None:
    """Hold everything a server keeps against its hashes and sizes; exits with 1 when something is damaged.

    The server may run meanwhile, with --repair too.
    """
    from gofigr_jupyter.server.store.fsck import check

    with _progress("Reading") as told:
        report = check(data_folder(data_dir), repair=repair, told=told)
    out.print(f"{report.objects} data objects read: {report.chunks} chunks, {size(report.size_bytes)}")
    for one in report.damaged[:_SHOWN]:
        out.print(f"[red]![/] {plain(one.kind)} {plain(one.api_id)}: {plain(one.problem)}")
    if len(report.damaged) > _SHOWN:
        out.print(f"... and {len(report.damaged) - _SHOWN} more")
    if report.swept or report.repaired:
        out.print(f"{report.swept} chunks that nothing named are gone, {report.repaired} sizes set right")
    if report.unnamed:
        out.print(f"{report.unnamed} chunks that nothing names; the server takes them away in time, or: fsck --repair")
    if not report.is_sound:
        err.print(f"[bold red]Error:[/] {len(report.damaged)} damaged")
        raise typer.Exit(FAILED)
    out.print("[green]✓[/] Nothing is damaged")


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
