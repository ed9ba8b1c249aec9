"""What worker and drawing process say to each other: frames of a JSON header and raw bytes on a pipe.

The worker never unpickles what comes back, since the other side runs objects of the figure's author.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from gofigr_jupyter.capture.renditions import Wanted
from gofigr_jupyter.records import Capture, Displayed, Missing, Rendition, Source

_LENGTH = struct.Struct(">I")
_MAX_HEADER = 16_000_000
_MAX_BLOB = 1_000_000_000

Frame = tuple[dict[str, Any], list[bytes]]
Job = tuple[Capture, tuple[Wanted, ...], str, str]  # capture, wanted, link, working directory


def send(stream: BinaryIO, header: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """Write one frame. Raises OSError when the other side is gone."""
    text = json.dumps(header | {"sizes": [len(blob) for blob in blobs]}).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def receive(stream: BinaryIO) -> Frame:
    """Read one frame. Raises EOFError at the end of the stream and ValueError for what is no frame."""
    length = _LENGTH.unpack(_exactly(stream, _LENGTH.size))[0]
    if length > _MAX_HEADER:
        raise ValueError("the header of a frame is too long")
    header = json.loads(_exactly(stream, length))
    if not isinstance(header, dict) or not isinstance(header.get("sizes"), list):
        raise ValueError("not a frame")
    if any(not isinstance(size, int) or not 0 <= size <= _MAX_BLOB for size in header["sizes"]):
        raise ValueError("a frame with impossible sizes")
    return header, [_exactly(stream, size) for size in header["sizes"]]


def job_frame(capture: Capture, wanted: Sequence[Wanted], link: str, cwd: str) -> Frame:
    """A capture and what to make of it, as header and blobs."""
    source = capture.source
    header: dict[str, Any] = {
        "kind": capture.kind,
        "wanted": [asdict(item) for item in wanted],
        "link": link,
        "cwd": cwd,
        "displayed": [picture.mime_type for picture in capture.displayed],
    }
    blobs = [picture.data for picture in capture.displayed]
    if isinstance(source, Missing):
        return header | {"missing": source.reason}, blobs
    return header | {"source": source.format, "path": list(source.path)}, [*blobs, source.data]


def read_job(header: dict[str, Any], blobs: list[bytes]) -> Job:
    """The reverse of `job_frame`."""
    pictures = tuple(Displayed(mime, data) for mime, data in zip(header["displayed"], blobs, strict=False))
    if "missing" in header:
        source: Source | Missing = Missing(header["missing"])
    else:
        source = Source(header["source"], blobs[-1], path=tuple(header["path"]))
    capture = Capture(header["kind"], None, pictures, source)
    return capture, tuple(Wanted(**item) for item in header["wanted"]), header["link"], header["cwd"]


def rendition_frame(rendition: Rendition) -> Frame:
    """A rendition as header and blobs."""
    header: dict[str, Any] = {"format": rendition.format, "role": rendition.role}
    if isinstance(rendition.data, Missing):
        return header | {"missing": rendition.data.reason}, []
    return header, [rendition.data]


def read_rendition(header: dict[str, Any], blobs: list[bytes]) -> Rendition:
    """The reverse of `rendition_frame`."""
    data = Missing(str(header["missing"])) if "missing" in header else blobs[0]
    return Rendition(str(header["format"]), data, str(header["role"]))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
