"""Files that end too soon are refused, whole ones never: whatever tool wrote them, and whatever it put behind the end."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image

from gofigr_jupyter import media
from gofigr_jupyter.server.cdn.sniffing import HALF, Sniffer
from gofigr_jupyter.server.cdn.wholeness import TORN
from tests.server.cdn.conftest import Program, refused
from tests.server.cdn.files import FILES, SVG

NOISE = Image.effect_noise((60, 40), 80)
XML = b'<svg xmlns="http://www.w3.org/2000/svg">'


def saved(mode: str, fmt: str, **options: object) -> bytes:
    out = io.BytesIO()
    NOISE.convert(mode).save(out, fmt, **options)
    return out.getvalue()


def moving(fmt: str, **options: object) -> bytes:
    frames = [NOISE.rotate(turn).convert("RGB") for turn in (9, 18)]
    return saved("RGB", fmt, save_all=True, append_images=frames, **options)


def box(name: bytes, content: bytes, *, long: bool = False) -> bytes:
    size = len(content) + 8
    return (struct.pack(">I4sQ", 1, name, size + 8) if long else struct.pack(">I4s", size, name)) + content


def element(name: str, content: bytes, *, unknown: bool = False) -> bytes:
    size = b"\x01" + b"\xff" * 7 if unknown else struct.pack(">Q", 1 << 56 | len(content))
    return bytes.fromhex(name) + size + content


HEAD = box(b"ftyp", b"isom\0\0\2\0isomiso2")
FRAGMENT = box(b"moof", bytes(40)) + box(b"mdat", b"\xff" * 99)
EBML = element("1a45dfa3", b"\x42\x82\x84webm")
CLUSTER = element("e7", b"\1") + element("a3", b"\xa3" * 99) + element("a3", bytes(30))
PARTS = element("1549a966", bytes(20)) + element("1654ae6b", bytes(50))
PDF = FILES["pdf"][1]


def word(**options: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:  # type: ignore[call-overload]
        archive.writestr("[Content_Types].xml", "<Types>wordprocessingml</Types>")
        archive.writestr("word/embeddings/table.docx", FILES["docx"][1])  # has an end of its own
        archive.writestr("word/document.xml", "<w:document/>" * 9)
    return out.getvalue()


# What may be cut off at the end without harm is behind the bar.
WHOLE: dict[str, tuple[str, bytes, bytes]] = {
    "png": ("png", saved("RGB", "PNG"), b""),
    "png of a palette": ("png", saved("P", "PNG"), b"behind"),
    "png that moves": ("png", moving("PNG"), b""),
    "gif": ("gif", saved("P", "GIF", comment="x" * 300), b""),
    "gif in steps": ("gif", saved("L", "GIF", interlace=1), b"\0\0"),
    "gif that moves": ("gif", moving("GIF"), b""),
    "jpeg": ("jpg", saved("RGB", "JPEG", comment=b"\xff\xd9 in a comment"), b""),
    "jpeg in steps": ("jpg", saved("RGB", "JPEG", progressive=True, restart_marker_rows=1), b"\0" * 9),
    "jpeg for print": ("jpg", saved("CMYK", "JPEG", quality=95), b""),
    "jpeg with another": ("jpg", saved("RGB", "JPEG"), saved("L", "JPEG")),
    "webp": ("webp", saved("RGB", "WEBP"), b""),
    "webp that moves": ("webp", moving("WEBP", lossless=True), b""),
    "svg": ("svg", SVG, b"\n<!-- behind -->\n"),
    "svg with all": ("svg", b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'it>s'><!-- do -->]>" + XML + b"<style><![CDATA[a > b </svg>]]></style><svg x='/>' y=\">\"/><g><svg></svg></g></svg >", b""),
    "svg that is empty": ("svg", XML[:-1] + b"/>", b""),
    "pdf": ("pdf", PDF.rstrip(), b"\n"),
    "pdf that was added to": ("pdf", PDF + b"2 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF", b"\0" * 2000),
    "docx": ("docx", word(), b""),
    "docx that is packed": ("docx", word(compression=zipfile.ZIP_DEFLATED), b""),
    "mp4": ("mp4", HEAD + box(b"mdat", b"\xff" * 99, long=True) + box(b"moov", bytes(50)), b""),
    "mp4 for the web": ("mp4", HEAD + box(b"moov", bytes(50)) + box(b"mdat", bytes(99)), b""),
    "webm": ("webm", EBML + element("18538067", PARTS + element("1f43b675", CLUSTER)), b""),
}


def looked(ending: str, content: bytes, piece: int = 1 << 20) -> str | None:
    """What is wrong with a file, if anything is."""
    kind = media.named(f"a.{ending}")
    assert kind is not None
    sniffer = Sniffer(kind)
    for start in range(0, len(content), piece):
        sniffer.feed(content[start : start + piece])
    return sniffer.problem if kind in sniffer.kinds() else "another type"


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_whole_files(name: str, piece: int) -> None:
    ending, content, behind = WHOLE[name]
    assert looked(ending, content, piece) is None
    assert looked(ending, content + behind, piece) is None


@pytest.mark.parametrize("name", WHOLE)
def test_none_may_end_sooner(name: str) -> None:
    ending, content, _ = WHOLE[name]
    for size in {*range(60, len(content), max(1, len(content) // 70)), len(content) - 1, len(content) - 2}:
        if ending == "mp4" and size in {len(HEAD), len(HEAD) + 58, len(HEAD) + 115}:
            continue  # between two boxes
        assert looked(ending, content[:size]), size


@pytest.mark.parametrize(
    ("ending", "parts"),
    [
        ("mp4", [HEAD + box(b"moov", bytes(50)), FRAGMENT, FRAGMENT]),
        ("mp4", [HEAD, box(b"moov", bytes(50)), struct.pack(">I", 0) + b"mdat" + bytes(99)]),
        ("webm", [EBML + element("18538067", PARTS, unknown=True), element("1f43b675", CLUSTER), element("1f43b675", CLUSTER, unknown=True)]),
    ],
)
def test_a_stream_may_end_after_any_part(ending: str, parts: list[bytes]) -> None:
    for count in range(1, len(parts) + 1):
        assert looked(ending, b"".join(parts[:count]), 7) is None
        assert looked(ending, b"".join(parts[:count])[:-1], 7) in {None if b"\0\0\0\0mdat" in parts[count - 1] else TORN}


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "webp", "svg", "pdf", "docx"])
@pytest.mark.parametrize("share", [0.7, 0.95])
def test_the_sender_is_told(program: Program, ending: str, share: float) -> None:
    kind, content = FILES[ending]
    target = program.target(f"a.{ending}", kind)
    refused(program.put(target, content.rstrip()[: int(len(content) * share)], kind), 400, TORN)
    refused(program.client.get(target["cdnUrl"]), 404)
    assert program.put(target, content, kind).status_code == 200


def test_half_a_letter() -> None:
    for ending in ("txt", "md", "svg"):
        assert looked(ending, SVG + "é".encode()[:-1] if ending == "svg" else "é".encode()[:-1]) == HALF


def test_zips_that_are_no_longer_any() -> None:
    for content in (word() + b"x" * 70_000, word()[:-1], word()[: len(word()) // 2]):
        assert looked("docx", content) == TORN


def nested(depth: int) -> bytes:
    return XML + b"<g>" * depth + b"</g>" * depth + b"</svg>"


LAUGHS = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + XML + b"&b;</svg>"


def test_svg_that_harms_who_opens_it(program: Program) -> None:
    assert looked("svg", nested(900)) is None
    for content, told in ((nested(5000), "within one another"), (LAUGHS, "entities in entities"), (LAUGHS.replace(b"&a;", b"%a;"), "entities")):
        target = program.target("a.svg", "image/svg+xml")
        assert told in refused(program.put(target, content, "image/svg+xml"), 400)
        refused(program.client.get(target["cdnUrl"]), 404)


SMALLEST: dict[str, Callable[[int], bytes]] = {
    "png": lambda size: FILES["png"][1][:33] + b"\0\0\0\0aaaa\0\0\0\0" * (size // 12),
    "gif": lambda size: FILES["gif"][1][:13] + b"\x21\xfe" + b"\1a" * (size // 2),
    "jpg": lambda size: b"\xff\xd8" + b"\xff\xe0\0\2" * (size // 4),
    "svg": lambda size: XML + b"<a/>" * (size // 4),
    "mp4": lambda size: HEAD + box(b"free", b"") * (size // 8),
    "webm": lambda size: EBML + element("18538067", b"", unknown=True) + b"\xec\x80" * (size // 2),
    "pdf": lambda size: b"%PDF-1.4" + b" obj" * (size // 4),
    "docx": lambda size: FILES["docx"][1] + b"PK\x05\x06" * (size // 4),
}


@pytest.mark.parametrize("ending", SMALLEST)
def test_countless_parts_are_not_counted_for_ever(ending: str) -> None:
    content = SMALLEST[ending](2 << 20)
    looked(ending, content)
