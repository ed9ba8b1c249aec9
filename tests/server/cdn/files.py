"""Small files of every kind, whole and real, as tools of the trade write them."""

from __future__ import annotations

import io
import struct
import zipfile

from PIL import Image


def picture(fmt: str, size: tuple[int, int] = (8, 6)) -> bytes:
    """A picture in one of Pillow's formats."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, fmt)
    return out.getvalue()


def docx(*names: str) -> bytes:
    """A zip with these parts; a Word document with the usual ones."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names or ("[Content_Types].xml", "word/document.xml"):
            archive.writestr(name, "<w:document/>")
    return out.getvalue()


def mp4(brand: bytes = b"isom") -> bytes:
    """The beginning of a film."""
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\2\0isomiso2" + struct.pack(">I", 8) + b"mdat" + bytes(64)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + bytes(64)
FILES: dict[str, tuple[str, bytes]] = {
    "jpg": ("image/jpeg", picture("JPEG")),
    "png": ("image/png", picture("PNG")),
    "gif": ("image/gif", picture("GIF")),
    "webp": ("image/webp", picture("WEBP")),
    "svg": ("image/svg+xml", SVG),
    "pdf": ("application/pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx()),
    "txt": ("text/plain", "Grüße, plain\n".encode()),
    "md": ("text/markdown", b"# A title\n\nwords\n"),
    "mp4": ("video/mp4", mp4()),
    "mp3": ("audio/mpeg", b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + b"\xff\xfb\x90\x00" + bytes(200)),
    "webm": ("video/webm", WEBM),
}
