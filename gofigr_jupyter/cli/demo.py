"""`demo`: executes the example notebook with a real kernel and shows, and checks, what became of its figures."""

from __future__ import annotations

import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gofigr_jupyter.cli.console import fail, out, plain, settings, size, table

if TYPE_CHECKING:
    from gofigr_jupyter.cli.verification import Comparison
    from gofigr_jupyter.settings import Settings

_WIDE = 150  # columns that a row with its link needs
_NEEDED = ("ipykernel", "nbclient", "nbformat", "matplotlib", "pandas", "seaborn", "plotly")


def demo(
    serve: bool = typer.Option(False, "--serve", help="Keep the server up afterwards, until Ctrl-C."),
    keep: bool = typer.Option(False, "--keep", help="Keep the executed notebook, and say where it is."),
    timeout: float = typer.Option(180.0, min=1, help="Seconds to wait for the figures to arrive on the server."),
) -> None:
    """Run the example notebook with a real kernel, publish its figures, and check each on the server.

    Figures go where yours go: without an account to a server on this machine, which starts by itself.
    Exits with 0 only if every figure shown is on the server with exactly the bytes that were displayed.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        fail(f"The demo needs {', '.join(missing)}.", "Run: pip install 'gofigr-jupyter[demo]'")
    chosen = settings()
    where = chosen.url or "a server on this machine (it starts by itself)"
    out.print(f"Running the example notebook; its figures go to {plain(where)}.")
    with tempfile.TemporaryDirectory(prefix="gofigr-demo-", ignore_cleanup_errors=True) as temporary:
        place = Path(tempfile.mkdtemp(prefix="gofigr-demo-")) if keep else Path(temporary)
        notebook, path = _run(place, chosen)
    if keep:
        out.print(f"The executed notebook is {plain(path)}")
    found = _arrived(chosen, path.name, notebook, timeout)
    _tell(chosen, found)
    if serve:
        _keep_serving(chosen)


def _run(place: Path, chosen: Settings) -> tuple[Any, Path]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from gofigr_jupyter.cli.examples import QUICKSTART, copy_examples, execute

    path = copy_examples(place) / QUICKSTART
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    began = time.monotonic()
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("Starting a kernel", total=None)

        def on_cell(number: int, count: int) -> None:
            progress.update(task, description=f"Running cell {number}", completed=number - 1, total=count)

        notebook = execute(path, chosen.home, on_cell)
    out.print(f"All cells of {plain(path.name)} ran in {time.monotonic() - began:.1f} s.")
    return notebook, path


def _arrived(chosen: Settings, name: str, notebook: Any, timeout: float) -> Comparison:
    """Wait for the outbox to drain, then compare what was shown with what is on the server."""
    from gofigr_jupyter.cli.examples import pictures_of
    from gofigr_jupyter.cli.outbox import drain, problems
    from gofigr_jupyter.cli.verification import compare
    from gofigr_jupyter.client.gofigr import GoFigr
    from gofigr_jupyter.outbox.box import Outbox

    box = Outbox(chosen.home)
    left = drain(box, timeout)
    if left:
        for item in problems(box):
            out.print(f"[yellow]![/] {plain(item['problem'])} {plain(item['advice'])}")
        fail(f"{left} figures are still on their way after {timeout:g} s.", "Run: gofigr-jupyter doctor")
    _server_is_up(chosen)
    with out.status("Reading everything back"), GoFigr(settings=chosen) as gf:
        return compare(gf, chosen, name, pictures_of(notebook))


def _server_is_up(chosen: Settings) -> None:
    """It may have ended by itself when nothing was new."""
    if chosen.is_embedded:
        from gofigr_jupyter.opening import open_url

        open_url(chosen)


def _tell(chosen: Settings, found: Comparison) -> None:
    base = chosen.page_url()
    is_wide = out.width >= _WIDE
    rows = table("figure", "revision", "size", "formats", *(["link"] if is_wide else []))
    for row in found.rows:
        told = [plain(row.figure), str(row.revision), size(row.size_bytes), ", ".join(row.formats)]
        rows.add_row(*told, *([base + row.path] if is_wide else []))
    out.print()
    out.print(rows)
    out.print()
    for row in [] if is_wide else found.rows:
        out.print(f"{plain(row.figure)}\n  {base}{row.path}")
    if found.absent or not found.shown:
        for line in found.absent:
            out.print(f"[red]![/] {plain(line)}")
        fail("Not every figure that was shown is on the server.", "Run: gofigr-jupyter doctor")
    out.print(f"[green]✓[/] All {found.shown} figures are on the server, byte for byte as they were displayed.")
    from gofigr_jupyter.opening import open_url

    out.print(f"Open them within a minute by this link, later with gofigr-jupyter open: {plain(open_url(chosen))}")


def _keep_serving(chosen: Settings) -> None:
    from gofigr_jupyter.spawn import ensure_server

    try:
        out.print("The server stays up until you press Ctrl-C.")
        while True:
            if chosen.is_embedded:
                ensure_server(chosen.home)
                _touch(chosen)
            time.sleep(5)
    except KeyboardInterrupt:
        out.print("Bye. It starts again by itself with your next figure, or with: gofigr-jupyter open")


def _touch(chosen: Settings) -> None:
    """Ask it something now and then, for it ends when nobody does."""
    from gofigr_jupyter.client.gofigr import GoFigr
    from gofigr_jupyter.errors import APIError

    try:
        with GoFigr(settings=chosen, patience=0) as gf:
            gf.info()
    except APIError:
        pass  # it is starting
