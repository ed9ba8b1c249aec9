"""Examples that come as files: notebooks and scripts in installed packages, and in their source distributions.

A source distribution is fetched by pip at test time, read and thrown away; nothing of it is built.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from tests.galleries.example import Example, cells_of_script


def notebooks(library: str, folder: Path, pattern: str = "**/*.ipynb") -> Iterator[list[Example]]:
    """The notebooks of a folder, in groups by their folder."""
    groups: dict[Path, list[Example]] = {}
    for path in sorted(folder.glob(pattern)):
        cells = json.loads(path.read_text(encoding="utf-8")).get("cells", [])
        code = tuple("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        name = str(path.relative_to(folder))
        groups.setdefault(path.parent, []).append(Example(library, name, tuple(filter(str.strip, code))))
    yield from groups.values()


def scripts(library: str, folder: Path, pattern: str, *, ends_with: str = "") -> Iterator[list[Example]]:
    """The scripts of a folder, in groups by their folder; `ends_with` is code that a notebook's author would add."""
    groups: dict[Path, list[Example]] = {}
    for path in sorted(folder.glob(pattern)):
        text = path.read_text(encoding="utf-8", errors="replace") + ends_with
        cells = tuple(filter(str.strip, cells_of_script(text)))
        groups.setdefault(path.parent, []).append(Example(library, str(path.relative_to(folder)), cells))
    yield from groups.values()


def sources_of(package: str, folder: Path) -> Path | None:
    """The unpacked source distribution of an installed package, at the version that is installed; None without one."""
    place = folder / f"sources-{package}"
    if not place.exists():
        place.mkdir(parents=True)
        wanted = f"{package}=={metadata.version(package)}"
        # pip goes on to ask how to build it, which may fail here: what it has unpacked is all that is wanted
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-clean",
                "--no-deps",
                "--no-build-isolation",
                "--disable-pip-version-check",
                "--no-binary",
                ":all:",
                "-d",
                str(place / "archive"),
                wanted,
            ],
            env=os.environ | {"TMPDIR": str(place)},
            capture_output=True,
            timeout=900,
            check=False,
        )
    found = [path.parent for path in place.glob("pip-*/**/pyproject.toml")]
    return min(found, key=lambda path: len(path.parts), default=None)
