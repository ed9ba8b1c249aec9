"""The virtual environments of a comparison: this package as installed, and each peer beside the same libraries.

In: a cache folder. Out: an interpreter for each name, or the reason why there is none. Nothing is installed elsewhere.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from tests.kernels import REPOSITORY

GOFIGR = "gofigr==2.3.4"
KERNEL = ("ipykernel", "matplotlib", "nbformat", "pandas", "plotly")
# What is measured must not differ by the libraries beneath it.
_SAME = frozenset(
    """anywidget comm ipykernel ipython ipywidgets jupyter-client jupyter-core matplotlib matplotlib-inline nbformat numpy pandas
    pillow plotly pyzmq tornado traitlets""".split()
)


class CannotInstall(Exception):
    """A virtual environment that could not be made, and why."""


@dataclass(frozen=True)
class Environments:
    """Makes each environment once, and again when what belongs into it has changed."""

    cache: Path

    def this(self) -> Path:
        """The package as a user would install it, byte code included; a copy, not the working tree."""
        python = self._make("this", [*KERNEL, f"{REPOSITORY}[demo]"], extra=_dependencies())
        stamp, source = python.parent.parent / "source", _fingerprint()
        if not stamp.exists() or stamp.read_text() != source:
            _pip(python, "--no-deps", "--force-reinstall", str(REPOSITORY))
            stamp.write_text(source)
        return python

    def peer(self, name: str, *requirements: str) -> Path:
        """A peer on the same versions of the kernel and of the plotting libraries."""
        same = self.cache / "constraints.txt"
        same.write_text("\n".join(_frozen(self.this())) + "\n")
        return self._make(name, [*KERNEL, *requirements, "-c", str(same)], extra=same.read_text())

    def _make(self, name: str, arguments: list[str], *, extra: str) -> Path:
        folder = self.cache / name
        python, stamp = folder / "bin" / "python", folder / "requirements"
        wanted = "\n".join([sys.version, *arguments, extra])
        if stamp.exists() and stamp.read_text() == wanted:
            return python
        shutil.rmtree(folder, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(folder))
        _pip(python, *arguments)
        stamp.write_text(wanted)
        return python


def default_cache() -> Path:
    """Where the environments are kept between runs."""
    return user_cache_path("gofigr_jupyter_benchmarks", appauthor=False)


def _dependencies() -> str:
    text = (REPOSITORY / "pyproject.toml").read_text()
    return text[text.index("dependencies = [") : text.index("[project.scripts]")]


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted((REPOSITORY / "gofigr_jupyter").rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(REPOSITORY)).encode() + path.read_bytes())
    return digest.hexdigest()


def _frozen(python: Path) -> list[str]:
    listed = _run(str(python), "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check").splitlines()
    return [line for line in listed if line.split("==")[0].lower() in _SAME]


def _pip(python: Path, *arguments: str) -> None:
    _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()
        raise CannotInstall(next((line for line in said if line.startswith("ERROR")), said[-1])[:200])
    return done.stdout
