"""The same from a plain script: draw, publish, and go on. Run it with `python 02_script.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")  # no window needed

import matplotlib.pyplot as plt
import pandas as pd

from gofigr_jupyter import publish


def main() -> None:
    """Draw one figure of the penguins and publish it with its data."""
    penguins = pd.read_csv(Path(__file__).parent / "data" / "penguins.csv").dropna()
    mass = penguins.groupby(["species", "sex"])["body_mass_g"].mean().unstack()

    fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    mass.plot.bar(ax=ax, color=["#f2b880", "#7fb7be"], width=0.7, rot=0)
    ax.set(title="Mean body mass of penguins", xlabel="", ylabel="Body mass [g]")
    ax.legend(title="", frameon=False)

    publication = publish(fig, dataframes={"mean body mass": mass.reset_index()})
    print(f"Published: {publication.link}")


if __name__ == "__main__":
    main()
