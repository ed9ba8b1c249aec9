"""One public example as a notebook: cells of code, named after where they stand. Nothing of it is kept in this folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

# What a test run must not do: fetch, wait for a person, open windows, or draw films for minutes.
_NOT_HERE = re.compile(
    r"download|scipy\.datasets|import datasets|datasets\.(?:face|ascent|electrocardiogram)|https?://|urlopen|requests\.|fetch_|get_rdataset|sns\.load_dataset\(['\"](?!penguins|tips|iris)|"
    r"input\(|ginput|plt\.pause|open_movie|open_gif|write_frame|interactive_update|add_mesh_clip|time\.sleep|"
    r"import cartopy|FuncAnimation|webdriver|\.servable\(|\.show\(app|serve\(|curdoc\(\)\.add|output_file|multiprocessing"
)


@dataclass(frozen=True)
class Example:
    """A notebook of one example."""

    library: str
    name: str
    cells: tuple[str, ...]

    @property
    def can_run_here(self) -> bool:
        """Whether it needs nothing but this machine."""
        return not any(_NOT_HERE.search(cell) for cell in self.cells)


def picked(groups: Iterable[Iterable[Example]], count: int) -> list[Example]:
    """So many of them, different ones, taken in turn from each group, so that no file has all the places."""
    found: dict[tuple[str, ...], Example] = {}
    for turn in zip_longest(*groups):
        for example in filter(None, turn):
            if len(found) < count and example.can_run_here:
                found.setdefault(example.cells, example)
    return list(found.values())


def cells_of_script(text: str) -> Iterator[str]:
    """A script in cells, cut where editors and galleries cut it: at `# %%` and at lines of hashes."""
    cell: list[str] = []
    for line in text.splitlines():
        if re.match(r"# ?%%|#{20,}\s*$", line):
            yield "\n".join(cell)
            cell = []
        else:
            cell.append(line)
    yield "\n".join(cell)
