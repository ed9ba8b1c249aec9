"""Data sets that examples ask the network for, from packages that bring them along, where seaborn looks first."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

_OURS = Path(__file__).parent.parent.parent / "examples" / "data"


def seaborn_data(folder: Path) -> dict[str, str]:
    """The environment variable that names a folder with `penguins`, `tips` and `iris`."""
    place = folder / "seaborn-data"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(_OURS / "penguins.csv", place / "penguins.csv")
    if importlib.util.find_spec("plotly") is not None:
        import plotly.data

        plotly.data.tips(return_type="pandas").to_csv(place / "tips.csv", index=False)
        plotly.data.iris(return_type="pandas").drop(columns="species_id").to_csv(place / "iris.csv", index=False)
    return {"SEABORN_DATA": str(place)}
