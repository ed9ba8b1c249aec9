"""Puts the commands together and keeps tracebacks from people: what goes wrong is one line, and what to do."""

from __future__ import annotations

import os
import sys

import typer

from gofigr_jupyter.cli import (
    account,
    asking,
    bundles,
    demo,
    differences,
    health,
    history,
    lookup,
    operators,
    outbox,
    proof,
    serving,
    showing,
    sites,
    uploading,
    users,
)
from gofigr_jupyter.cli.console import FAILED, err, plain
from gofigr_jupyter.errors import ConfigurationError, GoFigrError

_EXIT_CODES = """
Exit codes: 0 all went well; 1 something failed or is not finished, the text says what to do; 2 wrong usage or settings.

GOFIGR_JUPYTER_HOME moves all state (figures on their way, the embedded server's data) to another folder.
"""

app = typer.Typer(
    name="gofigr-jupyter",
    help="Figures that carry their history: publish every figure of a notebook, with code, data and environment.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("serve")(serving.serve)
app.command("open")(serving.open_page)
app.command("status")(outbox.status)
app.command("push")(outbox.push)
app.command("find")(lookup.find)
app.command("ask")(asking.ask)
app.command("show")(showing.show)
app.command("log")(history.log)
app.command("diff")(differences.diff)
app.command("blame")(history.blame)
app.command("verify")(proof.verify)
app.command("bundle")(bundles.bundle)
app.command("upload")(uploading.upload)
app.command("login")(account.login)
app.command("doctor")(health.doctor)
app.command("backup")(operators.backup)
app.command("restore")(operators.restore)
app.command("fsck")(operators.fsck)
app.add_typer(outbox.app, name="outbox")
app.add_typer(users.app, name="user")
app.add_typer(sites.app, name="fig1-key")


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and end.", is_eager=True),
) -> None:
    if version:
        from gofigr_jupyter import __version__

        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; ends the process with the documented exit codes."""
    try:
        app()
    except GoFigrError as error:
        err.print(f"[bold red]Error:[/] {plain(error)}")
        sys.exit(2 if isinstance(error, ConfigurationError) else FAILED)
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        err.print(f"[bold red]Error:[/] {plain(error.strerror or error)}{plain(where)}")
        err.print("gofigr-jupyter doctor tells more.")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)
