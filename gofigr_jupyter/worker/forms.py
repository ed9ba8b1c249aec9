"""All further forms of a figure; a picture that a page has drawn of it comes first, and all pictures come of that.

In: a parcel, the page's picture or None, and who draws. Out: renditions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gofigr_jupyter.records import Displayed, Parcel, Rendition


def all_forms(parcel: Parcel, picture: bytes | None, render: Callable[[Parcel], list[Rendition]]) -> list[Rendition]:
    """Every form that the parcel asks for."""
    if not parcel.formats or picture is None:
        return render(parcel) if parcel.formats else []
    shown = (*parcel.capture.displayed, Displayed("image/png", picture))
    return [Rendition("png", picture), *render(replace(parcel, capture=replace(parcel.capture, displayed=shown)))]
