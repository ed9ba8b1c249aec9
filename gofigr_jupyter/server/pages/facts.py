"""A revision's metadata, which may be any JSON from anybody, as words that a page can show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gofigr_jupyter.server.pages.words import plain, web_link

# Shown in places of their own, or of no interest to a reader.
KNOWN = frozenset(
    {"title", "kind", "cell_id", "execution_count", "notebook_name", "notebook_path", "kernel", "python_version"}
    | {"backend", "git", "client", "captured_on", "secrets_masked", "missing", "session_id", "input", "platform"}
    | {"verdict", "inputs", "inputs_unlisted"}
)
MAX_EXTRA = 80
MAX_VALUE = 4000
LABELS = {
    "svg": "SVG",
    "pdf": "PDF",
    "png": "PNG",
    "html": "Interactive HTML",
    "json": "JSON",
    "environment": "Packages",
    "source": "Figure source",
    "watermark": "Watermarked picture",
    "picture": "Static picture",
    "series": "Plotted data",
    "axes": "Axes of the plotted data",
    "cdn": "On the CDN",
}


@dataclass(frozen=True, slots=True)
class Git:
    """The repository as the cell found it; `link` and `remote_link` are web addresses or empty."""

    branch: str
    commit: str
    link: str
    remote: str
    remote_link: str
    is_dirty: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of where a revision came from; empty text is unknown."""

    notebook: str = ""
    notebook_path: str = ""
    cell: str = ""
    title: str = ""
    python: str = ""
    backend: str = ""
    masked: int = 0
    git: Git | None = None
    cdn: str = ""  # where its picture is on a CDN, a web address
    missing: tuple[tuple[str, str], ...] = ()
    extra: tuple[tuple[str, str, bool], ...] = ()  # name, value, whether the value is JSON on several lines


def facts_of(meta: Any) -> Facts:
    """Read what is there; whatever is not of the expected shape is unknown."""
    if not isinstance(meta, Mapping):
        return Facts(extra=(_extra("metadata", meta),) if meta not in (None, "") else ())
    count, cdn = meta.get("execution_count"), _address(meta.get("cdn"))
    known = KNOWN | {"cdn"} if cdn else KNOWN
    return Facts(
        notebook=plain(meta.get("notebook_name")),
        notebook_path=plain(meta.get("notebook_path"), 500),
        cell=f"In [{count}]" if isinstance(count, int) and not isinstance(count, bool) else "",
        title=plain(meta.get("title")),
        python=plain(meta.get("python_version"), 60),
        backend=plain(meta.get("backend"), 100),
        masked=_number(meta.get("secrets_masked")),
        git=_git(meta.get("git")),
        cdn=cdn,
        missing=_missing(meta.get("missing")),
        extra=tuple(_extra(key, value) for key, value in islice(meta.items(), MAX_EXTRA) if key not in known),
    )


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _git(value: Any) -> Git | None:
    if not isinstance(value, Mapping):
        return None
    remote = value.get("remote_url")
    git = Git(
        branch=plain(value.get("branch")),
        commit=plain(value.get("hash"), 64),
        link=web_link(value.get("commit_link")),
        remote=plain(remote, 200),
        remote_link=web_link(remote),
        is_dirty=value.get("is_dirty") is True,
    )
    return git if git.commit or git.branch or git.remote else None


def _address(value: Any) -> str:
    return web_link(value.get("address")) if isinstance(value, Mapping) else ""


def _missing(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        return ()
    pairs = [(LABELS.get(fact) or _spoken(fact), plain(reason, 500)) for fact, reason in value.items()]
    return tuple((fact, reason or "no reason was given") for fact, reason in pairs[:MAX_EXTRA] if fact)


def _extra(key: Any, value: Any) -> tuple[str, str, bool]:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return plain(str(key), 80), plain(value, MAX_VALUE), False
    text = json.dumps(value, indent=1, ensure_ascii=False)[:MAX_VALUE]
    return plain(str(key), 80), text, isinstance(value, list | dict)


def _spoken(fact: str) -> str:
    return plain(fact.replace("_", " "), 60).capitalize()
