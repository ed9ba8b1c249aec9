"""A mark into PNG, JPEG, GIF and WebP: one more chunk between those that are there, and not a byte of the picture else.

In: a file's bytes and a mark. Out: the file with the mark. Raises ValueError for what is not built as it should be;
XMP of others is never replaced, then ours stands in a comment.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from gofigr_jupyter.embedding.mark import NAMESPACE, Mark, packet

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
_XMP_KEYWORD = b"XML:com.adobe.xmp\0"
_OWN_KEYWORD = b"GoFigr\0"
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
_MOST_PIECES = 100_000

Span = tuple[bytes, int, int]  # what it is, where it begins, where it ends

# ---------------------------------------------------------------- PNG


def into_png(data: bytes, mark: Mark) -> bytes:
    """Two text chunks after the header: the link under the standard keyword `Source`, and the XMP packet."""
    chunks = list(_png_chunks(data))
    if not chunks or chunks[0] != (b"IHDR", 8, 33) or chunks[-1][0] != b"IEND":
        raise ValueError("not a whole PNG")
    ours = [one for one in chunks if one[0] == b"iTXt" and NAMESPACE in data[one[1] : one[2]]]
    if ours:  # a mark of before: its link goes, too
        ours += [one for one in chunks if one[0] == b"tEXt" and data.startswith(b"Source\0http", one[1] + 8)]
    is_foreign = any(
        kind == b"iTXt" and data.startswith(_XMP_KEYWORD, at + 8) and (kind, at, end) not in ours
        for kind, at, end in chunks
    )
    keyword = _OWN_KEYWORD if is_foreign else _XMP_KEYWORD
    added = _chunk(b"iTXt", keyword + b"\0\0\0\0" + packet(mark))
    if mark.link.isascii():
        added = _chunk(b"tEXt", b"Source\0" + mark.link.encode("ascii")) + added
    return data[:33] + added + _without(data, 33, ours)


def _png_chunks(data: bytes) -> Iterator[Span]:
    at = len(PNG)
    for _ in range(_MOST_PIECES):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if at + 12 > len(data) or end > len(data):
            return
        kind = data[at + 4 : at + 8]
        yield kind, at, end
        if kind == b"IEND":
            return
        at = end


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _without(data: bytes, start: int, spans: list[Span]) -> bytes:
    """What follows `start`, without some pieces."""
    kept = []
    for _, at, end in sorted(spans, key=lambda one: one[1]):
        kept.append(data[start:at])
        start = end
    return b"".join([*kept, data[start:]])


# ---------------------------------------------------------------- JPEG


def into_jpeg(data: bytes, mark: Mark) -> bytes:
    """An XMP segment after those that have to come first."""
    segments = list(_jpeg_segments(data))
    ours = [one for one in segments if NAMESPACE in data[one[1] : one[2]]]
    is_foreign = any(data.startswith(_XMP_SEGMENT, at + 4) for kind, at, end in segments if (kind, at, end) not in ours)
    content = packet(mark) if is_foreign else _XMP_SEGMENT + packet(mark)
    added = (b"\xff\xfe" if is_foreign else b"\xff\xe1") + struct.pack(">H", len(content) + 2) + content
    place = 2
    for kind, at, end in segments:  # JFIF and Exif each claim the first place
        if kind == b"\xe0" or (kind == b"\xe1" and data.startswith(b"Exif\0", at + 4)):
            place = end
    return (
        _without(data[:place], 0, [one for one in ours if one[1] < place])
        + added
        + _without(data, place, [one for one in ours if one[1] >= place])
    )


def _jpeg_segments(data: bytes) -> Iterator[Span]:
    """The segments before the picture that only tell about it."""
    at = 2
    while data[at : at + 1] == b"\xff" and (0xE0 <= data[at + 1] <= 0xEF or data[at + 1] == 0xFE):
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data) or end < at + 4:
            raise ValueError("not a whole JPEG")
        yield data[at + 1 : at + 2], at, end
        at = end


# ---------------------------------------------------------------- GIF


def into_gif(data: bytes, mark: Mark) -> bytes:
    """An application extension before the trailer; its odd end makes decoders skip the text, as XMP asks for."""
    if data[:6] not in {b"GIF87a", b"GIF89a"} or data[-1:] != b";":
        raise ValueError("not a whole GIF")
    ramp = bytes([1, *range(255, -1, -1), 0])
    return b"GIF89a" + data[6:-1] + b"\x21\xff\x0bXMP DataXMP" + packet(mark) + ramp + b";"


# ---------------------------------------------------------------- WebP


def into_webp(data: bytes, mark: Mark) -> bytes:
    """A chunk at the end; a simple file becomes an extended one with the same picture in it."""
    chunks = list(_webp_chunks(data))
    if not chunks:
        raise ValueError("not a WebP")
    content = {kind: (at, end) for kind, at, end in chunks}
    if b"XMP " in content and NAMESPACE not in data[slice(*content[b"XMP "])]:
        raise ValueError("it has XMP of its own")
    body = [data[at:end] + b"\0" * (end - at & 1) for kind, at, end in chunks if kind not in {b"XMP ", b"VP8X"}]
    text = packet(mark)
    body.append(b"XMP " + struct.pack("<I", len(text)) + text + b"\0" * (len(text) & 1))
    whole = b"WEBP" + _webp_head(data, chunks[0]) + b"".join(body)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _webp_chunks(data: bytes) -> Iterator[Span]:
    at, last = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    for _ in range(_MOST_PIECES):
        if at + 8 > last:
            return
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if end > last:
            raise ValueError("not a whole WebP")
        yield data[at : at + 4], at, end
        at = end + (end - at & 1)


def _webp_head(data: bytes, first: Span) -> bytes:
    """The chunk that says what kinds of chunks there are, with XMP among them."""
    kind, at, _ = first
    body = data[at + 8 : at + 18]
    if kind == b"VP8X":
        flags, size = body[0], body[4:10]
    elif kind == b"VP8L" and body[:1] == b"\x2f":
        bits = int.from_bytes(body[1:5], "little")
        flags, size = (bits >> 28 & 1) << 4, _sides(bits & 0x3FFF, bits >> 14 & 0x3FFF)
    elif kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        flags, size = 0, _sides((width & 0x3FFF) - 1, (height & 0x3FFF) - 1)
    else:
        raise ValueError("an unknown kind of WebP")
    return b"VP8X" + struct.pack("<I", 10) + bytes([flags | 4, 0, 0, 0]) + size


def _sides(width: int, height: int) -> bytes:
    return width.to_bytes(3, "little") + height.to_bytes(3, "little")
