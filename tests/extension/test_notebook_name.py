"""The notebook's name may come late: figures go out at once under the session's, and the analysis is renamed."""

from __future__ import annotations

import time

from gofigr_jupyter.outbox.renames import renames
from tests.extension.conftest import Notebook


def test_an_analysis_named_after_the_session_is_renamed_when_the_name_arrives(notebook: Notebook) -> None:
    _, early = notebook.run("plt.plot([1]); plt.show()")
    provisional = early[0].target.analysis.name
    assert provisional
    assert provisional.startswith("Session ")
    notebook.run("__vsc_ipynb_file__ = '/data/Late truth.ipynb'")
    _, late = notebook.run("plt.plot([2]); plt.show()")
    assert late[0].target.analysis.name == "Late truth"
    deadline = time.monotonic() + 60
    while not (notes := list(renames(notebook.home).values())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [(note.old, note.new, note.url) for note in notes] == [(provisional, "Late truth", None)]
