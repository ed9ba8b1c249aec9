"""What a file is said to be, and what it is: the two must agree, and its name with both."""

from __future__ import annotations

import random

import pytest

from gofigr_jupyter.media import MEDIA, TXT
from gofigr_jupyter.server.cdn.sniffing import Sniffer
from tests.server.cdn.conftest import Program, refused
from tests.server.cdn.files import FILES, SVG, docx, mp4, picture

UNSUPPORTED = "File type not supported"
ALIKE = ({"txt", "md"},)


def sniffed(content: bytes, piece: int = 1 << 20) -> set[str]:
    """The endings that bytes may have."""
    sniffer = Sniffer(TXT)
    for start in range(0, len(content), piece):
        sniffer.feed(content[start : start + piece])
    return {kind.extensions[0].removeprefix(".") for kind in sniffer.kinds()}


@pytest.mark.parametrize("ending", FILES)
@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_each_is_what_it_is(ending: str, piece: int) -> None:
    expected = next((them for them in ALIKE if ending in them), {ending})
    assert sniffed(FILES[ending][1], piece) == expected


@pytest.mark.parametrize("said", FILES)
def test_none_passes_for_another(program: Program, said: str) -> None:
    kind = FILES[said][0]
    for ending, (_, content) in FILES.items():
        if ending == said or {ending, said} in ALIKE:
            continue
        target = program.target(f"file.{said}", kind)
        refused(program.put(target, content, kind), 400, UNSUPPORTED)
        assert program.client.get(target["cdnUrl"]).status_code == 404


@pytest.mark.parametrize("said", FILES)
def test_name_and_type_must_agree(program: Program, said: str) -> None:
    for ending, (kind, _) in FILES.items():
        if ending != said:
            refused(program.ask(f"file.{said}", kind), 400, UNSUPPORTED)
            refused(program.put(program.target(f"file.{said}", FILES[said][0]), FILES[said][1], kind), 400, UNSUPPORTED)


@pytest.mark.parametrize(
    "kind",
    ["text/html", "application/javascript", "application/x-msdownload", "image/tiff", "image/avif", "video/quicktime", "x", "image", "*/*", "text/html; image/png", "a" * 300],
)
@pytest.mark.parametrize("name", ["a.png", "a.html", "a"])
def test_other_types(program: Program, kind: str, name: str) -> None:
    refused(program.ask(name, kind), 400, UNSUPPORTED)


def test_what_browsers_say_otherwise(program: Program) -> None:
    for name, kind, ending in (
        ("A.JPG", "image/jpg", "jpg"),
        ("a.jpeg", "IMAGE/JPEG", "jpg"),
        ("a.md", "", "md"),
        ("a.markdown", "application/octet-stream", "md"),
        ("a.txt", "text/plain; charset=utf-8", "txt"),
        ("a.mp3", "audio/mp3", "mp3"),
    ):
        target = program.target(name, kind)
        assert program.put(target, FILES[ending][1], kind).status_code == 200
        assert program.client.get(target["cdnUrl"]).headers["content-type"].partition(";")[0] == FILES[ending][0]
    refused(program.ask("a.exe", ""), 400, UNSUPPORTED)
    refused(program.ask("a", ""), 400, UNSUPPORTED)
    assert program.target("image", "image/png")["key"].endswith("/image.png"), "the ending that it lacks"
    target = program.target("a.png", "image/png")
    assert program.put(target, FILES["png"][1]).status_code == 200, "without a content type, as `curl -T` sends it"


@pytest.mark.parametrize(
    "content",
    [
        docx("xl/workbook.xml"),
        docx("ppt/presentation.xml", "[Content_Types].xml"),
        b"PK\x03\x04",
        b"PK\x03\x04" + b"PK\x05\x06" + b"\xff" * 18,
        mp4(b"avif"),
        mp4(b"heic"),
        mp4(b"qt  "),
        mp4()[:10],
        FILES["webm"][1].replace(b"webm", b"matr"),
        b"\xff\xd8",
        picture("PNG")[:9],
        picture("TIFF"),
        picture("BMP"),
        b"\xff\xfe" + "utf-16".encode("utf-16-le"),
        b"text with \0 in it",
        "latin-1: é.".encode("latin-1"),
        b"\x7fELF" + bytes(90),
        b"MZ\x90\0",
        b"\xff\xe1\xff\xff",
    ],
)
def test_what_is_nothing_of_ours(content: bytes) -> None:
    assert sniffed(content) == set()


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"\xef\xbb\xbf \n",
        b'<?xml version="1.0" encoding="utf-8"?>\n<!-- made by hand -->\n',
        b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">\n',
        b'<!DOCTYPE svg [ <!ENTITY a "b>c"> ]>',
    ],
)
def test_svg_begins_in_many_ways(start: bytes) -> None:
    assert sniffed(start + SVG) == {"svg"}
    assert sniffed(start + b"<s:svg xmlns:s='http://www.w3.org/2000/svg'/>") == {"svg"}
    assert sniffed(start + b"<html><svg/></html>") == {"txt", "md"}


def test_nothing_takes_long() -> None:
    for content in (b"<!---->" * 200_000, b"<!DOCTYPE [" * 100_000, b"<" * 900_000, b"PK\x03\x04" + b"PK\x01\x02" * 200_000 + b"PK\x05\x06" + bytes(18)):
        sniffed(content)


def test_random_bytes_raise_nothing() -> None:
    chance = random.Random(1)  # noqa: S311 - the same in every run
    starts = [content[:40] for _, content in FILES.values()]
    for _ in range(3000):
        content = chance.choice(starts)[: chance.randrange(41)] + chance.randbytes(chance.randrange(60))
        sniffed(content, chance.choice((1, 16, 100)))


def test_every_kind_has_a_file_here() -> None:
    assert {kind.extensions[0].removeprefix(".") for kind in MEDIA} == set(FILES)
