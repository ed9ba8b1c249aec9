"""What an author gives by hand: the figure that is meant, and what there is of it.

In: an object of any library. Out: a Seen. May raise what the library raises.
"""

from __future__ import annotations

from typing import Any

from gofigr_jupyter.capture import anything, libraries, matplotlib
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.errors import CaptureError


def asked(given: Any) -> tuple[Any, Seen]:
    """The figure and what there is of it; axes, grids and displays stand for the figure they draw on.

    Raises CaptureError for what is no figure.
    """
    library = libraries.of_object(given)
    if library is not None and (figure := library.adapter.figure_of(given)) is not None:
        return figure, library.adapter.asked(given)
    held = matplotlib.figure_of(given)
    if held is not None:
        return held, matplotlib.asked(held)
    seen = anything.asked(given)
    if seen is None:
        known = ", ".join(library.kind for library in libraries.LIBRARIES if library.types)
        raise CaptureError(
            f"{type(given).__name__} is no figure that can be published; "
            f"give a figure of {known}, or anything that shows a picture"
        )
    return given, seen
