"""What pages of other origins may do here, always without cookies: each opening, by its paths and methods.

In: a request's path and method. Out: the headers with which the answer crosses over, or nothing. A secret of its own
opens each of them: a token or a slug in the address that nobody can guess, a key in a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Opening:
    """Paths that any page may ask, with these methods; `shown` are headers of the answer that it may read.

    With `any_method` other methods are let through, too, and refused by the route itself, where the page can see it.
    """

    paths: re.Pattern[str]
    methods: tuple[str, ...]
    takes: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    any_method: bool = False
    is_embedded: bool = False  # in pages, as their pictures are

    @property
    def headers(self) -> Mapping[str, str]:
        """What the answer says."""
        said = {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": ", ".join(self.methods),
            "access-control-allow-headers": ", ".join(self.takes),
            "access-control-max-age": "600",
        }
        if self.shown:
            said["access-control-expose-headers"] = ", ".join(self.shown)
        if self.is_embedded:
            said["cross-origin-resource-policy"] = "cross-origin"
        return said


MAILBOX = Opening(re.compile(r"/api/v1(\.[0-9]+)*/metadata/[^/]+"), ("POST",), ("content-type", "accept"))
OPENINGS = (
    MAILBOX,  # the page around a kernel puts in what it knows of the notebook
    Opening(
        re.compile(r"/api/sdk/.*", re.DOTALL),
        ("GET", "POST"),
        ("content-type", "accept", "x-fig1-api-key"),
        any_method=True,
    ),
    Opening(
        re.compile(r"/cdn/upload/.*", re.DOTALL),
        ("PUT", "HEAD", "PATCH"),
        ("content-type", "accept", "upload-offset"),
        ("upload-offset",),
        any_method=True,
    ),
    Opening(
        re.compile(r"/cdn/sites/.*", re.DOTALL),
        ("GET", "HEAD"),
        ("accept", "range", "if-none-match", "if-range"),
        ("etag", "content-length", "content-range", "accept-ranges"),
        any_method=True,
        is_embedded=True,
    ),
)


def opening(path: str, method: str) -> Opening | None:
    """The one for this request, whoever sends it; `method` is the one that is asked for where a browser asks first."""
    found = next((one for one in OPENINGS if one.paths.fullmatch(path)), None)
    return found if found is not None and (found.any_method or method in found.methods) else None
