"""Which files are inputs: the reader's own, never the interpreter's, a package's, a font, a cache or a secret."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from blake3 import blake3

from gofigr_jupyter.provenance.inputs import (
    Surroundings,
    clean_address,
    is_address,
    is_input,
    is_scratch,
    surroundings,
)
from gofigr_jupyter.provenance.inputs_rules import ASKS, Rules
from gofigr_jupyter.provenance.inputs_state import Hashing, digest_of_file, files_of, has_changed, state_of
from gofigr_jupyter.provenance.secret_files import is_secret_file
from gofigr_jupyter.records import InputFile
from gofigr_jupyter.settings import Settings


@pytest.fixture
def around(home: Path) -> Surroundings:
    return surroundings(home, "/data/project")


@pytest.mark.parametrize(
    "path",
    ["/data/project/doses.csv", "/data/project/raw/a.parquet", "/mnt/nas/scan.h5", "/data/project/helpers.py", "/tmp/x/t.csv",
     "/data/project/secret_santa.csv", "/data/project/tokens.csv", "/data/project/access.log", "/data/library/a.csv"],
)  # fmt: skip
def test_what_people_work_with_is_an_input(path: str, around: Surroundings) -> None:
    assert is_input(path, "/data/project", around)


@pytest.mark.parametrize(
    "path",
    [
        os.__file__,
        np.__file__,
        str(Path(np.__file__).parent / "data.csv"),
        sys.executable,
        str(Path(__file__).parents[2] / "gofigr_jupyter" / "records.py"),
        "/usr/share/fonts/truetype/a.dat",
        "/usr/share/zoneinfo/UTC",
        "/etc/hosts",
        "/proc/cpuinfo",
        str(Path("~/.netrc").expanduser()),
        str(Path("~/.cache/seaborn/iris.csv").expanduser()),
        "/data/project/.env",
        "/data/project/.git/index",
        "/data/project/.ipynb_checkpoints/a-checkpoint.csv",
        "/data/project/__pycache__/helpers.cpython-311.pyc",
        "/data/project/.venv/lib/python3.11/site-packages/x/data.csv",
        "/data/project/Analysis.ipynb",
        "/data/project/Font.ttf",
        "/data/project/server.pem",
        "/data/project/prod.env",
        "/data/project/id_rsa",
        "/data/project/credentials.json",
        "/data/project/my_secrets.toml",
        "/data/project/service-account-7.json",
        "/elsewhere/fontlist-v390.json",
        "/tmp/ipykernel_4711/123.py",
    ],
)
def test_never_an_input(path: str, around: Surroundings) -> None:
    assert not is_input(path, "/data/project", around)


def test_our_own_state_is_none(home: Path, around: Surroundings) -> None:
    assert not is_input(str(home / "outbox" / "new" / "x"), "/data/project", around)


def test_a_module_on_the_path_is_a_package_and_data_beside_it_is_not(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(sys, "path", ["", "/opt/team/tools", *sys.path])
    around = surroundings(home, "/data/project")
    assert not is_input("/opt/team/tools/plots.py", "/data/project", around)
    assert is_input("/opt/team/tools/doses.csv", "/data/project", around)
    assert is_input("/elsewhere/added_later.py", "/data/project", around)


def test_a_project_in_a_hidden_folder_is_judged_from_there(home: Path) -> None:
    folder = str(Path("~/.worktrees/trial").expanduser())
    around = surroundings(home, folder)
    assert is_input(f"{folder}/doses.csv", folder, around)
    assert not is_input(f"{folder}/.env", folder, around)


def test_caches_that_were_moved_are_caches(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", "/scratch/mpl")
    assert not is_input("/scratch/mpl/anything.json", "", surroundings(home, ""))


def test_scratch_is_what_the_session_itself_wrote_among_temporary_files() -> None:
    path = str(Path(tempfile.gettempdir()) / "plot123.csv")
    assert is_scratch(path, "/data/project", {path})
    assert not is_scratch(path, "/data/project", set())
    assert not is_scratch(path, tempfile.gettempdir(), {path})
    assert not is_scratch("/data/clean.csv", "/data/project", {"/data/clean.csv"})


@pytest.mark.parametrize(
    "name", ["data.csv", "key.csv", "keys.txt", "passage.txt", "token_counts.csv", "Sig.json", "tokens.json"]
)
def test_names_of_data(name: str) -> None:
    assert not is_secret_file(name)


@pytest.mark.parametrize(
    "name",
    [
        ".env.local",
        "ID_RSA",
        "tls.key",
        "api_key.txt",
        "api-keys.json",
        "token.json",
        "aws_credentials",
        "db.password.yml",
        "client_secret_42.json",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_file(name)


def test_addresses() -> None:
    assert is_address("https://example.org/a.csv")
    assert is_address("s3://bucket/key")
    assert is_address("simplecache::https://example.org/a.csv")
    assert not is_address("file:///data/a.csv")
    assert not is_address("C:\\data\\a.csv")
    assert not is_address("memory://x")
    assert not is_address("data/a.csv")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("https://ada:pw@example.org/a.csv", "https://example.org/a.csv"),
        ("https://example.org/a.csv?id=7#top", "https://example.org/a.csv?id=7"),
        ("https://x.s3.amazonaws.com/a.csv?X-Amz-Signature=abc&X-Amz-Date=1", "https://x.s3.amazonaws.com/a.csv"),
        ("https://example.org/a.csv?sas_token=zzz", "https://example.org/a.csv"),
    ],
)
def test_addresses_are_told_without_their_secrets(given: str, told: str) -> None:
    assert clean_address(given) == told


# ---------------------------------------------------------------- state


def test_what_a_path_stands_for(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.parquet", "year=1/c.parquet", ".hidden/d.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    names = [str(tmp_path / name) for name in ("a.parquet", "b.parquet", "year=1/c.parquet")]
    assert list(files_of(str(tmp_path))) == names
    assert list(files_of(str(tmp_path / "*.parquet"))) == names[:2]
    assert list(files_of(names[0])) == names[:1]
    (tmp_path / "odd[1].csv").write_text("x")
    assert list(files_of(str(tmp_path / "odd[1].csv"))) == [str(tmp_path / "odd[1].csv")]


def test_the_hash_is_of_the_state_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2\n")
    state = state_of(str(path))
    assert state is not None
    assert digest_of_file(str(path), state) == blake3(b"1,2\n").hexdigest()
    os.utime(path, ns=(1, 1))
    assert digest_of_file(str(path), state) is None
    assert state_of(str(tmp_path)) is None
    assert state_of(str(tmp_path / "gone")) is None


def test_changed_or_only_touched(tmp_path: Path) -> None:
    noted = InputFile("/x", "open", 1, 4, 10, digest="d")
    assert not has_changed(noted, (4, 10))
    assert has_changed(noted, (4, 11))
    assert not has_changed(noted, (4, 11), "d")
    assert has_changed(noted, (4, 11), "e")
    assert has_changed(noted, None)
    assert not has_changed(replace(noted, size=None), None)


def test_hashing_is_off_the_kernels_path(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.truncate(300_000_000)  # holes: written at once, but long to read
    state = state_of(str(path))
    assert state is not None
    hashing = Hashing()
    try:
        for _ in range(3):
            hashing.ask(str(path), state)
        assert hashing.get(str(path), state) is None
        assert hashing.wait([(str(path), *state)], 30)
        assert hashing.get(str(path), state) == blake3(path.read_bytes()).hexdigest()
        assert hashing.wait([("never asked for", 1, 1)], 0.1)
        gone = (str(tmp_path / "gone"), 1, 1)
        hashing.ask(gone[0], (1, 1))
        assert hashing.wait([gone], 5)
        assert hashing.get(gone[0], (1, 1)) is None
    finally:
        hashing.stop()


# ---------------------------------------------------------------- what may go


def test_what_may_go_to_the_server(home: Path) -> None:
    local, remote = Settings(home=home), Settings(home=home, url="https://figures.example.org")
    assert Rules.of(local).refusal("/x/a.csv", 10) == ""
    assert Rules.of(remote).refusal("/x/a.csv", 10) == ASKS
    assert Rules.of(remote, is_allowed=True).refusal("/x/a.csv", 10) == ""
    assert "100 MB" in Rules.of(local).refusal("/x/a.csv", 100_000_001)
    listed = remote.with_(inputs="listed", input_folders=["/x"])
    assert Rules.of(listed).refusal("/x/y/a.csv", 10) == ""
    assert "input_folders" in Rules.of(listed).refusal("/xy/a.csv", 10)
    assert Rules.of(local.with_(inputs="ask")).refusal("/x/a.csv", 10) == ASKS
    assert Rules.of(local.with_(inputs="off")).refusal("/x/a.csv", 10)
