"""Markdown from people: what it may do, and that hostile text does nothing."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter import markdown

# What a browser would run, load or follow by itself, in Markdown, HTML, and the seams between the two.
HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
    "<form action=//evil.example><form><input name=a><button formaction=javascript:alert(1)>x</button></form></form>",
    "<style>@import '//evil.example/x.css';*{position:fixed}</style>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='https://ok.example' data-commandlinker-command='apputils:run' data-commandlinker-args='{}'>x</a>",
    "<base href=//evil.example><meta http-equiv=refresh content='0;url=javascript:alert(1)'><link rel=stylesheet href=//e>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml <script>alert(1)</script> ?>",
    "</p><script>alert(1)</script><p>",
    "<div style='background:url(javascript:alert(1))' onclick=alert(1)>x</div>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/lab/api/terminals)",
    "[x](https://ok.example \"' onmouseover='alert(1)\")",
    '[x](<https://ok.example/" onmouseover="alert(1)>)',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x]: https://ok.example '\" onclick=alert(1) x=\"'\n\n[x]",
    "![x](https://evil.example/track.png)",
    "![x](data:image/png;base64,iVBORw0KGgo=)",
    "![x](javascript:alert(1))",
    "![<img src=x onerror=alert(1)>](https://evil.example/a.png)",
    "[![x](https://evil.example/a.png)](https://ok.example)",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "```x onclick=alert(1)\nx\n```",
    "`<script>alert(1)</script>`",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "@<script>alert(1)</script>",
    '@ada"onclick="alert(1)',
    "https://ok.example/<script>alert(1)</script>",
    'https://ok.example/"onclick="alert(1)',
    "https://ok.example/'onclick='alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<span class='mention evil' id=x>x</span>",
    "\u202e)1(trela:tpircsavaj",
    "- <details open ontoggle=alert(1)>",
    "<a\x0chref=javascript:alert(1)>x</a>",
    "<marquee onstart=alert(1)>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<xmp><p title='</xmp><svg/onload=alert(1)>'>",
    "<title><a title='</title><img src=x onerror=alert(1)>'>",
]
ALLOWED = {
    "a": {"href", "title", "target", "rel"},
    "code": {"class"},
    "ol": {"start"},
    "span": {"class"},
}
TAGS = set(markdown.TAGS.split())


class Reader(HTMLParser):
    """Reads HTML as a browser would, and refuses all that could do anything."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ALLOWED.get(tag, set()), (tag, name)
            if name == "href":
                assert (value or "").lower().startswith(("http://", "https://", "mailto:")), value
        if tag == "a" and "href" in dict(attrs):
            assert dict(attrs)["rel"] == "noopener nofollow ugc"
            assert dict(attrs)["target"] == "_blank"
        if tag == "span":
            assert dict(attrs) == {"class": "mention"}

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(text: str) -> str:
    """The HTML of a text, after a look at everything in it."""
    html = markdown.html(text, frozenset({"ada", 'ada"onclick="alert(1)'}))
    reader = Reader()
    reader.feed(html)
    reader.close()
    return html


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_nothing(text: str) -> None:
    check(text)
    check(f"words before {text} and after")
    check(f"> - {text}\n\n| a |\n|---|\n| {text} |")
    check(f"[{text}](https://ok.example) **{text}**")


@given(
    st.lists(st.sampled_from([*HOSTILE, "*", "`", "[", "](", ")", "<", ">", "\n", '"', "'", "@ada", "&"]), max_size=6)
)
def test_no_mixture_does_anything(pieces: list[str]) -> None:
    check("".join(pieces))


@given(st.text(max_size=300))
def test_no_text_at_all_does_anything(text: str) -> None:
    check(text)
    markdown.names_in(text)


