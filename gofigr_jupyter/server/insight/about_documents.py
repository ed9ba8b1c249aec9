"""Facts of the documents that lie beside a figure: passages that have to do with the question, as they are written."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from gofigr_jupyter.schema.insight import Evidence, EvidenceRef
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


def _asked(query: str) -> dict[str, str]:
    return {stem: word for word in _SPOKEN.findall(query.lower()) for stem in _stems(word) if word not in _COMMON}


def _nearest(documents: Sequence[Read], query: str) -> list[tuple[Read, Passage, frozenset[str]]]:
    """The passages with the most and the rarest of the question's words, and at least half of the best one's worth."""
    asked = _asked(query)
    # One word alone brings in no document that has nothing to do with the figure; unless documents are asked for.
    enough = 1 if len(asked) == 1 or Topic.DOCUMENTS in topics_of(query) else 2
    found = [
        (document, passage, shared if not document.cdn_key or len(shared) >= enough else set())
        for document in documents
        for passage in document.passages
        for shared in [asked.keys() & set(_stems(passage.text))]
    ]
    often = Counter(stem for _, _, shared in found for stem in shared)
    worth = [sum(math.log(1 + len(found) / often[stem]) for stem in shared) for _, _, shared in found]
    best = max(worth, default=0.0)
    order = sorted((at for at, one in enumerate(worth) if one and one >= best / 2), key=lambda at: (-worth[at], at))
    return [
        (document, passage, frozenset(asked[stem] for stem in shared))
        for document, passage, shared in (found[at] for at in order[:MOST])
    ]


def _stems(text: str) -> list[str]:
    """Words without a plural's end: nobody asks with the very word that is written."""
    return [word.removesuffix("s") if len(word) > SHORTEST else word for word in tokens(text) if len(word) >= SHORTEST]
