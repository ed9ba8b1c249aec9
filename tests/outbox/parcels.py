"""A parcel with every kind of content, for the tests of whoever handles parcels."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from gofigr_jupyter.records import (
    Attachment,
    Capture,
    CellFacts,
    Displayed,
    Environment,
    GitState,
    HistoryEntry,
    Missing,
    Notebook,
    Package,
    Parcel,
    Provenance,
    Ref,
    Source,
    Target,
)


def a_parcel(
    *,
    url: str | None = None,
    account: str | None = None,
    figure: str = "Decay",
    picture: bytes = b"\x89PNG shown",
    **changes: Any,
) -> Parcel:
    given: dict[str, Any] = {
        "client_id": str(uuid.uuid4()),
        "created_at": datetime.now(UTC),
        "target": Target(url, account, Ref(), Ref(name="Notes"), Ref(name=figure)),
        "capture": Capture(
            "matplotlib",
            figure,
            (
                Displayed("image/png", picture, {"width": 640}),
                Displayed("image/svg+xml", b"<svg>shown</svg>"),
            ),
            Source("pickle", b"pickled", "/usr/bin/python3", ("/usr/lib",)),
        ),
        "provenance": Provenance(
            cell=CellFacts("plt.plot(x)", "cell-1", 3),
            history=(HistoryEntry(1, "import numpy"), HistoryEntry(3, "plt.plot(x)")),
            environment=Environment("3.11.9", "CPython", "/usr/bin/python3", "Linux", (Package("numpy", "2.0"),)),
            git=GitState("main", "ab" * 20, True, "--- a\n+++ b\n", "https://example.org/r.git", None),
            notebook=Notebook("Notes", "/home/x/Notes.ipynb", "JPY_SESSION_NAME"),
            script=Missing("not a script"),
            masked=1,
        ),
        "short_id": None,
        "attachments": (Attachment("table", "dataframe", "csv", b"a,b\n1,2\n"),),
        "working_dir": "/tmp",
    }
    return Parcel(**(given | changes))
