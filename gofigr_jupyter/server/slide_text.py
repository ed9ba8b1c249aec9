"""Paragraphs into the text frames of slides; what XML cannot hold is left out, links lead to the web alone.

The library's objects are Any here: most of their methods have no types. It is imported with the first slideshow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gofigr_jupyter.markdown import OVERRIDES
from gofigr_jupyter.server.fitting import INDENT, Box
from gofigr_jupyter.server.outline import Paragraph, Run

HEADING = 2  # points more than the text
CODE_FONT = "Consolas"
LONGEST_LINK = 1_000
_UNFIT = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# PowerPoint takes a file for damaged that has another address in it.
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?([/?#]([A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?")


def clean(text: str) -> str:
    """A text as a slide may hold it."""
    return _UNFIT.sub("", text.translate(OVERRIDES))


def place(shape: Any, box: Box) -> None:
    """Put a shape where it belongs."""
    from pptx.util import Inches  # noqa: PLC0415 - only who makes slides pays for it

    shape.left, shape.top = Inches(box.left), Inches(box.top)
    shape.width, shape.height = Inches(box.width), Inches(box.height)


def fill(shape: Any, paragraphs: Sequence[Paragraph], size: int) -> None:
    """Write paragraphs into a shape that has no text yet, in letters of so many points."""
    from pptx.enum.text import MSO_AUTO_SIZE  # noqa: PLC0415 - see above

    frame = shape.text_frame
    frame.word_wrap = True
    frame.auto_size = MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE  # where the other program's letters are wider than ours
    for number, one in enumerate(paragraphs):
        paragraph = frame.add_paragraph() if number else frame.paragraphs[0]
        _indent(paragraph, one)
        for run in ((Run(f"{one.marker}\t"), *one.runs) if one.marker else one.runs):
            _write(paragraph, run, size + HEADING * (one.kind == "heading"), bold=one.kind == "heading")


def is_link(address: str) -> bool:
    """Whether an address may stand in a file of slides."""
    return len(address) <= LONGEST_LINK and _LINK.fullmatch(address) is not None


def _indent(paragraph: Any, one: Paragraph) -> None:
    """No bullets but ours, which look the same in all programs."""
    from pptx.oxml.xmlchemy import OxmlElement  # noqa: PLC0415 - see above
    from pptx.util import Inches  # noqa: PLC0415

    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", str(Inches(INDENT * one.level)))
    properties.set("indent", str(-Inches(INDENT) if one.marker else 0))
    properties.append(OxmlElement("a:buNone"))


def _write(paragraph: Any, run: Run, size: int, *, bold: bool) -> None:
    from pptx.util import Pt  # noqa: PLC0415 - see above

    for number, text in enumerate(clean(run.text).split("\n")):
        if number:
            paragraph.add_line_break()
        if not text:
            continue
        written = paragraph.add_run()
        written.text = text
        font = written.font
        font.size, font.bold, font.italic = Pt(size), run.bold or bold or None, run.italic or None
        if run.code:
            font.name = CODE_FONT
        if run.link and is_link(run.link):
            written.hyperlink.address = run.link
