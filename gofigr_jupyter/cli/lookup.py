"""`find`: from a picture - a download, a printout's photograph, a screenshot - back to the revision that it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gofigr_jupyter.cli.console import FAILED, MISUSED, err, fail, open_in_browser, out, plain, settings
from gofigr_jupyter.cli.history import moment

if TYPE_CHECKING:
    from gofigr_jupyter.client.gofigr import GoFigr
    from gofigr_jupyter.finding.local import Candidate
    from gofigr_jupyter.settings import Settings

_LARGEST = 256 << 20  # bytes


def find(
    picture: Path = typer.Argument(metavar="PICTURE", help="A picture: PNG, JPEG, GIF, WebP, SVG or PDF."),
    offline: bool = typer.Option(False, "--offline", help="Ask no server; only what this machine knows."),
    in_browser: bool = typer.Option(False, "--open", help="Open the page of the first one that is found."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Find the revision that a picture shows, also in a screenshot with other things around it.

    By the link in the file's metadata, a QR code, the very same pixels, or else by its looks. Exits with 1 when nothing
    is found.
    """
    from gofigr_jupyter.finding.index import catalogue
    from gofigr_jupyter.finding.local import is_readable, look_up

    content = _read(picture)
    chosen = settings()
    known = catalogue(chosen.home)
    found = look_up(content, known)
    if not found and not is_readable(content):
        fail(f"{picture} is no picture that can be read.", "Known are PNG, JPEG, GIF, WebP, SVG and PDF.", MISUSED)
    asked = ""
    if not offline:
        found, asked = _with_server(chosen, content, found)
    if as_json:
        typer.echo(json.dumps({"found": [_told(one) for one in found], "server": asked or "not asked"}, indent=2))
    else:
        _print(found, asked)
    if not found:
        raise typer.Exit(FAILED)
    if in_browser:
        _open(chosen, found[0])


def _read(path: Path) -> bytes:
    if not path.is_file():
        fail(f"There is no file {path}.", code=MISUSED)
    if path.stat().st_size > _LARGEST:
        fail(f"{path} is larger than {_LARGEST >> 20} MB.", code=MISUSED)
    return path.read_bytes()


def _with_server(chosen: Settings, content: bytes, found: list[Candidate]) -> tuple[list[Candidate], str]:
    """What the server says of the candidates; where there are none, those of its figures that were not known here."""
    from gofigr_jupyter.client.gofigr import GoFigr as Plain
    from gofigr_jupyter.errors import APIError, Unauthorized
    from gofigr_jupyter.finding.remote import confirmed
    from gofigr_jupyter.opening import GoFigr as Starting

    # A server that does not run is only started where the answer needs it.
    kind = Plain if found else Starting
    try:
        with kind(settings=chosen, patience=0) as gf:
            if not found:
                found = _refreshed(gf, content)
            return confirmed(gf, found, content), f"asked: {gf.settings.page_url()}"
    except Unauthorized:
        return found, "not asked: it does not know your key"
    except APIError as error:
        return found, f"not asked: {error}"


def _refreshed(gf: GoFigr, content: bytes) -> list[Candidate]:
    """Learn what the server shows, with a bar to watch, and look again."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from gofigr_jupyter.finding.index import catalogue
    from gofigr_jupyter.finding.local import look_up
    from gofigr_jupyter.finding.remote import refresh

    home = gf.settings.home
    known = catalogue(home).revisions(gf.settings.url or "")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("Looking at the server's figures", total=None)
        learnt = refresh(gf, home, known, lambda done, total: progress.update(task, completed=done, total=total))
    return look_up(content, catalogue(home)) if learnt else []


# ---------------------------------------------------------------- the answer


def _told(one: Candidate) -> dict[str, Any]:
    entry = one.entry
    return {
        "link": one.link,
        "id": entry.revision if entry else one.name,
        "figure": entry.figure if entry else None,
        "figure_id": entry.figure_id if entry else None,
        "revision": entry.number if entry else None,
        "analysis": entry.analysis if entry else None,
        "author": entry.author if entry else None,
        "shown_at": entry.shown_at if entry else None,
        "evidence": [str(kind) for kind in one.evidence],
        "confidence": round(one.confidence, 3),
        "likeness": round(one.likeness, 4) if one.likeness is not None else None,
        "closeness": round(one.closeness, 4) if one.closeness is not None else None,
        "part": one.part,
        "notes": list(one.notes),
    }


def _print(found: list[Candidate], asked: str) -> None:
    if not found:
        out.print("Not found: none of the figures that are known here has this link, these pixels or these looks.")
    for one in found:
        entry = one.entry
        number = f", [yellow]revision {entry.number}[/]" if entry and entry.number else ""
        name = plain(entry.figure) if entry and entry.figure else "A figure"
        place = f"  [dim]{plain(entry.analysis)}[/]" if entry and entry.analysis else ""
        out.print(f"[bold]{name}[/]{number}{place}")
        out.print(f"  {plain(one.link)}")
        if entry and entry.shown_at:
            by = f" by {plain(entry.author)}" if entry.author else ""
            out.print(f"  {moment(entry.shown_at)}{by}")
        out.print(f"  {_because(one)}")
        for note in one.notes:
            out.print(f"  [yellow]![/] {plain(note)}")
    if asked.startswith("not asked"):
        err.print(f"[yellow]Note:[/] the server was {plain(asked)}")


def _because(one: Candidate) -> str:
    words = {
        "metadata": "its link is in the file",
        "QR code": "its link is in a QR code",
        "same file": "it is the same file",
        "same pixels": "it has the same pixels",
        "looks alike": "it looks alike",
    }
    sure = "certain" if one.confidence >= 0.98 else f"{100 * one.confidence:.0f} % sure"
    return f"{', '.join(words[kind] for kind in one.evidence)} ({sure})"


def _open(chosen: Settings, one: Candidate) -> None:
    """Open its page; never a link to a server that was only named in the picture."""
    from urllib.parse import urlsplit

    from gofigr_jupyter.opening import open_url

    parts = urlsplit(one.link)
    if parts.netloc != urlsplit(chosen.page_url()).netloc:
        fail(f"It is on another server, {parts.netloc}.", "Open the link yourself if you trust it.")
    link = open_url(chosen, parts.path)
    if not open_in_browser(link):
        out.print(plain(link))
