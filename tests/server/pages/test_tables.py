"""Tables of plotted data on the page of a revision, page by page, and as CSV; for those who may read the figure."""

from __future__ import annotations

import html
import io
import re
import uuid

import pyarrow as pa
import pytest
from pyarrow import parquet

from gofigr_jupyter.capture.series.axes import Axis, as_json
from tests.server.conftest import Client, make_figure, make_revision
from tests.server.pages.exhibition import item
from tests.server.pages.test_revision import HOSTILE, OUR_ELEMENTS, Seen, plain

pytestmark = pytest.mark.slow


def as_parquet(columns: dict, label: str = "Force", unit: str = "N") -> bytes:
    """A table whose columns all have this label and unit."""
    content = pa.table(columns)
    fields = [field.with_metadata({"label": label, "unit": unit}) for field in content.schema]
    stream = io.BytesIO()
    parquet.write_table(content.cast(pa.schema(fields)), stream)
    return stream.getvalue()


def series(name: str, columns: dict, **words: str) -> dict:
    """A data object as the worker makes it."""
    return item("dataframe", name, as_parquet(columns, **words), format="parquet", role="series", rows=3, columns=[])


def told(*axes: Axis) -> dict:
    """The data object that tells the axes, as the worker makes it."""
    return item("text", "axes", as_json(axes), format="json", role="axes")


def page_of(client: Client, *items: dict) -> tuple[str, dict]:
    revision = make_revision(client, *items)
    answer = client.get(f"/revision/{revision['api_id']}")
    assert answer.status_code == 200, answer.text
    return answer.text, revision


def test_the_page_shows_the_first_rows(me: Client) -> None:
    page, revision = page_of(me, series("Springs: lines", {"x": [0.1 * n for n in range(30)], "who": ["<ann>"] * 30}))
    words = plain(page)
    assert "Data What the figure shows, as a table. Springs: lines 30 rows CSV of Springs: lines Parquet" in words
    assert "Force [x] N" in words
    assert "0.30000000000000004 &lt;ann&gt;" in re.sub(r"</td><td>", " ", page)
    assert "The first 8 rows. All 30 rows of Springs: lines" in words
    assert "Data and files" not in words
    data = revision["data"][0]["api_id"]
    assert f'href="/table/{data}"' in page


def test_the_page_of_the_figure_names_the_tables_of_its_latest_revision(me: Client) -> None:
    figure = make_figure(me)
    old = make_revision(me, series("Old", {"x": [1]}), figure=figure["api_id"])
    assert old["data"]
    assert "Data:" in me.get(f"/figure/{figure['api_id']}").text
    names = ["Springs", "Bars", "Areas", "Points", "Boxes"]
    new = make_revision(me, *(series(name, {"x": [1, 2, 3]}) for name in names), figure=figure["api_id"])
    page = me.get(f"/figure/{figure['api_id']}").text
    assert "Data: Springs (3 rows), Bars (3 rows), Areas (3 rows), and 2 more tables" in plain(page)
    assert f'href="/table/{new["data"][0]["api_id"]}"' in page
    assert f'href="/revision/{new["api_id"]}#data"' in page
    assert 'id="data"' in me.get(f"/revision/{new['api_id']}").text
    assert "Old" not in plain(page)
    make_revision(me, figure=figure["api_id"])
    assert "Data:" not in me.get(f"/figure/{figure['api_id']}").text


def test_every_link_gives_what_it_says(me: Client) -> None:
    page, _ = page_of(me, series("Springs", {"x": [1, 2], "name": ["a", "=b"]}, label="", unit=""))
    links = [html.unescape(one) for one in re.findall(r'href="(/(?:csv|file)/[^"]+)" download', page)]
    csv, raw = (next(one for one in links if one.startswith(f"/{kind}/")) for kind in ("csv", "file"))
    assert csv.endswith("-Springs.csv")
    answer = me.get(csv)
    assert answer.text == "x,name\n1,a\n2,'=b\n"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert parquet.read_table(io.BytesIO(me.get(raw).content)).to_pydict() == {"x": [1, 2], "name": ["a", "=b"]}


def test_a_long_table_has_pages(me: Client) -> None:
    _, revision = page_of(me, series("Long", {"n": list(range(250))}))
    path = f"/table/{revision['data'][0]['api_id']}"
    first, last = me.get(path).text, me.get(path, params={"page": "3"}).text
    assert "Page 1 of 3" in first
    assert "Rows after →" in first
    cells = re.findall(r'<td class="number">(\d+)</td>', last)
    assert cells == [str(n) for n in range(200, 250)]
    assert '<td class="number meta">201</td>' in last
    assert f'href="/revision/{revision["api_id"]}"' in last
    assert me.get(path, params={"page": "99"}).status_code == 200


