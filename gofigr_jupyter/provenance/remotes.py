"""Remote URLs of git: without credentials, and as links for people to a commit.

In: a URL as git knows it (https, ssh, scp-like, a path). Out: text. No I/O.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from gofigr_jupyter.provenance.secrets import mask

_SCP_LIKE = re.compile(r"(?:([^@/:\s]{1,100})@)?([\w.-]{2,255}):(?!//|:)(.+)", re.ASCII)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def without_credentials(url: str) -> str:
    """The URL without user name, password, token, query and fragment; the `git@` of ssh stays."""
    if "://" not in url:
        return mask(url)[0]
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(a remote that is no URL)"
    user = f"{parts.username}@" if parts.scheme in {"ssh", "git+ssh"} and parts.username else ""
    host = f"[{host}]" if ":" in host else host
    return mask(f"{parts.scheme}://{user}{host}{port}{parts.path}")[0]


def commit_link(url: str, commit: str) -> str | None:
    """The page of a commit at the hosts that have one; None for paths and whatever has no host."""
    place = _host_and_path(url)
    if place is None:
        return None
    base, host, path = place
    path = quote(mask(path)[0].strip("/").removesuffix(".git"), safe="/~+.-_*")
    if host == "ssh.dev.azure.com" and path.count("/") == 3:  # v3/organisation/project/repository
        _, organisation, project, repository = path.split("/")
        return f"https://dev.azure.com/{organisation}/{project}/_git/{repository}/commit/{commit}"
    middle = "commits" if "bitbucket" in host else "-/commit" if "gitlab" in host else "commit"
    return f"{base}/{path}/{middle}/{commit}" if path else None


def _host_and_path(url: str) -> tuple[str, str, str] | None:
    """The web address of the host, its name, and the repository's path on it."""
    if "://" not in url:
        match = _SCP_LIKE.fullmatch(url)
        if match is None or _DRIVE.match(url):
            return None
        return f"https://{match[2]}", match[2].lower(), match[3]
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme not in {"http", "https", "ssh", "git", "git+ssh"}:
        return None
    is_web = parts.scheme in {"http", "https"}
    name = f"[{host}]" if ":" in host else host
    base = f"{parts.scheme if is_web else 'https'}://{name}{f':{port}' if is_web and port else ''}"
    return base, host, parts.path
