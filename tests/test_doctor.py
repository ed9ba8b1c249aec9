"""The doctor finds what is wrong, says what to do, and never fails itself."""

from __future__ import annotations

import os
import socket

import pytest

from gofigr_jupyter.doctor import examine, origins
from gofigr_jupyter.local import local_server
from gofigr_jupyter.outbox.box import Outbox
from gofigr_jupyter.settings import Settings
from tests.fakes.server import FakeGoFigr, Fault
from tests.outbox.parcels import a_parcel


def findings(settings):
    return {finding.what: finding for finding in examine(settings)}


def test_a_healthy_machine(home):
    found = findings(Settings(home=home))
    assert [f for f in found.values() if not f.ok and f.is_serious] == []
    assert {
        "Python",
        "settings",
        "state folder",
        "disk space",
        "port",
        "server",
        "worker",
        "outbox",
        "git",
        "packages",
    } <= set(found)


def test_a_stranger_at_the_port(home):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", local_server(home).port))
        stranger.listen()
        found = findings(Settings(home=home))["port"]
    assert not found.ok
    assert "another program" in found.found
    assert found.advice


def test_a_folder_that_cannot_be_used(home):
    (home / "file").write_text("")
    found = findings(Settings(home=home / "file" / "below"))["state folder"]
    assert not found.ok
    assert "GOFIGR_JUPYTER_HOME" in found.advice


def test_figures_that_wait_without_a_worker(home):
    Outbox(home).put(a_parcel())
    found = findings(Settings(home=home))["worker"]
    assert not found.ok
    assert "push" in found.advice


def test_damaged_and_failed_figures(home):
    box = Outbox(home)
    box.put(a_parcel())
    entry = box.list("new")[0]
    (entry.path / "parcel.json").write_text("{")
    box.fail(box.claim(entry), "broken")
    found = findings(Settings(home=home))
    assert not found["outbox"].ok
    assert not found["outbox files"].ok


@pytest.mark.parametrize("fault", [401, 500, "html", None])
def test_the_server_of_an_account(home, fault):
    with FakeGoFigr() as server:
        if fault:
            server.faults.append(Fault(fault, times=1e9))
        settings = Settings(home=home, url=f"http://127.0.0.1:{server.port}", api_key=server.token)
        found = findings(settings)
    assert "port" not in found
    assert found["server"].ok is (fault is None)
    if fault == 401:
        assert "login" in found["server"].advice


def test_settings_say_where_they_come_from_and_keep_their_secrets(home, tmp_path, monkeypatch):
    (tmp_path / ".gofigr").write_text('{"api_key": "very-secret", "workspace": "Lab"}')
    (tmp_path / ".gofigr").chmod(0o644)
    monkeypatch.setenv("GF_CARD", "compact")
    settings = Settings.load(start=tmp_path, analysis="Mine")
    told = "\n".join(origins(settings))
    assert f"workspace = Lab ({tmp_path / '.gofigr'})" in told
    assert "card = compact (GF_CARD)" in told
    assert "analysis = Mine (this session)" in told
    assert "very-secret" not in told
    with FakeGoFigr() as server:
        found = findings(settings.with_(url=f"http://127.0.0.1:{server.port}"))
    if os.name == "posix":
        assert "chmod 600" in found["settings file"].advice


def test_without_git_it_is_a_convenience_only(home, monkeypatch):
    monkeypatch.setenv("PATH", str(home))
    found = findings(Settings(home=home))
    assert not found["git"].ok
    assert not found["git"].is_serious
