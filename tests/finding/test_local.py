"""From a picture back to its revision, without a server: what was done to it out in the world, and what must not be found."""

from __future__ import annotations

import os

import pytest
from PIL import Image, ImageDraw

from gofigr_jupyter.capture import pictures
from gofigr_jupyter.capture.fingerprint import fingerprint
from gofigr_jupyter.embedding.files import marked
from gofigr_jupyter.embedding.mark import Mark
from gofigr_jupyter.finding.index import Catalogue, catalogue, remember, seen
from gofigr_jupyter.finding.local import ALIKE, Evidence, is_readable, look_up
from tests.finding.measure import strangers
from tests.finding.plots import TRANSFORMS, opened, plot, png
from tests.finding.test_index import entry

SEEDS = range(12)  # two of each kind


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> Catalogue:
    home = tmp_path_factory.mktemp("known")
    remember(home, [seen(entry(seed), fingerprint(plot(seed))) for seed in range(36)])
    return catalogue(home)


def first(picture: bytes, known: Catalogue):
    found = look_up(picture, known)
    return found[0] if found else None


def test_the_very_same_pixels_in_another_file(known):
    picture = plot(4)
    other = png(opened(picture))
    assert other != picture
    found = first(other, known)
    assert found.evidence[0] is Evidence.PIXELS
    assert found.entry.figure == "Figure 4"
    assert found.confidence == 1


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_picture_is_known_again(known, name):
    found = {}
    for seed in SEEDS:
        one = first(TRANSFORMS[name](plot(seed)), known)
        found[seed] = one.entry.figure if one else None
        assert one is None or one.evidence[0] in {Evidence.LOOK, Evidence.PIXELS}
    wrong = {seed: figure for seed, figure in found.items() if figure not in {None, f"Figure {seed}"}}
    assert wrong == {}, "better nothing than something wrong"
    missed = [seed for seed, figure in found.items() if figure is None]
    assert len(missed) <= (3 if name == "30 %" else 0), missed


def test_a_part_of_the_screenshot_is_named(known):
    picture = plot(5)
    found = first(TRANSFORMS["dark page"](picture), known)
    image = opened(picture)
    left, top, right, bottom = found.part
    assert left >= 105
    assert top >= 220
    assert right <= 115 + image.width
    assert bottom <= 230 + image.height


def test_two_figures_on_one_page_are_both_found(known):
    one, other = opened(plot(1)), opened(plot(4))
    page = Image.new("RGB", (one.width + other.width + 120, 700), "#222")
    page.paste(one, (30, 60))
    page.paste(other, (one.width + 80, 100))
    names = {candidate.entry.figure for candidate in look_up(png(page), known)}
    assert {"Figure 1", "Figure 4"} & names


# ---------------------------------------------------------------- what must not be found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_none_of_many_other_plots_is_taken_for_a_known_one():
    count = 1000 if os.environ.get("GOFIGR_LONG") else 120
    looked = strangers(range(1000, 1000 + count), range(36))
    nearest = max(one.nearest for one in looked)
    print(f"{count} other plots: the nearest has a likeness of {nearest:.3f}, {ALIKE} is asked for")
    assert len(looked) == count
    assert [one for one in looked if one.taken_for] == []


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (400, 300), "white"), Image.effect_noise((300, 200), 80), Image.linear_gradient("L")]
)
def test_what_is_no_figure_is_not_found(known, image):
    assert look_up(png(image), known) == []


def test_nothing_is_known_at_first():
    assert look_up(plot(1), Catalogue(b"")) == []


# ---------------------------------------------------------------- metadata and codes


def test_metadata_count_first_and_a_changed_picture_is_said_to_be_one(known):
    mark = Mark(entry(3).link, entry(3).revision, "Figure 3")
    found = first(marked(plot(3), mark), known)
    assert found.evidence == (Evidence.METADATA, Evidence.PIXELS)
    assert found.notes == ()
    found = first(marked(TRANSFORMS["50 %"](plot(3)), mark), known)
    assert (found.evidence, found.notes) == ((Evidence.METADATA,), ())
    found = first(marked(plot(9), mark), known)
    assert found.entry.figure == "Figure 3"
    assert "changed since" in found.notes[0]


def test_the_metadata_of_a_stranger_are_told_as_they_are():
    mark = Mark("https://elsewhere.example/r/abc", "99999999-1234-4234-8234-123456789abc", "Theirs")
    found = first(marked(plot(3), mark), Catalogue(b""))
    assert (found.link, found.entry.figure, found.entry.number) == (mark.link, "Theirs", None)


@pytest.mark.parametrize(
    "kind", [b"<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>", b"%PDF-1.4\n%%EOF\nstartxref\n0\n%%EOF"]
)
def test_of_svg_and_pdf_the_metadata_are_read(known, kind):
    mark = Mark(entry(3).link, entry(3).revision)
    assert first(marked(kind, mark), known).entry.figure == "Figure 3"
    assert look_up(kind, known) == []
    assert is_readable(kind)


@pytest.mark.parametrize("scale", [1.0, 0.6])
def test_a_code_is_read_from_a_photograph(known, scale):
    made = opened(pictures.watermarked(plot(7), entry(3).link))
    small = made.resize((round(made.width * scale), round(made.height * scale)), Image.Resampling.LANCZOS)
    found = first(png(small.rotate(4, expand=True, fillcolor="grey")), known)
    assert found.evidence[0] is Evidence.CODE
    assert found.entry.figure == "Figure 3"
    assert "changed since" in found.notes[0], "the code was on another picture"


def test_codes_of_others_are_no_evidence(known):
    made = pictures.watermarked(png(Image.new("RGB", (300, 200))), "https://example.org/menu")
    assert look_up(made, known) == []


def test_what_is_no_picture_is_not_readable():
    for data in (b"", b"text", b"\x89PNG\r\n\x1a\n", b"<html></html>"):
        assert not is_readable(data)
        assert look_up(data, Catalogue(b"")) == []


def test_a_scribble_over_the_figure_does_not_hide_it(known):
    image = opened(plot(2))
    ImageDraw.Draw(image).line((90, 80, 160, 120, 210, 90), fill="red", width=3)
    found = first(png(image), known)
    assert found.entry.figure == "Figure 2"
    assert found.evidence == (Evidence.LOOK,)
