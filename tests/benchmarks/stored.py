"""What a figure adds to the notebook's file, beside what plain display stores; executed and saved by nbclient."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from tests.benchmarks import cells
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import PLAIN, THIS, Variant, end_services, environment, temporary_folder, working_copy

_FIGURES = 5
_TARGET_BYTES = 6 * 1024


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """One row: bytes for each figure, picture included, and beside plain display."""
    stored = {}
    for name, variant in variants.items():
        with temporary_folder() as folder:
            stored[name] = _stored(variant, folder, _FIGURES if effort.repeats > 1 else 1)
            end_services(folder / "home")
    base = stored[PLAIN]
    values = {name: f"{(size - base) / 1024:+.1f} KB" for name, size in stored.items()}
    values[PLAIN] = f"{base / 1024:.1f} KB"
    met = stored[THIS] - base <= _TARGET_BYTES
    return [Row("Stored in the notebook for each figure", f"≤ +{_TARGET_BYTES // 1024} KB", values, met)]


def _stored(variant: Variant, folder: Path, count: int) -> float:
    """Bytes of the outputs of a figure's cell, and its part of the widgets' stored state."""
    figures = [variant.cell("line", cells.cell("line", number)) for number in range(count)]
    # Wait for what comes later: a card changes until all formats are on the server.
    sources = [variant.load or "pass", cells.IMPORTS, *figures, "import time; time.sleep(6)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    home = folder / "home"
    home.mkdir(parents=True)
    manager = AsyncKernelManager()
    argv = [str(variant.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=argv, display_name="benchmark", language="python")
    resources = {"metadata": {"path": str(working_copy(folder))}}
    client = NotebookClient(notebook, km=manager, timeout=300, resources=resources)
    try:
        client.execute(env=environment(home, variant))
    finally:
        asyncio.run(manager.shutdown_kernel(now=True))  # nbclient leaves a kernel running that it did not start
    outputs: list[Any] = [cell.outputs for cell in notebook.cells[2:-1]]
    return _size(outputs) / count + _size(notebook.metadata.get("widgets", {})) / count


def _size(content: Any) -> int:
    return len(json.dumps(content).encode())
