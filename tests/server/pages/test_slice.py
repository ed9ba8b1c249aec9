"""The statements that made a figure stand first on its page, and lead to their cells."""

from __future__ import annotations

import json
import re

from tests.server.conftest import text
from tests.server.pages.conftest import House
from tests.server.pages.exhibition import item
from tests.server.pages.test_revision import page_of, plain

HISTORY = "# In [1]\nimport numpy\n\n# In [2]\nprint(1)\n\n# In [3]\nplot()"
SCRIPT = "# In [1]\nimport numpy\n\n# In [3]\nplot()\n"


def a_slice(**told: object) -> list[dict]:
    return [
        item("code", "Slice", SCRIPT.encode(), format="py", role="slice", language="Python", **told),
        item("text", "Slice map", json.dumps({"statements": []}).encode(), format="json", role="slice-map"),
        item("code", "Jupyter Cell", b"plot()", format="jupyter-cell", role="cell", language="Python"),
        item("code", "Jupyter History", HISTORY.encode(), format="jupyter-history", role="history", language="Python"),
    ]


def test_it_comes_first_and_links_to_its_cells(house: House) -> None:
    page = page_of(house.me, *a_slice(statements=2, of=3, cells=[1, 3]))
    titles = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)
    assert titles.index("The 2 of 3 statements that made this figure") < titles.index("History")
    assert "From In [1], In [3] of the session" in plain(page)
    for cell in (1, 3):
        assert f'href="#in-{cell}"' in page
        assert page.count(f'id="in-{cell}"') == 1
    assert 'id="in-2"' not in page
    assert "Slice map" not in page


def test_what_it_says_of_itself_is_not_believed(house: House) -> None:
    page = page_of(house.me, *a_slice(statements="<b>", of=[], cells=["<script>", True, -1, {}]))
    assert "The statements that made this figure" in page
    assert "From In" not in plain(page)
    assert page_of(house.me, text("x"), *a_slice(cells=7)).count("The statements that made this figure") >= 1
