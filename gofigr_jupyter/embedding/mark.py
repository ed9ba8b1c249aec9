"""The mark that a picture carries: link and id of its revision, as an XMP packet, which all kinds of files can hold.

In: a Mark. Out: ASCII bytes, always the same for the same mark; and from any bytes the marks that stand in them.
Reading looks for the packet itself and trusts no size that a file states: damage costs no more than the mark.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

NAMESPACE = b"urn:gofigr-jupyter:figure:1#"
MOST_MARKS = 50
_MOST_PACKETS = 1_000
_LONGEST_LINK = 500
_LONGEST_NAME = 300

_PREFIX = re.compile(rb"xmlns:([A-Za-z_][\w.-]{0,30})\s*=\s*[\"']\Z")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_PATH = re.compile(r"/(?:r|revision)/([0-9A-Za-z-]{1,64})/?(?:[?#].*)?\Z")
_LINK = re.compile(r"https?://[^\s/?#]+(?:/[^\s]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a picture says of itself: `revision` is a UUID, `figure` the figure's name, which may be unknown."""

    link: str
    revision: str
    figure: str = ""


def packet(mark: Mark) -> bytes:
    """The mark as a whole XMP packet."""
    head = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    return head + b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + rdf(mark) + b'</x:xmpmeta><?xpacket end="r"?>'


def rdf(mark: Mark) -> bytes:
    """The mark as RDF: Dublin Core for everybody, and the same under names of our own, for us."""
    link, revision, figure = (_escaped(text) for text in (mark.link, mark.revision, mark.figure[:_LONGEST_NAME]))
    title = f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{figure}</rdf:li></rdf:Alt></dc:title>' if figure else ""
    own = f"<fig:figure>{figure}</fig:figure>" if figure else ""
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:fig="{NAMESPACE.decode()}">'
        f"<dc:source>{link}</dc:source><dc:identifier>urn:uuid:{revision}</dc:identifier>{title}"
        f"<fig:link>{link}</fig:link><fig:revision>{revision}</fig:revision>{own}</rdf:Description></rdf:RDF>"
    ).encode("ascii")


def marks_in(data: bytes) -> tuple[Mark, ...]:
    """The marks that stand anywhere in these bytes, in their order, each revision once."""
    found: dict[str, Mark] = {}
    at = data.find(NAMESPACE)
    for _ in range(_MOST_PACKETS):
        if at < 0 or len(found) == MOST_MARKS:
            break
        onward = data.find(NAMESPACE, at + len(NAMESPACE))
        mark = _read(data, at, onward if onward >= 0 else len(data))
        if mark is not None:
            found.setdefault(mark.revision, mark)
        at = onward
    return tuple(found.values())


def _read(data: bytes, at: int, end: int) -> Mark | None:
    """The mark whose namespace is declared at this place; other programs may have chosen another prefix for it."""
    declared = _PREFIX.search(data[max(0, at - 48) : at])
    if declared is None:
        return None
    told = _Told(data[at:end], re.escape(declared[1]))
    link, revision = told.value(b"link", 4 * _LONGEST_LINK), told.value(b"revision", 40).lower()
    if not is_link(link) or not _UUID.fullmatch(revision):
        return None
    return Mark(link, revision, told.value(b"figure", 10 * _LONGEST_NAME)[:_LONGEST_NAME])


@dataclass(frozen=True, slots=True)
class _Told:
    """What follows the declaration of our namespace, under this prefix."""

    text: bytes
    prefix: bytes

    def value(self, name: bytes, longest: int) -> str:
        """The text of an element, or of an attribute, into which some programs turn elements."""
        opening = rb"[<\s]%b:%b(?:>|\s{0,9}=\s{0,9}[\"'])([^<\"']{1,%d})[<\"']" % (self.prefix, name, longest)
        match = re.search(opening, self.text)
        text = html.unescape(match[1].decode("utf-8", "replace")) if match else ""
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def revision_named(link: str) -> str | None:
    """The id or short id of the revision that a link of ours leads to, whatever its server is called."""
    match = _PATH.search(link)
    return match[1] if match else None


def is_link(text: str) -> bool:
    """Whether a text is an ordinary web address, and nothing else."""
    return len(text) <= _LONGEST_LINK and text.isprintable() and _LINK.fullmatch(text) is not None


def _escaped(text: str) -> str:
    """ASCII that is good in XML of any encoding; what XML cannot hold is left out."""
    visible = "".join(c for c in text[:_LONGEST_LINK] if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF)
    return html.escape(visible).encode("ascii", "xmlcharrefreplace").decode("ascii")
