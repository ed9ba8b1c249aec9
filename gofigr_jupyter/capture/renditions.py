"""Capture to Renditions: which further forms a figure gets, in which order, and each of them in turn.

In: a Capture, the wanted formats, the link for the watermark. Out: one Rendition for each planned form.
Quick forms come first, so that a slow one costs the others nothing. For the worker and its child process.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gofigr_jupyter.capture import fingerprint, libraries, mime, pictures, vega_drawing
from gofigr_jupyter.capture.series import bundle
from gofigr_jupyter.errors import CaptureError
from gofigr_jupyter.records import Capture, Missing, Rendition, Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """One form to make: its format and what it is for."""

    format: str
    role: str = "picture"  # picture | watermark | thumbnail | series | fingerprint (stays on this machine)


def plan(capture: Capture, formats: Iterable[str]) -> tuple[Wanted, ...]:
    """The forms to make, in order, without those that were shown or that this kind of figure never has."""
    formats, library = tuple(formats), libraries.of_kind(capture.kind)
    own = library.forms_of(capture.source) if library is not None else ()
    shown = {mime.FORMATS[picture.mime_type] for picture in capture.displayed if picture.mime_type in mime.PICTURES}
    drawn = [Wanted(f) for f in own if f in formats and f not in shown]
    derived = [Wanted(pictures.THUMBNAIL_FORMAT, "thumbnail")] if "thumbnail" in formats else []
    derived += [Wanted("png", "watermark")] if "watermark" in formats else []
    has_raster = pictures.raster(capture.displayed) is not None
    can_be_drawn = library is not None or "svg" in shown
    if can_be_drawn and not has_raster and (derived or not shown):
        derived.insert(0, Wanted("png"))
    if formats and (has_raster or Wanted("png") in derived):
        derived.append(Wanted("json", "fingerprint"))
    if bundle.ROLE in formats and isinstance(capture.source, Source) and capture.source.format in bundle.READABLE:
        drawn.append(Wanted(bundle.FORMAT, bundle.ROLE))
    return tuple(drawn + derived if library is not None and library.page_first else derived + drawn)


def without(missing: Wanted, wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """What can still be tried when one form has failed for good: nothing that is made from it."""
    lost = {"watermark", "thumbnail", "fingerprint"} if missing == Wanted("png") else set()
    return tuple(item for item in wanted if item != missing and item.role not in lost)


def renditions(capture: Capture, wanted: Iterable[Wanted], link: str) -> Iterator[Rendition]:
    """Make each form in turn; exactly one Rendition for each that is wanted, in the same order."""
    wanted = tuple(wanted)
    drawn = _drawn(capture, [item.format for item in wanted if item.role == "picture"])
    shown = pictures.raster(capture.displayed)
    picture: bytes | Missing = shown.data if shown else Missing("no picture with pixels was shown")
    can_be_drawn = False
    for item in wanted:
        if item.role == "picture":
            made = next(drawn)
            can_be_drawn = can_be_drawn or not isinstance(made.data, Missing)
            if item.format == "png":
                made = _else_from_svg(made, capture)
                picture = made.data
            yield made
        elif item.role == bundle.ROLE:
            # by its name: it loads Arrow, which the worker itself, who only plans, must not
            reading = importlib.import_module("gofigr_jupyter.capture.series.reading")
            # where axes run is found out by drawing: a figure that crashes at that shall not lose its tables
            yield reading.rendition(capture.source, pictures.size(capture.displayed) if can_be_drawn else None)
        else:
            yield Rendition(item.format, _derived(item.role, picture, link), item.role)


def _drawn(capture: Capture, formats: list[str]) -> Iterator[Rendition]:
    library = libraries.of_kind(capture.kind)
    match capture.source:
        case Source() as source if library is not None:
            yield from library.adapter.render(source, formats)
        case Missing() as missing:
            yield from (Rendition(file_format, missing) for file_format in formats)
        case _:
            reason = Missing(f"a figure of kind {capture.kind} cannot be drawn again")
            yield from (Rendition(file_format, reason) for file_format in formats)


def _else_from_svg(made: Rendition, capture: Capture) -> Rendition:
    """Where a figure cannot be drawn again, its displayed SVG serves."""
    svg = next((item.data for item in capture.displayed if item.mime_type == "image/svg+xml"), None)
    if svg is None or not isinstance(made.data, Missing):
        return made
    data = vega_drawing.picture_of_svg(svg)
    return made if isinstance(data, Missing) and libraries.of_kind(capture.kind) else Rendition("png", data)


def _derived(role: str, picture: bytes | Missing, link: str) -> bytes | Missing:
    if isinstance(picture, Missing):
        return picture
    try:
        match role:
            case "thumbnail":
                return pictures.thumbnail(picture)
            case "fingerprint":
                return fingerprint.encoded(fingerprint.fingerprint(picture))
        return pictures.watermarked(picture, link)
    except CaptureError as error:
        return Missing(str(error))
