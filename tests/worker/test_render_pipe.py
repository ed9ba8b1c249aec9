"""What goes through the pipe comes out the same, and what is no frame is refused."""

from __future__ import annotations

import io

import pytest

from gofigr_jupyter.capture.renditions import Wanted
from gofigr_jupyter.records import Capture, Displayed, Missing, Rendition, Source
from gofigr_jupyter.worker import render_pipe as pipe

WANTED = (Wanted("svg"), Wanted("webp", "thumbnail"))


@pytest.mark.parametrize("source", [Missing("Größe"), Source("pickle", b"\x00\xff", path=("/a", ""))])
@pytest.mark.parametrize("displayed", [(), (Displayed("image/png", b"1"), Displayed("image/svg+xml", b"22"))])
def test_jobs_arrive_whole(source, displayed):
    capture = Capture("matplotlib", None, displayed, source)
    stream = io.BytesIO()
    pipe.send(stream, *pipe.job_frame(capture, WANTED, "link", "/home"))
    stream.seek(0)
    assert pipe.read_job(*pipe.receive(stream)) == (capture, WANTED, "link", "/home")


@pytest.mark.parametrize(
    "rendition", [Rendition("svg", b"<svg/>"), Rendition("png", b"", "watermark"), Rendition("pdf", Missing("no"))]
)
def test_renditions_arrive_whole(rendition):
    stream = io.BytesIO()
    pipe.send(stream, *pipe.rendition_frame(rendition))
    stream.seek(0)
    assert pipe.read_rendition(*pipe.receive(stream)) == rendition


def frame(header: bytes) -> bytes:
    return len(header).to_bytes(4, "big") + header


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EOFError),
        (b"\x00\x00", EOFError),
        (frame(b'{"sizes": [5]}') + b"123", EOFError),
        (b"\xff\xff\xff\xff", ValueError),
        (frame(b"nonsense"), ValueError),
        (frame(b"[]"), ValueError),
        (frame(b"{}"), ValueError),
        (frame(b'{"sizes": [-1]}'), ValueError),
        (frame(b'{"sizes": [99999999999]}'), ValueError),
    ],
)
def test_what_is_no_frame_is_refused(data, error):
    with pytest.raises(error):
        pipe.receive(io.BytesIO(data))
