"""Each kind of file is known by its bytes, whatever its name says, and no two are taken for one another."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from gofigr_jupyter.media import MEDIA, declared, named, sniffed

MOVIE = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + b"\x00" * 64
SONG = b"\xff\xfb\x90\x64" + b"\x00" * 413
TAGGED = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"\x00" * 10 + SONG
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + b"\x00" * 64
SVG = b'<?xml version="1.0"?>\n<!-- made here -->\n<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'


def picture(form: str) -> bytes:
    """A small picture in that form."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(buffer, form)
    return buffer.getvalue()


def archive(*names: str, types: str = "", stored: bool = False) -> bytes:
    """A ZIP with these entries; `types` is what `[Content_Types].xml` says, where it is asked for."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            content = f"<Types>{types * 3}</Types>" if name == "[Content_Types].xml" else "<x/>"
            # A `ZipInfo` has a fixed date: by a name alone, the bytes change every two seconds.
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
FILES = {
    "a.jpg": ("image/jpeg", picture("JPEG")),
    "a.png": ("image/png", picture("PNG")),
    "a.gif": ("image/gif", picture("GIF")),
    "a.webp": ("image/webp", picture("WEBP")),
    "a.svg": ("image/svg+xml", SVG),
    "a.pdf": ("application/pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
    "a.docx": (WORD.removesuffix(".main+xml"), archive("[Content_Types].xml", "word/document.xml", types=WORD)),
    "a.mp4": ("video/mp4", MOVIE),
    "a.mp3": ("audio/mpeg", SONG),
    "a.webm": ("video/webm", WEBM),
}


@pytest.mark.parametrize("name", FILES)
def test_bytes_and_name_tell_the_same(name: str) -> None:
    content_type, content = FILES[name]
    assert [one.content_type for one in sniffed(content)] == [content_type]
    assert named(name.upper()) is named(name) is declared(content_type) is sniffed(content)[0]


@pytest.mark.parametrize("content", [b"plain words\n", "grüße\n".encode(), "viele Grüße\n".encode("latin-1"), b"# Title\n\n<b>x</b>"])
def test_text_is_text_or_markdown_as_its_author_says(content: bytes) -> None:
    assert [one.content_type for one in sniffed(content)] == ["text/plain", "text/markdown"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"MZ\x90\x00",
        b"\xff\xfeh\x00i\x00",  # UTF-16
        b"II*\x00",  # TIFF
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00avifmif1",
        b"\x00\x00\x00\x18ftypqt  \x00\x00\x00\x00qt  isom",
        WEBM.replace(b"\x84webm", b"\x88matroska"),
        b"\xff\xf1\x50\x80",  # AAC
        archive("[Content_Types].xml", "ppt/presentation.xml", types=SLIDES),
        archive("mimetype", "META-INF/manifest.xml"),
        archive("[Content_Types].xml")[:60],
        b"PK\x03\x04",
        picture("PNG")[:7],
    ],
)
def test_what_is_not_taken_is_nothing(content: bytes) -> None:
    assert sniffed(content) == ()


@pytest.mark.parametrize("stored", [True, False])
def test_word_documents_of_other_writers(stored: bool) -> None:
    for content in (
        archive("_rels/.rels", "docProps/app.xml", "word/document.xml", "[Content_Types].xml", types=WORD, stored=stored),
        archive("[Content_Types].xml", types=WORD, stored=stored),
    ):
        assert [one.extensions for one in sniffed(content)] == [(".docx",)]
    assert [one.content_type for one in sniffed(TAGGED)] == ["audio/mpeg"]


def test_what_people_call_types() -> None:
    assert declared("Text/Plain; charset=utf-8") is named("notes.txt")
    assert declared("image/jpg") is named("dir.d/photo.JPEG")
    assert declared("text/html") is declared("") is named("page.html") is named("noextension") is named(".png") is None


def test_limits() -> None:
    assert {one.content_type: one.most_bytes >> 20 for one in MEDIA if one.extensions[0] in {".png", ".pdf", ".mp4"}} == {
        "image/png": 10,
        "application/pdf": 50,
        "video/mp4": 500,
    }
