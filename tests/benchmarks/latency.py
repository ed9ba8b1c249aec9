"""How long after a cell's end its figure is on the server, with exactly the bytes that were displayed."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.outbox.receipts import read_receipt
from gofigr_jupyter.records import State
from gofigr_jupyter.settings import Settings
from tests.benchmarks import cells
from tests.benchmarks.numbers import idle_at, median, p95
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import THIS, Bench, Variant, opened
from tests.kernels import Ran

_PICTURE_SECONDS, _ALL_SECONDS = 1.5, 8.0
_PATIENCE = 120.0
_DONE = {State.PUBLISHED: {State.PUBLISHED, State.COMPLETE}, State.COMPLETE: {State.COMPLETE}}


def measure(variants: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """Rows for the picture (the very first one apart), and for all formats of a grid."""
    kinds = [name for name in cells.FIGURES if name != "4x4 grid"]
    with opened(variants[THIS]) as benches:
        bench = benches[THIS]
        first = _wait(bench, "line", -1, State.PUBLISHED)
        bench.settle()
        pictures = []
        for number in range(effort.latency_cells):
            pictures.append(_wait(bench, kinds[number % len(kinds)], number, State.PUBLISHED))
            bench.settle()
        grids = []
        for number in range(effort.repeats):
            grids.append(_wait(bench, "4x4 grid", number, State.COMPLETE))
            bench.settle()
    return [
        Row(
            f"Displayed bytes on the server, after the cell's end ({effort.latency_cells} cells)",
            f"p95 ≤ {_PICTURE_SECONDS} s",
            {THIS: f"{median(pictures):.2f} s (p95 {p95(pictures):.2f})"},
            p95(pictures) <= _PICTURE_SECONDS,
        ),
        Row("The very first one, worker and server to be started", "", {THIS: f"{first:.1f} s"}),
        Row(
            "All formats of the 4x4 grid on the server",
            f"≤ {_ALL_SECONDS:.0f} s",
            {THIS: f"{median(grids):.1f} s (p95 {p95(grids):.1f})"},
            p95(grids) <= _ALL_SECONDS,
        ),
    ]


def _wait(bench: Bench, figure: str, number: int, state: State) -> float:
    """Show a figure; seconds from the cell's end until its receipt says so and the server proves it."""
    box = Outbox(bench.home)
    before = {entry.client_id for entry in box.list()}
    ran = bench.show(figure, cells.cell(figure, number))
    (client_id,) = {entry.client_id for entry in box.list()} - before
    deadline = time.monotonic() + _PATIENCE
    while True:
        receipt = read_receipt(bench.home, client_id)
        if receipt is not None and receipt.state in _DONE[state]:
            took = (datetime.now(UTC) - idle_at(ran)).total_seconds()
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{figure} was not {state} within {_PATIENCE:.0f} s: {receipt}")
        time.sleep(0.01)
    _compare(bench, client_id, ran)
    return took


def _compare(bench: Bench, client_id: str, ran: Ran) -> None:
    """What the cell displayed is on the server, byte for byte."""
    (shown,) = (content["data"] for content in ran.figures if _is_picture(content["data"]))
    with GoFigr(settings=Settings(home=bench.home)) as server:
        items = [item for item in server.revisions.get(client_id).data or [] if item.metadata["role"] == "displayed"]
        stored = {item.metadata["format"]: server.data.get(item.api_id).data for item in items if item.api_id}
    if "image/png" in shown:
        assert stored["png"] == base64.b64decode(shown["image/png"])
    else:
        assert json.loads(stored["json"] or b"") == shown["application/vnd.plotly.v1+json"]


def _is_picture(data: Mapping[str, Any]) -> bool:
    return "image/png" in data or "application/vnd.plotly.v1+json" in data
