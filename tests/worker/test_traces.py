"""What the worker leaves behind so that a picture can be found again: the link in what is drawn, a line in the index."""

from __future__ import annotations

import os

import pytest
from blake3 import blake3

from gofigr_jupyter.capture import fingerprint
from gofigr_jupyter.embedding.files import marks_of
from gofigr_jupyter.finding.index import catalogue
from gofigr_jupyter.records import Missing, Rendition, State
from gofigr_jupyter.worker import traces
from tests.embedding.test_files import FILES
from tests.fakes.draws import FakeDraws
from tests.finding.plots import plot
from tests.outbox.parcels import a_parcel
from tests.worker.river import River


class Draws(FakeDraws):
    """Draws a fingerprint as well."""

    def render(self, parcel):
        found = fingerprint.encoded(fingerprint.fingerprint(plot(0)))
        return [*super().render(parcel), Rendition("json", found, "fingerprint")]


def test_every_picture_that_is_drawn_carries_the_link_and_nothing_else_is_touched():
    parcel = a_parcel(figure="Decay é", link="http://127.0.0.1:5/r/aB3")
    drawn = [Rendition(kind, data) for kind, data in FILES.items()]
    others = [
        Rendition("html", b"<html>"),
        Rendition("json", b"{}"),
        Rendition("pdf", Missing("none")),
        Rendition("parquet", b"PAR1", "series"),
    ]
    made = traces.for_server(parcel, [*drawn, *others, Rendition("json", b"{}", "fingerprint")])
    for rendition in made[: len(drawn)]:
        [mark] = marks_of(rendition.data)
        assert (mark.link, mark.revision, mark.figure) == (parcel.link, parcel.client_id, "Decay é")
    assert made[len(drawn) :] == others
    assert traces.for_server(parcel, drawn) == made[: len(drawn)], "a repeat sends the same bytes"


def test_a_published_picture_is_known_here(river: River):
    with river.worker(Draws()):
        parcel = river.put("Decay")
        river.reaches(parcel, State.COMPLETE)
    known = catalogue(river.home)
    [entry] = known.holding(blake3(parcel.capture.displayed[0].data).hexdigest())
    assert (entry.revision, entry.figure, entry.analysis, entry.number) == (parcel.client_id, "Decay", "Notes", 1)
    assert entry.server == river.fake.url
    assert entry.shown_at == parcel.created_at.isoformat()
    [(likeness, found)] = known.alike(fingerprint.fingerprint(plot(0)).look)
    assert (found, likeness) == (entry, pytest.approx(1))
    roles = {item["metadata"]["role"] for item in river.fake.objects["data"].values()}
    assert "fingerprint" not in roles, "it stays here"


def test_an_index_that_cannot_be_written_stops_nothing(river: River):
    (river.home / "pictures").write_bytes(b"in the way")
    with river.worker(Draws()):
        river.reaches(river.put("Decay"), State.COMPLETE)


@pytest.mark.parametrize("nonsense", [b"", b"{}", b"[" * 100_000, os.urandom(300)])
def test_a_fingerprint_that_is_none_stops_nothing(home, river: River, nonsense):
    class Odd(FakeDraws):
        def render(self, parcel):
            return [Rendition("json", nonsense, "fingerprint")]

    with river.worker(Odd()):
        parcel = river.put("Decay")
        river.reaches(parcel, State.COMPLETE)
