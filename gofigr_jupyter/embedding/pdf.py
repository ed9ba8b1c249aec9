"""A mark into PDF, by an incremental update: the file as it is, and after it two changed objects and where they stand.

In: a file's bytes and a mark. Out: the file with the mark in its document information and, where it has no XMP, as XMP.
What is built in a way that this does not know gets the mark as a comment: every PDF can have that. Raises ValueError
for what is no PDF.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gofigr_jupyter.embedding.mark import Mark, packet

_TAIL = 2048  # where the end of a PDF has to be
_MOST_DICTIONARY = 1 << 16
_LAST_OBJECT = 8_388_606  # readers take no higher numbers
_START = re.compile(rb"startxref\s{1,9}(\d{1,12})\s{0,9}%%EOF")
_REFERENCE = re.compile(rb"(\d{1,7})\s+(\d{1,5})\s+R")
_TOKEN = re.compile(
    rb"[\0\t\n\f\r ]+|%[^\r\n]*|<<|>>|[\[\]]|/[^\0\t\n\f\r ()<>\[\]{}/%]*|<[0-9A-Fa-f\s]*>|[^\0\t\n\f\r ()<>\[\]{}/%]+"
)
_STRING = re.compile(rb"[^()\\]*(?:\\.[^()\\]*)*", re.DOTALL)

Dictionary = Mapping[bytes, bytes]  # from names with their slash to values as they are written


@dataclass(frozen=True, slots=True)
class _End:
    """What the end of a file says: its trailer, where its cross-references begin, whether they are a stream."""

    trailer: Dictionary
    at: int
    is_stream: bool


@dataclass(frozen=True, slots=True)
class _Object:
    number: int
    generation: int
    content: bytes


def into_pdf(data: bytes, mark: Mark) -> bytes:
    """The file with the mark."""
    starts = list(_START.finditer(data, max(0, len(data) - _TAIL)))
    if not data.startswith(b"%PDF-") or not starts:
        raise ValueError("not a whole PDF")
    text = _comment(mark)
    try:
        end = _end(data, int(starts[-1][1]))
        objects, is_noted = _changed(data, end, mark)
    except (ValueError, KeyError):
        return b"%b\n%bstartxref\n%b\n%%%%EOF\n" % (data.rstrip(b"\r\n"), text, starts[-1][1])
    return _updated(data.rstrip(b"\r\n") + b"\n" + (b"" if is_noted else text), end, objects)


def _comment(mark: Mark) -> bytes:
    return b"".join(b"%% %b\n" % line for line in packet(mark).splitlines())


# ---------------------------------------------------------------- what is to be changed


def _changed(data: bytes, end: _End, mark: Mark) -> tuple[list[_Object], bool]:
    """The document information with the link in it, and the catalog with an XMP stream; whether that could be had."""
    size = int(end.trailer[b"/Size"])
    if b"/Encrypt" in end.trailer or not 0 < size < _LAST_OBJECT - 3:
        raise ValueError("not a PDF that this can change")
    objects = []
    number, generation, information = _information(data, end, size)
    noted = {
        b"/GofigrLink": _text(mark.link),
        b"/GofigrRevision": _text(mark.revision),
    }
    if b"/Subject" not in information:
        noted[b"/Subject"] = _text(f"Code, data and history of this figure: {mark.link}")
    objects.append(_Object(number, generation, _written({**information, **noted})))
    catalog = _referred(data, end.trailer.get(b"/Root", b""))
    if catalog is None or catalog[2].get(b"/Type") != b"/Catalog" or b"/Metadata" in catalog[2]:
        return objects, False
    text, free = packet(mark), max(size, number + 1)
    stream = b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%b\nendstream" % (len(text), text)
    objects.append(_Object(free, 0, stream))
    with_stream = {**catalog[2], b"/Metadata": b"%d 0 R" % free}
    objects.append(_Object(catalog[0], catalog[1], _written(with_stream)))
    return objects, True


def _information(data: bytes, end: _End, size: int) -> tuple[int, int, Dictionary]:
    """The document information: number, generation and what stands in it; a new one where there is none."""
    reference = end.trailer.get(b"/Info")
    if reference is None:
        return size, 0, {}
    known = _referred(data, reference)
    if known is None:
        raise ValueError("the document information is packed away")
    return known


def _referred(data: bytes, reference: bytes) -> tuple[int, int, Dictionary] | None:
    """A dictionary by its reference; the last object of its number counts. None where it stands packed in a stream."""
    match = _REFERENCE.fullmatch(reference.strip())
    if match is None:
        return None
    number, generation = int(match[1]), int(match[2])
    found = None
    for found in re.finditer(rb"(?<![0-9])%d\s+%d\s+obj\b" % (number, generation), data):  # noqa: B007 - the last one
        pass
    return None if found is None else (number, generation, _dictionary(data, found.end()))


def _text(text: str) -> bytes:
    """A text as PDF has it: plain where it is ASCII, else UTF-16."""
    if text.isascii():
        return b"(%b)" % re.sub(rb"([\\()])", rb"\\\1", text.encode("ascii"))
    return b"<%b>" % ("\ufeff" + text).encode("utf-16-be", "replace").hex().upper().encode()


def _written(values: Dictionary) -> bytes:
    return b"<< %b >>" % b" ".join(b"%b %b" % pair for pair in values.items())


# ---------------------------------------------------------------- where it stands


def _updated(data: bytes, end: _End, objects: list[_Object]) -> bytes:
    """The file with further objects and their cross-references, in the manner of those that it has."""
    whole, places = bytearray(data), {}
    for one in objects:
        places[one.number] = (len(whole), one.generation)
        whole += b"%d %d obj\n%b\nendobj\n" % (one.number, one.generation, one.content)
    at, size = len(whole), max(int(end.trailer[b"/Size"]), max(places) + 1)
    left_out = {b"/Prev", b"/XRefStm", b"/Size", b"/Info", b"/Type", b"/W", b"/Index", b"/Length", b"/Filter"}
    trailer = {name: value for name, value in end.trailer.items() if name not in {*left_out, b"/DecodeParms"}}
    trailer |= {b"/Size": b"%d" % size, b"/Prev": b"%d" % end.at}
    trailer[b"/Info"] = b"%d %d R" % (objects[0].number, objects[0].generation)
    if end.is_stream:
        places[size] = (at, 0)
        whole += _reference_stream(size, places, trailer)
    else:
        whole += b"xref\n"
        for number, (place, generation) in sorted(places.items()):
            whole += b"%d 1\n%010d %05d n \n" % (number, place, generation)
        whole += b"trailer\n%b\n" % _written(trailer)
    return bytes(whole) + b"startxref\n%d\n%%%%EOF\n" % at


def _reference_stream(number: int, places: Mapping[int, tuple[int, int]], trailer: Dictionary) -> bytes:
    rows = b"".join(struct.pack(">BQH", 1, *place) for _, place in sorted(places.items()))
    index = b"[%b]" % b" ".join(b"%d 1" % one for one in sorted(places))
    head = {b"/Type": b"/XRef", b"/W": b"[1 8 2]", b"/Index": index, b"/Length": b"%d" % len(rows)}
    written = _written({**trailer, b"/Size": b"%d" % (number + 1), **head})
    return b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, written, rows)


def _end(data: bytes, at: int) -> _End:
    """The trailer, behind a table of cross-references or in the head of a stream of them."""
    if data.startswith(b"xref", at):
        place = data.find(b"trailer", at)
        if place < 0:
            raise ValueError("no trailer")
        return _End(_dictionary(data, place + len(b"trailer")), at, is_stream=False)
    match = re.compile(rb"\s*\d+\s+\d+\s+obj\b").match(data, at)
    if match is None:
        raise ValueError("no cross-references")
    trailer = _dictionary(data, match.end())
    if trailer.get(b"/Type") != b"/XRef":
        raise ValueError("no cross-references")
    return _End(trailer, at, is_stream=True)


# ---------------------------------------------------------------- PDF's own notation


def _dictionary(data: bytes, at: int) -> Dictionary:
    """The dictionary that begins at this place, its values unread. Raises ValueError, also for a very long one."""
    items = list(_items(data, at))
    values: dict[bytes, bytes] = {}
    while items:
        name = items.pop(0)
        if not name.startswith(b"/") or not items:
            raise ValueError("not a dictionary")
        count = 3 if len(items) > 2 and items[2] == b"R" and items[0].isdigit() and items[1].isdigit() else 1
        values[name] = b" ".join(items[:count])
        del items[:count]
    return values


def _items(data: bytes, at: int) -> Iterator[bytes]:
    """What stands between `<<` and `>>`; whatever is nested comes as one piece."""
    depth, begun = 0, at
    for token, start, end in _tokens(data, at, at + _MOST_DICTIONARY):
        if depth == 0 and token != b"<<":
            raise ValueError("not a dictionary")
        if token in {b"<<", b"["}:
            depth += 1
            if depth == 2:
                begun = start
        elif token in {b">>", b"]"}:
            depth -= 1
            if depth == 0:
                return
            if depth == 1:
                yield data[begun:end]
        elif depth == 1:
            yield token
    raise ValueError("a dictionary without end")


def _tokens(data: bytes, at: int, last: int) -> Iterator[tuple[bytes, int, int]]:
    while at < min(last, len(data)):
        if data.startswith(b"(", at):
            end = _string_end(data, at, last)
        else:
            match = _TOKEN.match(data, at, last)
            if match is None:
                raise ValueError("not a token")
            end = match.end()
        token = data[at:end]
        if not token.startswith(b"%") and token.strip(b"\0\t\n\f\r "):
            yield token, at, end
        at = end


def _string_end(data: bytes, at: int, last: int) -> int:
    depth = 0
    while at < last:
        match = _STRING.match(data, at, last)
        at = match.end() if match else at
        depth += {b"(": 1, b")": -1}.get(data[at : at + 1], 0)
        at += 1
        if depth == 0:
            return at
    raise ValueError("a string without end")
