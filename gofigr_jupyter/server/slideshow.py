"""A story as a PowerPoint file: a title slide, one slide for each of its own, more where a text is too long for one.

In: a Collected. Out: the file in pieces. Pictures are decoded by the child that makes thumbnails, and read once more
when the file is written, so that one at a time is in memory. The library is imported with the first file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from gofigr_jupyter.embedding.files import marked
from gofigr_jupyter.schema.stories import Slide
from gofigr_jupyter.server import outline, thumbnails
from gofigr_jupyter.server.collected import NOT_SHOWN, Collected, Shown, line
from gofigr_jupyter.server.fitting import MOST_PAGES, Box, fitted, size_for
from gofigr_jupyter.server.outline import Paragraph, Run
from gofigr_jupyter.server.slide_text import clean, fill, is_link, place
from gofigr_jupyter.server.store.store import Store

BLOCK = 1 << 18
PIXELS = 1920  # of a picture's longer side; a smaller one stays as it is
PAGE = Box(0, 0, 13.333, 7.5)
TITLE, BODY = Box(0.6, 0.4, 12.13, 1.0), Box(0.6, 1.6, 12.13, 5.4)
FRONT, BELOW = Box(0.9, 1.6, 11.53, 2.0), Box(0.9, 3.8, 11.53, 2.9)
BESIDE = Box(0.6, 1.6, 4.8, 5.4)  # a text that stands beside a picture
RIGHT, WHOLE = Box(5.7, 1.6, 7.03, 4.8), Box(0.6, 1.6, 12.13, 4.8)  # pictures with text and without
CAPTION_TOP, CAPTION_HEIGHT, CAPTION_SIZES = 6.5, 0.6, (14, 11)
TITLE_SIZES, FRONT_SIZES = (32, 26, 20), (44, 34, 26)
LONGEST_TITLE = 250
MOST_SLIDES = 400  # from there on no text goes on
FRONT_LAYOUT, LAYOUT = 0, 1  # of the library's own template: a title slide, a title and a text
PNG_SIZE = slice(16, 24)
SMALLEST = 24  # bytes that a PNG has before its size is told


def pieces(story: Collected, store: Store) -> Iterator[bytes]:
    """The file, which is written to the disk first."""
    with tempfile.TemporaryFile() as file:
        _deck(story, store).save(file)
        file.seek(0)
        while piece := file.read(BLOCK):
            yield piece


def _deck(story: Collected, store: Store) -> Any:
    """The slides; their pictures are read when they are saved."""
    from pptx import Presentation  # noqa: PLC0415 - slow to import, and seldom needed
    from pptx.util import Inches  # noqa: PLC0415

    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = Inches(PAGE.width), Inches(PAGE.height)
    _describe(deck.core_properties, story)
    _front(deck, story)
    for slide in story.slides:
        _slide(deck, slide, story.figure_of(slide), store)
    return deck


def _describe(properties: Any, story: Collected) -> None:
    """What the file says of itself, instead of what the library's template does."""
    properties.title = _short(story.title)
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)


def _front(deck: Any, story: Collected) -> None:
    size, pages = fitted(outline.paragraphs(story.description), BELOW, BODY, most_pages=_most_pages(deck))
    slide = _new(deck, FRONT_LAYOUT, _short(story.title), FRONT, FRONT_SIZES)
    _text(slide, pages[0], BELOW, size)
    _onward(deck, story.title, pages[1:], size)


def _slide(deck: Any, slide: Slide, figure: Shown | None, store: Store) -> None:
    paragraphs = outline.paragraphs(slide.body)
    has_figure = slide.figure_revision is not None
    box = BESIDE if has_figure else BODY
    size, pages = fitted(paragraphs, box, BODY, most_pages=_most_pages(deck))
    made = _new(deck, LAYOUT, _short(slide.title), TITLE, TITLE_SIZES)
    _text(made, pages[0], box, size)
    if has_figure:
        _figure(made, figure, RIGHT if paragraphs else WHOLE, store)
    if slide.notes:
        made.notes_slide.notes_text_frame.text = clean(outline.plain(slide.notes))
    _onward(deck, slide.title, pages[1:], size)


