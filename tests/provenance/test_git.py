"""Real repositories, kind and hostile ones."""

import os
import subprocess
import sys

import pytest

from gofigr_jupyter.provenance import git, git_program
from gofigr_jupyter.provenance.remotes import commit_link, without_credentials
from gofigr_jupyter.records import GitState, Missing


def run(folder, *arguments):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *who, "-C", str(folder), *arguments], capture_output=True, text=True, check=True, env=_clean()
    )
    return done.stdout.strip()


def _clean():
    return {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}


@pytest.fixture
def repo(tmp_path):
    folder = tmp_path / "repo"
    folder.mkdir()
    run(folder, "init", "-q")
    (folder / "a.py").write_text("x = 1\n")
    run(folder, "add", ".")
    run(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_clean_repository(repo):
    state = git.read(repo)
    assert state == GitState("main", run(repo, "rev-parse", "HEAD"), False, None, None, None)


def test_changes_are_told_and_masked(repo):
    (repo / "a.py").write_text("x = 2\npassword = 'hunter2'\n")
    state, masked = git.read_counted(repo / ".")
    assert state.is_dirty
    assert "+x = 2" in state.diff
    assert "hunter2" not in state.diff
    assert masked == 1


def test_staged_changes_and_subfolders_count_too(repo):
    (repo / "sub").mkdir()
    (repo / "a.py").write_text("x = 3\n")
    run(repo, "add", ".")
    state = git.read(repo / "sub")
    assert state.is_dirty
    assert "+x = 3" in state.diff


def test_untracked_files_are_not_changes(repo):
    (repo / "output.png").write_bytes(b"x")
    assert git.read(repo).is_dirty is False


def test_a_long_diff_is_cut_and_notebooks_come_last(repo):
    (repo / "n.ipynb").write_text("{}")
    (repo / "z.txt").write_text("")
    run(repo, "add", ".")
    run(repo, "commit", "-q", "-m", "second")
    (repo / "n.ipynb").write_text('{"image": "' + "A" * 1_000_000 + '"}')
    (repo / "a.py").write_text("x = 9\n")
    diff = git.read(repo).diff
    assert diff.index("a.py") < diff.index("n.ipynb")
    assert len(diff) < 5000
    (repo / "z.txt").write_text("line\n" * 200_000)
    diff = git.read(repo).diff
    assert git.LIMIT - 1000 < len(diff) < git.LIMIT + 200
    assert "cut here" in diff


def test_a_detached_head_has_no_branch(repo):
    run(repo, "checkout", "-q", "--detach")
    state = git.read(repo)
    assert state.branch is None
    assert state.commit


def test_the_remote_of_the_branch_counts_and_loses_its_credentials(repo):
    run(repo, "remote", "add", "origin", "https://me:hunter2@github.com/me/repo.git")
    state = git.read(repo)
    assert state.remote == "https://github.com/me/repo.git"
    assert state.link == f"https://github.com/me/repo/commit/{state.commit}"
    run(repo, "remote", "add", "fork", "git@gitlab.com:you/repo.git")
    run(repo, "config", "branch.main.remote", "fork")
    assert git.read(repo).link == f"https://gitlab.com/you/repo/-/commit/{state.commit}"


def test_a_worktree_and_a_submodule(repo, tmp_path):
    run(repo, "worktree", "add", "-q", "-b", "side", str(tmp_path / "tree"))
    assert git.read(tmp_path / "tree").branch == "side"
    outer = tmp_path / "outer"
    outer.mkdir()
    run(outer, "init", "-q")
    run(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo), "inner")
    run(outer, "commit", "-q", "-m", "with a submodule")
    assert git.read(outer).is_dirty is False
    assert git.read(outer / "inner").commit == run(repo, "rev-parse", "HEAD")


def test_what_is_no_repository_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git.read(tmp_path) == Missing("not a git repository")
    assert git.read(tmp_path / "gone") == Missing("the working directory does not exist")
    assert isinstance(git.read(""), Missing | GitState)
    run(tmp_path, "init", "-q", "empty")
    assert git.read(tmp_path / "empty") == Missing("the git repository has no commit yet")
    run(tmp_path, "init", "-q", "--bare", "bare")
    assert git.read(tmp_path / "bare") == Missing("a git repository without a working tree")
    broken = tmp_path / "broken"
    (broken / ".git").mkdir(parents=True)
    (broken / ".git" / "HEAD").write_bytes(b"\xff\xfe")
    assert isinstance(git.read(broken), Missing)


