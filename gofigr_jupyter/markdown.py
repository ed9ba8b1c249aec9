"""Markdown from people and machines as HTML that may stand anywhere: rendered without HTML of theirs, then sanitised.

Nothing in it loads by itself (pictures become links), links lead to the web or a mailbox only, and names after an @ are
marked only when the caller says that they may be known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, MutableMapping
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

SCHEMES = frozenset({"http", "https", "mailto"})
SPOKEN = re.compile(r"(?P<link>\bhttps?://[^\s<>\"]+)|(?<![\w.@+/-])@(?P<name>[\w.@+-]{1,150})")
AFTER_A_LINK = ".,;:!?'*_~"
AFTER_A_NAME = ".@+-"  # may end a user name, and more often a sentence
LONGEST = 20_000  # some texts take time with the square of their length
MOST_NAMES = 50
OVERRIDES = dict.fromkeys(map(ord, "\u202d\u202e"))  # would show a link's text backwards
SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
LIST = re.compile(r"^(\d*)([-+.)])(?=\s|$)")  # what begins a list at the beginning of a line
LANGUAGE = re.compile(r"language-[\w+#-]{1,30}")
TAGS = "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead tr ul"


def _kept(tag: str, name: str, value: str) -> str | None:
    """An attribute's value, if it may stay."""
    match tag, name:
        case "code", "class":
            return value if LANGUAGE.fullmatch(value) else None
        case "a", "href":
            return value if _is_safe(value) else None
    return value


def _is_safe(address: str) -> bool:
    """Whether a link leads to the web or a mailbox; a relative one would lead into Jupyter, in a notebook."""
    scheme, colon, _ = address.strip().partition(":")
    return bool(colon) and scheme.lower() in SCHEMES


_cleaner = nh3.Cleaner(
    tags=set(TAGS.split()),
    attributes={"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}},
    allowed_classes={"span": {"mention"}},
    attribute_filter=_kept,
    url_schemes=set(SCHEMES),
    link_rel="noopener nofollow ugc",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def html(text: str, people: frozenset[str] = frozenset()) -> str:
    """Safe HTML; of the names after an @ those in `people` are marked. Too long a text is shown as it was written."""
    return f"<pre>{escapeHtml(text)}</pre>\n" if len(text) > LONGEST else _rendered(text, people)


@lru_cache(maxsize=1024)
def _rendered(text: str, people: frozenset[str]) -> str:
    return _cleaner.clean(_parser.render(text.translate(OVERRIDES), {"people": people}))


def as_text(text: str) -> str:
    """A text that Markdown shows as it is, on one line; an address in it is no link."""
    shown = SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("://", "\\://")
    return LIST.sub(r"\1\\\2", shown)


def tokens(text: str) -> list[Token]:
    """What the text consists of, as the parser tells it; its links are safe, HTML in it is text."""
    return _parser.parse(text.translate(OVERRIDES), {})


def names_in(text: str) -> list[str]:
    """What may be user names after an @, outside of code and links, in their order; at most 50."""
    env: dict[str, Any] = {"names": {}}
    _parser.parse(text.translate(OVERRIDES), env)
    return list(env["names"])[:MOST_NAMES]


# ---------------------------------------------------------------- what we add to Markdown


def _speak(state: StateCore) -> None:
    """Find names and bare links in plain text, and make links of pictures."""
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_spoken(block.children, state.env))


def _spoken(tokens: list[Token], env: MutableMapping[str, Any]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "image":
            caption = _text(_alt(token.children or []) or "picture")
            yield from [caption] if depth else _link(str(token.attrGet("src")), caption)
        elif token.type == "text" and not depth:
            yield from _pieces(token.content, env)
        else:
            yield token


def _pieces(text: str, env: MutableMapping[str, Any]) -> Iterator[Token]:
    start = 0
    for found in SPOKEN.finditer(text):
        tokens, length = _bare_link(found["link"]) if found["link"] else _mention(found["name"], env)
        if tokens:
            yield _text(text[start : found.start()])
            yield from tokens
            start = found.start() + length
    yield _text(text[start:])


def _bare_link(text: str) -> tuple[list[Token], int]:
    address = text.rstrip(AFTER_A_LINK)
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(AFTER_A_LINK)
    return list(_link(_parser.normalizeLink(address), _text(address))), len(address)


def _mention(text: str, env: MutableMapping[str, Any]) -> tuple[list[Token], int]:
    people = env.get("people", frozenset())
    for name in dict.fromkeys([text, text.rstrip(AFTER_A_NAME)]):
        if name and "names" in env:
            env["names"][name] = True
        if name in people:
            return [Token("mention", "span", 0, content=f"@{name}")], len(name) + 1
    return [], 0


def _link(address: str, inside: Token) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield inside
    yield Token("link_close", "a", -1)


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _alt(tokens: Iterable[Token]) -> str:
    return "".join(_alt(token.children) if token.children else token.content for token in tokens)


def _made() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    parser.enable(["table", "strikethrough"])
    parser.core.ruler.before("text_join", "speak", _speak)
    parser.validateLink = _is_safe  # type: ignore[method-assign, assignment]  # markdown-it's documented way
    parser.add_render_rule(
        "mention", lambda _self, tokens, at, *_: f'<span class="mention">{escapeHtml(tokens[at].content)}</span>'
    )
    return parser


_parser = _made()
