"""`log` and `blame`: how a figure came to be what it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import typer

from gofigr_jupyter.cli.console import MISUSED, code_lines, err, fail, out, paged, plain

if TYPE_CHECKING:
    from gofigr_jupyter.cli.parts import Parts
    from gofigr_jupyter.client.figures import Figure, Revision
    from gofigr_jupyter.client.gofigr import GoFigr

FIGURE_HELP = "A figure's name, analysis/name, id or link."
_AS_JSON = typer.Option(False, "--json", help="Print JSON.")


def log(
    figure: str = typer.Argument(metavar="FIGURE", help=FIGURE_HELP),
    most: int = typer.Option(20, "-n", "--most", min=1, help="How many revisions, the newest first."),
    oneline: bool = typer.Option(False, "--oneline", help="One line for each."),
    as_json: bool = _AS_JSON,
) -> None:
    """List the revisions of a figure: number, date, author, and what changed - code, picture, packages, inputs."""
    from gofigr_jupyter.cli.naming import client, named

    with client() as gf:
        meant = named(gf, figure).figure
        rows = [_row(gf, before, after) for before, after in _with_the_one_before(gf, meant, most)]
        if as_json:
            typer.echo(json.dumps(rows, indent=2))
            return
        if not rows:
            out.print(f"{plain(meant.name)} has no revisions.")
            return
        with paged():
            for row in rows:
                _print_line(row) if oneline else _print_row(row)
            if (older := rows[-1]["revision"] - 1) and len(rows) == most:
                out.print(f"[dim]and {older} before; -n shows more[/]")


def _with_the_one_before(gf: GoFigr, figure: Figure, most: int) -> Iterator[tuple[Parts | None, Parts]]:
    """The newest revisions, newest first, each with its predecessor."""
    newest = sorted(figure.revisions, key=lambda one: one.revision_index, reverse=True)
    chosen: list[Parts | None] = [*_parts(gf, newest[: most + 1])]
    if len(newest) <= most:
        chosen.append(None)
    yield from ((before, after) for after, before in pairwise(chosen) if after is not None)


def _parts(gf: GoFigr, revisions: list[Revision]) -> list[Parts]:
    """Revisions in full, with a bar where that takes a while."""
    from gofigr_jupyter.cli.parts import Parts, Texts

    texts = Texts()
    return [Parts(gf.revisions.get(one), texts) for one in _watched(revisions)]


def _watched(what: list[Revision]) -> Iterable[Revision]:
    from rich.progress import track

    return track(what, "Reading", console=err, transient=True, disable=len(what) < 20)


def _row(gf: GoFigr, before: Parts | None, after: Parts) -> dict[str, Any]:
    from gofigr_jupyter.cli.parts import changed

    revision = after.revision
    verdict = after.metadata.get("verdict")
    return {
        "revision": after.number,
        "id": revision.api_id,
        "short_id": revision.short_id,
        "link": gf.page_url(revision),
        "created_on": revision.created_on.isoformat() if revision.created_on else None,
        "author": after.author,
        "changed": ["first"] if before is None else changed(before, after),
        "commit": after.commit or None,
        "proof": verdict.get("verdict") if isinstance(verdict, dict) else None,
    }


def _print_row(row: dict[str, Any]) -> None:
    out.print(f"[yellow]revision {row['revision']}[/]  {plain(row['link'])}")
    out.print(f"Author:  {plain(row['author'])}")
    out.print(f"Date:    {moment(row['created_on'])}")
    if row["commit"]:
        out.print(f"Commit:  {plain(row['commit'])}")
    if row["proof"]:
        out.print(f"Proof:   {plain(row['proof'])}")
    out.print(f"\n    {_said(row['changed'])}\n")


def _print_line(row: dict[str, Any]) -> None:
    name = row["short_id"] or row["id"][:8]
    date = moment(row["created_on"])
    out.print(f"[yellow]{row['revision']:>4}[/]  {plain(name)}  {date}  {_said(row['changed'])}")


def _said(changed: list[str]) -> str:
    if changed == ["first"]:
        return "first revision"
    return f"changed: {', '.join(changed)}" if changed else "nothing changed"


def moment(iso: str | None) -> str:
    """A moment for people, in the reader's own time."""
    from datetime import datetime

    if not iso:
        return "unknown"
    try:
        return datetime.fromisoformat(iso).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return plain(iso)[:16]


# ---------------------------------------------------------------- blame


def blame(
    figure: str = typer.Argument(metavar="FIGURE", help=f"{FIGURE_HELP} Name@3 is its third revision."),
    as_json: bool = _AS_JSON,
) -> None:
    """Tell for each line of the code that makes a figure in which revision it first stood, since when, and whose it is.

    The code is the slice - the statements of the session that made the figure - where there is one, else the cell.
    """
    from gofigr_jupyter.cli.lines import blamed
    from gofigr_jupyter.cli.naming import client, named, revision_of

    with client() as gf:
        meant = named(gf, figure)
        last = revision_of(gf, meant).revision_index
        revisions = sorted(meant.figure.revisions, key=lambda one: one.revision_index)
        versions = _parts(gf, [one for one in revisions if one.revision_index <= last])
        lines = blamed((one, one.lasting_code) for one in versions)
    if not lines:
        fail(f"No code is kept with {meant.figure.name!r}.", code=MISUSED)
    if as_json:
        rows = [_blamed_row(number, one, line) for number, (one, line) in enumerate(lines, 1)]
        typer.echo(json.dumps(rows, indent=2))
        return
    with paged():
        _print_blame(lines)


def _blamed_row(number: int, version: Parts, line: str) -> dict[str, Any]:
    revision = version.revision
    return {
        "line": number,
        "code": line,
        "revision": version.number,
        "id": revision.api_id,
        "short_id": revision.short_id,
        "author": version.author,
        "created_on": revision.created_on.isoformat() if revision.created_on else None,
    }


def _print_blame(lines: list[tuple[Parts, str]]) -> None:
    from rich.text import Text

    author = min(max(len(version.author) for version, _ in lines), 20)
    places = len(str(len(lines)))
    for number, (version, line) in enumerate(lines, 1):
        made = version.revision.created_on
        date = moment(made.isoformat() if made else None)
        who = code_lines(version.author)[0][:20].ljust(author)
        head = ((f"r{version.number:<4}", "yellow"), (f" ({who} {date})", "dim"))
        out.print(Text.assemble(*head, f" {number:>{places}}) {code_lines(line)[0]}"))
