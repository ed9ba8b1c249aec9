"""What comes out of the darkroom: size, crop, direction, colours, motion, and nothing but the picture."""

from __future__ import annotations

import pytest
from PIL import Image, features

from tests.server.cdn.photographs import (
    QUARTERS,
    TYPES,
    corners,
    exchanged,
    moving,
    quarters,
    saved,
    seen,
    srgb,
    with_secrets,
)
from tests.server.cdn.rooms import Room

WRITTEN = {"webp": "WEBP", "avif": "AVIF", "jpeg": "JPEG", "jpg": "JPEG", "png": "PNG"}


@pytest.mark.parametrize("source", TYPES)
@pytest.mark.parametrize("wanted", WRITTEN)
def test_every_type_becomes_every_format(shared: Room, source: str, wanted: str) -> None:
    made = shared.develop(saved(quarters(), source), TYPES[source], f"w=40&f={wanted}")
    assert made.content_type == f"image/{WRITTEN[wanted].lower()}"
    picture = seen(made.content)
    assert (picture.format, picture.size) == (WRITTEN[wanted], (40, 30))
    assert corners(made.content) == QUARTERS


@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP"])
def test_size_and_quality_alone_keep_the_type(shared: Room, source: str) -> None:
    made = shared.develop(saved(quarters(), source), TYPES[source], "w=20&q=30")
    assert made.content_type == TYPES[source]


def test_the_best_that_a_browser_accepts(shared: Room) -> None:
    content = saved(quarters(), "JPEG")
    for accept, format_ in (("image/avif,image/webp", "avif"), ("image/webp,*/*", "webp"), ("*/*", "jpeg")):
        assert shared.develop(content, "image/jpeg", "w=40", accept=accept).content_type == f"image/{format_}"
    assert features.check("avif")


def test_cover_cuts_to_the_middle_and_contain_does_not(shared: Room) -> None:
    wide = saved(quarters(200, 40), "PNG")
    assert seen(shared.develop(wide, "image/png", "w=20&h=20&fit=contain").content).size == (20, 4)
    cut = shared.develop(wide, "image/png", "w=20&h=20&fit=cover").content
    assert seen(cut).size == (20, 20)
    assert corners(cut) == QUARTERS  # the middle is where the four colours meet


def test_nothing_is_blown_up(shared: Room) -> None:
    content = saved(quarters(), "PNG")
    assert seen(shared.develop(content, "image/png", "w=5000").content).size == (80, 60)
    assert seen(shared.develop(content, "image/png", "w=900&h=900&fit=cover").content).size == (60, 60)


def test_pixels_of_the_screen(shared: Room) -> None:
    content = saved(quarters(), "PNG")
    assert seen(shared.develop(content, "image/png", "w=20&dpr=2").content).size == (40, 30)


def test_quality_is_that_of_the_encoder(shared: Room) -> None:
    content = saved(Image.effect_noise((200, 200), 90), "PNG")
    sizes = [len(shared.develop(content, "image/png", f"f=jpeg&q={q}").content) for q in (1, 50, 100)]
    assert sizes == sorted(set(sizes))


# As one sees a picture whose first quarter is the one named first, after turning it by the flag.
UPRIGHT = {
    1: ("red", "lime", "blue", "white"),
    2: ("lime", "red", "white", "blue"),
    3: ("white", "blue", "lime", "red"),
    4: ("blue", "white", "red", "lime"),
    5: ("red", "blue", "lime", "white"),
    6: ("blue", "red", "white", "lime"),
    7: ("white", "lime", "blue", "red"),
    8: ("lime", "white", "red", "blue"),
}


@pytest.mark.parametrize("flag", UPRIGHT)
def test_pictures_are_upright(shared: Room, flag: int) -> None:
    made = shared.develop(with_secrets("JPEG", flag), "image/jpeg", "w=24&h=24&fit=contain&f=png").content
    assert seen(made).size == ((24, 18) if flag < 5 else (18, 24))
    assert corners(made) == UPRIGHT[flag]
    cut = shared.develop(with_secrets("JPEG", flag), "image/jpeg", "w=10&h=30&fit=cover&f=png").content
    assert seen(cut).size == (10, 30)
    assert corners(cut) == UPRIGHT[flag]


