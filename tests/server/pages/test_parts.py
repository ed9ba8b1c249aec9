"""The small parts that pages are made of, each on its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gofigr_jupyter.server.pages import code, packages, preview, words
from gofigr_jupyter.server.pages.pictures import picture_of, thumbnail_of
from gofigr_jupyter.server.pages.rendering import Paging
from gofigr_jupyter.server.store.gallery import Item


@pytest.mark.parametrize(
    ("link", "is_one"),
    [
        ("https://github.com/a/b/commit/1", True),
        ("http://[::1]:3000/x", True),
        ("javascript:alert(1)", False),
        ("JAVASCRIPT://x/%0aalert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example/x", False),
        ("https://user:secret@github.com/a", False),
        ("https://", False),
        ("https://a b", False),
        ("https://a\u202eb.example", False),
        ("http://[oops", False),
        ("x" * 3000, False),
        (None, False),
    ],
)
def test_only_ordinary_web_addresses_become_links(link: object, is_one: bool) -> None:
    assert words.web_link(link) == (link if is_one else "")


def test_times_are_said_as_people_say_them() -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    said = [words.ago(now - timedelta(minutes=minutes), now) for minutes in (0, 5, 180, 1500, 5000, 20_000)]
    assert said == ["just now", "5 min ago", "3 h ago", "yesterday", "3 days ago", "7 Nov 2026"]
    assert words.ago(now + timedelta(hours=3), now) == "just now"
    assert words.moment(now) == "21 November 2026, 12:00 UTC"


def test_sizes_counts_and_names() -> None:
    assert [words.size(n) for n in (0, 999, 1000, 75_100, 4_800_000, 5_000_000_000)] == [
        "0 B", "999 B", "1.0 KB", "75 KB", "4.8 MB", "5.0 GB",
    ]  # fmt: skip
    assert words.count(1, "figure") == "1 figure"
    assert words.count(1200, "entry", "entries") == "1,200 entries"
    assert words.name("\u202e\n") == "Untitled"
    assert words.file_name("../Étude: α/β  ", "p/n.g") == "Étude-α-β.png"
    assert words.file_name("...", "") == "figure"


def test_code_is_escaped_in_every_language() -> None:
    for language in ("python", "diff", "text", "no such language", "", "html"):
        shown = code.coloured("<b>&amp;</b>", language)
        assert "<b>" not in shown
        assert "&lt;" in shown
    assert code.coloured("<x>" * 100_000, "python").startswith("&lt;x&gt;")
    assert code.language_of("%%R\nx <- 1", "python") == "r"
    assert code.language_of("", "python") == "python"


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"packages": 3}', "\x00"])
def test_what_is_no_environment_is_none(text: str) -> None:
    assert packages.from_json(text) is None


def test_editable_packages_are_marked_in_both_spellings() -> None:
    text = "-e mine @ file:///home/ada/mine\n-e git+https://x.org/y@abc#egg=theirs\nnumpy==2.3.5\n"
    rows = packages.from_freeze(text).rows
    assert [(row.name, row.version, row.mark, row.link) for row in rows] == [
        ("mine", "", "editable", ""),
        ("numpy", "2.3.5", "", ""),
        ("theirs", "", "editable", "https://x.org/y@abc#egg=theirs"),
    ]


def test_the_head_of_a_csv() -> None:
    table = preview.head("a,b\n1,x\n\n-2.5e3,y\n3", is_cut=True)
    assert table == preview.Table(("a", "b"), (("1", "x"), ("-2.5e3", "y")), (True, False), True, False)
    wide = preview.head(",".join("c" * 40) + "\n" + ",".join("1" * 40), is_cut=False)
    assert wide is not None
    assert (len(wide.columns), wide.more_columns, wide.more_rows) == (12, True, False)
    assert preview.head("only a header\n", is_cut=False) is None
    assert preview.head('a\n"' + "x" * 200_000, is_cut=True) is None
    assert preview.head("a,b\n\x00,1\n", is_cut=False) is not None


def pictured(*given: tuple[str, str, int]) -> list[Item]:
    """Images by role, format and size."""
    return [Item(str(n), "r", "figure", "image", "0" * 64, size, {"role": role, "format": kind}) for n, (role, kind, size) in enumerate(given)]  # fmt: skip


def test_the_displayed_picture_goes_before_all_others() -> None:
    items = pictured(("picture", "svg", 9), ("watermark", "png", 9), ("displayed", "png", 9), ("picture", "html", 9))
    shown = picture_of(items)
    assert (shown.still, shown.interactive, shown.prefers_still) == (items[2], items[3], True)
    pages = pictured(("displayed", "html", 9), ("picture", "html", 9))
    assert picture_of(pages).interactive is pages[1], "what was displayed may need the network"
    assert picture_of(pages[:1]).interactive is pages[0]
    assert picture_of(pictured(("displayed", "json", 9), ("watermark", "png", 9))).prefers_still is False
    assert picture_of(pictured(("displayed", "pdf", 9))).still is None


def test_lists_take_the_thumbnail_or_something_light() -> None:
    items = pictured(("displayed", "png", 9_000_000), ("thumbnail", "webp", 9), ("picture", "svg", 9))
    assert thumbnail_of(items) is items[1]
    assert thumbnail_of(items[:1]) is None
    assert thumbnail_of(items[::2]) is items[2]


def test_paging_keeps_the_search() -> None:
    assert Paging.of(2, 130, 60, q="a b&c") == Paging(2, 3, "?q=a+b%26c&page=1", "?q=a+b%26c&page=3")
    assert Paging.of(1, 0, 60) == Paging(1, 1, "", "")
    assert Paging.of(9, 130, 60).newer == "?page=3"
