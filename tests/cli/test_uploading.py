"""gofigr-jupyter upload: addresses by line, failures beside them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Command
from tests.fakes.fig1 import KEY, fake_fig1
from tests.test_media import FILES


def test_addresses_come_back_in_order(command: Command, tmp_path: Path) -> None:
    for name in ("a.png", "a.gif"):
        (tmp_path / name).write_bytes(FILES[name][1])
    with fake_fig1() as fake:
        env = {"FIG1_API_KEY": KEY, "FIG1_URL": fake.base}
        files = [str(tmp_path / name) for name in ("a.gif", "none.png", "a.png")]
        ran = command("upload", *files, "--folder", "figs", check=False, **env)
        assert ran.out.split() == [f"{fake.base}/cdn/sites/abc/figs/{name}" for name in ("a.gif", "a.png")]
        assert "none.png was not uploaded: " in ran.err
        assert ran.code == 1
        told = json.loads(command("upload", files[0], "--json", **env).out)
        assert told[0]["url"] == f"{fake.base}/cdn/sites/abc/a.gif"
        assert KEY not in ran.out + ran.err


def test_without_a_key_it_is_wrong_settings(command: Command, tmp_path: Path) -> None:
    ran = command("upload", str(tmp_path / "a.png"), check=False, FIG1_URL="https://fig1.example.org")
    assert ran.code == 2
    assert "FIG1_API_KEY" in ran.err
