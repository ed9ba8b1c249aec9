"""What the server adds: facts of a revision, a closer look, and what this machine did not know. A real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from gofigr_jupyter.capture.fingerprint import fingerprint
from gofigr_jupyter.client.figures import Figure
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.pieces import image, text
from gofigr_jupyter.embedding.files import marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.finding.index import Catalogue, catalogue, remember, seen
from gofigr_jupyter.finding.local import Evidence, look_up
from gofigr_jupyter.finding.remote import confirmed, picture_of, refresh
from tests.client.conftest import app, as_user, config, connect, figure, gf, started, wire
from tests.finding.plots import TRANSFORMS, plot
from tests.finding.test_index import entry

__all__ = ["app", "as_user", "config", "connect", "figure", "gf", "started", "wire"]


def published(gf: GoFigr, figure: Figure, seed: int):
    shown = image(plot(seed), format="png")
    shown.metadata["role"] = "displayed"
    return gf.revisions.create(figure=figure, data=[text("a note"), shown], metadata={"title": "Decay"})


def test_what_nobody_knew_here_is_learnt_once(gf: GoFigr, figure: Figure, home: Path) -> None:
    revisions = [published(gf, figure, seed) for seed in range(3)]
    steps: list[tuple[int, int]] = []
    assert refresh(gf, home, catalogue(home).revisions(gf.settings.url or ""), lambda *step: steps.append(step)) == 3
    assert steps == [(1, 3), (2, 3), (3, 3)]
    known = catalogue(home)
    assert refresh(gf, home, known.revisions(gf.settings.url or ""), lambda *_: None) == 0
    for seed, revision in enumerate(revisions):
        [found] = look_up(TRANSFORMS["JPEG, quality 60"](plot(seed)), known)
        assert found.entry is not None
        assert found.entry.revision == revision.api_id
        assert found.entry.number == seed + 1
        assert (found.entry.figure, found.entry.analysis) == ("Decay", "Notes")
        assert found.entry.link == gf.page_url(revision)


def test_revisions_without_a_picture_are_not_asked_for_again(gf: GoFigr, figure: Figure, home: Path) -> None:
    gf.revisions.create(figure=figure, data=[text("a note")])
    assert refresh(gf, home, set(), lambda *_: None) == 1
    assert refresh(gf, home, catalogue(home).revisions(gf.settings.url or ""), lambda *_: None) == 0


def test_the_server_confirms_and_tells_the_newest_facts(gf: GoFigr, figure: Figure, home: Path) -> None:
    revision = published(gf, figure, 4)
    refresh(gf, home, set(), lambda *_: None)
    gf.figures.change(figure, name="Renamed")
    picture = TRANSFORMS["dark page"](plot(4))
    [found] = confirmed(gf, look_up(picture, catalogue(home)), picture)
    assert found.entry is not None
    assert (found.entry.revision, found.entry.figure) == (revision.api_id, "Renamed")
    assert found.evidence == (Evidence.LOOK,)
    assert found.likeness > 0.9


def test_of_revisions_that_look_alike_the_right_one_is_first(gf: GoFigr, figure: Figure, home: Path) -> None:
    from PIL import ImageDraw

    from tests.finding.plots import opened, png

    image_ = opened(plot(0))
    ImageDraw.Draw(image_).ellipse((300, 150, 309, 159), fill="red")
    changed = png(image_)
    published(gf, figure, 0)
    shown = image(changed, format="png")
    second = gf.revisions.create(figure=figure, data=[shown])
    refresh(gf, home, set(), lambda *_: None)
    picture = TRANSFORMS["JPEG, quality 60"](changed)
    found = confirmed(gf, look_up(picture, catalogue(home)), picture)
    assert found[0].name == second.api_id


def test_a_short_id_is_enough(gf: GoFigr, figure: Figure) -> None:
    prefix = gf.reserve_prefix()
    revision = gf.revisions.create(figure=figure, short_id=f"{prefix}0", data=[image(plot(1), format="png")])
    picture = marked(plot(1), Mark(f"{gf.settings.page_url()}/r/{prefix}0", revision.api_id))
    [found] = confirmed(gf, look_up(picture, Catalogue(b"")), picture)
    assert found.entry is not None
    assert (found.entry.figure, found.entry.number, found.notes) == ("Decay", 1, ())


def test_what_is_gone_or_elsewhere_is_said(gf: GoFigr, as_user, figure: Figure, home: Path) -> None:
    revision = published(gf, figure, 2)
    refresh(gf, home, set(), lambda *_: None)
    candidates = look_up(plot(2), catalogue(home))
    stranger = as_user("eve")
    [found] = confirmed(stranger, candidates, plot(2))
    assert "may not see" in found.notes[0]
    revision.delete()
    [found] = confirmed(gf, candidates, plot(2))
    assert "no such revision" in found.notes[0]
    remember(home, [seen(entry(9), fingerprint(plot(3)))])
    [found] = confirmed(gf, look_up(plot(3), catalogue(home)), plot(3))
    assert "another server, 127.0.0.1:5" in found.notes[0]


def test_the_picture_to_look_at(gf: GoFigr, figure: Figure) -> None:
    small = image(plot(2), format="png")
    small.metadata["role"] = "thumbnail"
    vector = image(b"<svg/>", format="svg")
    revision = gf.revisions.create(figure=figure, data=[small, vector])
    found = picture_of(gf.revisions.get(revision))
    assert found is not None
    assert found.metadata["role"] == "thumbnail"
    assert picture_of(gf.revisions.create(figure=figure, data=[vector])) is None


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n"])
def test_damaged_pictures_on_the_server_stop_nothing(gf: GoFigr, figure: Figure, home: Path, content: bytes) -> None:
    gf.revisions.create(figure=figure, data=[image(content, format="png")])
    published(gf, figure, 1)
    assert refresh(gf, home, set(), lambda *_: None) == 2
    assert look_up(TRANSFORMS["greys"](plot(1)), catalogue(home))