def test_tables_that_people_attach_can_be_opened_too(me: Client) -> None:
    page, revision = page_of(
        me, item("dataframe", "doses", as_parquet({"x": [1]}), format="parquet", role="attachment")
    )
    path = f"/table/{revision['data'][0]['api_id']}"
    assert f'href="{path}">Open' in page
    assert "doses" in me.get(path).text


def test_what_cannot_be_read_can_still_be_downloaded(me: Client) -> None:
    page, revision = page_of(me, item("dataframe", "bad", b"PAR1nonsense", format="parquet", role="series", rows="x"))
    assert "Open the table" in plain(page)
    data = revision["data"][0]["api_id"]
    shown = me.get(f"/table/{data}")
    assert shown.status_code == 200
    assert "cannot be read" in shown.text
    assert me.get(f"/csv/{data}/x.csv").status_code == 404


def test_only_tables_have_such_pages(me: Client) -> None:
    _, revision = page_of(me, item("dataframe", "c", "a,b\n1,2", format="csv", role="series"), item("text", "t", "x"))
    for one in revision["data"]:
        assert me.get(f"/table/{one['api_id']}").status_code == 404
        assert me.get(f"/csv/{one['api_id']}/x").status_code == 404
    assert me.get(f"/table/{uuid.uuid4()}").status_code == 404


def test_others_see_nothing(me: Client, other: Client, anonymous: Client) -> None:
    _, revision = page_of(me, series("Secret", {"x": [1]}))
    for path in (f"/table/{revision['data'][0]['api_id']}", f"/csv/{revision['data'][0]['api_id']}/x.csv"):
        for client in (other, anonymous):
            answer = client.get(path)
            assert answer.status_code == 403
            assert "Secret" not in answer.text


def test_hostile_words_stay_words(me: Client) -> None:
    columns = {HOSTILE: [HOSTILE], "ordinary": [1]}
    page, revision = page_of(me, series(HOSTILE, columns, label=HOSTILE, unit=HOSTILE[:20]))
    everywhere = page + me.get(f"/table/{revision['data'][0]['api_id']}").text
    seen = Seen()
    seen.feed(everywhere)
    assert seen.elements <= OUR_ELEMENTS
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in {"style", "srcdoc"}]
    assert "\u202e" not in everywhere


def test_a_derived_revision_does_not_claim_the_data_of_another_picture(me: Client) -> None:
    from tests.server.conftest import API, created, make_figure

    axes = told(Axis("Old", 0, "x"))
    _, revision = page_of(me, series("Old", {"x": [1]}), axes, item("dataframe", "input", "a\n1", format="csv"))
    target = make_figure(me)["api_id"]
    derived = created(me.post(f"{API}/revision/{revision['api_id']}/derive/", json={"figure": target}))
    assert [one["name"] for one in derived["data"]] == ["input"]


def test_axes_are_told_in_words_under_the_tables(me: Client) -> None:
    x = Axis("Decay", 0, "x", "Dose", "mg", "log", 0.1, 100.0)
    y = Axis("Decay", 0, "y", "Response", "", "linear", 50.0, 100.0, bars=True)
    page, _ = page_of(me, series("Decay", {"x": [1]}), told(x, y))
    words = plain(page)
    assert "Axes x Dose (mg), log, 0.1 to 100 y Response, 50 to 100, bars that do not begin at zero" in words
    assert "Data and files" not in words, "it is no attachment"


def test_axes_of_several_parts_bear_their_names(me: Client) -> None:
    found = [
        Axis("L", 0, "x", "When", "", "time", "2020-01-01T00:00:00", "2020-02-01T12:30:00"),
        Axis("", 1, "y", "", "", "linear", twin_of=1, is_inverted=True),
        Axis("", 1, "colour", "Heat", "K", "category"),
    ]
    page, _ = page_of(me, series("L", {"x": [1]}), told(*found))
    words = plain(page)
    assert "L: x When, time, 2020-01-01 to 2020-02-01 12:30:00" in words
    assert "Part 2: y inverted, a second scale" in words
    assert "Part 2: Colour Heat (K), categories" in words


@pytest.mark.parametrize(
    "content", ["nonsense", "[" * 50_000, '[{"panel": 3}]', "{}", "x" * 500_000, b"\xff\xfe", '"axes"', "[NaN, null]"]
)
def test_axes_of_any_shape_are_survived(me: Client, content: str | bytes) -> None:
    page, _ = page_of(me, series("L", {"x": [1]}), item("text", "axes", content, format="json", role="axes"))
    assert ">Axes<" not in page


def test_hostile_axes_stay_words(me: Client) -> None:
    bad = Axis(HOSTILE, 0, "x", HOSTILE, HOSTILE, HOSTILE[:40], 0.0, 1.0)
    page, _ = page_of(me, series("L", {"x": [1]}), told(bad, Axis(HOSTILE, 1, "y", HOSTILE)))
    assert ">Axes<" in page
    seen = Seen()
    seen.feed(page)
    assert seen.elements <= OUR_ELEMENTS
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in {"style", "srcdoc"}]
    assert "\u202e" not in page