def test_without_git_the_reason_is_told(repo, monkeypatch):
    monkeypatch.setenv("PATH", str(repo))
    assert git.read(repo) == Missing("git is not installed")


def _stand_in(tmp_path, monkeypatch, code):
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "git"
    program.write_text(f"#!{sys.executable}\n{code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_a_git_that_hangs_is_given_up(tmp_path, monkeypatch):
    _stand_in(tmp_path, monkeypatch, "import time\ntime.sleep(60)")
    monkeypatch.setattr(git_program, "PATIENCE", 0.3)
    assert git.read(tmp_path) == Missing("git took longer than 0.3 s")


def test_a_git_that_only_fails_says_why(tmp_path, monkeypatch):
    _stand_in(tmp_path, monkeypatch, "import sys\nsys.exit('fatal: index file corrupt')")
    assert git.read(tmp_path) == Missing("git failed: index file corrupt")


def test_nothing_that_the_repository_configures_is_run(repo, tmp_path):
    proof = tmp_path / "ran"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {proof}\ncat\n")
    program.chmod(0o755)
    (repo / ".gitattributes").write_text("*.py diff=evil filter=evil\n*.txt filter=evil2\n")
    (repo / "b.txt").write_text("b\n")
    run(repo, "add", ".")
    run(repo, "commit", "-q", "-m", "attributes")
    for key in (
        "core.fsmonitor", "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean",
        "filter.evil.smudge", "filter.evil2.process", "core.pager", "core.sshCommand", "core.gitProxy", "core.editor",
        "credential.helper", "core.askPass", "gpg.program", "alias.status", "alias.diff", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        run(repo, "config", key, f"!{program}" if key.startswith("alias") else str(program))
    run(repo, "config", "filter.evil.required", "true")
    run(repo, "config", "filter.evil2.required", "true")
    hooks = repo / ".git" / "hooks"
    for name in ("post-index-change", "pre-commit", "fsmonitor-watchman"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    (repo / "a.py").write_text("x = 7\n")
    (repo / "b.txt").write_text("c\n")
    proof.unlink(missing_ok=True)
    state = git.read(repo)
    assert state.is_dirty
    assert "+x = 7" in state.diff
    assert not proof.exists()


def test_the_environment_of_a_hook_does_not_mislead(repo, tmp_path, monkeypatch):
    other = tmp_path / "other"
    run(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
    assert git.read(repo).branch == "main"


def test_reading_writes_nothing(repo):
    (repo / "a.py").write_text("x = 4\n")
    before = {p: p.stat().st_mtime_ns for p in repo.rglob("*") if p.is_file()}
    git.read(repo)
    assert {p: p.stat().st_mtime_ns for p in repo.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(
    ("url", "clean", "link"),
    [
        ("https://github.com/u/r.git", "https://github.com/u/r.git", "https://github.com/u/r/commit/c0"),
        ("https://tok@github.com/u/r", "https://github.com/u/r", "https://github.com/u/r/commit/c0"),
        ("git@github.com:u/r.git", "git@github.com:u/r.git", "https://github.com/u/r/commit/c0"),
        ("ssh://git@github.com:22/u/r.git", "ssh://git@github.com:22/u/r.git", "https://github.com/u/r/commit/c0"),
        ("ssh://me:pw@host.org/r", "ssh://me@host.org/r", "https://host.org/r/commit/c0"),
        ("https://gitlab.x.org/g/s/r.git", "https://gitlab.x.org/g/s/r.git", "https://gitlab.x.org/g/s/r/-/commit/c0"),
        ("https://bitbucket.org/u/r.git", "https://bitbucket.org/u/r.git", "https://bitbucket.org/u/r/commits/c0"),
        ("http://git.x.org:3000/u/r", "http://git.x.org:3000/u/r", "http://git.x.org:3000/u/r/commit/c0"),
        (
            "git@ssh.dev.azure.com:v3/o/p/r",
            "git@ssh.dev.azure.com:v3/o/p/r",
            "https://dev.azure.com/o/p/_git/r/commit/c0",
        ),
        ("https://x.org/u/r?token=hunter2", "https://x.org/u/r", "https://x.org/u/r/commit/c0"),
        ("/srv/git/r.git", "/srv/git/r.git", None),
        ("file:///srv/git/r.git", "file:///srv/git/r.git", None),
        ("C:\\git\\r", "C:\\git\\r", None),
        ("https://[broken", "(a remote that is no URL)", None),
        ("https://x.org:port/r", "(a remote that is no URL)", None),
        ("ext::sh -c evil", "ext::sh -c evil", None),
        ('https://x.org/"><script>', 'https://x.org/"><script>', "https://x.org/%22%3E%3Cscript%3E/commit/c0"),
    ],
)
def test_remotes(url, clean, link):
    assert without_credentials(url) == clean
    assert commit_link(url, "c0") == link


def _runs(monkeypatch):
    """Every command that is run from now on."""
    commands, run_git = [], git_program.Git.__call__

    def noted(self, *arguments, **more):
        commands.append(arguments[0])
        return run_git(self, *arguments, **more)

    monkeypatch.setattr(git_program.Git, "__call__", noted)
    return commands


def test_a_second_look_at_a_repository_runs_git_once(repo, monkeypatch):
    commands, reader = _runs(monkeypatch), git.Reader()
    first = reader.read_counted(repo)
    assert commands == ["config", "status"]
    assert reader.read_counted(repo) == first
    assert commands == ["config", "status", "status"]


def test_changes_that_stay_are_not_compared_again(repo, monkeypatch):
    (repo / "a.py").write_text("x = 2\npassword = 'hunter2'\n")
    commands, reader = _runs(monkeypatch), git.Reader()
    first = reader.read_counted(repo)
    assert first[1] == 1
    commands.clear()
    assert reader.read_counted(repo) == first
    assert commands == ["status"]


def test_each_further_change_is_seen(repo):
    reader = git.Reader()
    assert not reader.read_counted(repo)[0].is_dirty
    for text in ("x = 2\n", "x = 3\n", "x = 4\n"):  # the same size each time
        (repo / "a.py").write_text(text)
        assert f"+{text.strip()}" in reader.read_counted(repo)[0].diff
    run(repo, "commit", "-q", "-a", "-m", "second")
    assert reader.read_counted(repo)[0] == GitState("main", run(repo, "rev-parse", "HEAD"), False, None, None, None)
    run(repo, "remote", "add", "origin", "https://example.org/a.git")
    assert reader.read_counted(repo)[0].remote == "https://example.org/a.git"
    run(repo, "checkout", "-q", "-b", "side")
    assert reader.read_counted(repo)[0].branch == "side"
    run(repo, "mv", "a.py", "b.py")
    assert "rename from a.py" in reader.read_counted(repo)[0].diff
    (repo / "b.py").write_text("x = 9\n")
    assert "+x = 9" in reader.read_counted(repo)[0].diff


def test_a_name_with_spaces_and_a_change_below_a_subfolder_are_seen(repo):
    (repo / "sub").mkdir()
    (repo / "sub" / "ä b.py").write_text("y = 1\n")
    run(repo, "add", ".")
    run(repo, "commit", "-q", "-m", "more")
    reader = git.Reader()
    for number in range(2, 5):
        (repo / "sub" / "ä b.py").write_text(f"y = {number}\n")
        assert f"+y = {number}" in reader.read_counted(repo / "sub")[0].diff


def test_a_repository_that_begins_later_is_seen(tmp_path, monkeypatch):
    commands, reader = _runs(monkeypatch), git.Reader()
    assert reader.read_counted(tmp_path)[0] == Missing("not a git repository")
    commands.clear()
    assert reader.read_counted(tmp_path)[0] == Missing("not a git repository")
    assert commands == []
    run(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("x = 1\n")
    run(tmp_path, "add", ".")
    run(tmp_path, "commit", "-q", "-m", "first")
    assert reader.read_counted(tmp_path)[0].commit == run(tmp_path, "rev-parse", "HEAD")


def test_a_filter_defined_later_is_disarmed_too(repo, tmp_path):
    reader, trap = git.Reader(), tmp_path / "trap"
    reader.read_counted(repo)
    run(repo, "config", "filter.evil.clean", f"touch {trap}; cat")
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "attributes").write_text("*.py filter=evil\n")
    (repo / "a.py").write_text("x = 7\n")
    assert "+x = 7" in reader.read_counted(repo)[0].diff
    assert not trap.exists()
