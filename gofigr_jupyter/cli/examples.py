"""Where the example notebooks are, and how one is executed: a real kernel of this very Python, a copy of its folder."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gofigr_jupyter
from gofigr_jupyter.capture.mime import displayed
from gofigr_jupyter.errors import GoFigrError
from gofigr_jupyter.records import Displayed

QUICKSTART = "01_quickstart.ipynb"
_CELL_SECONDS = 300


def examples_folder() -> Path:
    """The examples as installed, or those of the checkout that this runs from."""
    package = Path(gofigr_jupyter.__file__).parent
    for folder in (package / "_examples", package.parent / "examples"):
        if (folder / QUICKSTART).is_file():
            return folder
    raise GoFigrError("The examples are not installed; reinstall gofigr-jupyter.")


def copy_examples(place: Path) -> Path:
    """A fresh copy that a notebook may write beside; returns its folder."""
    folder = place / "examples"
    shutil.copytree(examples_folder(), folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    return folder


def execute(path: Path, home: Path, on_cell: Callable[[int, int], None]) -> Any:
    """Execute a notebook and return it with its outputs, also written to its file.

    `on_cell` is told the number of each code cell that begins, and of how many. Raises GoFigrError when a cell fails.
    """
    import nbformat
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    class ThisPython(KernelSpecManager):
        """Knows one kernel, this interpreter: whatever is or is not registered on the machine."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "--log-level=ERROR", "-f", "{connection_file}"]
            return KernelSpec(argv=command, display_name=kernel_name, language="python")

    class Kernel(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options | {"kernel_spec_manager": ThisPython()})

    files: Any = nbformat
    notebook = files.read(path, as_version=4)
    order = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]

    def started(cell: Any, cell_index: int) -> None:
        if cell.cell_type == "code":
            on_cell(order.index(cell_index) + 1, len(order))

    client = NotebookClient(
        notebook,
        kernel_manager_class=Kernel,
        timeout=_CELL_SECONDS,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=started,
    )
    try:
        client.execute(env=_environment(path, home))
    except CellExecutionError as error:
        raise GoFigrError(f"A cell of {path.name} failed: {error.ename}: {error.evalue}") from error
    except (DeadKernelError, RuntimeError, TimeoutError) as error:
        raise GoFigrError(f"The kernel for {path.name} did not work: {error}") from error
    finally:
        files.write(notebook, path)
    return notebook


def pictures_of(notebook: Any) -> list[tuple[Displayed, ...]]:
    """What each figure of an executed notebook was displayed as: the very bytes, by MIME type."""
    bundles = [
        displayed(output["data"], output.get("metadata"))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output["output_type"] in {"display_data", "execute_result"}
    ]
    return [bundle for bundle in bundles if bundle]


def _environment(path: Path, home: Path) -> dict[str, str]:
    environment = dict(os.environ)
    environment.pop("MPLBACKEND", None)  # the kernel chooses inline figures
    source = Path(gofigr_jupyter.__file__).parents[1]
    if source.name not in {"site-packages", "dist-packages"}:  # a checkout that is not installed
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(source), environment.get("PYTHONPATH")]))
    return environment | {
        "GOFIGR_JUPYTER_HOME": str(home),
        "JPY_SESSION_NAME": str(path),
        "IPYTHONDIR": str(path.parent / ".ipython"),  # no start-up files of the user's
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
