"""`status`, `push` and `outbox`: the figures that are on their way from this machine."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gofigr_jupyter.cli.console import FAILED, fail, out, plain, settings, table

if TYPE_CHECKING:
    from gofigr_jupyter.outbox.box import Entry, Outbox

app = typer.Typer(help="The figures on their way: list, show, retry, check.", no_args_is_help=True)
_AS_JSON = typer.Option(False, "--json", help="Print JSON.")
_RECENT = 20  # finished ones that a list shows


def status(as_json: bool = _AS_JSON) -> None:
    """Tell where figures go and how many are still on their way."""
    from gofigr_jupyter.spawn import alive

    chosen, box = settings(), _box()
    state: dict[str, Any] = {
        "server": chosen.url or "embedded",
        "pages": chosen.page_url(),
        "home": str(box.home),
        "outbox": box.counts(),
        "comments": _comments(box),
        "worker_running": alive(box.home, "worker"),
        "server_running": alive(box.home, "server") if chosen.is_embedded else None,
        "problems": problems(box),
    }
    if as_json:
        typer.echo(json.dumps(state, indent=2))
        return
    counts = state["outbox"]
    running = "running" if state["worker_running"] else "starts with the next figure"
    out.print(f"Figures go to  {plain(chosen.url or 'the embedded server on this machine')}")
    out.print(f"pages          {plain(state['pages'])}")
    out.print(f"outbox         {counts['new'] + counts['taken']} on the way, {counts['failed']} failed")
    if any(state["comments"].values()):
        out.print(f"comments       {state['comments']['waiting']} waiting, {state['comments']['failed']} failed")
    out.print(f"worker         {running}")
    out.print(f"state folder   {plain(box.home)}")
    _print_problems(state["problems"])


def push(
    timeout: float = typer.Option(300.0, min=0, help="Seconds to wait."),
) -> None:
    """Send everything that waits, and wait until it is on the server.

    Exits with 1 when something is still on the way after the timeout, or has failed; nothing is lost by that.
    """
    box = _box()
    left = drain(box, timeout)
    failed, comments = box.counts()["failed"], _comments(box)
    _print_problems(problems(box))
    if left:
        is_mixed = comments["waiting"] or left > sum(box.counts()[folder] for folder in ("new", "taken"))
        what = f"{left} figures, comments or pictures for the CDN" if is_mixed else f"{left} figures"
        fail(f"{what} are still on their way.", "They are kept and sent later; run push again to watch.")
    if failed:
        fail(f"{failed} figures have failed.", "See: gofigr-jupyter outbox list; then: gofigr-jupyter outbox retry")
    if comments["failed"]:
        advice = "See: gofigr-jupyter outbox list; then: gofigr-jupyter outbox retry"
        fail(f"{comments['failed']} comments have failed.", advice)
    out.print("Everything is on the server.")


def drain(box: Outbox, timeout: float) -> int:
    """See to it that a worker sends everything, with a bar to watch; returns how many were left at the end."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from gofigr_jupyter.spawn import ensure_worker

    deadline, total = time.monotonic() + timeout, _waiting(box)
    if total:
        box.poke()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not total) as progress:
        task = progress.add_task("Publishing", total=total)
        while left := _waiting(box):
            total = max(total, left)
            told = next(iter(problems(box)), None)
            what = f"Waiting: {plain(told['problem'])}" if told else "Publishing"
            progress.update(task, completed=total - left, total=total, description=what)
            if time.monotonic() >= deadline:
                break
            ensure_worker(box.home)
            time.sleep(0.1)
        progress.update(task, completed=total - left)
    return left


def problems(box: Outbox) -> list[dict[str, str]]:
    """What keeps figures from the server, each reason once."""
    from gofigr_jupyter.outbox.receipts import read_receipt

    told: dict[str, str] = {}
    for entry in box.list("new", "taken", "failed"):
        receipt = read_receipt(box.home, entry.client_id)
        if receipt is not None and receipt.problem:
            told.setdefault(receipt.problem, receipt.advice or "")
    for row in _for_cdn(box):
        if row["problem"]:
            told.setdefault(f"The CDN: {row['problem']}", row["advice"])
    return [{"problem": problem, "advice": advice} for problem, advice in told.items()]


def _print_problems(found: list[dict[str, str]]) -> None:
    for item in found:
        out.print(f"[yellow]![/] {plain(item['problem'])}")
        if item["advice"]:
            out.print(f"  → {plain(item['advice'])}")


def _waiting(box: Outbox) -> int:
    from gofigr_jupyter.outbox.comments import deliverable
    from gofigr_jupyter.outbox.errands import errands

    counts = box.counts()
    return counts["new"] + counts["taken"] + len(deliverable(box.home)) + len(errands(box.home))


def _comments(box: Outbox) -> dict[str, int]:
    """How many comments wait here, and how many their servers do not take."""
    from gofigr_jupyter.outbox.comments import waiting_comments

    failed = [one.problem is not None for one in waiting_comments(box.home).values()]
    return {"waiting": len(failed) - sum(failed), "failed": sum(failed)}


def _box() -> Outbox:
    from gofigr_jupyter.outbox.box import Outbox

    return Outbox(settings().home)


# ---------------------------------------------------------------- one by one


