"""The pieces of a clean room, as our worker sends them with a figure."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from gofigr_jupyter.cleanroom import manifest
from gofigr_jupyter.cleanroom.params import SliderParam, infer_param
from gofigr_jupyter.cleanroom.room import CleanRoom
from gofigr_jupyter.cleanroom.source import source_of
from tests.server.pages.exhibition import item

VALUES: dict[str, Any] = {
    "signal": pd.DataFrame({"t": [0.0, 0.5, 1.0], "U": [1.0, 0.4, 0.1]}),
    "decay": 8.0,
    "scale": "linear",
    "grid": True,
    "levels": [0.1, 0.5],
}


def ringdown(signal, decay, scale, grid, levels):
    # what the oscilloscope saw
    plt.plot(signal["t"], signal["U"] / decay)  # noqa: F821 - the clean room has it
    plt.yscale(scale)  # noqa: F821
    plt.grid(grid)  # noqa: F821
    return levels


def pieces(**more: Any) -> list[dict[str, Any]]:
    """Data objects for a request; `more` are further arguments."""
    values, hints = VALUES | more, {"scale": Literal["linear", "log"]}
    params = {name: infer_param(name, value, hints) for name, value in values.items()}
    params["decay"] = SliderParam(8.0, min=0.5, max=20, step=0.5)
    room = CleanRoom.of(source_of(ringdown), {"plt": "matplotlib.pyplot"}, values, params)
    return [
        item(one.type, one.name, one.data, format=one.format, **one.metadata) | {"is_clean_room": True}
        for one in manifest.attachments(room)
    ]
