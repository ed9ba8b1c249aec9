"""Family search: by words, and by a picture that somebody has in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from gofigr_jupyter.schema.base import Id, Page, Wire
from gofigr_jupyter.schema.search import Hit, HitPath, ImageHit, ImageQuery
from gofigr_jupyter.server import likeness, policy, snippets, thumbnails
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.likeness import Near
from gofigr_jupyter.server.paging import Part, PartOf
from gofigr_jupyter.server.policy import SIGNED_IN, Act, Gate
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.store import comments, find, search, shapes, stories, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.search import Found, Key, Match, Question
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, Comment, Figure, Revision, Story
from gofigr_jupyter.server.web import answer, body_of

family = Family("search")
Picture = Annotated[ImageQuery, Depends(body_of(ImageQuery))]
Words = Annotated[str, Query(min_length=1, max_length=200)]
Types = Annotated[str, Query(alias="type", max_length=200, description="some of figure,analysis,asset,story,comment")]
MOST_WORDS = 8
MOST_SCORE = 1_000_000
THUMBNAIL = 256
MOST_SMALL = 12  # hits that come with a small picture: each may have to be made
NAMES = "names"  # in a cursor: the list is of what has parts of words in its name


@family.get("/search", SIGNED_IN, answers=Page[Hit])
def search_words(
    gate: GateOf, store: StoreOf, part: PartOf, q: Words, workspace: Id | None = None, *, kinds: Types = ""
) -> Response:
    """What has all these words in its name, texts, code or documents, of all that the caller may see; the best first.

    The last word may go on. What nothing has in it as a word is looked for within names.
    """
    words, wanted = _words(q), _kinds(kinds)
    key, in_names = _key(part)
    with store.reading() as db:
        asked = Question(words, wanted, _reach(db, gate, workspace))
        found = [] if in_names else search.by_words(db, asked, after=key, limit=part.limit + 1)
        if not found and (in_names or key is None):
            found, in_names = search.by_parts_of_names(db, asked, after=key, limit=part.limit + 1), True
        matches, onward = part.cut(found, lambda one: (*one, *([NAMES] if in_names else [])))
        return answer(Page[Hit](results=_hits(db, gate, matches, asked), next=onward))


@family.post("/search/image", SIGNED_IN, answers=Page[ImageHit], takes=ImageQuery)
def search_picture(gate: GateOf, store: StoreOf, body: Picture) -> Response:
    """The revisions whose pictures are nearest: named by a QR code of ours in it, the same, or of the same looks."""
    sought = likeness.seen(body.data)
    likeness.look_around(store, likeness.up_to(likeness.AT_ONCE))  # what has come in since the last quiet hour
    with store.reading() as db:
        found = likeness.nearest(db, gate.actor, _reach(db, gate, None), sought, body.limit)
    return answer(Page[ImageHit](results=[_near(store, one, at) for at, one in enumerate(found)]))


def _near(store: Store, one: Near, at: int) -> ImageHit:
    candidates = [one.picture] if one.picture and at < MOST_SMALL else []
    small = thumbnails.first(store, candidates, THUMBNAIL)
    return ImageHit(revision=one.row.id, figure=one.row.figure_id, distance=one.distance, thumbnail=small)


def _words(text: str) -> list[str]:
    words = list(dict.fromkeys(text.lower().split()))
    if not words or "\0" in text:
        raise invalid("q", "There is nothing to search for.")
    if len(words) > MOST_WORDS:
        raise invalid("q", f"At most {MOST_WORDS} words at a time.")
    return words


def _kinds(text: str) -> list[str]:
    kinds = [one.strip() for one in text.split(",") if one.strip()] or list(search.PLACES)
    if unknown := [one for one in kinds if one not in search.PLACES]:
        raise invalid("type", f"{unknown[0]!r} is none of {', '.join(search.PLACES)}.")
    return list(dict.fromkeys(kinds))


def _key(part: Part) -> tuple[Key | None, bool]:
    """Where the page before ended, and whether it was one of parts of names."""
    match part.after:
        case None:
            return None, False
        case (int() | float() as score, str(kind), str(api_id), *rest) if abs(score) <= MOST_SCORE:
            if rest in ([], [NAMES]):
                return (float(score), kind, api_id), bool(rest)
    raise invalid("cursor", "This is no cursor of this list.")


def _reach(db: Transaction, gate: Gate, workspace: str | None) -> Reach:
    reach = policy.reach(db, gate.actor)
    return reach if workspace is None else reach.within(gate.admit(db, find.workspace(db, workspace), Act.READ).id)


# ---------------------------------------------------------------- hits


def _hits(db: Transaction, gate: Gate, matches: list[Match], asked: Question) -> list[Hit]:
    rows = search.objects(db, matches)
    said = [row for row in rows.values() if isinstance(row, Comment)]
    spoken = {one.api_id: one for one in comments.shapes(db, said, gate.actor.user_id)}
    places = targets.of_all(db, said)
    shown = _texts(db, rows, matches, asked)
    hits = []
    for one in matches:
        row = rows[one.id]
        hits.append(
            Hit(
                type=one.type,
                object=spoken[one.id] if isinstance(row, Comment) else _small(row),
                snippet=snippets.snippet(shown[one.id], asked.words),
                path=_path(places[targets.place_of(row)[1]] if isinstance(row, Comment) else row),
                score=one.score,
            )
        )
    return hits


def _texts(
    db: Transaction, rows: Mapping[str, Found], matches: Sequence[Match], asked: Question
) -> dict[str, str]:
    """For each match the weightiest of its texts with one of the words; else what it has of them in it, if it has."""
    found: dict[str, str] = {}
    lacking: dict[str, list[str]] = {}
    for one in matches:
        texts = search.texts_of(rows[one.id], one.type)
        fitting = next((text for text in texts if snippets.has_any(text, asked.words)), None)
        found[one.id] = texts[0] if fitting is None else fitting
        if fitting is None:
            lacking.setdefault(one.type, []).append(one.id)
    for kind in ("figure", "asset"):
        found |= search.contents(db, asked, kind, lacking.get(kind, []))
    return found


def _small(row: Found) -> Wire:
    match row:
        case Story():
            return stories.small(row)
        case Analysis() | Figure() | Asset():
            return shapes.small(row)
    raise TypeError(type(row))


def _path(row: Target | Story) -> HitPath:
    """What a hit lies in; for a comment, what it is about and what that lies in."""
    match row:
        case Figure():
            return HitPath(workspace=row.analysis.workspace_id, analysis=row.analysis_id, figure=row.id)
        case Revision():
            return _path(row.figure)
        case AssetRevision():
            return _path(row.asset)
        case Asset():
            return HitPath(workspace=row.workspace_id, analysis=row.analysis_id)
        case Analysis():
            return HitPath(workspace=row.workspace_id, analysis=row.id)
    return HitPath(workspace=row.workspace_id)