@app.command("list")
def list_(as_json: bool = _AS_JSON) -> None:
    """List what is on its way (figures, comments, pictures for a CDN), what failed, and the last that arrived."""
    box = _box()
    entries = [*box.list("done")[-_RECENT:], *box.list("new", "taken", "failed")]
    rows = [_described(box, entry) for entry in sorted(entries)] + _said(box) + _for_cdn(box)
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        out.print("Nothing is on its way.")
        return
    shown = table("id", "shown at", "figure", "state", "problem")
    for row in rows:
        when = row["shown_at"][:19].replace("T", " ")
        shown.add_row(row["id"][:8], when, plain(row["figure"]), row["state"], plain(row["problem"] or ""))
    out.print(shown)


@app.command("show")
def show(parcel: str = typer.Argument(metavar="ID", help="The id, or how it begins.")) -> None:
    """Tell all about one figure on its way, as JSON."""
    box = _box()
    typer.echo(json.dumps(_described(box, _entry(box, parcel), in_full=True), indent=2))


@app.command("retry")
def retry(parcel: str | None = typer.Argument(None, metavar="[ID]", help="One of them; all when left out.")) -> None:
    """Send again what has failed, and try at once what waits for a server."""
    from gofigr_jupyter.outbox.comments import retry_comments
    from gofigr_jupyter.spawn import ensure_worker

    box = _box()
    count = box.retry(_entry(box, parcel).client_id if parcel else None)
    comments = 0 if parcel else retry_comments(box.home)
    box.poke()
    if _waiting(box):
        ensure_worker(box.home)
    if comments:
        out.print(f"{comments} failed comments are on their way again.")
    if count or not comments:
        out.print(f"{count} failed figures are on their way again." if count else "None had failed.")


@app.command("fsck")
def fsck() -> None:
    """Read every figure that is still here and compare it with its hashes; exits with 1 when one is damaged."""
    report = _box().fsck()
    out.print(f"{report.checked} read, {len(report.damaged)} damaged, {len(report.orphans)} drafts never finished")
    for client_id, reason in report.damaged.items():
        out.print(f"[red]![/] {client_id}: {plain(reason)}")
    if report.damaged:
        raise typer.Exit(FAILED)


def _entry(box: Outbox, beginning: str) -> Entry:
    found = [entry for entry in box.list() if entry.client_id.startswith(beginning.lower())]
    if len(found) != 1:
        what = "Several begin" if found else "None begins"
        fail(f"{what} with {beginning!r}.", "Ids are in: gofigr-jupyter outbox list", 2)
    return found[0]


def _said(box: Outbox) -> list[dict[str, Any]]:
    """The comments that wait here, or failed, as rows of the list."""
    from gofigr_jupyter.outbox.comments import waiting_comments

    return [
        {
            "id": one.client_id,
            "shown_at": one.said_at,
            "folder": "comments",
            "state": "waiting" if one.problem is None else "failed",
            "figure": f"Comment: {' '.join(one.content.split())[:40]}",
            "link": "",
            "problem": one.problem,
            "advice": None,
        }
        for one in waiting_comments(box.home).values()
    ]


def _for_cdn(box: Outbox) -> list[dict[str, Any]]:
    """The pictures that wait for a CDN, as rows of the list."""
    from gofigr_jupyter.outbox.errands import errands
    from gofigr_jupyter.outbox.receipts import read_receipt

    rows = []
    for one in errands(box.home).values():
        receipt = read_receipt(box.home, one.client_id)
        rows.append(
            {
                "id": one.client_id,
                "shown_at": receipt.updated_at.isoformat() if receipt else "",
                "folder": "errands",
                "state": "waiting",
                "figure": f"For the CDN: {one.wish.title or 'Figure'}",
                "link": receipt.link if receipt else "",
                "problem": receipt.cdn_waits if receipt else None,
                "advice": "It is tried again until it works",
            }
        )
    return rows


def _described(box: Outbox, entry: Entry, *, in_full: bool = False) -> dict[str, Any]:
    from gofigr_jupyter.errors import OutboxError
    from gofigr_jupyter.outbox.receipts import read_receipt

    receipt = read_receipt(box.home, entry.client_id)
    told: dict[str, Any] = {
        "id": entry.client_id,
        "shown_at": entry.created_at.isoformat(),
        "folder": entry.folder,
        "state": receipt.state.value if receipt else "saved",
        "figure": receipt.figure_name if receipt else "",
        "link": receipt.link if receipt else "",
        "problem": receipt.problem if receipt else None,
        "advice": receipt.advice if receipt else None,
    }
    try:
        parcel = box.peek(entry)
        told["figure"] = told["figure"] or parcel.target.figure.name or parcel.capture.title or "Figure"
        told["link"] = told["link"] or parcel.link
    except OutboxError as error:
        told["problem"] = told["problem"] or str(error)
        return told
    if in_full:
        told |= {
            "kind": parcel.capture.kind,
            "server": parcel.target.url or "embedded",
            "pictures": [shown.mime_type for shown in parcel.capture.displayed],
            "formats": list(parcel.formats),
            "missing": dict(receipt.missing) if receipt else {},
            "cdn": receipt.cdn.address if receipt and receipt.cdn else None,
            "attempts": receipt.attempts if receipt else 0,
            "revision": receipt.revision_number if receipt else None,
            "files": {path.name: path.stat().st_size for path in sorted(Path(entry.path).iterdir())},
        }
    return told
