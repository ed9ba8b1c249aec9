"""Which notebook is running: the hints at hand, asked in the order of their reliability.

In: the hints of a Moment. Out: Notebook. No I/O but one look at whether a file is there; who asks Jupyter servers over
loopback is `jupyter_servers.py`, and that never on the kernel's path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote, urlsplit

from gofigr_jupyter.records import Missing, Notebook

_NOTEBOOKS = (".ipynb", ".py", ".md", ".Rmd", ".qmd")  # jupytext runs the others as notebooks


def from_hints(hints: Mapping[str, str], cell_id: str | None = None) -> Notebook | None:
    """What the editors themselves tell; None when they tell nothing that can be believed."""
    path = hints.get("__vsc_ipynb_file__")
    if path:
        return of_path(path, "__vsc_ipynb_file__")
    for uri in (hints.get("vscode-notebook-cell"), cell_id):
        if uri and uri.startswith("vscode-notebook-cell:"):
            return _of_cell_uri(uri)
    path = hints.get("JPY_SESSION_NAME") or hints.get("__session__")
    # Jupyter says this at the kernel's start; a notebook renamed since is no longer there.
    if path and path.endswith(_NOTEBOOKS) and (not Path(path).is_absolute() or Path(path).exists()):
        return of_path(path, "JPY_SESSION_NAME")
    return None


def last_resort(hints: Mapping[str, str], session_id: str) -> Notebook:
    """A name that is always there: a platform's, the front end's hint, or the session's own."""
    if hints.get("KAGGLE_KERNEL_RUN_TYPE"):
        return Notebook("Kaggle notebook", None, "Kaggle")
    hinted = hints.get("front_end")
    if hinted:
        return of_path(hinted, "front end")
    stale = hints.get("JPY_SESSION_NAME", "")
    if stale.endswith(".ipynb"):
        return Notebook(of_path(stale, "").name, None, "JPY_SESSION_NAME")
    return Notebook(f"Session {session_id[:8]}", None, "session")


def of_script(path: str | None) -> Missing:
    """Scripts have no notebook."""
    return Missing(f"{Path(path).name} is a script, not a notebook" if path else "not a notebook")


def of_path(path: str, told_by: str) -> Notebook:
    """A notebook by its path; a name without folder counts as having none."""
    is_windows = bool(re.match(r"[A-Za-z]:\\|\\\\", path))
    name = PureWindowsPath(path).name if is_windows else Path(path).name
    return Notebook(name or path, path if name != path else None, told_by)


def _of_cell_uri(uri: str) -> Notebook | None:
    """`vscode-notebook-cell:/home/me/a.ipynb#W0sZmlsZQ==`, also with a remote's authority."""
    path = unquote(urlsplit(uri).path)
    if re.match(r"/[A-Za-z]:/", path):
        path = path[1:].replace("/", "\\")
    return of_path(path, "vscode-notebook-cell") if path.strip("/") else None
