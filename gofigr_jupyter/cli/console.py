"""What all commands share: the two consoles, the settings in force, tables and sizes for people."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from gofigr_jupyter.settings import Settings

# Links and ids must survive a pipe: no wrapping where nobody looks at columns.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 240)
err = Console(stderr=True, highlight=False, soft_wrap=True)

FAILED, MISUSED = 1, 2


def settings() -> Settings:
    """The settings in force here; raises ConfigurationError when they cannot work."""
    from gofigr_jupyter.settings import Settings

    return Settings.load()


def fail(message: str, advice: str = "", code: int = FAILED) -> NoReturn:
    """Say what went wrong and what to do, and end."""
    err.print(f"[bold red]Error:[/] {plain(message)}")
    if advice:
        err.print(plain(advice))
    raise typer.Exit(code)


def plain(text: object) -> str:
    """Text from elsewhere, with nothing in it that rich or the terminal would obey."""
    from rich.markup import escape

    return escape(visible(str(text)))


def visible(text: str) -> str:
    """A text without what a terminal would obey."""
    return "".join(c for c in text if c.isprintable() or c == "\n")


def table(*columns: str) -> Table:
    """An empty table in the style of the house."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold", justify="right" if column in {"size", "revision"} else "left")
    return made


def code_lines(text: str) -> list[str]:
    """The lines of somebody's code without control characters and tabs; for `print_code` or a Text, not for markup."""
    return [visible(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n")]


def print_code(line: str, style: str = "") -> None:
    """Print a line as it is: brackets, backslashes and colons mean nothing."""
    from rich.text import Text

    out.print(Text(line, style=style))


@contextmanager
def paged() -> Iterator[None]:
    """Show what is printed in the reader's pager where it is longer than the terminal; PAGER=cat turns that off."""
    command = shlex.split(os.environ.get("PAGER", "less"))
    if not out.is_terminal or not command or command == ["cat"] or shutil.which(command[0]) is None:
        yield
        return
    with out.capture() as captured:
        yield
    environment = {"LESS": "FRX", "LV": "-c"} | os.environ  # colours stay, short texts end by themselves
    with suppress(KeyboardInterrupt):
        subprocess.run(command, input=captured.get().encode(), env=environment, check=False)


def size(count: int | None) -> str:
    """A number of bytes for people."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def open_in_browser(link: str) -> bool:
    """Open a link where a person can see it; False on machines without a browser."""
    has_display = sys.platform in {"darwin", "win32"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )  # without any, Python would start a browser inside this terminal
    return has_display and webbrowser.open(link)