@pytest.mark.timeout(60)  # far less than a second each; what grows faster than its square would take minutes
@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "[" * 5_000 + "](" * 5_000,
        "![" * 10_000,
        "*a_" * 6_666,
        "*" * 20_000,
        "_a*b" * 5_000,
        "`" * 20_000,
        "`a``" * 5_000,
        "> " * 10_000 + "x",
        "- " * 10_000 + "x",
        "<" * 20_000,
        "<!-" * 6_666,
        "&#" * 10_000,
        "| a " * 5_000 + "\n" + "|---" * 5_000,
        "a|" * 4_000 + "\n" + "-|" * 4_000 + "\n" + "x|" * 1_000,
        "[a]: x\n" * 2_800,
        "[a](<b" * 3_300,
        "@" * 20_000,
        "@a." * 6_666,
        "http://" * 2_800,
        "http://x" + ")" * 19_000,
        "http://x" + "(" * 9_000 + ")" * 9_000,
        "~~a" * 6_600,
        "\\" * 20_000,
        "1. " * 6_600,
        "#" * 20_000,
        "x\n" * 10_000,
        " " * 20_000 + "x",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_comes_to_an_end(text: str) -> None:
    check(text)
    markdown.names_in(text)


def test_what_people_write_looks_as_they_meant_it() -> None:
    html = check("# Peak\n\n**Look** at `x = 1`, ~~not~~ *this*:\n\n1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for part in ("<h1>Peak</h1>", "<strong>Look</strong>", "<code>x = 1</code>", "<s>not</s>", "<em>this</em>"):
        assert part in html
    assert "<ol>\n<li>one</li>" in html
    assert "<td>2</td>" in html


def test_each_line_stands_on_its_own() -> None:
    assert markdown.html("one\ntwo") == "<p>one<br>\ntwo</p>\n"


def test_code_knows_its_language() -> None:
    assert '<pre><code class="language-python">x &lt; 1' in markdown.html("```python\nx < 1\n```")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/b_c_d.", "https://a.example/b_c_d"),
        ("(https://a.example/b_(c))", "https://a.example/b_(c)"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("<https://a.example>", "https://a.example"),
        ("[x](mailto:ada@example.org)", "mailto:ada@example.org"),
        ("![plot](https://a.example/plot.png)", "https://a.example/plot.png"),
    ],
)
def test_links(text: str, address: str) -> None:
    html = check(text)
    assert f'href="{address}" target="_blank" rel="noopener nofollow ugc"' in html
    assert html.count("<a ") == 1


def test_a_picture_is_a_link_that_says_what_it_shows() -> None:
    assert ">the *plot*</a>" not in (html := markdown.html("![the *plot*](https://a.example/plot.png)"))
    assert ">the plot</a>" in html
    assert ">picture</a>" in markdown.html("![](https://a.example/plot.png)")


def test_a_link_in_words_stays_what_it_is() -> None:
    assert markdown.html("`https://a.example`") == "<p><code>https://a.example</code></p>\n"
    assert markdown.html("[https://a.example](https://b.example)").count("<a ") == 1


# ---------------------------------------------------------------- names


def test_only_those_who_may_be_known_are_marked() -> None:
    html = markdown.html("@ada and @bob", frozenset({"ada"}))
    assert html == '<p><span class="mention">@ada</span> and @bob</p>\n'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada: look", ["ada"]),
        ("@ada.", ["ada.", "ada"]),
        ("(@ada)", ["ada"]),
        ("**@ada**", ["ada"]),
        ("@ada_lovelace-1", ["ada_lovelace-1"]),
        ("@ada@example.org", ["ada@example.org"]),
        ("@ada @ada @bob", ["ada", "bob"]),
        ("mail ada@example.org", []),
        ("https://a.example/@ada", []),
        ("`@ada` and\n```\n@ada\n```", []),
        ("[@ada](https://a.example)", []),
        ("\\@ada", []),
        ("@", []),
    ],
)
def test_what_is_a_name(text: str, names: list[str]) -> None:
    assert markdown.names_in(text) == names


def test_nobody_calls_a_crowd() -> None:
    assert len(markdown.names_in(" ".join(f"@u{n}" for n in range(1_000)))) == markdown.MOST_NAMES


def test_a_name_with_dots_wins_over_the_end_of_a_sentence() -> None:
    both = frozenset({"ada.", "ada"})
    assert markdown.html("@ada.", both) == '<p><span class="mention">@ada.</span></p>\n'
    assert markdown.html("@ada.", frozenset({"ada"})) == '<p><span class="mention">@ada</span>.</p>\n'
