"""SVG on its way in: is its root closed at the end, and does it do harm to those that show it?

In: pieces. Out: whether the root was closed, and what is wrong otherwise. It is told by its tags alone; no entity is
looked up, and nothing is kept of what has passed.
"""

from __future__ import annotations

import re

MOST_TAGS = 300_000  # a second of work; more than that is believed
DEEPEST = 1000  # what browsers and editors open without harm is far below
_QUOTED = rb"\"[^\"]*+\"|'[^']*+'"
_SUBSET = rb"\[(?:<!--.*?-->|[^]\"'<]++|<|%b)*+\]" % _QUOTED
_TOKEN = re.compile(
    rb"[^<]*+(?:"
    rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>"
    rb"|(?P<doctype><!DOCTYPE(?:[^\[\"'>]++|%b|%b)*+>)"
    rb"|(?P<close></[^>]*+>)"
    rb"|(?P<open><[^!?/](?:[^>\"']++|%b)*+>))" % (_QUOTED, _SUBSET, _QUOTED),
    re.DOTALL | re.IGNORECASE,
)
_NESTING = re.compile(rb"<!ENTITY\s+[^>]*?[\"'][^\"'>]*?[&%](?!#)", re.IGNORECASE)


class Markup:
    """One walk through the tags of a file; `harm` says what nobody should be given to open."""

    def __init__(self) -> None:
        self.harm: str | None = None
        self._waiting = bytearray()
        self._depth = 0
        self._tags = 0
        self._over = False

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        if self._over:
            return
        self._waiting += piece
        at = 0
        while not self._over and (token := _TOKEN.match(self._waiting, at)) is not None:
            at = token.end()
            self._count(token)
        del self._waiting[:at]

    @property
    def is_whole(self) -> bool:
        """Whether the root has been closed."""
        return self._over

    def _count(self, token: re.Match[bytes]) -> None:
        self._tags += 1
        if token["doctype"] is not None:
            if _NESTING.search(token["doctype"]):
                self._stop("The picture has entities in entities.")
            return
        if token["open"] is not None:
            self._depth += 1
            if self._depth > DEEPEST:
                self._stop(f"The picture has more than {DEEPEST} elements within one another.")
        if token["close"] is not None or (token["open"] or b"").endswith(b"/>"):
            self._depth -= 1
            self._over = self._over or self._depth <= 0
        self._over = self._over or self._tags > MOST_TAGS

    def _stop(self, harm: str) -> None:
        self.harm = harm
        self._over = True
