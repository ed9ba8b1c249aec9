"""`fig1-key`: the keys with which programs put files on the web, managed on the machine that has the data."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from gofigr_jupyter.cli.console import err, out, plain, table

app = typer.Typer(help="Keys for putting files on the web, with Fig1's asset API.", no_args_is_help=True)
FOLDER = typer.Option(None, "--data-dir", help="The data of a team server; without it, your own embedded server's.")


@app.command("add")
def add(
    site: str = typer.Option("default", help="The site that the key opens; made with its first key."),
    workspace: str | None = typer.Option(None, help="The workspace that keeps the files, by name or id."),
    data_dir: Path | None = FOLDER,
) -> None:
    """Make a key for a site and print it; it is shown this once."""
    from gofigr_jupyter.server.cdn import sites

    made = sites.add_key(_folder(data_dir), site, workspace, embedded=data_dir is None)
    typer.echo(made["key"])
    where = f"the site [bold]{plain(made['site'])}[/] of {plain(made['workspace'])}"
    err.print(f"It puts files into {where}. It is shown this once.")
    if data_dir is None:
        from gofigr_jupyter.local import local_server
        from gofigr_jupyter.settings import state_home

        err.print(f"FIG1_URL={local_server(state_home()).url} leads there while your server runs.")


@app.command("list")
def show(
    as_json: bool = typer.Option(False, "--json", help="For programs."),
    data_dir: Path | None = FOLDER,
) -> None:
    """Show all keys, without what is secret of them."""
    from gofigr_jupyter.server.cdn import sites

    found = sites.keys(_folder(data_dir), embedded=data_dir is None)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    shown = table("id", "key", "site", "workspace", "made", "last used")
    for one in found:
        used = (one["last_used"] or "never")[:10]
        shown.add_row(one["id"][:8], one["key"], plain(one["site"]), plain(one["workspace"]), one["created"][:10], used)
    out.print(shown if found else "There are no keys yet. Make one with: gofigr-jupyter fig1-key add")


@app.command("remove")
def remove(
    key_id: str = typer.Argument(metavar="ID", help="The key's id, or its beginning, as `fig1-key list` shows it."),
    data_dir: Path | None = FOLDER,
) -> None:
    """End a key at once, and the upload addresses that it asked for. Files stay where they are."""
    from gofigr_jupyter.server.cdn import sites

    sites.remove_key(_folder(data_dir), key_id, embedded=data_dir is None)
    out.print("The key has ended.")


def _folder(chosen: Path | None) -> Path:
    from gofigr_jupyter.settings import state_home

    return chosen.expanduser().absolute() if chosen else state_home() / "server"
