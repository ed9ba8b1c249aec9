"""What is served: ranges, conditions, HEAD; and no file ever acts in our name."""

from __future__ import annotations

import random

import pytest

from tests.server.cdn.conftest import Program, refused
from tests.server.cdn.files import FILES, mp4
from tests.server.conftest import Client

FILM = mp4() + bytes(range(256)) * 10_000  # three chunks


@pytest.fixture
def film(program: Program) -> str:
    """The address of a film."""
    return program.upload("film.mp4", "video/mp4", FILM)


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, len(FILM)),
        ("bytes=100-199", 100, 200),
        ("bytes=-500", len(FILM) - 500, len(FILM)),
        ("bytes=1048575-1048577", 1048575, 1048578),
        ("bytes=1048576-", 1048576, len(FILM)),
        ("bytes=500-99999999999", 500, len(FILM)),
        ("bytes=-99999999999", 0, len(FILM)),
        ("Bytes=5-5", 5, 6),
    ],
)
def test_a_part(anonymous: Client, film: str, wanted: str, start: int, end: int) -> None:
    answer = anonymous.get(film, headers={"range": wanted})
    assert answer.status_code == 206
    assert answer.content == FILM[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(FILM)}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("wanted", ["bytes=99999999999-", f"bytes={len(FILM)}-", "bytes=-0"])
def test_what_is_outside(anonymous: Client, film: str, wanted: str) -> None:
    answer = anonymous.get(film, headers={"range": wanted})
    refused(answer, 416)
    assert answer.headers["content-range"] == f"bytes */{len(FILM)}"
    assert "immutable" not in answer.headers["cache-control"]


@pytest.mark.parametrize("wanted", ["bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=0-1,5-6", "bytes=1e3-", "bytes=-1-2", "bytes=" + "9" * 40 + "-"])
def test_what_is_no_range_is_ignored(anonymous: Client, film: str, wanted: str) -> None:
    answer = anonymous.get(film, headers={"range": wanted})
    assert (answer.status_code, answer.content) == (200, FILM)


def test_parts_of_a_long_film(anonymous: Client, program: Program) -> None:
    """Its first chunks are small, the others larger: parts begin and end anywhere in them."""
    rng = random.Random(6)  # noqa: S311 - repeatable
    long = mp4() + rng.randbytes(27_000_000)
    address = program.upload("long.mp4", "video/mp4", long)
    cuts = [number << 20 for number in (1, 15, 16, 17, 20, 24)]
    edges = [(cut + before, cut + after) for cut in cuts for before, after in ((-1, 1), (0, 1), (-1, 0), (-5, 9))]
    for start, end in [*edges, (0, len(long)), *(sorted(rng.sample(range(len(long)), 2)) for _ in range(20))]:
        answer = anonymous.get(address, headers={"range": f"bytes={start}-{end - 1}"})
        assert (answer.status_code, answer.content == long[start:end]) == (206, True), (start, end)


def test_conditions(anonymous: Client, film: str) -> None:
    whole = anonymous.get(film)
    etag = whole.headers["etag"]
    assert etag.startswith('"')
    for told in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = anonymous.get(film, headers={"if-none-match": told, "range": "bytes=0-1"})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
        assert "immutable" in answer.headers["cache-control"]
    assert anonymous.get(film, headers={"if-none-match": '"another"'}).status_code == 200
    assert anonymous.get(film, headers={"range": "bytes=0-1", "if-range": etag}).status_code == 206
    assert anonymous.get(film, headers={"range": "bytes=0-1", "if-range": '"another"'}).status_code == 200


def test_head(anonymous: Client, film: str) -> None:
    whole = anonymous.get(film)
    for headers in ({}, {"range": "bytes=0-1"}):
        answer = anonymous.head(film, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
        assert {**answer.headers} == {**whole.headers}
    assert anonymous.head(film, headers={"if-none-match": whole.headers["etag"]}).status_code == 304
    assert anonymous.head(film + "x").status_code == 404


def test_nothing_acts_in_our_name(program: Program, anonymous: Client) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("/api/v1/user")</script></svg>'
    for name, kind, content, how in (
        ("a.svg", "image/svg+xml", svg, "inline"),
        ("a.txt", "text/plain", b"<script>alert(1)</script>", "inline"),
        ("a.md", "text/markdown", b"<script>alert(1)</script>", "inline"),
        ("a.pdf", *FILES["pdf"], "attachment"),
        ("a.docx", *FILES["docx"], "attachment"),
    ):
        answer = anonymous.get(program.upload(name, kind, content))
        rules = answer.headers["content-security-policy"].split("; ")
        assert {"sandbox", "default-src 'none'"} <= set(rules)
        assert not any(rule.startswith("script-src") for rule in rules)
        assert answer.headers["content-disposition"] == f"{how}; filename*=UTF-8''{name}"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_picture_with_wishes_is_served(program: Program, anonymous: Client) -> None:
    path = program.upload("a.png", *FILES["png"])
    answer = anonymous.get(f"{path}?w=4&h=3&fit=cover&q=80")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/")
