"""Settings: arguments > environment > file > defaults; credentials stay where they belong."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.records import Ref
from gofigr_jupyter.settings import (
    GOFIGR_URL,
    ApiId,
    FindByName,
    NotebookName,
    Settings,
    as_ref,
    load_account,
    looks_like_id,
    store_account,
)


def load(tmp_path: Path, content: object = None, **environ: str) -> Settings:
    """Settings with a `.gofigr` file in a parent of the working folder."""
    if content is not None:
        (tmp_path / ".gofigr").write_text(json.dumps(content) if not isinstance(content, str) else content)
    (tmp_path / "deep" / "er").mkdir(parents=True, exist_ok=True)
    return Settings.load(start=tmp_path / "deep" / "er", environ={"HOME": "/nonexistent", **environ})


def test_nothing_given_means_the_embedded_server(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.is_embedded
    assert settings.auto_publish
    assert store_account(settings) is None


def test_each_source_beats_the_next(tmp_path: Path) -> None:
    content = {"api_key": "f", "workspace": "file", "analysis": "file", "auto_publish": "false", "other": 1}
    (tmp_path / ".gofigr").write_text(json.dumps(content))
    settings = Settings.load(start=tmp_path, environ={"GF_WORKSPACE": "env", "GF_ANALYSIS": "env"}, analysis="arg")
    assert (settings.api_key, settings.workspace, settings.analysis) == ("f", "env", "arg")
    assert settings.auto_publish is False
    assert settings.url == GOFIGR_URL


def test_home_folder_is_searched_last(tmp_path: Path) -> None:
    user = tmp_path / "user"
    user.mkdir()
    (user / ".gofigr").write_text('{"url": "https://team.example/"}')
    settings = Settings.load(start=tmp_path / "elsewhere", environ={"HOME": str(user)})
    assert settings.url == "https://team.example"


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "not valid JSON"), ("[]", "JSON object"), ({"url": "ftp://x"}, "http"), ({"card": "big"}, "card is one of")],
)
def test_bad_files_say_what_to_do(tmp_path: Path, content: object, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        load(tmp_path, content)


def test_bad_arguments() -> None:
    for bad in ({"formats": "bmp"}, {"auto_publish": "perhaps"}, {"colour": 1}, {"url": "https://a:b@host/"}):
        with pytest.raises(ConfigurationError):
            Settings.load(environ={}, start=Path("/"), **bad)


def test_credentials_are_in_no_repr(tmp_path: Path) -> None:
    settings = load(tmp_path, GF_API_KEY="s3cret-key", GF_PASSWORD="s3cret-pw")
    assert "s3cret" not in repr(settings)


def test_account_files_are_private_and_their_ids_tell_nothing(home: Path, tmp_path: Path) -> None:
    settings = Settings.load(start=tmp_path, environ={"GF_API_KEY": "s3cret"}, home=home)
    account_id = store_account(settings)
    assert account_id is not None
    assert "s3cret" not in account_id
    path = home / "accounts" / f"{account_id}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_account(home, account_id).api_key == "s3cret"


def test_account_of_a_file_follows_the_file(home: Path, tmp_path: Path) -> None:
    file = tmp_path / ".gofigr"
    file.write_text('{"api_key": "old"}')
    account_id = store_account(Settings.load(start=tmp_path, environ={}, home=home))
    assert account_id is not None
    assert "old" not in (home / "accounts" / f"{account_id}.json").read_text()
    file.write_text('{"api_key": "new"}')
    assert load_account(home, account_id).api_key == "new"
    file.unlink()
    with pytest.raises(ConfigurationError, match="login"):
        load_account(home, account_id)


def test_places() -> None:
    an_id = "0B5F0A9E-8C1D-4E4B-9B3A-6F2C1D7E8A90"
    assert as_ref(an_id) == as_ref(ApiId(an_id.lower())) == Ref(api_id=an_id.lower())
    assert as_ref("My analysis") == Ref(name="My analysis")
    assert as_ref(FindByName("x", create=False)) == Ref(name="x", create=False)
    assert as_ref(None) == as_ref(NotebookName()) == as_ref(NotebookName) == Ref()
    with pytest.raises(ConfigurationError):
        as_ref(42)


@given(st.uuids())
def test_every_uuid_is_an_id(value: UUID) -> None:
    assert looks_like_id(str(value))
    assert not looks_like_id(f"figure {value}")


def test_pages_of_gofigr_are_on_another_host() -> None:
    assert Settings(url="https://api.gofigr.io").page_url() == "https://app.gofigr.io"
    assert Settings(url="https://team.example").page_url() == "https://team.example"


def test_watermark_off_leaves_the_format_out() -> None:
    assert "watermark" not in Settings(watermark=False).wanted_formats()


def test_what_becomes_of_files_that_are_read(tmp_path: Path) -> None:
    assert load(tmp_path).inputs_rule == "all"
    assert load(tmp_path, {"url": "https://team.example"}).inputs_rule == "ask"
    chosen = load(tmp_path, {}, GF_INPUTS="listed", GF_INPUT_FOLDERS="/data:raw", GF_INPUT_SIZE_LIMIT="1.5 GB")
    assert (chosen.inputs_rule, chosen.input_folders, chosen.input_size_limit) == ("listed", ("/data", "raw"), 1_500_000_000)
    assert load(tmp_path, {"input_folders": ["a", "b"], "input_size_limit": 10}).input_folders == ("a", "b")
    assert chosen.with_(inputs=None).inputs_rule == "all"
    for wrong in ({"inputs": "some"}, {"input_size_limit": "large"}, {"input_size_limit": -1}):
        with pytest.raises(ConfigurationError, match=next(iter(wrong))):
            chosen.with_(**wrong)
