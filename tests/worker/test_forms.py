"""The picture that a page has drawn stands for all others."""

from __future__ import annotations

from gofigr_jupyter.capture.renditions import plan
from gofigr_jupyter.records import Capture, Parcel, Rendition, Source
from gofigr_jupyter.worker.forms import all_forms
from tests.outbox.parcels import a_parcel

PNG = b"\x89PNG\r\n\x1a\n..."


def planned(parcel: Parcel) -> list[Rendition]:
    """Which forms are asked for."""
    return [Rendition(item.format, b"drawn", item.role) for item in plan(parcel.capture, parcel.formats)]


def plotly(**changes: object) -> Parcel:
    return a_parcel(capture=Capture("plotly", None, (), Source("plotly", b"{}")), **changes)


def test_it_is_sent_and_nothing_is_drawn_in_its_place() -> None:
    forms = all_forms(plotly(), PNG, planned)
    assert forms[0] == Rendition("png", PNG)
    rest = {(form.format, form.role) for form in forms[1:]}
    assert ("png", "picture") not in rest
    assert {("html", "picture"), ("webp", "thumbnail"), ("png", "watermark")} <= rest


def test_without_it_all_is_as_ever() -> None:
    assert all_forms(plotly(), None, planned) == planned(plotly())
    assert all_forms(plotly(formats=()), PNG, planned) == []
