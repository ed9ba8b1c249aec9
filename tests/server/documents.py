"""Notebooks, presentations and texts for tests, made of their parts."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import segno
from PIL import Image

RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PRESENTATION = "http://schemas.openxmlformats.org/presentationml/2006/main"


def png(colour: str = "teal", size: int = 8) -> bytes:
    """A picture."""
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, "PNG")
    return out.getvalue()


def with_code(text: str) -> bytes:
    """A figure with a QR code in its corner, as the watermark has it."""
    code = io.BytesIO()
    segno.make(text).save(code, kind="png", scale=2, border=2)
    picture = Image.new("RGB", (400, 300), "white")
    picture.paste(Image.open(code), (300, 200))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def cell(source: str, *outputs: Mapping[str, Any], cell_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """A code cell whose outputs are MIME bundles."""
    shown = [{"output_type": "display_data", "data": dict(one), "metadata": {}} for one in outputs]
    made = {"cell_type": "code", "source": source, "outputs": shown, "metadata": {}, "execution_count": 3} | fields
    return made | ({"id": cell_id} if cell_id else {})


def notebook(*cells: Mapping[str, Any]) -> str:
    """A notebook of version 4."""
    info = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": info, "cells": list(cells)})


def shown(picture: bytes, *, lines: bool = True) -> dict[str, Any]:
    """A PNG as notebooks keep it."""
    text = base64.b64encode(picture).decode()
    return {"image/png": text + "\n" if lines else [text[:20], text[20:]], "text/plain": ["<Figure>"]}


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return out.getvalue()


def relations(targets: Mapping[str, str]) -> str:
    """A part that says what another refers to."""
    entries = "".join(f'<Relationship Id="{one}" Type="x" Target="{target}"/>' for one, target in targets.items())
    return f'<?xml version="1.0"?><Relationships xmlns="{RELATIONSHIPS}">{entries}</Relationships>'


def presentation(slides: Sequence[Sequence[str]], media: Mapping[str, bytes]) -> bytes:
    """Slides, each with the names of its pictures; they are numbered backwards inside, as PowerPoint may do it."""
    count = len(slides)
    parts: dict[str, str | bytes] = {f"ppt/media/{name}": content for name, content in media.items()}
    order = {f"r{number}": f"slides/slide{count - number}.xml" for number in range(count)}
    listed = "".join(f'<p:sldId r:id="{one}"/>' for one in order)
    parts["[Content_Types].xml"] = "<Types/>"
    parts["ppt/presentation.xml"] = (
        f'<p:presentation xmlns:p="{PRESENTATION}" xmlns:r="{OFFICE}"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>'
    )
    parts["ppt/_rels/presentation.xml.rels"] = relations(order)
    for number, pictures in enumerate(slides):
        name = f"slide{count - number}.xml"
        parts[f"ppt/slides/{name}"] = "<slide/>"
        parts[f"ppt/slides/_rels/{name}.rels"] = relations(
            {f"p{i}": f"../media/{one}" for i, one in enumerate(pictures)}
        )
    return archive(parts)


def text_document(media: Mapping[str, bytes]) -> bytes:
    """A Word document with pictures."""
    parts: dict[str, str | bytes] = {f"word/media/{name}": content for name, content in media.items()}
    return archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"} | parts)


def word(*paragraphs: str | tuple[str, str], wrap: str = "{}") -> bytes:
    """A Word document of paragraphs, each a text or a style and a text; `wrap` is what the body stands in."""
    body = "".join(_paragraph(*(("", one) if isinstance(one, str) else one)) for one in paragraphs)
    whole = f'<w:document xmlns:w="{WORD}"><w:body>{wrap.format(body)}</w:body></w:document>'
    return archive({"[Content_Types].xml": "<Types/>", "word/document.xml": whole})


def _paragraph(style: str, text: str) -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    half = len(text) // 2  # as Word has it: a run ends anywhere
    runs = "".join(f"<w:r><w:t>{escape(part)}</w:t></w:r>" for part in (text[:half], text[half:]))
    return f"<w:p>{look}{runs}</w:p>"


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text for each line of each page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for page in pages:
        lines = "".join(f"({line}) Tj 0 -14 Td " for line in page.splitlines())
        stream = f"BT /F1 12 Tf 72 720 Td {lines} ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        resources = f"/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R {resources} >>")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
    return out + f"{start}<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n".encode()
