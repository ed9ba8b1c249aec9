"""`serve` and `open`: a server for a team, and the pages of whichever server figures go to."""

from __future__ import annotations

from pathlib import Path

import typer

from gofigr_jupyter.cli.console import fail, open_in_browser, out, plain, settings

DATA_HELP = "The folder of the server's data; by default `team` in the state folder."


def data_folder(chosen: Path | None) -> Path:
    """Where a team server keeps everything."""
    from gofigr_jupyter.settings import state_home

    return chosen.expanduser().absolute() if chosen else state_home() / "team"


def serve(
    host: str = typer.Option("127.0.0.1", help="The address to listen at; 0.0.0.0 for all of this machine's."),
    port: int = typer.Option(8765, min=0, max=65535, help="The port to listen at; 0 for one that is free."),
    data_dir: Path | None = typer.Option(None, "--data-dir", help=DATA_HELP),
) -> None:
    """Run a server for a team, with accounts, until Ctrl-C.

    Make accounts with: gofigr-jupyter user add NAME. Your own embedded server needs no command: it starts by itself.
    """
    from gofigr_jupyter.server import run

    folder = data_folder(data_dir)
    is_new = not folder.exists()
    if is_new:
        out.print(f"A new server. Make an account with: gofigr-jupyter user add NAME --data-dir {plain(folder)}")
    run.serve(host, port, folder)


def open_page(
    revision: str | None = typer.Argument(None, metavar="[ID]", help="A revision's id or short id, or its link."),
) -> None:
    """Open the gallery, or one revision, in the browser; starts the embedded server when it is not running.

    Where there is no browser, prints a link that signs in one browser once.
    """
    from gofigr_jupyter.opening import open_url

    path = "/"
    if revision is not None:
        known = revision.rstrip("/").rpartition("/")[2]
        if not known.replace("-", "").isalnum():
            fail(f"{revision!r} is no id of a revision.", "Ids stand at the end of each figure's link.", 2)
        path = f"/r/{known}"
    link = open_url(settings(), path)
    if not open_in_browser(link):
        out.print(plain(link))
