"""`user`: the accounts of a team server, managed on the machine that has its data, while it runs or not."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import typer

from gofigr_jupyter.cli.console import err, out, plain, table
from gofigr_jupyter.cli.serving import DATA_HELP, data_folder

app = typer.Typer(help="The accounts of a team server.", no_args_is_help=True)
NAME = typer.Argument(help="The user name.")
FOLDER = typer.Option(None, "--data-dir", help=DATA_HELP)
STDIN = typer.Option(False, "--password-stdin", help="Read the password from standard input.")
SOMEWHERE = "http://127.0.0.1:8765"


@app.command("add")
def add(
    name: str = NAME,
    email: str | None = typer.Option(None, help="The e-mail address."),
    password_stdin: bool = STDIN,
    data_dir: Path | None = FOLDER,
) -> None:
    """Make an account."""
    from gofigr_jupyter.server import accounts

    accounts.add_user(data_folder(data_dir), name, email, _password(password_stdin))
    out.print(f"There is an account for [bold]{plain(name)}[/] now.")


@app.command("list")
def show(
    as_json: bool = typer.Option(False, "--json", help="For programs."),
    data_dir: Path | None = FOLDER,
) -> None:
    """Show all accounts."""
    from gofigr_jupyter.server import accounts

    found = accounts.users(data_folder(data_dir))
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    shown = table("user", "e-mail", "since", "API keys", "")
    for one in found:
        state = "" if one["is_active"] else "disabled"
        since, keys = one["date_joined"][:10], str(one["api_keys"])
        shown.add_row(plain(one["username"]), plain(one["email"] or ""), since, keys, state)
    out.print(shown if found else "There are no accounts yet. Make one with: gofigr-jupyter user add NAME")


@app.command("disable")
def disable(name: str = NAME, data_dir: Path | None = FOLDER) -> None:
    """Close an account at once: its sessions, tokens and API keys open nothing any more. Its figures stay."""
    from gofigr_jupyter.server import accounts

    accounts.set_active(data_folder(data_dir), name, active=False)
    out.print(f"The account [bold]{plain(name)}[/] is disabled.")


@app.command("enable")
def enable(name: str = NAME, data_dir: Path | None = FOLDER) -> None:
    """Open a disabled account again; its API keys work again, sessions and tokens don't."""
    from gofigr_jupyter.server import accounts

    accounts.set_active(data_folder(data_dir), name, active=True)
    out.print(f"The account [bold]{plain(name)}[/] is enabled.")


@app.command("reset-password")
def reset_password(
    name: str = NAME,
    url: str | None = typer.Option(None, help="Where people reach the server; by default GOFIGR_JUPYTER_PUBLIC_URL."),
    password_stdin: bool = typer.Option(
        False, "--password-stdin", help="Set the password that stands in standard input, instead of making a link."
    ),
    data_dir: Path | None = FOLDER,
) -> None:
    """Print a link with which somebody sets a new password, once and within an hour.

    The old password works until then. Sessions and tokens end with the new one; API keys stay.
    """
    from gofigr_jupyter.server import accounts

    folder = data_folder(data_dir)
    if password_stdin:
        accounts.set_password(folder, name, _password(from_stdin=True))
        out.print(f"The password of [bold]{plain(name)}[/] is changed; sessions and tokens of before have ended.")
        return
    where = url or os.environ.get("GOFIGR_JUPYTER_PUBLIC_URL") or SOMEWHERE
    typer.echo(accounts.reset_link(folder, name, where.rstrip("/")))
    if where == SOMEWHERE:
        err.print(f"[yellow]Note:[/] put your server's address in place of {SOMEWHERE}, or give it with --url.")


@app.command("renew-signing-key")
def renew_signing_key(
    end_all: bool = typer.Option(False, "--end-all", help="End all tokens that were signed before."),
    data_dir: Path | None = FOLDER,
) -> None:
    """Sign tokens with a new key from now on, as happens by itself every three months.

    Use --end-all when somebody may have seen the data folder or a backup of it.
    """
    from gofigr_jupyter.server import accounts

    accounts.renew_signing_key(data_folder(data_dir), end_all=end_all)
    out.print("There is a new signing key." + (" All tokens have ended." if end_all else ""))


def _password(from_stdin: bool) -> str:
    """Typed twice, or the first line of standard input; never an argument, which others on the machine could read."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed
