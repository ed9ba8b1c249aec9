"""Facts of the documents that lie beside a figure: passages that have to do with the question, as they are written."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

from gofigr_jupyter.schema.insight import Evidence, EvidenceRef
from gofigr_jupyter.server.documents.nearness import CLOSE
from gofigr_jupyter.server.documents.passages import Passage
from gofigr_jupyter.server.insight.asking import topics_of
from gofigr_jupyter.server.insight.facts import Fact, Topic, words_of
from gofigr_jupyter.server.insight.record import Read, Record
from gofigr_jupyter.server.insight.wording import counted, listed, name, quoted
from gofigr_jupyter.server.wording import tokens

MOST = 4
MOST_STEMS = 40
SHORTEST = 3  # letters of a word that says something
_COMMON = frozenset(
    "about according and any are but can did does document documents figure file files for from had has have how "
    "into its manual not page paper pdf protocol say says said tell that the their there this was were what when "
    "where which who why will with you".split()
)

_SPOKEN = re.compile(r'[^\s,;:?!()"]+')


def facts(record: Record, query: str) -> Iterator[Fact]:
    """Which documents there are, and what they say of what is asked; that is somebody's word, and is quoted."""
    beside = [one for one in record.documents if not one.cdn_key]
    if beside:
        told = listed(name(one.name) for one in beside)
        text = f"Kept beside it {'is' if len(beside) == 1 else 'are'} {counted(len(beside), 'document')}: {told}."
        yield Fact(Topic.DOCUMENTS, text, _place(beside[0], None))
    for document, passage, words in _nearest(record.documents, query):
        where = f", {name(passage.at)}" if passage.at else ""
        text = f"{name(document.name)}{where}, says: {quoted(passage.text)}"
        yield Fact(Topic.DOCUMENTS, text, _place(document, passage), words_of(*words))


def _place(document: Read, passage: Passage | None) -> Evidence:
    label = f"{document.name}, {passage.at}" if passage and passage.at else document.name
    ref = EvidenceRef(data=document.id, cdn_key=document.cdn_key or None)
    return Evidence(kind="document", label=label[:200], ref=ref)


def stems_of(query: str) -> list[str]:
    """The words of a question that say something, as documents are looked up by them."""
    return list(_asked(query))[:MOST_STEMS]


def meant_by(query: str) -> str:
    """The same words as a text, of which it can be told what it means."""
    return " ".join(dict.fromkeys(_asked(query).values()))


def _asked(query: str) -> dict[str, str]:
    # As `asking` looks for them in the question: without what ends a sentence, and whose it is.
    spoken = [word.rstrip(".") for word in _SPOKEN.findall(query.lower().replace("'s", ""))]
    return {stem: word for word in spoken for stem in _stems(word) if word not in _COMMON}


class _Found(NamedTuple):
    """A passage, the words that it shares with the question, and how near it is by what it means."""

    document: Read
    passage: Passage
    shared: set[str]
    near: float


def _nearest(documents: Sequence[Read], query: str) -> list[tuple[Read, Passage, frozenset[str]]]:
    """The passages with the most and the rarest of the question's words, and at least half of the best one's worth.

    Beside them those that are near by what they mean, and almost as near as the nearest; both together count most. Each
    comes with the words of the question that it is told for: such a passage with as many as the others have, or one.
    """
    asked = _asked(query)
    # One word alone brings in no document that has nothing to do with the figure; unless documents are asked for.
    enough = 1 if len(asked) == 1 or Topic.DOCUMENTS in topics_of(query) else 2
    found = [
        _Found(document, passage, shared if near or not document.cdn_key or len(shared) >= enough else set(), near)
        for document in documents
        for passage, near in zip(document.passages, document.near or repeat(0.0), strict=False)
        for shared in [asked.keys() & set(_stems(passage.text))]
    ]
    often = Counter(stem for one in found for stem in one.shared)
    worth = [sum(math.log(1 + len(found) / often[stem]) for stem in one.shared) for one in found]
    best, nearest = max(worth, default=0.0), max((one.near for one in found), default=0.0)
    good = [at for at, one in enumerate(worth) if 0 < one >= best / 2 or 0 < found[at].near >= CLOSE * nearest]
    good.sort(key=lambda at: (-(worth[at] / best if best else 0.0) - found[at].near, at))
    told = [found[at] for at in good[:MOST]]
    most = max((one.shared for one in told), key=len, default=set()) or _plainest(asked)
    return [
        (one.document, one.passage, frozenset(asked[stem] for stem in (most if one.near else one.shared)))
        for one in told
    ]


def _plainest(asked: Mapping[str, str]) -> set[str]:
    """One word, if possible without signs, which a question's words are not looked up with."""
    return set(sorted(asked, key=lambda stem: not asked[stem].isalnum())[:1])


def _stems(text: str) -> list[str]:
    """Words without a plural's end: nobody asks with the very word that is written."""
    return [word.removesuffix("s") if len(word) > SHORTEST else word for word in tokens(text) if len(word) >= SHORTEST]
