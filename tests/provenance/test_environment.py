"""What is installed, told from real folders of real metadata."""

import importlib.metadata
import json
import sys

from gofigr_jupyter.provenance import environment


def install(folder, name, version, direct_url=None):
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: not me\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(direct_url if isinstance(direct_url, str) else json.dumps(direct_url))


def found(name):
    return {package.name: package for package in environment.read().packages}[name]


def test_it_agrees_with_the_standard_library():
    told = {package.name.lower(): package.version for package in environment.read().packages}
    for name in ("ipython", "pydantic", "pytest"):
        assert told[name] == importlib.metadata.version(name)
    assert environment.read().python == sys.version.split()[0]


def test_origins_are_told_without_credentials(tmp_path, monkeypatch):
    install(
        tmp_path,
        "from-git",
        "1.0",
        {"url": "https://me:hunter2@github.com/u/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
    )
    install(
        tmp_path, "editable", "2.0", {"url": "file:///home/me/r", "dir_info": {"editable": True}, "subdirectory": "py"}
    )
    install(tmp_path, "archive", "3.0", {"url": "https://x.org/a.whl?token=hunter2", "archive_info": {}})
    monkeypatch.syspath_prepend(str(tmp_path))
    assert found("from-git").origin == "git+https://github.com/u/r.git@abc"
    assert found("editable").is_editable
    assert found("editable").origin == "file:///home/me/r#subdirectory=py"
    assert found("archive").origin == "https://x.org/a.whl"


def test_damaged_metadata_takes_nothing_else_with_it(tmp_path, monkeypatch):
    install(tmp_path, "broken", "1.0", "{not json")
    (tmp_path / "empty-1.dist-info").mkdir()
    (tmp_path / "binary-1.dist-info").mkdir()
    (tmp_path / "binary-1.dist-info" / "METADATA").write_bytes(b"\xff\xfe\x00")
    install(tmp_path, "whole", "1.0", "[]")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert found("whole").origin is None


def test_the_first_on_the_path_counts(tmp_path, monkeypatch):
    install(tmp_path / "a", "Some.Package", "1.0")
    install(tmp_path / "b", "some-package", "2.0")
    monkeypatch.syspath_prepend(str(tmp_path / "b"))
    monkeypatch.syspath_prepend(str(tmp_path / "a"))
    assert found("Some.Package").version == "1.0"
    assert "some-package" not in {package.name for package in environment.read().packages}


def test_what_was_installed_changes_the_fingerprint_and_nothing_else_does(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend("")
    monkeypatch.chdir(tmp_path)
    before = environment.fingerprint()
    (tmp_path / "notebook.ipynb").write_text("{}")
    (tmp_path / "__pycache__").mkdir()
    assert environment.fingerprint() == before
    install(tmp_path, "new", "1.0")
    installed = environment.fingerprint()
    assert installed != before
    (tmp_path / "new-1.0.dist-info").rename(tmp_path / "new-1.1.dist-info")
    assert environment.fingerprint() not in {before, installed}
