"""Search by a picture: by a code of ours, by the link in the file, by its bytes, and by what it looks like."""

from __future__ import annotations

import base64
import io

import pytest
from fastapi import FastAPI
from PIL import Image, ImageDraw

from gofigr_jupyter.embedding.files import marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.server import likeness
from gofigr_jupyter.server.store import looks
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Seen
from tests.finding.plots import page, plot, saved, scaled, watermarked
from tests.server.conftest import Client, found, image, make_revision
from tests.server.documents import with_code
from tests.server.people import People
from tests.server.talking import Scene, link, scene, share
from tests.server.test_search import look_for
from tests.server.test_stories import png


@pytest.fixture
def here(app: FastAPI, people: People) -> Scene:
    return scene(app, people)


@pytest.fixture
def owner(people: People) -> Client:
    return people("owner")


def first(client: Client, content: bytes) -> tuple[str, float]:
    """The nearest."""
    nearest = look_for(client, content)[0]
    return nearest["revision"], nearest["distance"]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


@pytest.mark.slow
def test_a_picture_is_found_by_its_looks(owner: Client, here: Scene) -> None:
    made = {seed: make_revision(owner, image(plot(seed)), figure=here.figure)["api_id"] for seed in range(9)}
    for seed in (0, 4):
        assert first(owner, plot(seed)) == (made[seed], 0.0)
        for other in (scaled(plot(seed), 0.5), saved(opened(plot(seed)), "JPEG", quality=60), watermarked(plot(seed))):
            revision, distance = first(owner, other)
            assert revision == made[seed]
            assert distance < 0.06
        assert first(owner, page(plot(seed), dark=True))[0] == made[seed], "on a screenshot"
    distances = [one["distance"] for one in look_for(owner, scaled(plot(1), 0.7))]
    assert distances == sorted(distances)
    assert len(look_for(owner, plot(1), limit=1)) == 1
    assert first(owner, plot(1000))[1] > 0.05 if look_for(owner, plot(1000)) else True


@pytest.mark.slow
def test_a_code_of_ours_wins(people: People, owner: Client, here: Scene) -> None:
    same = make_revision(owner, image(plot(1)), figure=here.figure)["api_id"]
    meant = make_revision(owner, image(plot(2)), figure=here.figure)["api_id"]
    strip = opened(with_code(f"https://figures.example.org/revision/{meant}"))
    canvas = Image.new("RGB", (1000, 1000), "white")
    canvas.paste(opened(plot(1)), (0, 0))
    canvas.paste(strip, (0, 600))
    content = saved(canvas, "PNG")
    assert first(owner, content) == (meant, 0.0)
    assert same in {one["revision"] for one in look_for(owner, content)}
    assert look_for(people("stranger"), content) == []
    link(owner, "revision", meant)
    assert [one["revision"] for one in look_for(people("stranger"), content)] == [meant], "who has the code has the link"
    elsewhere = with_code("https://figures.example.org/revision/00000000-0000-4000-8000-000000000000")
    assert look_for(owner, elsewhere) == []


def test_a_downloaded_picture_names_its_revision(people: People, owner: Client, here: Scene) -> None:
    made = make_revision(owner, image(png("green")), figure=here.figure)["api_id"]
    content = marked(png("red"), Mark(f"http://127.0.0.1/r/{made}", made, "Growth"))
    [one] = look_for(owner, content)
    assert (one["revision"], one["distance"]) == (made, 0.0)
    assert base64.b64decode(one["thumbnail"]).startswith(b"\x89PNG")
    assert look_for(people("stranger"), content) == []


@pytest.mark.slow
def test_nobody_finds_what_they_may_not_see(people: People, owner: Client, here: Scene) -> None:
    guest = people("guest")
    made = make_revision(owner, image(plot(3)), figure=here.figure)["api_id"]
    theirs = make_revision(guest, image(plot(3)))["api_id"]
    shot = scaled(plot(3), 0.6)
    assert [one["revision"] for one in look_for(guest, shot)] == [theirs]
    assert look_for(people.key("guest", here.workspace), shot) == []
    share(owner, "revision", made, "guest")
    assert {one["revision"] for one in look_for(guest, shot)} == {theirs, made}


def test_proofs_and_watermarked_copies_are_not_looked_at(app: FastAPI, owner: Client, here: Scene) -> None:
    roles = [image(png(colour), role=one) for one, colour in (("proof", "red"), ("watermark", "blue"), ("thumbnail", "teal"))]
    make_revision(owner, *roles, image(b"<svg/>", "svg"), image(png("green"), role="displayed"), figure=here.figure)
    with app.state.store.reading() as db:
        assert db.query(Seen).count() == 1


BOMB = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\2\0\0\0" + bytes(4)


@pytest.mark.parametrize("content", [b"", b"nothing", BOMB, b"GIF89a", b"<svg onload='x'/>", b"%PDF-1.4"])
def test_what_is_no_picture_finds_nothing(owner: Client, here: Scene, content: bytes) -> None:
    assert look_for(owner, content) == []


def test_looks_are_read_once_and_swept(app: FastAPI, owner: Client, here: Scene) -> None:
    store: Store = app.state.store
    drawn = Image.new("RGB", (200, 150), "white")
    ImageDraw.Draw(drawn).line((20, 20, 180, 130), fill="black", width=3)
    line = saved(drawn, "PNG")
    made = make_revision(owner, image(line), image(BOMB), image(png()), figure=here.figure)
    make_revision(owner, image(line), figure=here.figure)
    assert likeness.look_around(store, lambda: True) == 3
    assert likeness.look_around(store, lambda: True) == 0
    with store.reading() as db:
        assert sorted(one.bits is not None for one in db.query(Seen)) == [False, False, True]
    found(owner.get(f"/api/v1.4.1/revision/{made['api_id']}/"))
    assert owner.delete(f"/api/v1.4.1/revision/{made['api_id']}/").status_code == 204
    store.tidy()
    with store.reading() as db:
        assert db.query(Seen).count() == 1
        assert looks.waiting(db, 10) == []


def test_a_picture_that_is_too_much_for_the_child_costs_the_others_nothing(
    app: FastAPI, owner: Client, here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is ended at once, as its time is: each picture is given up in its turn, and none is tried again."""
    monkeypatch.setattr(likeness, "SECONDS", 0.0)
    make_revision(owner, image(png("red")), image(png("green")), figure=here.figure)
    assert likeness.look_around(app.state.store, lambda: True) == 2
    assert likeness.look_around(app.state.store, lambda: True) == 0
    assert likeness.seen(png()).sight == likeness.Sight()
