"""`python -m tests.galleries [LIBRARY ...]` prints the table; ends with a failure for any miss."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.galleries.data import seaborn_data
from tests.galleries.libraries import GALLERIES
from tests.galleries.survey import Report, survey


def main(wanted: list[str]) -> int:
    """Run the galleries that are named, or all."""
    reports: list[Report] = []
    print(Report.head(), flush=True)
    with tempfile.TemporaryDirectory(prefix="gofigr-galleries-") as place:
        folder = Path(place)
        env = seaborn_data(folder)
        for gallery in GALLERIES:
            if wanted and gallery.library not in wanted:
                continue
            found = gallery.examples(folder)
            report = survey(gallery.library, found, folder / gallery.library, gallery.prelude, **env)
            reports.append(report)
            print(report.row, flush=True)
            for fault in report.faults:
                print("   ", fault[:600], flush=True)
    total = Report("all")
    for name in Report.COLUMNS:
        setattr(total, name, sum(getattr(report, name) for report in reports))
    print(total.row)
    return 1 if any(report.faults for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
