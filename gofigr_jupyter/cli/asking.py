"""`ask`: a question about a figure, answered by the server from its record, and what the answer rests on."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import typer

from gofigr_jupyter.cli.console import out, plain, visible
from gofigr_jupyter.cli.history import FIGURE_HELP

if TYPE_CHECKING:
    from gofigr_jupyter.client.figures import Revision
    from gofigr_jupyter.client.gofigr import GoFigr
    from gofigr_jupyter.schema.insight import Answer


def ask(
    figure: str = typer.Argument(metavar="FIGURE", help=f"{FIGURE_HELP} Name@3 is its third revision."),
    question: list[str] = typer.Argument(metavar="QUESTION", help="What you want to know, as you would say it."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Ask about a figure: what it shows, its numbers, how it was made, what changed."""
    from gofigr_jupyter.cli.naming import client, named, revision_of

    with client() as gf:
        revision = revision_of(gf, named(gf, figure))
        answer = _answer(gf, revision, " ".join(question), is_shown=not as_json)
    if as_json:
        typer.echo(answer.model_dump_json(indent=2, exclude={"answer_html"}))
        return
    labels = dict.fromkeys(plain(one.label) for one in answer.evidence)
    if labels:
        out.print(f"\n[dim]Rests on {', '.join(labels)}[/]")


def _answer(gf: GoFigr, revision: Revision, question: str, *, is_shown: bool) -> Answer:
    """The answer; in a terminal it is shown as it comes. Raises APIError."""
    from rich.live import Live
    from rich.markdown import Markdown

    from gofigr_jupyter.errors import ConnectionFailed
    from gofigr_jupyter.schema.insight import Answer, AnswerDelta

    said = ""
    with Live(console=out, auto_refresh=False) if is_shown and out.is_terminal else nullcontext() as live:
        for piece in gf.insight.stream(revision, question):
            if isinstance(piece, AnswerDelta):
                said += piece.text
                if live is not None:
                    live.update(Markdown(visible(said)), refresh=True)
            elif isinstance(piece, Answer):
                if is_shown and live is None:
                    out.print(Markdown(visible(piece.answer)))
                return piece
    raise ConnectionFailed("The answer ended before it was whole")
