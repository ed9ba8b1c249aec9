"""`login` writes the key of a GoFigr account to ~/.gofigr."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import typer

from gofigr_jupyter.cli.console import err, fail, out, plain


def login(
    url: str | None = typer.Option(None, help="The server; GoFigr's own when left out."),
    api_key_stdin: bool = typer.Option(False, "--api-key-stdin", help="Read the API key from standard input."),
) -> None:
    """Sign in with an API key: it is checked, and kept in ~/.gofigr, which only you can read.

    Other settings in that file stay. From then on figures go to that server. Exits with 1 when the key is refused.
    """
    from gofigr_jupyter.client.gofigr import GoFigr
    from gofigr_jupyter.errors import APIError, Unauthorized
    from gofigr_jupyter.outbox.box import Outbox
    from gofigr_jupyter.settings import GOFIGR_URL, Settings, state_home, write_private

    path = _file()
    content = _content(path)
    where = url or content.get("url") or GOFIGR_URL
    key = sys.stdin.readline().strip() if api_key_stdin else typer.prompt("API key", hide_input=True).strip()
    if not key:
        fail("No API key was given.", f"Make one in your account's settings at {where}.", 2)
    try:
        # Not Settings.load: what else is set must not mix with what is being checked.
        with GoFigr(settings=Settings(url=None).with_(url=where, api_key=key), patience=0) as gf:
            name = gf.user().username
    except Unauthorized:
        fail(f"{where} does not know this key.", "Copy it again, or make a new one in your account's settings.")
    except APIError as error:
        fail(f"The key could not be checked: {error}", "Nothing was changed.")
    content["api_key"] = key
    if url or "url" in content:
        content["url"] = where
    write_private(path, json.dumps(content, indent=2) + "\n")
    out.print(f"Signed in to {plain(where)} as [bold]{plain(name)}[/]; kept in {plain(path)}")
    _warn_of_others(path)
    Outbox(state_home()).poke()  # what waited for this goes on


def _file() -> Path:
    home = os.environ.get("HOME") or os.environ.get("USERPROFILE")
    if not home:
        fail("There is no home folder to keep the key in.", "Set HOME, or give the key in the variable GF_API_KEY.", 2)
    return (Path(home) / ".gofigr").resolve()  # people keep such files elsewhere and link to them


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    if not isinstance(content, dict):
        fail(f"{path} is not a JSON object, so nothing was written to it.", "Mend it or move it away first.", 2)
    return content


def _warn_of_others(path: Path) -> None:
    from gofigr_jupyter.settings import find_config

    nearest = find_config()
    if nearest is not None and nearest.resolve() != path:
        err.print(f"[yellow]Note:[/] in this folder {plain(nearest)} counts instead.")
    for name in ("GF_API_KEY", "GF_URL"):
        if os.environ.get(name):
            err.print(f"[yellow]Note:[/] the variable {name} is set and counts instead.")
