"""`show`: all about one revision, with its picture where the terminal can show one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gofigr_jupyter.cli.console import code_lines, open_in_browser, out, plain, print_code, size, table
from gofigr_jupyter.cli.history import FIGURE_HELP, moment

if TYPE_CHECKING:
    from gofigr_jupyter.cli.parts import Parts
    from gofigr_jupyter.client.gofigr import GoFigr

_LINES = 60  # of code


def show(
    revision: str = typer.Argument(metavar="REVISION", help=f"{FIGURE_HELP} Name@3 is its third revision."),
    save: Path | None = typer.Option(None, "--save", help="Write the picture to this file, with its link in it."),
    in_browser: bool = typer.Option(False, "--open", help="Open its page in the browser."),
    picture: bool = typer.Option(True, "--picture/--no-picture", help="Show the picture in the terminal."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Show a revision, or the newest one of a figure: facts, code, packages, data, link, and the picture."""
    from gofigr_jupyter.cli.naming import client, named, revision_of
    from gofigr_jupyter.cli.parts import Parts, Texts

    with client() as gf:
        meant = named(gf, revision)
        parts = Parts(revision_of(gf, meant), Texts())
        facts = _facts(gf, parts, meant.figure.name)
        if as_json:
            typer.echo(json.dumps(facts, indent=2, default=str))
        else:
            if picture:
                _picture(parts)
            _print(facts)
        if save is not None:
            out.print(f"Saved to {plain(gf.download(parts.revision, save))}")
        if in_browser:
            _open(gf, parts)


def _facts(gf: GoFigr, parts: Parts, figure: str) -> dict[str, Any]:
    from gofigr_jupyter.cli.parts import role_of

    revision, metadata = parts.revision, parts.metadata
    return {
        "figure": figure,
        "revision": parts.number,
        "id": revision.api_id,
        "short_id": revision.short_id,
        "link": gf.page_url(revision),
        "created_on": revision.created_on.isoformat() if revision.created_on else None,
        "author": parts.author,
        "notebook": metadata.get("notebook_path") or metadata.get("notebook_name"),
        "python": metadata.get("python_version"),
        "commit": parts.commit or None,
        "proof": metadata.get("verdict"),
        "inputs": parts.inputs,
        "packages": len(parts.packages),
        "missing": metadata.get("missing") or {},
        "code": parts.code,
        "data": [
            {"name": one.name, "type": one.type, "format": one.metadata.get("format"), "role": role_of(one)}
            | {"size": one.size_bytes, "id": one.api_id}
            for one in revision.data
        ],
    }


def _print(facts: dict[str, Any]) -> None:
    out.print(f"[bold]{plain(facts['figure'])}[/], [yellow]revision {facts['revision']}[/]")
    out.print(plain(facts["link"]))
    told = {
        "Author": facts["author"],
        "Date": moment(facts["created_on"]),
        "Notebook": facts["notebook"],
        "Commit": facts["commit"],
        "Python": facts["python"] and f"{str(facts['python']).split()[0]}, {_counted(facts['packages'], 'package')}",
        "Inputs": ", ".join(facts["inputs"]),
        "Proof": _proof(facts["proof"]),
    }
    for label, value in told.items():
        if value:
            out.print(f"{label + ':':<10}{plain(value)}")
    for name, reason in facts["missing"].items() if isinstance(facts["missing"], dict) else ():
        out.print(f"{'Missing:':<10}{plain(name)} ({plain(reason)})")
    _print_code(facts["code"])
    shown = table("data", "role", "format", "size")
    for one in facts["data"]:
        shown.add_row(*(plain(one[key] or "") for key in ("name", "role", "format")), size(one["size"]))
    out.print()
    out.print(shown)


def _proof(verdict: Any) -> str:
    """The verdict in words, with the reason where the picture was not the same."""
    if not isinstance(verdict, dict):
        return ""
    from gofigr_jupyter.proof.verdict import Kind, said

    words, reason = said(verdict), verdict.get("reason")
    is_told = verdict.get("verdict") == Kind.IDENTICAL or not isinstance(reason, str)
    return words if is_told or not words else f"{words}: {reason}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _print_code(code: str) -> None:
    lines = code_lines(code) if code else []
    if lines:
        out.print()
    for line in lines[:_LINES]:
        print_code(f"    {line}")
    if len(lines) > _LINES:
        out.print(f"    [dim]and {len(lines) - _LINES} lines more[/]")


def _picture(parts: Parts) -> None:
    """The picture in the terminal; a picture that cannot be shown there is no trouble."""
    from gofigr_jupyter.cli.seeing import show as show_picture
    from gofigr_jupyter.errors import CaptureError
    from gofigr_jupyter.finding.remote import picture_of

    item = picture_of(parts.revision) if out.is_terminal else None
    if item is not None:
        try:
            show_picture(item.bytes())
        except CaptureError as error:
            out.print(f"[dim]The picture cannot be shown here: {plain(error)}[/]")


def _open(gf: GoFigr, parts: Parts) -> None:
    from gofigr_jupyter.opening import open_url

    link = open_url(gf.settings, f"/r/{parts.revision.short_id or parts.revision.api_id}")
    if not open_in_browser(link):
        out.print(plain(link))
