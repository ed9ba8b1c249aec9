"""A mark into SVG: a metadata element as the first child of the root; every other byte stays as it is.

In: a file's bytes and a mark. Out: the file with the mark. Raises ValueError for what is no SVG, or none that bytes of
ASCII can be put into. Nothing is parsed but what stands before the root's content, and no entity is looked at.
"""

from __future__ import annotations

import re

from gofigr_jupyter.embedding.mark import NAMESPACE, Mark, rdf

MOST_HEAD = 1 << 20  # bytes before the root's content; matplotlib's are 500

_BEFORE = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_SUBSET = rb"\[(?:[^\]\"']|\"[^\"]*\"|'[^']*')*\]"  # declarations of the document's own
_DOCTYPE = re.compile(rb"<!DOCTYPE(?:[^\[\]\"'<>]|\"[^\"]*\"|'[^']*'|%b)*>" % _SUBSET, re.IGNORECASE)
_ROOT = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)svg(?=[\s>/])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*>")
_OLD = re.compile(rb"<(?:[\w.-]+:)?metadata id=\"gofigr-jupyter\">[^\0]{0,9000}?</(?:[\w.-]+:)?metadata>")


def is_svg(data: bytes) -> bool:
    """Whether the file's root is an SVG element."""
    try:
        _root(data)
    except ValueError:
        return False
    return True


def into_svg(data: bytes, mark: Mark) -> bytes:
    """The file with a `<metadata>` of RDF in it; one of ours that was there is replaced."""
    prefix, end = _root(data)
    if data[end - 2 : end] == b"/>":
        raise ValueError("an empty SVG")
    name = prefix + b"metadata"
    rest, old = data[end:], _OLD.match(data, end)
    if old is not None and NAMESPACE in old[0]:
        rest = data[old.end() :]
    return b'%b<%b id="gofigr-jupyter">%b</%b>%b' % (data[:end], name, rdf(mark), name, rest)


def _root(data: bytes) -> tuple[bytes, int]:
    """The namespace prefix of the root element, and where its start tag ends."""
    head = data[:MOST_HEAD]
    at = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    while (match := _BEFORE.match(head, at) or _DOCTYPE.match(head, at)) is not None:
        at = match.end()
    root = _ROOT.match(head, at)
    if root is None:
        raise ValueError("not an SVG")
    return root[1], root.end()
