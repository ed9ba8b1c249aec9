"""The media library by our client: a site, its key, what `Fig1` puts there, found, shown in another look, deleted."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from gofigr_jupyter.client.fig1 import Fig1
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import NotFound, Unauthorized
from gofigr_jupyter.settings import Settings
from tests.server.cdn.files import picture
from tests.server.conftest import ORIGIN


def test_a_library(gf: GoFigr, wire: httpx.BaseTransport, tmp_path: Path) -> None:
    home = gf.primary_workspace
    site = gf.sites.create(home)
    assert gf.sites.create(home) == site == gf.sites.list(home)[0] == gf.sites.list()[0]
    made = gf.sites.make_key(site)
    assert made.key not in repr(made)
    settings = Settings(home=tmp_path, url=ORIGIN)
    with Fig1(made.key, ORIGIN, settings, patience=0, transport=wire) as fig1:
        for name in ("one", "two"):
            fig1.upload(picture("PNG", (40, 30)), name=f"{name}.png", folder="plots")
        gf.sites.delete_key(site, gf.sites.keys(site)[0])
        with pytest.raises(Unauthorized):
            fig1.folders()
    assert [one.name for one in gf.sites.files(site)] == ["two.png", "one.png"]
    assert [one.name for one in gf.sites.files(site, "plots", q="TWO", order="name")] == ["two.png"]
    assert [*gf.sites.files(site, "")] == []
    file = next(gf.sites.files(site, q="one"))
    shown = gf.sites.file(site, file, {"w": 20, "f": "webp"})
    assert shown.cdn_url == f"{file.cdn_url}?w=20&f=webp"
    above = gf.sites.make_folder(site, "papers")
    assert gf.sites.make_folder(site, "2026", above).path == "/papers/2026"
    assert [one.path for one in gf.sites.folders(site)] == ["/papers", "/papers/2026", "/plots"]
    assert gf.sites.ticket(site, "a.md", "", folder="papers", size_bytes=5).key.endswith("/papers/a.md")
    gf.sites.delete_file(site, file)
    with pytest.raises(NotFound):
        gf.sites.file(site, file)
