"""How a file on a CDN is written down: addresses of its forms, HTML and Markdown, with names of anybody's choice."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from gofigr_jupyter import markdown
from gofigr_jupyter.client.cdn_asset import CdnAsset

ASSET = CdnAsset("https://cdn.example.org/sites/abc/plot.png", "sites/abc/plot.png", "plot.png", "image/png", 5, "A plot")


def named(alt: str, kind: str = "image/png", address: str = ASSET.address) -> CdnAsset:
    return CdnAsset(address, "k", "n", kind, 5, alt)


class Tags(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_forms_of_a_picture_have_addresses() -> None:
    assert ASSET.url() == str(ASSET) == ASSET.address
    assert ASSET.url(format="webp", quality=80, fit="cover", height=300, width=400) == f"{ASSET.address}?w=400&h=300&fit=cover&q=80&f=webp"
    assert named("", address="https://c.example.org/a.png?v=2").url(width=4) == "https://c.example.org/a.png?v=2&w=4"
    assert ASSET.sized(width=400).url(quality=70) == f"{ASSET.address}?w=400&q=70"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"width": 0}, "width is a whole number from 1"),
        ({"width": -1}, "width"),
        ({"height": 1.5}, "height"),
        ({"height": True}, "height"),
        ({"width": 10**9}, "width"),
        ({"quality": 101}, "quality is a whole number from 1 to 100"),
        ({"fit": "fill"}, "fit is one of cover, contain"),
        ({"format": "../etc"}, "format is one of webp, avif"),
    ],
)
def test_wishes_that_cannot_be(wish: dict[str, Any], why: str) -> None:
    for ask in (ASSET.url, ASSET.sized):
        with pytest.raises(ValueError, match=why):
            ask(**wish)
    with pytest.raises(ValueError, match="no picture"):
        named("", "application/pdf").url(width=5)


def test_a_picture_shows_itself() -> None:
    (picture,) = Tags(ASSET.sized(width=400, height=300, fit="cover")._repr_html_()).found
    assert picture[0] == "img"
    assert picture[1] | {"style": ""} == {
        "src": f"{ASSET.address}?w=400&h=300&fit=cover",
        "alt": "A plot",
        "width": "400",
        "height": "300",
        "style": "",
    }
    assert ASSET.sized(width=400)._repr_markdown_() == f"![A plot]({ASSET.address}?w=400)"


def test_a_picture_within_two_sides_keeps_its_proportions() -> None:
    (picture,) = Tags(ASSET.sized(width=400, height=300)._repr_html_()).found
    assert picture[1].keys() == {"src", "alt", "style"}
    assert picture[1]["style"] == "max-width:min(100%,400px);max-height:300px"


@pytest.mark.parametrize(("kind", "tag"), [("video/mp4", "video"), ("audio/mpeg", "audio"), ("application/pdf", "a")])
def test_what_is_no_picture(kind: str, tag: str) -> None:
    shown = Tags(named("Talk", kind)._repr_html_())
    assert [name for name, _ in shown.found] == [tag]
    assert named("Talk", kind)._repr_markdown_() == f"[Talk]({ASSET.address})"


HOSTILE = [
    '"><script>alert(1)</script>',
    "' onerror='alert(1)",
    "](javascript:alert(1))",
    "]\n\n<img src=x onerror=alert(1)>",
    "`code` **bold** | <b>",
    "![x](https://elsewhere.example.org/y.png)",
    "a\\](b",
]


@pytest.mark.parametrize("alt", HOSTILE)
@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "application/pdf"])
def test_no_name_is_markup(alt: str, kind: str) -> None:
    asset = named(alt, kind)
    shown = Tags(asset._repr_html_())
    assert len(shown.found) == 1
    assert set(shown.found[0][1]) <= {"src", "href", "alt", "title", "style", "controls", "preload", "target", "rel"}
    assert alt in {shown.words, shown.found[0][1].get("alt"), shown.found[0][1].get("title")}
    parts = [token for block in markdown.tokens(asset._repr_markdown_()) for token in block.children or ()]
    addresses = {value for token in parts for value in (token.attrGet("src"), token.attrGet("href")) if value}
    assert addresses <= {ASSET.address}
    assert not [token for token in parts if token.type in {"strong_open", "code_inline", "html_inline"}]


def test_brackets_in_an_address_end_nothing() -> None:
    asset = named("x", address="https://c.example.org/a(1).png")
    assert asset._repr_markdown_() == "![x](https://c.example.org/a%281%29.png)"
