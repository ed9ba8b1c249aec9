"""A picture as a file of one's own, in the form that its name asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from gofigr_jupyter.client.figures import Figure
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.client.pieces import image, text
from gofigr_jupyter.embedding.files import marks_of
from gofigr_jupyter.errors import ConfigurationError
from tests.embedding.test_files import FILES


def test_the_suffix_chooses_the_form_and_the_link_is_in_it(gf: GoFigr, figure: Figure, tmp_path: Path) -> None:
    pieces = [image(data, format=kind) for kind, data in FILES.items()]
    revision = gf.revisions.create(figure=figure, data=[text("a note"), *pieces])
    for name in ("a.png", "b.SVG", "c.pdf", "d.jpg", "e.webp", "f.gif"):
        target = gf.download(revision, tmp_path / name)
        [mark] = marks_of(target.read_bytes())
        assert (mark.revision, mark.link) == (revision.api_id, gf.page_url(revision))
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".part") == []
    assert revision.data[1].bytes() == FILES["png"], "what is stored stays as it was"


def test_what_is_not_there_is_said_and_nothing_is_written(gf: GoFigr, figure: Figure, tmp_path: Path) -> None:
    revision = gf.revisions.create(figure=figure, data=[image(FILES["png"], format="png")])
    for name in ("a.pdf", "a"):
        with pytest.raises(ConfigurationError, match="there are: png"):
            gf.download(revision, tmp_path / name)
    assert list(tmp_path.glob("a*")) == []
