"""Addresses as people paste them: a few forms are read, everything else is refused without repeating it."""

from __future__ import annotations

import pytest

from gofigr_jupyter.server.fetching import Unreachable
from gofigr_jupyter.server.git.address import branch, parse


@pytest.mark.parametrize(
    ("text", "url", "shown", "name"),
    [
        ("https://github.com/a/b.git", "https://github.com:443/a/b.git", "https://github.com/a/b.git", "b"),
        (" https://GitHub.com./a/b/ ", "https://github.com:443/a/b/", "https://github.com/a/b/", "b"),
        ("https://h.org:8443/r", "https://h.org:8443/r", "https://h.org:8443/r", "r"),
        ("ssh://git@h.org/a/b", "ssh://git@h.org:22/a/b", "ssh://git@h.org/a/b", "b"),
        ("git@h.org:a/b.git", "git@h.org:a/b.git", "git@h.org:a/b.git", "b"),
        ("git@h.org:/srv/b.git", "ssh://git@h.org:22/srv/b.git", "ssh://git@h.org/srv/b.git", "b"),
        (
            "ssh://git@[2606:2800::1]:29418/b",
            "ssh://git@[2606:2800::1]:29418/b",
            "ssh://git@[2606:2800::1]:29418/b",
            "b",
        ),
        ("https://bücher.example/r", "https://xn--bcher-kva.example:443/r", "https://xn--bcher-kva.example/r", "r"),
    ],
)
def test_forms(text: str, url: str, shown: str, name: str) -> None:
    address = parse(text)
    assert (address.url, address.shown, address.name) == (url, shown, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/srv/repo",
        "./repo",
        "file:///srv/repo",
        "C:\\repo",
        "c:/repo",
        "ext::sh -c id",
        "ext::sh%20-c%20id",
        "fd::17",
        "git://h.org/r",
        "ftp://h.org/r",
        "http+unix://h/r",
        "-oProxyCommand=id:r",
        "--upload-pack=id",
        "ssh://-oProxyCommand=id/r",
        "ssh://-l@h.org/r",
        "-l@h.org:r",
        "git@h.org:-r",
        "git@h.org://r",
        "https://h.org",
        "https://h.org/",
        "https://h.org/r?x=1",
        "https://h.org/r#x",
        "https://h.org:0/r",
        "https://h.org:99999/r",
        "https://h.org/r\n--x",
        "https://h.org\\@127.0.0.1/r",
        "https://127.1/r",
        "https://[fe80::1/r",
        "https:///r",
        "https://h.org/`id`",
    ],
)
def test_everything_else(text: str) -> None:
    with pytest.raises(Unreachable):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["https://ada:s3cr3t@h.org/r", "https://s3cr3t@h.org/r", "ssh://git:s3cr3t@h.org/r", "http://:s3cr3t@h.org/r"],
)
def test_secrets_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Unreachable) as refusal:
        parse(text)
    assert "s3cr3t" not in str(refusal.value)
    assert "SSH key" in str(refusal.value)


@pytest.mark.parametrize("name", ["main", "feature/x-1", "v1.0", "größe", "a@b"])
def test_branches(name: str) -> None:
    assert branch(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-x",
        "--upload-pack=id",
        "/a",
        "a/",
        "a..b",
        "a b",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "@{u}x@{",
        "a\\b",
        "a.lock",
        ".a",
        "a//b",
        "a\n",
    ],
)
def test_what_is_no_branch(name: str) -> None:
    with pytest.raises(Unreachable):
        branch(name)
