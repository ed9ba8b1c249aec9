"""Finds what is assigned to names like `password` or `api_key`, wherever that is written.

In: text. Out: spans to replace. Three contexts differ: code (`token = "x"`), a quoted key (`{"token": "x"}`), and words
inside a longer string (`"Server=h;Password=x;"`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from gofigr_jupyter.provenance.secret_shapes import is_worth, looks_random, names_key, names_password, names_secret

Span = tuple[int, int, str]  # start, end, replacement

_CANDIDATE = re.compile(  # always takes the whole name, so that no part of it is looked at twice
    r"(?:pass|pwd|pw\b|secret|token|key|cred|auth|sig)[\w-]*+(?:(?P<close>\\{0,3}[\"']?)[ \t]{0,8}\]?[ \t]{0,8}"
    r"(?P<sep>:=|={1,2}|!=|:(?!:)[^=:\n\"'#(){}]{0,60}=(?!=)|[:,(]|(?=[\"'\w])))?+"
)
_OPENING = re.compile(r"[\s(]{0,60}([rbufRBUF]{0,2})(\\{0,3})(\"\"\"|'''|\"|')")
_NEXT_PART = re.compile(r"(?:[ \t]|\\?\n|\+){0,60}([rbufRBUF]{0,2})()(\"\"\"|'''|\"|')")
_NEXT_ITEM = re.compile(r"[ \t]{0,8},\s{0,60}([rbufRBUF]{0,2})()(\"\"\"|'''|\"|')")
_BODIES = {
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*+', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*+", re.DOTALL),
    '"': re.compile(r'(?:[^"\\\n]|\\.)*+', re.DOTALL),
    "'": re.compile(r"(?:[^'\\\n]|\\.)*+", re.DOTALL),
}
_ESCAPED_BODY = re.compile(r"[^\"'\\\n]*+")
_STRINGS = re.compile(
    r"#[^\n]*+|(?P<s>\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\")?|'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?"
    r"|\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?)",
    re.DOTALL,
)
_EXPRESSION = re.compile(r"\{\{|\}\}|\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\}")
_UNQUOTED = re.compile(r"[ \t]{0,8}([^\s\"'`;&<>\\{}$%(*][^\s\"'`;&<>\\]{0,2000})")
_NUMBER = re.compile(r"[ \t]{0,8}(\d{3,40})(?![\w.])")
_CALL = re.compile(r"\s{0,8}[\w.]{1,80}[(\[]")  # an expression, hence no literal
_SHELL_LINE = re.compile(r"\s*(?:[\w, ]{1,60}=\s?)?[!%]|\s*(?:export|set|ENV|ARG)\s")
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|script|writefile|file|cmd|powershell|env|system|sx|!)")
_TAKES_PAIR = re.compile(r"(?:setdefault|getenv|setenv|putenv|set_env|get|pop|set|unset_key|set_key)\(\s*$")
_TAKES_SECRET = re.compile(r"(?:secretstr|secretbytes|set_?password|\w*keycredential|tokencredential|with_password)$")
_LOOK_BACK = 2000


class SecretNames:
    """One pass over a text; `lower` is the same text in lower case, of the same length."""

    def __init__(self, text: str, lower: str, kind: str) -> None:
        self._text = text
        self._lower = lower
        self._is_free = kind == "text" or _SHELL_CELL.match(text) is not None

    def spans(self) -> Iterator[Span]:
        """The literals and values that secrets are written in."""
        done = 0
        for match in _CANDIDATE.finditer(self._lower):
            if match["sep"] is None or match.start() < done:
                continue
            start, stop = self._name_start(match.start()), match.start("close")
            name = self._text[start:stop]
            if not (names_secret(name) or names_key(name) or match["sep"] == "("):
                continue
            for span in self._values(match, start, stop, name):
                done = max(done, span[1])
                yield span

    def _name_start(self, start: int) -> int:
        least = max(0, start - 64)
        while start > least and (self._lower[start - 1].isalnum() or self._lower[start - 1] in "_-"):
            start -= 1
        return start

    def _values(self, match: re.Match[str], start: int, stop: int, name: str) -> Iterator[Span]:
        around = self._string_around(start)
        separator = match["sep"]
        if around is None:
            return self._in_code(separator, match.end(), start, name)
        if around[0] == start - 1 and around[1] == stop + 1:
            return self._after_key(separator, match.end(), start, name)
        return self._in_string(separator, match.end(), around[1], name)

    # ------------------------------------------------------------ the three contexts

    def _in_code(self, separator: str, end: int, start: int, name: str) -> Iterator[Span]:
        if separator == "(":
            if _TAKES_SECRET.match(self._lower[start : end - 1].split(".")[-1]):
                yield from self._literals(end, name, _NEXT_ITEM)
            return
        if separator == ",":
            assigned = re.compile(r"[\w., *\t]{0,120}=(?!=)").match(self._text, end)
            if assigned and self._begins_line(start):
                yield from self._literals(assigned.end(), "password" if names_password(name) else name, _NEXT_ITEM)
            return
        is_env = self._text.startswith(("%env ", "%set_env "), self._line_start(start))
        if not separator and not (self._is_free or is_env):
            return  # two words side by side
        if separator in {"==", "!="} and not names_password(name):
            return  # parsers compare tokens all day long
        if separator == ":" and not self._is_free:
            return  # an annotation
        rest = _NEXT_ITEM if separator == "=" and self._begins_line(start, with_comma=True) else _NEXT_PART
        found = False
        for span in self._literals(end, name, rest):
            found = True
            yield span
        if not found:
            yield from self._unquoted_in_code(separator, end, start, name)

    def _after_key(self, separator: str, end: int, start: int, name: str) -> Iterator[Span]:
        if separator == ",":
            before = self._lower[max(0, start - 80) : start - 1]
            if not (name.startswith("--") or _TAKES_PAIR.search(before)):
                return
        elif not separator or separator == "(":
            return
        found = False
        for span in self._literals(end, name, _NEXT_PART):
            found = True
            yield span
        if not found and names_password(name):
            yield from self._number(end)

    def _in_string(self, separator: str, end: int, limit: int, name: str) -> Iterator[Span]:
        is_sql = not separator and name.lower() == "password"  # ALTER USER me WITH PASSWORD 'x'
        if separator in {",", "("} or not (separator or is_sql):
            return
        if self._text[limit - 1] in "\"'":
            limit -= 1
        literal = self._literal(_OPENING, end, limit)
        if literal and literal[0] < limit and (literal[2] or literal[1] < limit):
            start, stop, _ = literal
            if is_worth(self._text[start:stop], name) and names_secret(name):
                yield start, stop, "***"
            return
        value = _UNQUOTED.match(self._text, end, limit)
        if value is None or not separator or _CALL.match(self._text, end, limit):
            return
        worth = value[1].rstrip(",)]}.")
        is_written = names_secret(name) and is_worth(worth, name)
        if separator != "=" or self._text[end : end + 1].isspace():  # prose: "Token: required", code: "token = x"
            is_written = is_written and any(c.isdigit() for c in worth) and len(worth) >= 6
        if worth.isdigit() and not names_password(name):
            is_written = False
        if is_written or (separator == "=" and looks_random(worth)):
            yield value.start(1), value.start(1) + len(worth), "***"

    # ------------------------------------------------------------ values

    def _unquoted_in_code(self, separator: str, end: int, start: int, name: str) -> Iterator[Span]:
        if self._is_free or _SHELL_LINE.match(self._text, self._line_start(start)):
            value = _UNQUOTED.match(self._text, end)
            if value and not _CALL.match(self._text, end) and names_secret(name) and is_worth(value[1], name):
                yield value.start(1), value.end(1), "***"
        elif separator in {"=", ":="} and names_password(name) and names_secret(name):
            yield from self._number(end)

    def _number(self, end: int) -> Iterator[Span]:
        number = _NUMBER.match(self._text, end)
        if number:
            yield number.start(1), number.end(1), "..."  # three asterisks would not be Python here

    def _literals(self, end: int, name: str, rest: re.Pattern[str]) -> Iterator[Span]:
        """The string literal at a position, and those that go on from it."""
        literal = self._literal(_OPENING, end, len(self._text))
        while literal:
            start, stop, _ = literal
            value = self._text[start:stop]
            if is_worth(value, name) and (names_secret(name) or looks_random(value) or rest is _NEXT_ITEM):
                yield from self._pieces(start, stop)
            # past the closing quotes, which are as long as the opening ones
            quotes = (
                3
                if self._text[max(0, start - 3) : start] in _BODIES and self._text[start - 1] == self._text[start - 2]
                else 1
            )
            literal = self._literal(rest, stop + quotes, len(self._text))

    def _literal(self, opening: re.Pattern[str], position: int, limit: int) -> tuple[int, int, bool] | None:
        """Start and end of what is between the quotes, and whether those are escaped ones."""
        opened = opening.match(self._text, position, limit)
        if opened is None:
            return None
        body = _ESCAPED_BODY if opened[2] else _BODIES[opened[3]]
        match = body.match(self._text, opened.end(), limit)
        return (opened.end(), match.end() if match else opened.end(), bool(opened[2]))

    def _pieces(self, start: int, stop: int) -> Iterator[Span]:
        """The literal, or what is fixed in an f-string."""
        quote = start
        while quote and self._text[quote - 1] in "\"'":
            quote -= 1
        if "f" not in self._lower[max(0, quote - 2) : quote]:
            yield start, stop, "***"
            return
        position = start
        for match in (*_EXPRESSION.finditer(self._text, start, stop), None):
            end = match.start() if match else stop
            if any(c.isalnum() for c in self._text[position:end]):
                yield position, end, "***"
            position = match.end() if match else stop

    # ------------------------------------------------------------ where we are

    @cached_property
    def _strings(self) -> tuple[list[int], list[int]]:
        spans = [match.span() for match in _STRINGS.finditer(self._text) if match["s"]]
        return [start for start, _ in spans], [end for _, end in spans]

    def _string_around(self, position: int) -> tuple[int, int] | None:
        starts, ends = self._strings
        index = bisect_right(starts, position) - 1
        return (starts[index], ends[index]) if index >= 0 and ends[index] > position else None

    def _line_start(self, position: int) -> int:
        least = max(0, position - _LOOK_BACK)  # bounded: a hostile text may be one line
        return max(self._text.rfind("\n", least, position) + 1, least)

    def _begins_line(self, start: int, *, with_comma: bool = False) -> bool:
        """Whether only names stand before this one, as in `user, password = ...`."""
        before = self._text[self._line_start(start) : start]
        plain = all(c.isalnum() or c in "_., \t*+" for c in before)
        return plain and (not with_comma or before.rstrip().endswith(","))
