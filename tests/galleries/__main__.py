"""`python -m tests.galleries [LIBRARY ...] [--count N] [--jobs N]` prints the table; ends with a failure for any miss.

A gallery that fails as a whole is a fault of its own row; the others are run all the same. Rows come as they are done.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.galleries.data import seaborn_data
from tests.galleries.libraries import GALLERIES, Gallery
from tests.galleries.survey import Report, survey


def main(wanted: Sequence[str], count: int | None = None, jobs: int = 2) -> int:
    """Run the galleries that are named, or all, with `count` examples of each, `jobs` of them at a time."""
    galleries = [gallery for gallery in GALLERIES if not wanted or gallery.library in wanted]
    print(Report.head(), flush=True)
    with tempfile.TemporaryDirectory(prefix="gofigr-galleries-", ignore_cleanup_errors=True) as place:
        env = seaborn_data(Path(place))

        def told(gallery: Gallery) -> Report:
            report = _surveyed(replace(gallery, count=count or gallery.count), Path(place), env)
            print("\n".join([report.row, *report.notes]), flush=True)
            return report

        with ThreadPoolExecutor(jobs) as workers:  # each only waits for kernels of its own
            reports = list(workers.map(told, galleries))
    total = Report.total(reports)
    print(f"{total.row}\n{len(total.faults)} faults")
    return 1 if total.faults else 0


def _surveyed(gallery: Gallery, folder: Path, env: dict[str, str]) -> Report:
    try:
        return survey(gallery.library, gallery.examples(folder), folder / gallery.library, gallery.prelude, **env)
    except Exception as error:
        return Report(gallery.library, faults=[f"the gallery failed ({type(error).__name__}: {error})"])


def _arguments() -> argparse.Namespace:
    known = [gallery.library for gallery in GALLERIES]
    parser = argparse.ArgumentParser(prog="python -m tests.galleries")
    parser.add_argument("library", nargs="*", help=", ".join(known))
    parser.add_argument("--count", type=int, help="examples of each library, instead of the usual number")
    parser.add_argument("--jobs", type=int, default=2, help="libraries at a time (2)")
    given = parser.parse_args()
    if unknown := set(given.library) - set(known):
        parser.error(f"no gallery of {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    arguments = _arguments()
    sys.exit(main(arguments.library, arguments.count, arguments.jobs))
