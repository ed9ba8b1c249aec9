"""Takes secrets out of source code, shell lines and diffs; the rest of the text stays as it is, and valid Python.

In: text. Out: the text with `***` in place of each secret, and how many there were. Every pattern is anchored, bounded
or possessive, so that the time is linear in the text, whatever it is. Knows nothing of cells, git or notebooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gofigr_jupyter.provenance.secret_names import SecretNames, Span
from gofigr_jupyter.provenance.secret_shapes import SHAPES, is_key, is_worth, looks_random, names_secret

MASK = "***"

_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_ARMOUR = re.compile(r"(?:[A-Za-z0-9+/=\s]|\\[nr])*+")
_LONGEST_KEY = 20_000

_URL_PASSWORD = re.compile(r"://[^\s/?#'\"@:<>\\]{0,256}:([^\s/'\"<>\\]{1,512})@")
_URL_TOKEN = re.compile(r"://([^\s/?#'\"@:<>\\]{16,512})@")

_BEARER = re.compile(r"bearer[ \t]{1,4}([\w.~+/-]{8,2000}+=*)", re.ASCII)
_AUTHORIZATION = re.compile(
    r"authorization(?:\\{0,3}[\"']\]?\s{0,8}[:=,]\s{0,8}f?\\{0,3}[\"'](?:(?:basic|token|bearer|apikey|key|digest)\s{1,4})?+"
    r"|\s{0,4}:\s{0,4}(?:basic|token|bearer|apikey)\s{1,4})([^\s\"'\\{}]{6,2000})"
)
_OPTION = re.compile(
    r"--(?<![\w-]--)([a-zA-Z][\w-]{1,60})(?:[ \t]{0,4}=[ \t]{0,4}|[ \t]{1,4})[\"']?([^\s\"'=][^\s\"']{0,500})"
)
_USER = re.compile(
    r"(?:-u(?<=[\s\"']-u)|--user(?<=[\s\"']--user))[ =]{0,4}"
    r"\\{0,3}[\"']?[^\s:\"'{}$]{1,100}:([^\s\"'\\]{1,200})"
)
_NOT_A_VALUE = ("{", "$", "<", "%", "-", "*")


def mask(text: str, *, kind: str = "python") -> tuple[str, int]:
    """Replace the secrets of a text; `kind` is `python`, or `text` for files in which values need no quotes."""
    if len(text) < 4:
        return text, 0
    lower = text.lower()
    if len(lower) != len(text):  # the one letter that grows in lower case, U+0130
        lower = text.replace("\u0130", "I").lower()
    spans = [
        *_shapes(text),
        *_key_blocks(text),
        *_urls(text),
        *_headers(text, lower),
        *_command_lines(text, lower),
        *SecretNames(text, lower, kind).spans(),
    ]
    return _replaced(text, spans)


def mask_diff(diff: str) -> tuple[str, int]:
    """Mask a git diff file by file: outside of source code, values stand without quotes."""
    pieces, total = [], 0
    for section in re.split(r"(?m)^(?=diff --git )", diff):
        header = section[:2000].split("\n@@", 1)[0]
        named = re.search(r"(?m)^(?:\+\+\+|---) (?!/dev/null)(.*?)\t?$", header)
        is_code = named is None or named[1].endswith(_CODE)
        masked, count = mask(section, kind="python" if is_code else "text")
        pieces.append(masked)
        total += count
    return "".join(pieces), total


_CODE = (
    ".py",
    ".ipynb",
    ".r",
    ".R",
    ".js",
    ".ts",
    ".c",
    ".cpp",
    ".h",
    ".java",
    ".go",
    ".rs",
    ".md",
    ".rst",
    ".html",
    ".css",
    ".lock",
)


def _shapes(text: str) -> Iterator[Span]:
    for prefix, run, least in SHAPES:
        at = text.find(prefix)
        while at >= 0:
            match = run.match(text, at + len(prefix))
            end = match.end() if match else at
            rest = text[at + len(prefix) : end]
            if len(rest) >= least and not (at and text[at - 1].isalnum()) and is_key(prefix, rest):
                yield at, end, MASK
            at = text.find(prefix, max(end, at + 1))


def _key_blocks(text: str) -> Iterator[Span]:
    for match in _KEY_BLOCK.finditer(text):
        end = text.find("-----END", match.end(), match.end() + _LONGEST_KEY)
        if end < 0:
            armour = _ARMOUR.match(text, match.end())
            end = armour.end() if armour else match.end()
        if text[match.end() : end].strip() not in {"", MASK}:
            yield match.end(), end, MASK


def _urls(text: str) -> Iterator[Span]:
    for match in _URL_PASSWORD.finditer(text):
        value = match[1]
        if value != MASK and value[0] not in "{$%<":
            yield *match.span(1), MASK
    for match in _URL_TOKEN.finditer(text):
        if looks_random(match[1]):
            yield *match.span(1), MASK


def _headers(text: str, lower: str) -> Iterator[Span]:
    for match in _BEARER.finditer(lower):
        value = text[match.start(1) : match.end(1)]
        if any(c.isdigit() for c in value) or (len(value) >= 24 and value.lower() != value):
            yield *match.span(1), MASK
    for match in _AUTHORIZATION.finditer(lower):
        if text[match.start(1)] not in _NOT_A_VALUE:
            yield *match.span(1), MASK


def _command_lines(text: str, lower: str) -> Iterator[Span]:
    for match in _OPTION.finditer(text):
        value = match[2]
        if value[0] not in _NOT_A_VALUE and names_secret(match[1]) and is_worth(value, match[1]):
            yield *match.span(2), MASK
    for match in _USER.finditer(text):
        if match[1][0] not in _NOT_A_VALUE and re.search(
            r"curl|wget|http", lower[max(0, match.start() - 500) : match.start()]
        ):
            yield *match.span(1), MASK


def _replaced(text: str, spans: list[Span]) -> tuple[str, int]:
    """The text with the spans replaced; those that touch the same secret count once."""
    if not spans:
        return text, 0
    spans.sort(key=lambda span: (span[0], -span[1]))
    merged: list[Span] = []
    for start, end, replacement in spans:
        if merged and start < merged[-1][1]:
            first, last, _ = merged[-1]
            merged[-1] = (first, max(last, end), MASK)
        else:
            merged.append((start, end, replacement))
    pieces, position = [], 0
    for start, end, replacement in merged:
        pieces += [text[position:start], replacement]
        position = end
    pieces.append(text[position:])
    return "".join(pieces), len(merged)
