"""How near stored documents are to a question: vectors of their passages, kept in the cache as the passages are.

In: a question, and where documents' bytes lie. Out: a number for each passage, and the nearest documents. What is kept
is made in quiet hours, and again where it is missing; of another model nothing is of use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gofigr_jupyter.server.documents import reading
from gofigr_jupyter.server.documents.meaning import Meaning
from gofigr_jupyter.server.documents.passages import Passage
from gofigr_jupyter.server.documents.reading import Document
from gofigr_jupyter.server.store import cdn
from gofigr_jupyter.server.store.store import Store

if TYPE_CHECKING:
    from gofigr_jupyter.server.documents.meaning import Vectors

MOST_PASSAGES = 3_000  # of one document that have a vector
MOST_BYTES = 128 << 20  # of vectors that a question is compared with
CLOSE = 0.8  # of the nearest one's nearness; what is farther is not what was meant
AT_A_TIME = 100
_FOLDER = "meanings"


@dataclass(frozen=True)
class Sought:
    """What a question means, to compare documents with."""

    store: Store
    meaning: Meaning
    asked: Vectors

    @classmethod
    def of(cls, store: Store, meaning: Meaning | None, question: str) -> Sought | None:
        """None without a model, and where it knows none of the words."""
        asked = meaning.asked(question) if meaning is not None else None
        return None if meaning is None or asked is None else cls(store, meaning, asked)

    def nearness(self, document: Document, passages: Sequence[Passage]) -> tuple[float, ...]:
        """Of each of a document's passages: 0 where it is not near."""
        near = self.meaning.nearness(self.asked, _vectors(self.store, self.meaning, document, passages))
        return (*near, *[0.0] * (len(passages) - len(near)))

    def nearest(self, hashes: Iterable[str], most: int) -> list[str]:
        """Of documents, by their hashes, those that have a passage which is near, the nearest first.

        Only of those whose vectors are there: whoever asks does not wait for others to be made.
        """
        best = dict(self._best(hashes))
        least = CLOSE * max(best.values(), default=0.0)
        return sorted((one for one in best if best[one] >= least), key=lambda one: -best[one])[:most]

    def _best(self, hashes: Iterable[str]) -> Iterator[tuple[str, float]]:
        room = MOST_BYTES
        for digest in hashes:
            packed = self.store.cache.get(_key(self.meaning, digest))
            if not packed or self.meaning.count(packed) < 1:
                continue
            room -= len(packed)
            if room < 0:
                return
            near = max(self.meaning.nearness(self.asked, packed))
            if near:
                yield digest, near


def understand(store: Store, meaning: Meaning, going_on: Callable[[], bool]) -> int:
    """Make the vectors of documents on sites that have none, and forget those of what has gone; how many were made."""
    with store.reading() as db:
        wanted = cdn.paper_hashes(db)
    known = _weeded(store, meaning)
    missing = [one for one in wanted if one not in known]
    count = 0
    for start in range(0, len(missing), AT_A_TIME):
        with store.reading() as db:
            found = cdn.papers_of(db, missing[start : start + AT_A_TIME])
        for one in found:
            if not going_on():
                return count
            document = Document.of(one)
            passages = reading.passages(store, document, gently=True)
            count += bool(passages and _vectors(store, meaning, document, passages))
    return count


def _weeded(store: Store, meaning: Meaning) -> set[str]:
    """The hashes of documents that have vectors of this model, when what is of no use has gone."""
    keys = {key: key.rpartition("/")[2] for key, _ in store.cache.listing(_FOLDER)}
    with store.reading() as db:
        there = cdn.hashes(db, set(keys.values()))
    for key, digest in keys.items():
        if digest not in there or key != _key(meaning, digest):
            store.cache.remove(key)
    return {digest for key, digest in keys.items() if key == _key(meaning, digest)}


def _vectors(store: Store, meaning: Meaning, document: Document, passages: Sequence[Passage]) -> bytes:
    some = passages[:MOST_PASSAGES]
    key = _key(meaning, document.hash)
    kept = store.cache.get(key)
    if kept is None or meaning.count(kept) != len(some):
        kept = meaning.packed([one.text for one in some])
        store.cache.put(key, kept)
    return kept


def _key(meaning: Meaning, digest: str) -> str:
    return f"{_FOLDER}/{meaning.key}/{digest[:2]}/{digest}"