@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("query", ["w=40", "q=50", "f=webp", "f=avif", "f=jpeg", "f=png"])
def test_nothing_but_the_picture_is_told(shared: Room, source: str, query: str) -> None:
    content = with_secrets(source)
    assert b"Secret" in content
    made = shared.develop(content, TYPES[source], query).content
    assert b"Secret" not in made
    picture = seen(made)
    # The AVIF encoder notes the profile of what it writes; nobody's exif.
    assert not picture.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(picture.info)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_colours_are_those_of_the_profile(shared: Room, format_: str) -> None:
    red = Image.new("RGB", (40, 30), (255, 0, 0))
    options = {"lossless": True} if format_ == "WEBP" else {}
    made = seen(shared.develop(saved(red, format_, icc_profile=exchanged(), **options), TYPES[format_], "w=20&f=png").content)
    value = made.convert("RGB").getpixel((5, 5))
    assert value[1] > 200 > 80 > value[0]  # what is called red there is green


@pytest.mark.parametrize("profile", [b"", b"x" * 200, srgb()[:200], exchanged()[:-40]])
def test_profiles_that_make_no_sense_do_not_matter(shared: Room, profile: bytes) -> None:
    content = saved(quarters(), "PNG", icc_profile=profile)
    assert corners(shared.develop(content, "image/png", "w=40").content) == QUARTERS


def test_the_colours_of_print(shared: Room) -> None:
    content = saved(quarters(mode="CMYK"), "JPEG", quality=95)
    assert corners(shared.develop(content, "image/jpeg", "w=40&f=webp").content) == QUARTERS


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "I;16"])
@pytest.mark.parametrize("query", ["w=40&f=webp", "w=40&f=jpeg", "w=4&f=png", "f=avif"])
def test_every_mode_of_png(shared: Room, mode: str, query: str) -> None:
    picture = quarters(mode="L" if mode == "I;16" else "RGBA" if mode == "PA" else mode)
    if mode == "I;16":
        picture = picture.convert("I").point(lambda value: value * 257 + 0).convert("I;16")
    picture = picture.quantize(16) if mode == "PA" else picture
    made = corners(shared.develop(saved(picture, "PNG"), "image/png", query).content)
    assert made[3] == "white"
    assert made[2] in {"blue", "black"}


def test_grey_of_sixteen_bits_keeps_its_steps(shared: Room) -> None:
    grey = Image.new("I;16", (40, 30), 128 * 257)
    made = seen(shared.develop(saved(grey, "PNG"), "image/png", "w=20").content)
    assert made.convert("L").getpixel((5, 5)) in range(127, 130)


def test_what_is_seen_through_stays_so(shared: Room) -> None:
    picture = Image.new("RGBA", (80, 60), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (40, 0, 80, 60))
    content = saved(picture, "PNG")
    for query in ("w=40", "w=40&f=webp", "w=40&f=avif"):
        made = seen(shared.develop(content, "image/png", query).content).convert("RGBA")
        assert made.getpixel((5, 5))[3] == 0
        # At the border no colour shines through that nobody could see.
        assert all(r < 40 for r, _, b, a in (made.getpixel((x, 15)) for x in range(18, 23)) if a > 128)
    assert seen(shared.develop(content, "image/png", "w=40&f=jpeg").content).getpixel((5, 5)) == (255, 255, 255)


def test_large_pictures_are_brought_down_in_strips(shared: Room) -> None:
    palette = quarters(2500, 1800).quantize(8)
    made = shared.develop(saved(palette, "PNG"), "image/png", "w=100&f=png").content
    assert seen(made).size == (100, 72)
    assert corners(made) == QUARTERS


@pytest.mark.parametrize("source", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("query", ["w=20", "w=20&f=webp", "w=20&h=20&fit=cover&f=avif"])
def test_what_moves_keeps_moving(shared: Room, source: str, query: str) -> None:
    made = shared.develop(moving(source), TYPES[source], query)
    picture = seen(made.content)
    assert picture.n_frames == 3
    assert picture.width == 20
    durations = []
    for index in range(3):
        picture.seek(index)
        picture.load()
        durations.append(round(picture.info["duration"]))
    assert durations == [100, 200, 300]
    assert picture.info.get("loop", 0) == 0


def test_how_often_it_plays(shared: Room) -> None:
    once, thrice = moving("GIF", loop=None), moving("GIF", frames=4, loop=2)
    assert seen(shared.develop(once, "image/gif", "w=20&f=webp").content).info["loop"] == 1
    assert "loop" not in seen(shared.develop(once, "image/gif", "w=20").content).info
    assert seen(shared.develop(thrice, "image/gif", "w=20&f=webp").content).info["loop"] == 3
    assert seen(shared.develop(thrice, "image/gif", "w=20").content).info["loop"] == 2


def test_what_cannot_move_stands_still(shared: Room) -> None:
    picture = seen(shared.develop(moving("GIF"), "image/gif", "w=20&f=jpeg").content)
    assert picture.format == "JPEG"