def _most_pages(deck: Any) -> int:
    """On how many slides a text may go on: adding one takes the longer the more there are."""
    return max(1, min(MOST_PAGES, MOST_SLIDES - len(deck.slides)))


def _onward(deck: Any, title: str, pages: Sequence[list[Paragraph]], size: int) -> None:
    for number, page in enumerate(pages, 2):
        made = _new(deck, LAYOUT, f"{_short(title)} ({number})".lstrip(), TITLE, TITLE_SIZES)
        _text(made, page, BODY, size)


def _new(deck: Any, layout: int, title: str, box: Box, sizes: Sequence[int]) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    shape = slide.shapes.title
    if title:
        place(shape, box)
        fill(shape, [Paragraph((Run(title),))], size_for(title, box, sizes))
    else:
        _remove(shape)
    return slide


def _text(slide: Any, paragraphs: Sequence[Paragraph], box: Box, size: int) -> None:
    shape = slide.placeholders[1]
    if paragraphs:
        place(shape, box)
        fill(shape, paragraphs, size)
    else:
        _remove(shape)


def _remove(shape: Any) -> None:
    """Away with an empty placeholder, which would ask for a text."""
    shape.element.getparent().remove(shape.element)


def _short(text: str) -> str:
    text = clean(line(text))
    return text if len(text) <= LONGEST_TITLE else f"{text[:LONGEST_TITLE]}…"


# ---------------------------------------------------------------- figures


def _figure(slide: Any, figure: Shown | None, box: Box, store: Store) -> None:
    """The picture with its caption below; where there is none that can be read, the caption alone."""
    caption = Run(NOT_SHOWN, italic=True)
    if figure is not None:
        caption = Run(figure.caption, link=figure.link)
        _picture(slide, figure, box, store)
    below = Box(box.left, CAPTION_TOP, box.width, CAPTION_HEIGHT)
    shape = slide.shapes.add_textbox(0, 0, 0, 0)
    place(shape, below)
    fill(shape, [Paragraph((caption,))], size_for(caption.text, below, CAPTION_SIZES))


def _picture(slide: Any, figure: Shown, box: Box, store: Store) -> None:
    content = _small(store, figure)
    if len(content) < SMALLEST:
        return
    size = content[PNG_SIZE]
    width, height = int.from_bytes(size[:4]), int.from_bytes(size[4:])
    from pptx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415 - see above
    from pptx.opc.packuri import PackURI  # noqa: PLC0415

    scale = min(box.width / width, box.height / height)
    inner = Box(0, 0, width * scale, height * scale)
    name = PackURI(f"/ppt/media/figure{slide.slide_id}.png")
    part = _later()(name, slide.part.package, partial(_small, store, figure))
    relation = slide.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    tree = slide.shapes.element
    element = tree.add_pic(tree.max_shape_id + 1, "Figure", "", relation, 0, 0, 0, 0)
    element.nvPicPr.cNvPr.set("descr", clean(figure.caption))
    shape = slide.shapes[-1]
    left, top = box.left + (box.width - inner.width) / 2, box.top + (box.height - inner.height) / 2
    place(shape, Box(left, top, inner.width, inner.height))
    if is_link(figure.link):
        shape.click_action.hyperlink.address = figure.link


def _small(store: Store, figure: Shown) -> bytes:
    """The picture as a PNG that bears its mark; empty where there is none that can be read."""
    found = thumbnails.first(store, [figure.picture], PIXELS) if figure.picture else None
    return marked(found, figure.mark) if found else b""


@cache
def _later() -> Callable[[Any, Any, Callable[[], bytes]], Any]:
    """A part of the file whose bytes are asked for when it is written."""
    from pptx.opc.package import Part  # noqa: PLC0415 - see above

    class Later(Part):
        """A picture that is not in memory."""

        def __init__(self, name: Any, package: Any, read: Callable[[], bytes]) -> None:
            super().__init__(name, "image/png", package)
            self._read = read

        @property
        def blob(self) -> bytes:
            """Its bytes, now."""
            return self._read()

        @blob.setter
        def blob(self, blob: bytes) -> None:
            raise AttributeError(blob)

    return Later
