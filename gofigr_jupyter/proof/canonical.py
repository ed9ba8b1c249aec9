"""Figures that are text, in one spelling: what another run draws anew (ids, dates, hashes) is named by its order.

In: bytes of an SVG, of JSON or of HTML. Out: a canonical form that equals another exactly when they show the same data,
and a walk that says where two JSON values differ. Draws nothing, runs nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

CLOSE = 1e-9  # relative; the last digits of a float may differ between processors
MOST_PLACES = 20
DEEPEST = 100
# What libraries draw anew, as whole words of JSON: UUIDs and bokeh's p1001; Vega's view_12 and param_3.
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}"
_OF_PAGES = re.compile(rf"\b(?:{_UUID})\b|(?<=[\"'])p\d{{4,}}(?=[\"'])")
_OF_VEGA = re.compile(r'(?<=")(?:view|param|layer|concat|selector)_?\d+(?=")')
_ID = re.compile(r"""\bid="([^"]+)\"""")
_REFERENCE = re.compile(r"""(?<=#)[^"')\s]+(?=["')])""")
_SVG_DATED = re.compile(r"<metadata\b.*?</metadata>|<!--.*?-->|<\?xml[^>]*\?>|<!DOCTYPE[^>]*>", re.DOTALL)
_PDF_DATED = re.compile(rb"/(CreationDate|ModDate)\s*\([^)]*\)|/ID\s*\[[^\]]*\]")
_PLOTLY = ("data", "layout", "frames")


def svg(content: bytes) -> str:
    """An SVG without its date and remarks, its ids numbered in their order."""
    text = _SVG_DATED.sub("", content.decode("utf-8", "replace"))
    names: dict[str, str] = {}
    for name in _ID.findall(text):
        names.setdefault(name, f"i{len(names)}")
    text = _ID.sub(lambda match: f'id="{names[match[1]]}"', text)
    return " ".join(_REFERENCE.sub(lambda match: names.get(match[0], match[0]), text).split())


def pdf(content: bytes) -> bytes:
    """A PDF without its dates."""
    return _PDF_DATED.sub(b"", content)


def text(content: bytes) -> str:
    """HTML, or any other text, with what is drawn anew numbered in its order."""
    return _numbered(_OF_PAGES, content.decode("utf-8", "replace"))


def figure(mime_type: str, content: bytes) -> Any:
    """The data of a figure's JSON: of plotly's its traces, layout and frames, of others all. Raises ValueError."""
    told = content.decode("utf-8", "replace")
    try:
        if "plotly" in mime_type:
            value = json.loads(told)
            return {name: value[name] for name in _PLOTLY if value.get(name)} if isinstance(value, dict) else value
        return json.loads(_numbered(_OF_VEGA if "vega" in mime_type else _OF_PAGES, told))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def differences(one: Any, other: Any) -> tuple[list[str], int]:
    """Where two JSON values differ, at most twenty paths, and how many numbers differ in their last digits alone."""
    places: list[str] = []
    rounded = 0
    for path, is_rounding in _walk(one, other, "", 0):
        rounded += is_rounding
        if not is_rounding:
            places.append(path)
            if len(places) == MOST_PLACES:
                break
    return places, rounded


def _walk(one: Any, other: Any, path: str, depth: int) -> Iterator[tuple[str, bool]]:
    if depth > DEEPEST:
        if one != other:
            yield path, False
    elif isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in [*one, *(name for name in other if name not in one)]:
            if name == "uid":  # of a plotly trace: drawn anew each time
                continue
            here = f"{path}.{name}".lstrip(".")
            if name in one and name in other:
                yield from _walk(one[name], other[name], here, depth + 1)
            else:
                yield here, False
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{path} ({len(one)} values, {len(other)} now)", False
        else:
            yield from _walk_list(one, other, path, depth)
    elif not _is_same(one, other):
        yield path or "the whole", _is_close(one, other)


def _walk_list(one: list[Any], other: list[Any], path: str, depth: int) -> Iterator[tuple[str, bool]]:
    for number, (left, right) in enumerate(zip(one, other, strict=True)):
        yield from _walk(left, right, f"{path}[{number}]", depth + 1)


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _is_close(one: Any, other: Any) -> bool:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))
    return numbers and math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-300)


def _numbered(pattern: re.Pattern[str], content: str) -> str:
    names: dict[str, str] = {}
    return pattern.sub(lambda match: names.setdefault(match[0], f"drawn-{len(names)}"), content)
