"""Family search: by words, and by a picture that somebody has in hand."""

from __future__ import annotations

from typing import Annotated

from blake3 import blake3
from fastapi import Depends, Query
from starlette.responses import Response

from gofigr_jupyter.schema.base import Id, Page, Wire
from gofigr_jupyter.schema.search import Hit, HitPath, ImageHit, ImageQuery
from gofigr_jupyter.server import policy, snippets, thumbnails
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.paging import Part, PartOf
from gofigr_jupyter.server.policy import SIGNED_IN, Act, Gate
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.store import comments, find, search, shapes, stories, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.reach import Reach
from gofigr_jupyter.server.store.search import Found, Key, Match
from gofigr_jupyter.server.store.tables import Analysis, Asset, AssetRevision, Comment, Figure, Revision, Story
from gofigr_jupyter.server.web import answer, body_of

family = Family("search")
Picture = Annotated[ImageQuery, Depends(body_of(ImageQuery))]
Words = Annotated[str, Query(min_length=1, max_length=200)]
Types = Annotated[str, Query(alias="type", max_length=200, description="some of figure,analysis,asset,story,comment")]
MOST_WORDS = 8
MOST_SCORE = 1_000_000
THUMBNAIL = 256


@family.get("/search", SIGNED_IN, answers=Page[Hit])
def search_words(
    gate: GateOf, store: StoreOf, part: PartOf, q: Words, workspace: Id | None = None, *, kinds: Types = ""
) -> Response:
    """What has all these words in its name or texts, of all that the caller may see; the best first."""
    words = _words(q)
    wanted = _kinds(kinds)
    with store.reading() as db:
        reach = _reach(db, gate, workspace)
        found = search.by_words(db, reach, words, wanted, after=_key(part), limit=part.limit + 1)
        matches, onward = part.cut(found, tuple)
        return answer(Page[Hit](results=_hits(db, gate, matches, words), next=onward))


@family.post("/search/image", SIGNED_IN, answers=Page[ImageHit], takes=ImageQuery)
def search_picture(gate: GateOf, store: StoreOf, body: Picture) -> Response:
    """The revisions that were published with exactly this picture, newest first."""
    digest = blake3(body.data).hexdigest()
    with store.reading() as db:
        found = search.with_picture(db, _reach(db, gate, None), digest, body.limit)
    # It is one and the same picture.
    small = thumbnails.first(store, [found[0][1]], THUMBNAIL) or None if found else None
    hits = [ImageHit(revision=row.id, figure=row.figure_id, distance=0.0, thumbnail=small) for row, _ in found]
    return answer(Page[ImageHit](results=hits))


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


def _key(part: Part) -> Key | None:
    match part.after:
        case None:
            return None
        case (int() | float() as score, str(kind), str(api_id)) if abs(score) <= MOST_SCORE:
            return float(score), kind, api_id
    raise invalid("cursor", "This is no cursor of this list.")


def _reach(db: Transaction, gate: Gate, workspace: str | None) -> Reach:
    reach = policy.reach(db, gate.actor)
    return reach if workspace is None else reach.within(gate.admit(db, find.workspace(db, workspace), Act.READ).id)


# ---------------------------------------------------------------- hits


def _hits(db: Transaction, gate: Gate, matches: list[Match], words: list[str]) -> list[Hit]:
    rows = search.objects(db, matches)
    said = [row for row in rows.values() if isinstance(row, Comment)]
    spoken = {one.api_id: one for one in comments.shapes(db, said, gate.actor.user_id)}
    places = targets.of_all(db, said)
    hits = []
    for one in matches:
        row = rows[one.id]
        hits.append(
            Hit(
                type=one.type,
                object=spoken[one.id] if isinstance(row, Comment) else _small(row),
                snippet=snippets.snippet(search.text_of(row, one.type, words), words),
                path=_path(places[targets.place_of(row)[1]] if isinstance(row, Comment) else row),
                score=one.score,
            )
        )
    return hits


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
