"""What a revision consists of, as comparisons need it: code, packages, inputs, commit, picture; and what changed.

In: full revisions. Out: plain values; bytes are fetched when somebody asks, the same ones once. Prints nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from gofigr_jupyter.client.data import DataObject
from gofigr_jupyter.client.figures import Revision

# How the official client names what has no role.
_NAMES = {"Jupyter Cell": "cell", "Jupyter History": "history", "pip freeze": "packages", "git diff": "git-diff"}
_CODE = ("slice", "cell", "script")
# Facts that differ with every run and say nothing of the figure, and those that are compared by themselves.
_PASSING = {"captured_on", "execution_count", "cell_id", "client", "kernel", "inputs", "git", "verdict", "missing"}
_PINNED = re.compile(r"(?:-e )?([\w.-]+)\s*(?:===?|@)\s*(.+)")
_LARGEST_CODE = 4_000_000
# What a slice tells of its run: how many statements there were, and the numbers of cells.
_COUNTED = re.compile(r"\A# The \d+ of \d+ statements [^\n]*\n+")
_NUMBER = re.compile(r"(?m)^# In \[\d+\]$")

Change = tuple[str | None, str | None]  # before and after; None where there was nothing


class Texts:
    """The texts of data objects, each content fetched once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, item: DataObject) -> str:
        """The text of a data object; raises APIError."""
        key = item.hash or item.api_id
        if key not in self._known:
            self._known[key] = item.text() if item.size_bytes <= _LARGEST_CODE else "(too long to be shown)"
        return self._known[key]


class Parts:
    """One revision, taken apart."""

    def __init__(self, revision: Revision, texts: Texts) -> None:
        self.revision = revision
        self._texts = texts

    @property
    def number(self) -> int:
        """As people count: the first is 1."""
        return self.revision.revision_index + 1

    @property
    def author(self) -> str:
        """Who made it."""
        return self.revision.created_on_behalf_name or self.revision.created_by or "somebody"

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Its metadata; empty where they are no object."""
        return self.revision.metadata if isinstance(self.revision.metadata, dict) else {}

    @cached_property
    def code_item(self) -> DataObject | None:
        """The code that makes the figure: the slice, else the cell, else the script."""
        return next((item for role in _CODE for item in self.items(role)), None)

    @property
    def code(self) -> str:
        """That code; empty where there is none."""
        return self._texts.of(self.code_item).strip("\n") if self.code_item is not None else ""

    @property
    def lasting_code(self) -> str:
        """The same without what differs each time the same code is run."""
        return _NUMBER.sub("# In [ ]", _COUNTED.sub("", self.code))

    @cached_property
    def packages(self) -> dict[str, str]:
        """Versions, or origins, by package."""
        text = "".join(self._texts.of(item) for item in self.items("packages")[:1])
        found = (_PINNED.fullmatch(line.strip()) for line in text.splitlines())
        return {match[1]: match[2] for match in found if match}

    @property
    def inputs(self) -> dict[str, str]:
        """The files that were read: from path to digest."""
        told = self.metadata.get("inputs")
        listed = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
        return {str(one.get("path") or one.get("name")): str(one.get("digest") or one.get("size")) for one in listed}

    @property
    def commit(self) -> str:
        """The git commit, and whether there were changes that it does not have."""
        git = self.metadata.get("git")
        if not isinstance(git, dict) or not git.get("hash"):
            return ""
        return f"{git['hash']}{' with uncommitted changes' if git.get('is_dirty') else ''}"

    @property
    def facts(self) -> dict[str, str]:
        """The rest of the metadata, as text."""
        return {name: str(value) for name, value in self.metadata.items() if name not in _PASSING and value is not None}

    @cached_property
    def pictures(self) -> list[DataObject]:
        """What was displayed; the pictures without link where nothing says which these were."""
        shown = self.items("displayed")
        return shown or [item for item in self.items("picture") if not item.metadata.get("is_watermarked")]

    def items(self, *roles: str) -> list[DataObject]:
        """The data objects of some roles, in their order."""
        return [item for item in self.revision.data if role_of(item) in roles]


def role_of(item: DataObject) -> str:
    """What a data object is for; found out for those of other clients."""
    role = item.metadata.get("role")
    if isinstance(role, str):
        return role
    return _NAMES.get(item.name or "") or ("picture" if item.type == "image" else "")


def changed(before: Parts, after: Parts) -> list[str]:
    """What is different, in words; by hashes, nothing is fetched but code that may be the same all the same."""
    kinds = {"picture": ("displayed",), "packages": ("packages",)}
    found = ["code"] if _is_other_code(before, after) else []
    found += [word for word, roles in kinds.items() if _hashes(before.items(*roles)) != _hashes(after.items(*roles))]
    found += ["inputs"] if before.inputs != after.inputs else []
    found += ["commit"] if before.commit != after.commit else []
    return found + (["metadata"] if before.facts != after.facts else [])


def _is_other_code(before: Parts, after: Parts) -> bool:
    hashes = [{one.code_item.hash or one.code_item.api_id} if one.code_item else set() for one in (before, after)]
    return hashes[0] != hashes[1] and before.lasting_code != after.lasting_code


def _hashes(items: Iterable[DataObject]) -> set[str]:
    return {item.hash or item.api_id for item in items}


def compared(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Change]:
    """The entries that are not the same, by name."""
    names = sorted({*before, *after}, key=str.casefold)
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
