"""What a card takes of a saved notebook, executed with a real kernel as `nbclient` stores it."""

from __future__ import annotations

import json
import os
import statistics
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

CARDS = 20
SETUP = """
import gc, time
from IPython.display import display
from gofigr_jupyter.records import Download
from gofigr_jupyter.widgets.card import Card, CardState
forms = [("png", 80_213, False), ("svg", 34_000, False), ("pdf", 21_500, False), ("json", 9_000, False),
         ("html", 4_600_000, False), ("png", 83_100, True)]
downloads = tuple(Download(f, f"123e4567-e89b-12d3-a456-42661417400{i}", n, w) for i, (f, n, w) in enumerate(forms))
state = dict(name="Petal length against petal width, by species", link="http://127.0.0.1:41235/r/aB3xY9kLm2",
             short_id="aB3xY9kLm2", masked=2)
Card(CardState(**state), False, dict)
from gofigr_jupyter.widgets.live import PAGES
assert PAGES.ready(20)
gc.collect()
"""
SHOW = f"""
took, cards = [], []
for number in range({CARDS}):
    start = time.perf_counter()
    card = Card(CardState(**state), False, dict)
    card.bundle()
    took.append(time.perf_counter() - start)
    cards.append(card)
for card in cards:  # as the worker's receipts come in
    card.update(CardState(**state, state="uploading"))
    card.update(CardState(**state, state="complete", revision_number=12, size_bytes=4_827_000, downloads=downloads))
    display(card.bundle(), raw=True)
print(took)
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in (SETUP, SHOW)])
    folder = tmp_path_factory.mktemp("saved")
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "t", "language": "python"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]))
        return NotebookClient(notebook, timeout=60, kernel_name="python3").execute()


@pytest.mark.slow
def test_a_card_takes_at_most_6_kb_of_the_notebook(executed):
    outputs = [o for o in executed.cells[1].outputs if "text/html" in o.get("data", {})]
    sizes = [len(_as_saved(output)) for output in outputs]
    assert len(outputs) == CARDS
    # The line to the page is there once, for however many cards.
    once = len(_as_saved(executed.metadata.get("widgets", {})))
    print(f"one card: {max(sizes)} bytes; once for the notebook: {once}")
    assert max(sizes) <= 2_000
    assert max(sizes) + once <= 6_000, "even a lone card"


@pytest.mark.slow
def test_nothing_of_the_line_to_the_page_is_secret(executed):
    saved = json.dumps(executed.metadata).lower()
    assert "token" not in saved
    assert "aB3xY9".lower() not in saved


@pytest.mark.slow
def test_a_card_takes_at_most_2_ms_of_the_cell(executed):
    took = json.loads(next(o.text for o in executed.cells[1].outputs if o.output_type == "stream"))
    print(f"one card: {statistics.median(took) * 1e3:.2f} ms, at most {max(took) * 1e3:.2f}")
    assert statistics.median(took) <= 0.002


def _as_saved(part) -> bytes:
    return json.dumps(part, indent=1, sort_keys=True, ensure_ascii=False).encode()
