"""Markdown as paragraphs of runs: for what shows text, but is no HTML.

In: Markdown from people and machines. Out: Paragraphs, whose links lead to the web or a mailbox. Knows no kind of file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from markdown_it.token import Token

from gofigr_jupyter import markdown

Kind = Literal["text", "heading", "item", "code"]
DEEPEST = 8
BULLET = "•"


@dataclass(frozen=True)
class Run:
    """A stretch of text that looks the same; an end of line in it breaks the line."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str | None = None


@dataclass(frozen=True)
class Paragraph:
    """Some runs; `level` is how deep in lists and quotations, `marker` what stands before an item of a list."""

    runs: tuple[Run, ...]
    kind: Kind = "text"
    level: int = 0
    marker: str = ""

    @property
    def text(self) -> str:
        """Without its looks."""
        return "".join(run.text for run in self.runs)


def paragraphs(text: str) -> list[Paragraph]:
    """A text's paragraphs; too long a text is taken as it was written."""
    if len(text) > markdown.LONGEST:
        return [Paragraph((Run(one),)) for one in text.splitlines() if one.strip()]
    walk = _Walk()
    for token in markdown.tokens(text):
        walk.take(token)
    return walk.found


def plain(text: str) -> str:
    """The text alone, a line for each paragraph."""
    return "\n".join(f"{one.marker} {one.text}".lstrip() for one in paragraphs(text))


def merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same runs; neighbours that look the same are one."""
    alike = groupby(runs, lambda run: replace(run, text=""))
    joined = (replace(look, text="".join(run.text for run in group)) for look, group in alike)
    return tuple(run for run in joined if run.text)


@dataclass
class _Walk:
    """Where in the text we are."""

    found: list[Paragraph] = field(default_factory=list)
    lists: int = 0
    marker: str = ""  # of the item that has begun, until its first paragraph
    kind: Kind = "text"
    row: list[Run] | None = None

    def take(self, token: Token) -> None:
        """One more token."""
        match token.type:
            case "bullet_list_open" | "ordered_list_open" | "blockquote_open":
                self.lists += 1
            case "bullet_list_close" | "ordered_list_close" | "blockquote_close":
                self.lists -= 1
            case "list_item_open":
                self.marker = f"{token.info}." if token.info else BULLET
            case "heading_open":
                self.kind = "heading"
            case "heading_close":
                self.kind = "text"
            case "tr_open":
                self.row = []
            case "tr_close":
                cells, self.row = self.row or [], None
                self._add(cells, "text")
            case "fence" | "code_block":
                self._add([Run(token.content.rstrip("\n").expandtabs(4), code=True)], "code")
            case "inline":
                self._inline(list(_runs(token.children or [])))

    def _inline(self, runs: list[Run]) -> None:
        if self.row is not None:
            self.row += [Run(" | "), *runs] if self.row else runs
        else:
            self._add(runs, self.kind)

    def _add(self, runs: list[Run], kind: Kind) -> None:
        together = merged(runs)
        if not together and not self.marker:
            return
        kind = "item" if self.marker and kind == "text" else kind
        self.found.append(Paragraph(together, kind, min(self.lists, DEEPEST), self.marker))
        self.marker = ""


def _runs(tokens: Iterable[Token]) -> Iterator[Run]:
    look = Run("")
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                look = replace(look, bold=token.nesting > 0)
            case "em_open" | "em_close":
                look = replace(look, italic=token.nesting > 0)
            case "link_open" | "link_close":
                look = replace(look, link=str(token.attrGet("href")) if token.nesting > 0 else None)
            case "softbreak" | "hardbreak":
                yield replace(look, text="\n")
            case "code_inline":
                yield replace(look, text=token.content, code=True)
            case _:
                yield replace(look, text=token.content)
