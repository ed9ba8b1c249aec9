"""Other versions of a package, in a folder that goes before the installed ones on a kernel's path."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

# What a version needs beyond what the installed one has brought along.
BESIDES = {
    "ipython>=8,<9": ("decorator",),
    "ipython==8.12": ("decorator", "pickleshare", "backcall"),
    "ipython>=9,<10": ("ipython_pygments_lexers",),
    "ipykernel>=6,<7": ("nest-asyncio",),
    "ipykernel==6.29": ("nest-asyncio",),
    "ipykernel>=7,<8": ("nest-asyncio2",),
}


def is_installed(wanted: str) -> bool:
    """Whether what is installed is of the major version that is wanted."""
    name, _, rest = wanted.partition(">=")
    return bool(rest) and importlib.metadata.version(name).partition(".")[0] == rest.partition(",")[0]


def overlay(root: Path, wanted: str) -> str | None:
    """A folder with a release as wanted; None where it is installed. Made once a root."""
    if is_installed(wanted):
        return None
    folder = root / wanted.translate(str.maketrans("<>=,", "----"))
    if not (folder / "complete").exists():
        made = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check",
             "--target", str(folder), wanted, *BESIDES[wanted]],
            capture_output=True, text=True,
        )
        if made.returncode != 0:
            pytest.fail(
                f"This test needs {wanted} from a package index, and pip could not get it: "
                f"{made.stderr.strip()[-600:]}",
                pytrace=False,
            )
        (folder / "complete").touch()
    return str(folder)
