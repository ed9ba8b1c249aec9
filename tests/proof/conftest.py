"""Figures as a real kernel shows them, on a real embedded server."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.provenance import environment
from gofigr_jupyter.schema.figures import DataDraft
from gofigr_jupyter.settings import Settings
from tests.kernels import LiveKernel, live_kernel
from tests.proof.records import slice_text
from tests.server.processes import Server

Cells = Sequence[tuple[int, str]]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKernel]:
    """A kernel without any extension."""
    with live_kernel(tmp_path_factory.mktemp("kernel") / "home") as kernel:
        yield kernel


@pytest.fixture
def shown(kernel: LiveKernel) -> Callable[..., dict[str, Any]]:
    """Runs cells in it, in a folder, and gives the last thing that was displayed."""

    def run(cells: Cells, folder: Path | None = None) -> dict[str, Any]:
        kernel.run("%reset -f\nimport os")
        if folder is not None:
            kernel.run(f"os.chdir({str(folder)!r})")
        found: list[dict[str, Any]] = []
        for _, source in cells:
            found += kernel.run(source).figures
        return found[-1]

    return run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The embedded server."""
    home = tmp_path_factory.mktemp("home")
    with Server(home) as server:
        yield server.wait()


@pytest.fixture
def gf(server: Server) -> Iterator[GoFigr]:
    """The local user's client."""
    with GoFigr(settings=Settings(home=server.home)) as client:
        yield client


@pytest.fixture
def published(gf: GoFigr, shown: Callable[..., dict[str, Any]]) -> Callable[..., Revision]:
    """Publishes the figure of some cells as the worker does: what was displayed, the slice, the environment."""

    def publish(cells: Cells, folder: Path | None = None, **metadata: Any) -> Revision:
        figure = gf.find_figure("Dose response", analysis="Trial 7", create=True)
        code = slice_text(cells)
        told = json.dumps({"statements": [], "warnings": []})
        record = json.dumps(asdict(environment.read()))
        data = [*_pictures(shown(cells, folder)), _piece("slice", "code", code), _piece("slice-map", "text", told)]
        data.append(_piece("environment", "text", record))
        meta = {"title": "Dose response", "secrets_masked": 0, "execution_count": cells[-1][0]} | metadata
        return gf.revisions.create(figure=figure, data=data, metadata=meta)

    return publish


def _pictures(message: Mapping[str, Any]) -> Iterator[DataDraft]:
    for kind, value in message["data"].items():
        facts = {"role": "displayed", "mime_type": kind, "output_metadata": message["metadata"].get(kind, {})}
        if kind == "image/png":
            yield DataDraft(name="figure", type="image", data=base64.b64decode(value), metadata=facts | {"format": "png"})
        elif kind == "image/svg+xml":
            yield DataDraft(name="figure", type="image", data=value.encode(), metadata=facts | {"format": "svg"})
        elif kind.endswith("+json"):
            text = json.dumps(value).encode()
            yield DataDraft(name="figure", type="image", data=text, metadata=facts | {"format": "json"})


def _piece(role: str, kind: str, text: str) -> DataDraft:
    return DataDraft(name=role, type=kind, data=text.encode(), metadata={"role": role, "local_id": role})  # type: ignore[arg-type]
