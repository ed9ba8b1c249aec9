"""The page of a revision: everything that came with the figure, from our worker, from other clients, or from an enemy."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser

from tests.server.conftest import Client, image, make_figure, make_revision, text
from tests.server.pages.conftest import House
from tests.server.pages.exhibition import item

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe'


OUR_ELEMENTS = set(
    "html head meta title link script body a header img form label input button main nav ol ul li bdi h1 h2 h3 div p "
    "span fieldset legend iframe section dl dt dd time br b pre code details summary table thead tbody tr th td footer".split()
)  # fmt: skip


class Seen(HTMLParser):
    """The elements and attributes that a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one."""
        self.elements.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def page_of(client: Client, *items: dict, **fields) -> str:
    """The page of a new revision with these data."""
    revision = make_revision(client, *items, **fields)
    answer = client.get(f"/revision/{revision['api_id']}")
    assert answer.status_code == 200
    return answer.text


def plain(page: str) -> str:
    """The words of a page, without markup."""
    page = re.sub(r"</(dt|dd|h\d|td|b|span)>", " ", re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL))
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_everything_that_came_with_a_figure_is_there(house: House) -> None:
    page = house.me.get(f"/revision/{house.rooms['revision']}").text
    words = plain(page)
    for fact in (
        "Revision 3 of 3", "By root", "receptor.ipynb · In [12]", "revision-2 8c41f0e6a1 with uncommitted changes",
        "2 secrets masked", "Figure source the figure cannot be pickled (a lambda)", "doses 510 B",
        "Packages 6 packages, 2 not from an index", "assays 0.4.dev0 editable file:///home/ada/assays",
        "History 43 lines", "Uncommitted changes 8 lines", "reviewer Grace", "The first 8 rows.", "with watermark",
        "runs code when opened",
    ):  # fmt: skip
        assert fact in words, fact
    assert f'href="/r/{house.rooms["short_id"]}"' in page
    assert '<span class="c-kn">import</span>' in page
    assert '<span class="c-gi">+    # cooperative binding</span>' in page
    assert 'href="https://github.com/ada/receptor/commit/8c41f0e' in page
    assert 'href="https://github.com/a/b@4f9c1d2"' in page
    assert 'aria-label="Previous revision"' in page
    assert 'aria-label="Next revision"' not in page


def test_every_download_on_the_page_gives_its_bytes(house: House) -> None:
    page = house.me.get(f"/revision/{house.rooms['revision']}").text
    links = re.findall(r'href="(/file/[^"]+)" download', page)
    assert len(links) == 10
    kinds = {}
    for link in links:
        answer = house.me.get(html.unescape(link))
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment")
        kinds[link.rsplit("/", 1)[1]] = answer.content[:5]
    assert kinds["Dose-and-response-r3.pdf"] == b"%PDF-"
    assert kinds["Dose-and-response-r3.png"][1:4] == b"PNG"
    assert kinds["Dose-and-response-r3-with-link.png"][1:4] == b"PNG"
    assert "Dose-and-response-r3-doses.csv" in kinds
    assert kinds["Dose-and-response-r3-Jupyter-History.py"] == b"# In "


def test_an_interactive_figure_is_framed_in_a_sandbox(house: House) -> None:
    page = house.me.get(f"/revision/{house.rooms['irises']}").text
    (frame,) = re.findall(r"<iframe[^>]*>", page)
    assert 'sandbox="allow-scripts allow-downloads"' in frame
    assert 'title="Irises, revision 1, interactive"' in frame
    assert "no Chrome was found" in page
    view = house.me.get(re.findall(r'src="(/view/[^"]+)"', frame)[0])
    assert view.headers["content-security-policy"].startswith("sandbox allow-scripts")
    both = house.me.get(f"/revision/{house.rooms['both']}").text
    assert re.findall(r'type="radio"[^>]*id="([\w-]+)"( checked)?', both) == [
        ("as-picture", ""),
        ("as-live", " checked"),
    ]


def test_while_the_interactive_figure_is_on_its_way_the_page_says_so(me: Client) -> None:
    bundle = item("image", "figure", "{}", format="json", role="displayed")
    assert "may still be on its way" in page_of(me, bundle)
    why = {"metadata": {"missing": {"html": "the JSON is damaged"}}}
    assert "There is no picture: the JSON is damaged" in page_of(me, bundle, **why)


def test_an_svg_is_shown_by_img_only_and_opened_by_itself_is_a_download(me: Client) -> None:
    bad = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    page = page_of(me, item("image", "figure", bad, format="svg", role="displayed", mime_type="image/svg+xml"))
    assert "<svg" not in page
    (path,) = set(re.findall(r'<img src="(/svg/[^"]+)" alt="figure, revision 1"', page))
    answer = me.get(path)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"] == "attachment"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    png = make_revision(me, image(b"\x89PNG\r\n\x1a\n"))["data"][0]["api_id"]
    assert me.get(f"/svg/{png}").status_code == 404


def test_what_the_official_client_sends_is_understood(me: Client) -> None:
    page = page_of(
        me,
        image(b"\x89PNG\r\n\x1a\nplain", is_watermarked=False),
        image(b"\x89PNG\r\n\x1a\nmarked", is_watermarked=True),
        item("code", "Jupyter Cell", "%%bash\necho $HOME", language="Python"),
        item("code", "Jupyter History", "a = 1", language="Python"),
        item("text", "pip freeze", "numpy==2.3.5\n-e git+https://x.org/y@abc#egg=mine\nlocal @ file:///w/l.whl\n# no"),
        item("dataframe", "frame", b"PAR1", format="parquet"),
        metadata="just a string",
    )
    words = plain(page)
    assert "Packages 3 packages, 2 not from an index" in words
    assert '<span class="c-nv">$HOME</span>' in page
    assert "metadata just a string" in words
    assert "frame 4 B" in words
    assert re.search(r'<img src="/file/[^"]+\.png\?inline=1', page)


def test_hostile_text_stays_text_wherever_it_stands(me: Client) -> None:
    figure = make_figure(me, HOSTILE, description=HOSTILE)
    bad = dict.fromkeys(("title", "notebook_name", "notebook_path", "python_version", "backend", HOSTILE), HOSTILE)
    git = {
        "branch": HOSTILE,
        "hash": HOSTILE,
        "remote_url": "javascript:alert(3)",
        "commit_link": "javascript:alert(4)",
    }
    packages = [{"name": HOSTILE, "version": HOSTILE, "origin": "javascript:alert(5)"}, None, {"name": 3}]
    page = page_of(
        me,
        item("image", HOSTILE, b"\x89PNG\r\n\x1a\n", format=HOSTILE, role="displayed"),
        item("image", "figure", "<p>", format="html", role="picture"),
        item("code", HOSTILE, f"x = 1 # </code></pre>{HOSTILE}", language=HOSTILE, role="cell"),
        item("code", HOSTILE, f"# {HOSTILE}\nprint('{HOSTILE}')", language="python"),
        item("text", HOSTILE, json.dumps({"packages": packages, "platform": HOSTILE}), role="environment"),
        item("text", "git diff", f"+{HOSTILE}\n-{HOSTILE}", role="git-diff"),
        item("dataframe", f"../../{HOSTILE}.csv", f'a,"{HOSTILE.replace(chr(34), chr(34) * 2)}"\n1,<script>', format="csv"),
        text(HOSTILE.encode() + b"\xff\xfe"),
        figure=figure["api_id"],
        metadata=bad | {"git": git, "missing": {HOSTILE: HOSTILE}, "mine": {HOSTILE: [HOSTILE]}, "secrets_masked": "3"},
    )  # fmt: skip
    everywhere = page + me.get("/", params={"q": HOSTILE}).text + me.get(f"/figure/{figure['api_id']}").text
    seen = Seen()
    seen.feed(everywhere)
    assert seen.elements <= OUR_ELEMENTS
    assert not [
        name for name, _ in seen.attributes if name.startswith("on") or name in {"style", "srcdoc", "http-equiv"}
    ]
    sources = {value for name, value in seen.attributes if name in {"href", "src", "action"}}
    assert all(re.match(r"/|#main$|$", value) for value in sources), sources
    assert "\u202e" not in re.sub(r"<pre.*?</pre>", "", everywhere, flags=re.DOTALL)
    assert "&lt;script&gt;alert(1)" in page


def test_metadata_of_any_shape_is_survived(me: Client) -> None:
    for metadata in (
        None,
        [],
        [1, {"a": None}],
        7,
        "x" * 10_000,
        {"git": [], "missing": "no", "execution_count": True},
    ):
        page_of(me, text("x"), metadata=metadata)
    deep: dict = {}
    for _ in range(50):
        deep = {"a": deep}
    page_of(me, metadata={"deep": deep, "n": None, "f": 0.1, "b": False, "client": "x", "captured_on": "never"})


def test_long_code_is_shown_in_part_and_large_tables_only_begin(me: Client) -> None:
    long_code = "x = 1  # <é>\n" * 60_000
    csv = "a,b\n" + "1,2\n" * 400_000
    page = page_of(me, item("code", "Jupyter Cell", long_code), item("dataframe", "big", csv, format="csv"))
    assert "This is the beginning" in page
    assert "The first 8 rows." in page
    assert len(page) < 1_500_000


def test_damaged_bytes_cost_only_their_own_place(me: Client, app) -> None:
    revision = make_revision(me, item("code", "Jupyter Cell", "x = 1"), text("fine"))
    folder = app.state.config.data_dir / "blobs"
    for chunk in (path for path in folder.rglob("*") if path.is_file()):
        chunk.write_bytes(b"rot")
    answer = me.get(f"/revision/{revision['api_id']}")
    assert answer.status_code == 200
    assert "x = 1" not in answer.text


def test_where_its_picture_is_on_a_cdn(me: Client) -> None:
    there = {"wish": "w", "address": "https://cdn.example.org/sites/abc/growth.png", "key": "sites/abc/growth.png"}
    page = page_of(me, metadata={"cdn": there})
    assert f'href="{there["address"]}" rel="noopener noreferrer nofollow">{there["address"]}</a>' in page
    assert "<summary><h2>Metadata</h2>" not in page, "it is said in its own place"
    for other in ("mine", {"address": "javascript:alert(1)"}, {"address": HOSTILE}, ["https://cdn.example.org"]):
        page = page_of(me, metadata={"cdn": other})
        assert "<dt>CDN</dt>" not in page
        assert "<summary><h2>Metadata</h2>" in page, "somebody's own word for something else"
    assert "On the CDN there is no key" in plain(page_of(me, metadata={"missing": {"cdn": "there is no key"}}))
