"""Blame by lines, pictures as blocks, differences of pictures: what the commands are made of, without a server."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw
from rich.console import Console

from gofigr_jupyter.cli import console, seeing
from gofigr_jupyter.cli.console import code_lines, paged
from gofigr_jupyter.cli.lines import blamed
from gofigr_jupyter.cli.parts import Parts, Texts, changed
from gofigr_jupyter.client.data import DataObject
from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.errors import CaptureError
from tests.finding.plots import png


def test_each_line_keeps_the_version_in_which_it_came():
    versions = [(1, "a\nb\nc"), (2, "a\nx\nb\nc"), (3, "x\nb\nc\nd"), (4, "x\nb\nC\nd")]
    assert blamed(versions) == [(2, "x"), (1, "b"), (4, "C"), (3, "d")]
    assert blamed([*versions, (5, "")]) == []
    assert blamed([(1, ""), (2, "a")]) == [(2, "a")]
    assert blamed([]) == []


def test_long_texts_are_matched_line_by_line():
    text = "\n".join(["pass"] * 300 + ["end"])
    assert [version for version, _ in blamed([(1, text), (2, f"first\n{text}")])] == [2] + [1] * 301


def test_code_is_printed_as_it_is_and_obeyed_by_nobody(capsys):
    lines = code_lines("a\tb \\\r\n[bold]\x1b[31m\u202e :fire: \\[x]")
    assert lines == ["a   b \\", "[bold][31m :fire: \\[x]"]
    for line in lines:
        console.print_code(line, "green")
    assert capsys.readouterr().out.splitlines() == lines


class Known(Texts):
    """Texts by hash; what is asked for is noted."""

    def __init__(self, **texts: str) -> None:
        self.texts, self.asked = texts, []

    def of(self, item: DataObject) -> str:
        self.asked.append(item.hash)
        return self.texts[item.hash or ""]


def test_code_that_was_run_again_is_no_other_code():
    slices = {
        "one": "# The 2 of 9 statements that made this figure, in the order in which they ran.\n\n# In [2]\nx = 1\n",
        "same": "# The 2 of 11 statements that made this figure, in the order in which they ran.\n\n# In [12]\nx = 1\n",
        "other": "# The 2 of 9 statements that made this figure, in the order in which they ran.\n\n# In [2]\nx = 2\n",
    }
    texts = Known(**slices)

    def parts(name: str) -> Parts:
        piece = {"api_id": name, "type": "code", "hash": name, "metadata": {"role": "slice"}, "size_bytes": 9}
        return Parts(Revision.model_validate({"api_id": name, "metadata": {}, "data": [piece]}), texts)

    assert changed(parts("one"), parts("one")) == []
    assert texts.asked == []
    assert changed(parts("one"), parts("same")) == []
    assert changed(parts("one"), parts("other")) == ["code"]
    assert parts("one").lasting_code == "# In [ ]\nx = 1"
    assert parts("one").code == slices["one"].strip()


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize("size", [(400, 100), (100, 400), (3, 2), (1, 1)])
def test_blocks_fit(size):
    lines = list(seeing.blocks(Image.new("RGB", size, "#102030"), 40, 10))
    assert 1 <= len(lines) <= 10
    assert all(1 <= len(line.plain) <= 40 for line in lines)
    assert lines[0].spans[0].style == "#102030 on #102030"


def test_a_terminal_gets_a_picture_and_a_file_gets_none(monkeypatch):
    for name in ("TMUX", "KITTY_WINDOW_ID", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = io.StringIO()
    monkeypatch.setattr(seeing, "out", Console(file=stream, force_terminal=True, color_system="truecolor", width=60))
    seeing.show(png(Image.new("RGB", (50, 20), "red")))
    assert "▀" in stream.getvalue()
    assert "255;0;0" in stream.getvalue()
    stream = io.StringIO()
    monkeypatch.setattr(seeing, "out", Console(file=stream))
    seeing.show(png(Image.new("RGB", (50, 20), "red")))
    assert stream.getvalue() == ""


def test_terminals_that_take_pictures_get_them(monkeypatch, capsys):
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setattr(seeing, "out", Console(file=io.StringIO(), force_terminal=True))
    picture = png(Image.effect_noise((300, 300), 90))
    monkeypatch.setenv("KITTY_WINDOW_ID", "1")
    seeing.show(picture)
    sent = capsys.readouterr().out
    assert sent.startswith("\x1b_Gf=100,a=T,m=1;")
    assert sent.rstrip("\n").endswith("\x1b\\")
    assert sent.count("m=0;") == 1
    monkeypatch.delenv("KITTY_WINDOW_ID")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TERM_PROGRAM", "iTerm.app")
    seeing.show(picture)
    assert capsys.readouterr().out.startswith("\x1b]1337;File=inline=1;size=")
    with pytest.raises(CaptureError):
        seeing.show(b"nonsense")


def test_pictures_are_compared_pixel_by_pixel():
    image = Image.new("RGB", (100, 50), "white")
    changed = image.copy()
    ImageDraw.Draw(changed).rectangle((0, 0, 9, 49), fill="black")
    assert str(seeing.compare(png(image), png(image))) == "the same pixels, in another file"
    assert seeing.compare(png(image), png(changed)).share == pytest.approx(0.1)
    assert str(seeing.compare(png(image), png(changed))) == "10 % of the pixels differ"
    assert "100 x 50, now 40 x 50" in str(seeing.compare(png(image), png(image.crop((0, 0, 40, 50)))))
    with Image.open(io.BytesIO(seeing.side_by_side(png(image), png(changed)))) as both:
        assert both.size == (324, 50)
        assert both.getpixel((225, 25)) == (214, 39, 40)
        assert both.getpixel((300, 25)) == (255, 255, 255)


def test_the_pager_is_for_terminals_only(monkeypatch, capsys):
    with paged():
        console.out.print("text")
    assert capsys.readouterr().out == "text\n"
    stream = io.StringIO()
    monkeypatch.setattr(console, "out", Console(file=stream, force_terminal=True))
    monkeypatch.setenv("PAGER", "cat")
    with paged():
        console.out.print("text")
    assert stream.getvalue() == "text\n"
    monkeypatch.setenv("PAGER", "tr a-z A-Z")
    with paged():
        console.out.print("more")
    assert stream.getvalue() == "text\n", "the pager shows it"
