"""Run as a child: a document on stdin; out its text, by pages, slides or headings.

One frame: no header, blob [JSON of [[where it stands, text], ...]]. A flaw in the reader of PDF costs the child.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

import pypdfium2

from gofigr_jupyter.server.child import Frame, main
from gofigr_jupyter.server.documents.passages import Passage, passages
from gofigr_jupyter.server.office import TEXT, Archive

MOST = 1_000_000  # letters of one document
MOST_PAGES = 2_000
_GAP = re.compile(r"\n[ \t]*\n")


def read(stream: BinaryIO) -> Iterator[Frame]:
    """The passages of the document."""
    found = list(_cut(passages_of(stream.read()), MOST))
    yield {}, [json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")]


def passages_of(content: bytes) -> Iterator[Passage]:
    """The text of one document; nothing where it is none that can be read here."""
    if content.startswith(b"%PDF-"):
        yield from _pdf(content)
    elif content.startswith(b"PK\x03\x04"):
        archive = Archive(io.BytesIO(content))
        yield from _word(archive) if TEXT in archive.names else _slides(archive)
    elif b"\0" not in content:
        yield from _plain(content.decode("utf-8"))


def _cut(found: Iterable[Passage], most: int) -> Iterator[Passage]:
    for one in found:
        text = one.text.strip()[:most]
        most -= len(text)
        if text:
            yield Passage(one.at[:200], text)
        if most <= 0:
            break


# ---------------------------------------------------------------- kinds of documents


def _pdf(content: bytes) -> Iterator[Passage]:
    document = pypdfium2.PdfDocument(content)
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        text = page.get_textpage().get_text_bounded()
        page.close()
        # A word cut in two at the end of a line is one word to those who look for it.
        whole = re.sub(r"(?<=\w)[\ufffe\u00ad]\s*", "", text.replace("\r\n", "\n"))
        for passage in passages([" ".join(part.split()) for part in _GAP.split(whole)]):
            yield Passage(f"page {number + 1}", passage)


def _word(archive: Archive) -> Iterator[Passage]:
    root, heading = archive.xml(TEXT), ""
    together: list[str] = []
    for paragraph in _paragraphs(root):
        if _is_heading(paragraph):
            yield from (Passage(heading, passage) for passage in passages(together))
            heading, together = f"under “{_words(paragraph)[:150]}”", []
        together.append(_words(paragraph))
    yield from (Passage(heading, passage) for passage in passages(together))


def _slides(archive: Archive) -> Iterator[Passage]:
    for number, slide in enumerate(archive.slides(), 1):
        texts = [_words(paragraph) for paragraph in _paragraphs(archive.xml(slide))]
        yield from (Passage(f"slide {number}", passage) for passage in passages(texts))


def _plain(text: str) -> Iterator[Passage]:
    start, line = 0, 1
    for gap in [*_GAP.finditer(text), None]:
        part = text[start : gap.start() if gap else len(text)]
        first = line + part[: len(part) - len(part.lstrip())].count("\n")
        yield from (Passage(f"line {first}", passage) for passage in passages([part.strip()]))
        end = gap.end() if gap else len(text)
        line += text.count("\n", start, end)
        start = end


# ---------------------------------------------------------------- Word and PowerPoint


def _paragraphs(root: Element | None) -> Iterator[Element]:
    return (one for one in (root.iter() if root is not None else ()) if one.tag.endswith("}p"))


def _words(paragraph: Element) -> str:
    """The text of a paragraph, in which others may lie (text boxes): those tell their own."""
    found: list[str] = []
    for one in paragraph:
        _gather(one, found)
    return "".join(found).strip()


def _gather(element: Element, found: list[str]) -> None:
    kind = element.tag.rpartition("}")[2]
    if kind == "p":
        return
    found.append({"t": element.text or "", "tab": "\t", "br": "\n", "cr": "\n"}.get(kind, ""))
    for one in element:
        _gather(one, found)


def _is_heading(paragraph: Element) -> bool:
    style = next((one for one in paragraph.iter() if one.tag.endswith("}pStyle")), None)
    values = style.attrib.values() if style is not None else ()
    return any(re.match(r"(heading|title|überschrift|titre)", value, re.IGNORECASE) for value in values)


if __name__ == "__main__":
    main(read)
