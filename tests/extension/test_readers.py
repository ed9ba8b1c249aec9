"""`read_csv` and friends, and `gf.sync`, as the official client has them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import gofigr_jupyter
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.extension import current, front
from gofigr_jupyter.extension.readers import READERS, REVISION_ATTRIBUTE, Sync
from tests.client.conftest import app, config, connect, gf, started, wire

__all__ = ["app", "config", "connect", "gf", "started", "wire"]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of its own for each test."""
    monkeypatch.setattr(front, "_scripts", [])
    assert current.current() is None


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "doses.csv"
    path.write_text("dose,mm\n1,80\n2,75\n")
    return path


def test_every_reader_of_the_official_client_is_there() -> None:
    theirs = {"read_csv", "read_excel", "read_json", "read_html", "read_parquet", "read_feather", "read_hdf", "read_pickle", "read_sas"}
    assert theirs <= set(READERS)
    for name in READERS:
        assert getattr(gofigr_jupyter, name).__name__ == name
        assert callable(getattr(gofigr_jupyter.sync, name))
        assert hasattr(pd, name)
    with pytest.raises(AttributeError):
        _ = gofigr_jupyter.read_nothing
    with pytest.raises(AttributeError):
        _ = gofigr_jupyter.sync.read_nothing


def test_in_a_script_the_file_goes_with_the_figures_that_follow(table: Path) -> None:
    frame = gofigr_jupyter.read_csv(table, usecols=["mm"])
    assert frame.mm.sum() == 155
    with gofigr_jupyter.sync.open(table) as file:
        assert file.read() == table.read_text()
    assert gofigr_jupyter.sync(table) is table
    [noted], unlisted = front.script_reads().inputs()
    assert (noted.path, noted.read_by, noted.keep, unlisted) == (str(table), "gofigr_jupyter.read_csv", True, 0)
    front._script()._facts.stop()


def test_a_client_of_a_script_sends_at_once(gf: GoFigr, table: Path) -> None:
    sync = Sync(gf)
    frame = sync.read_csv(table)
    assert list(frame.attrs) == [REVISION_ATTRIBUTE]
    version = gf.asset_revisions.get(frame.attrs[REVISION_ATTRIBUTE])
    assert version.data[0].bytes() == table.read_bytes()
    assert sync(str(table), quiet=True) == str(table)
    file, same = sync.open_and_get_revision(table)
    file.close()
    assert same.api_id == version.api_id == sync.sync_revision(table).api_id
    front._script()._facts.stop()


def test_the_client_has_it(home: Path) -> None:
    with gofigr_jupyter.get_gofigr() as client:
        assert isinstance(client, gofigr_jupyter.GoFigr)
        assert isinstance(client.sync, Sync)
