"""The words on a card are true, short and plain."""

from __future__ import annotations

import pytest

from gofigr_jupyter.records import Download, State
from gofigr_jupyter.widgets import words


def test_every_state_has_words_of_its_own():
    said = [words.said(state, unchanged=False) for state in State]
    assert len(set(said)) == len(State)
    assert words.said("complete", unchanged=True) == "Unchanged, already published"
    assert words.said("failed", unchanged=True) == "Not published"  # trouble is never hidden


def test_only_what_arrived_is_called_published():
    for state in (State.SAVED, State.UPLOADING, State.WAITING):
        assert "ublished" not in words.said(state, unchanged=False)
    assert words.said("from a newer\nworker", unchanged=False) == "from a newer worker"


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (9_940, "9.9 KB"), (412_345, "412 KB"),
     (999_600, "1.0 MB"), (52_400_000, "52 MB"), (3_200_000_000, "3.2 GB"), (7_000_000_000_000, "7000 GB")],
)  # fmt: skip
def test_sizes_read_as_in_a_file_manager(size_bytes, shown):
    assert words.size(size_bytes) == shown


def test_secrets_are_counted_in_words():
    assert [words.secrets(n) for n in (0, 1, 2)] == ["", "1 secret masked", "2 secrets masked"]


def test_names_lose_what_could_imitate_the_card():
    assert words.plain("a\u202eb\x00c\nd", 50) == "a b c d"
    assert words.plain("👩\u200d🔬 مي\u200cخواهم", 50) == "👩\u200d🔬 مي\u200cخواهم"
    assert words.plain("x" * 99, 10) == "x" * 9 + "…"
    assert words.plain(None, 10) == ""


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt://x/%0aalert(1)", "java\nscript:x", " http://x",
     "http://x/a b", "file:///etc/passwd", "//host/x", "", None, "https://x/" + "a" * 600],
)  # fmt: skip
def test_only_web_addresses_become_links(link):
    assert words.web_link(link) == ""


def test_web_addresses_stay_as_they_are():
    assert words.web_link("https://api.gofigr.io/r/aB3?x=1") == "https://api.gofigr.io/r/aB3?x=1"
    assert words.link_label("http://127.0.0.1:4123/r/aB3/") == "127.0.0.1:4123/r/aB3"
    assert len(words.link_label("https://" + "h" * 80 + "/" + "p" * 80)) <= 44


def test_file_names_hold_no_path():
    name = words.file_name("../../etc/pass\0wd: a*b", Download("svg", "1", 2))
    assert name == "_.._etc_pass wd_ a_b.svg"
    assert words.file_name("…", Download("p/ng", "1", 2, is_watermarked=True)) == "_ (watermark).png"
    assert words.file_name("", Download("pdf", "1", 2)) == "figure.pdf"
