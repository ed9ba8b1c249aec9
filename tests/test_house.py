"""The house's own rules: layers, types, style - run as tests, so that nobody has to remember them."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "gofigr_jupyter"
MODULES = sorted(PACKAGE.rglob("*.py"))


def run(*command: str) -> None:
    """Run a tool of the house on the checkout; its output is the message."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def imports_of(path: Path) -> set[str]:
    """The top-level names of all that a module imports, in any place."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.slow
def test_layers() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_types() -> None:
    run("mypy", "--strict", "gofigr_jupyter")


def test_style() -> None:
    run("ruff", "check", "gofigr_jupyter", "tests", "examples")


# One door per outside library: who else wants it goes through that door.
DOORS = {
    "httpx": ("client/", "server/"),
    "sqlalchemy": ("server/store/", "server/pages/"),
    "alembic": ("server/store/",),
    "obstore": ("server/store/",),
    "psycopg": ("server/store/postgres.py",),
    "plotly": ("capture/plotly.py",),
    "anywidget": ("widgets/",),
    "ipywidgets": ("widgets/",),
    "IPython": ("extension/", "proof/child.py", "proof/standin.py"),
    "matplotlib": ("capture/matplotlib.py",),
    "altair": ("capture/vega.py",),
    "vl_convert": ("capture/vega_drawing.py",),
    "plotnine": ("capture/plotnine.py",),
    "seaborn": ("capture/seaborn.py",),
    "fastapi": ("server/",),
    "markdown_it": ("markdown.py", "server/outline.py"),
    "nh3": ("markdown.py",),
    "pptx": ("server/slideshow.py", "server/slide_text.py"),
    "cryptography": ("server/keypairs.py", "server/sealing.py"),
    "python_multipart": ("server/multipart.py",),
    "model2vec": ("server/documents/meaning.py",),
    "pypdfium2": ("server/documents/extractor.py",),
    "zxingcpp": ("capture/qr.py",),
    "typer": ("cli/",),
    "rich": ("cli/",),
    "bokeh": ("capture/bokeh.py", "capture/bokeh_page.py", "capture/bokeh_parts.py"),
    "holoviews": ("capture/holoviews.py",),
    "pyvista": ("capture/pyvista.py",),
    "py3Dmol": ("capture/py3dmol.py",),
    "choreographer": ("capture/chrome.py",),
    "boto3": ("server/insight/bedrock.py",),
    "botocore": ("server/insight/bedrock.py",),
    "pyarrow": ("capture/series/", "server/tables/"),
}


@pytest.mark.parametrize("library", DOORS)
def test_one_door_per_library(library: str) -> None:
    strangers = [
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if library in imports_of(path) and not str(path.relative_to(PACKAGE)).startswith(DOORS[library])
    ]
    assert strangers == []


def test_modules_are_short() -> None:
    assert {p.name: n for p in MODULES if (n := p.read_text(encoding="utf-8").count("\n")) > 600} == {}


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys; import gofigr_jupyter; "
        "heavy = {'IPython', 'httpx', 'pydantic', 'matplotlib', 'PIL', 'fastapi', 'numpy'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_loading_the_extension_imports_no_plotting_library() -> None:
    code = (
        "import sys, gofigr_jupyter.extension.loading; "
        "heavy = {'matplotlib', 'plotly', 'PIL', 'numpy', 'httpx', 'pydantic'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
