"""Small makers of what the tests of the proof speak about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gofigr_jupyter.proof.recorded import About, Piece, Recorded, recorded
from gofigr_jupyter.records import Package

ABOUT = About(
    revision="3f2b8a52-0000-4000-8000-000000000001",
    figure="Dose response",
    number=2,
    author="ada",
    created_on="2026-11-22T04:00:00+00:00",
    link="http://127.0.0.1:51234/r/abcDEF123",
)
CELLS = ((1, "import numpy as np\nimport matplotlib.pyplot as plt"), (3, "plt.plot(np.arange(5) ** 2)\nplt.title('Dose')"))
PACKAGES = (
    Package("numpy", "2.1.0"),
    Package("matplotlib", "3.9.0"),
    Package("scikit-learn", "1.5.0"),
    Package("our-lab", "0.1", is_editable=True, origin="file:///home/ada/lab"),
    Package("waves", "1.0", origin="git+https://example.org/waves.git@abc123"),
    Package("pyarrow", "18.0"),
    Package("pandas", "2.2.3"),
)


def slice_text(cells: Sequence[tuple[int, str]]) -> str:
    """A slice as the slicer writes it."""
    parts = [f"\n# In [{count}]\n{source}\n" for count, source in cells]
    return f"# The {len(cells)} of 9 statements that made this figure, in the order in which they ran.\n{''.join(parts)}"


def record(
    cells: Sequence[tuple[int, str]] = CELLS,
    inputs: Sequence[Mapping[str, Any]] = (),
    packages: Sequence[Package] = PACKAGES,
    **metadata: Any,
) -> Recorded:
    """A record with a slice, an environment and inputs."""
    environment = {
        "python": "3.11.7",
        "implementation": "CPython",
        "executable": "/nowhere/bin/python3",
        "platform": "Linux",
        "packages": [
            {"name": p.name, "version": p.version, "is_editable": p.is_editable, "origin": p.origin} for p in packages
        ],
    }
    texts = {
        "slice": slice_text(cells),
        "slice-map": json.dumps({"statements": [], "warnings": ["something was not sure"]}),
        "environment": json.dumps(environment),
        "packages": "numpy==2.1.0\n",
    }
    pieces = [Piece(role, role, "text", "", len(text), {"role": role}) for role, text in texts.items()]
    pieces.append(Piece("picture", "figure", "image", "", 100, {"role": "displayed", "format": "png"}))
    meta = {"title": "Dose response", "inputs": list(inputs), "secrets_masked": 0} | metadata
    return recorded(ABOUT, meta, pieces, lambda piece: texts[piece.id].encode())
