"""A figure as one picture, for places where only pictures are shown.

In: what was seen of a figure. Out: bytes of a picture. For scripts and threads of ours: drawing may take seconds.
"""

from __future__ import annotations

from gofigr_jupyter.capture import mime, pictures
from gofigr_jupyter.capture.renditions import Wanted, renditions
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.errors import CaptureError
from gofigr_jupyter.records import Capture, Missing, Source


def still(seen: Seen) -> bytes:
    """One picture of a figure: the very bytes that were shown, as PNG if there is one, else a PNG that is drawn now.

    Drawing may take seconds, and needs what the worker's drawing needs. Raises CaptureError where there is none.
    """
    shown = [one for one in seen.displayed if one.mime_type in mime.PICTURES]
    exact = next((one for one in shown if one.mime_type == "image/png"), None) or pictures.raster(shown)
    if exact is not None or shown:
        return (exact or shown[0]).data
    source = seen.source
    if isinstance(source, Source) and source.format == "pickle":  # drawing it would change this session's settings
        raise CaptureError("no picture of this figure was made; save it to a file first")
    capture = Capture(seen.kind, seen.title, seen.displayed, source)
    drawn = next(renditions(capture, [Wanted("png")], "")).data
    if isinstance(drawn, Missing):
        raise CaptureError(f"there is no picture of this figure: {drawn.reason}")
    return drawn
