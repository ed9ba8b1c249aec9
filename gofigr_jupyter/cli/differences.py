"""`diff`: what is different between two revisions - code, packages, inputs, commit, metadata, and the pictures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gofigr_jupyter.cli.console import MISUSED, code_lines, fail, out, paged, plain, print_code
from gofigr_jupyter.cli.history import FIGURE_HELP

if TYPE_CHECKING:
    from gofigr_jupyter.cli.parts import Change, Parts
    from gofigr_jupyter.client.figures import Revision
    from gofigr_jupyter.client.gofigr import GoFigr

_CONTEXT = 3


def diff(
    first: str = typer.Argument(metavar="A", help=f"{FIGURE_HELP} Name@3 is its third revision."),
    second: str | None = typer.Argument(None, metavar="[B]", help="The other one; left out: A and the one before it."),
    picture: Path | None = typer.Option(None, "--picture", help="Write both pictures side by side to this PNG."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Show what is different between two revisions, or between a figure's last two."""
    from gofigr_jupyter.cli.naming import client
    from gofigr_jupyter.cli.parts import Parts, Texts, compared

    with client() as gf:
        texts = Texts()
        before, after = (Parts(one, texts) for one in _two(gf, first, second))
        told: dict[str, Any] = {
            "before": _named(gf, before),
            "after": _named(gf, after),
            "code": list(_code(before, after)),
            "packages": compared(before.packages, after.packages),
            "inputs": compared(before.inputs, after.inputs),
            "commit": [before.commit, after.commit] if before.commit != after.commit else None,
            "metadata": compared(before.facts, after.facts),
            "picture": _pictures(before, after, picture),
        }
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    with paged():
        _print(told)
    if picture is not None:
        out.print(f"The pictures are in {plain(picture)}")


def _two(gf: GoFigr, first: str, second: str | None) -> list[Revision]:
    """The two revisions that are meant, in the order in which they were named or made."""
    from gofigr_jupyter.cli.naming import named, revision_of

    meant = named(gf, first)
    one = revision_of(gf, meant)
    if second is not None:
        return [one, revision_of(gf, named(gf, second))]
    older = [other for other in meant.figure.revisions if other.revision_index < one.revision_index]
    if not older:
        fail(f"{meant.figure.name!r} has nothing before this revision to compare with.", code=MISUSED)
    return [gf.revisions.get(max(older, key=lambda other: other.revision_index)), one]


def _named(gf: GoFigr, one: Parts) -> dict[str, Any]:
    return {"revision": one.number, "id": one.revision.api_id, "link": gf.page_url(one.revision)}


def _code(before: Parts, after: Parts) -> Iterable[str]:
    names = (f"revision {before.number}", f"revision {after.number}")
    old, new = (one.lasting_code.splitlines() for one in (before, after))
    return unified_diff(old, new, *names, lineterm="", n=_CONTEXT)


def _pictures(before: Parts, after: Parts, target: Path | None) -> str:
    """How the pictures differ, in words; written side by side where that is wanted."""
    from gofigr_jupyter.cli.seeing import compare, side_by_side
    from gofigr_jupyter.errors import CaptureError
    from gofigr_jupyter.finding.remote import picture_of

    shown = [{item.hash for item in one.pictures} for one in (before, after)]
    items = [picture_of(one.revision) for one in (before, after)]
    is_same = bool(shown[0] & shown[1])
    if is_same and target is None:
        return "the same file"
    if items[0] is None or items[1] is None:
        if target is not None:
            fail("One of the two has no picture with pixels.")
        return "one of them has no picture with pixels" if shown != [set(), set()] else "there is none"
    one, other = (item.bytes() for item in items if item is not None)
    try:
        if target is not None:
            target.write_bytes(side_by_side(one, other))
        return "the same file" if is_same else str(compare(one, other))
    except CaptureError as error:
        return f"another file; {error}"


# ---------------------------------------------------------------- on the screen

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _print(told: Mapping[str, Any]) -> None:
    for place, mark in (("before", "---"), ("after", "+++")):
        out.print(f"[bold]{mark} revision {told[place]['revision']}[/]  {plain(told[place]['link'])}")
    out.print(f"\n[bold]Picture[/]   {plain(told['picture'])}")
    lines = told["code"][2:]
    out.print(f"\n[bold]Code[/]{'' if lines else '      the same'}")
    for line in lines:
        print_code(code_lines(line)[0], _COLOURS.get(line[:1], ""))
    for title in ("packages", "inputs", "metadata"):
        _print_changes(title.capitalize(), told[title])
    if told["commit"]:
        _print_changes("Commit", {"git": tuple(told["commit"])})


def _print_changes(title: str, changes: Mapping[str, Change]) -> None:
    if not changes:
        return
    out.print(f"\n[bold]{title}[/]")
    for name, (before, after) in changes.items():
        label = plain(_short(name))
        if before is None:
            out.print(f"[green]+ {label} {plain(_short(after))}[/]")
        elif after is None:
            out.print(f"[red]- {label} {plain(_short(before))}[/]")
        else:
            out.print(f"[yellow]~[/] {label} {plain(_short(before))} → {plain(_short(after))}")


def _short(text: str | None) -> str:
    text = " ".join((text or "").split())
    return text if len(text) <= 100 else f"{text[:99]}…"
