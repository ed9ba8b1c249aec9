"""Comments and reactions: their rows, and their shapes for one reader; as many queries for many as for few."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from gofigr_jupyter import markdown
from gofigr_jupyter.schema.comments import Author, ReactionCount
from gofigr_jupyter.schema.comments import Comment as CommentShape
from gofigr_jupyter.schema.comments import Reaction as ReactionShape
from gofigr_jupyter.server.store import find, order, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import Comment, Reaction, Revision, User
from gofigr_jupyter.server.store.tree import new_id

_IS_PINNED = Comment.anchor["x"].as_float().is_not(None) & Comment.is_deleted.is_(False)


def of(db: Transaction, target: Target, after: order.Key | None, limit: int) -> list[Comment]:
    """The comments on an object, replies among them, oldest first."""
    query = select(Comment).where(targets.about(Comment, target), order.later(Comment.created_on, Comment.id, after))
    return list(db.scalars(query.order_by(Comment.created_on, Comment.id).limit(limit)))


def pinned_before(db: Transaction, target: Revision) -> list[Revision]:
    """The earlier revisions of the same figure with comments about points of the data, whoever may read them."""
    before = (Revision.figure_id == target.figure_id) & (Revision.revision_index < target.revision_index)
    pinned = select(Comment.id).where(Comment.revision_id == Revision.id, _IS_PINNED).exists()
    return list(db.scalars(select(Revision).where(before, pinned).options(find.ABOVE_REVISION)))


def pinned(db: Transaction, revisions: Sequence[Revision], after: order.Key | None, limit: int) -> list[Comment]:
    """The comments on these revisions about points of the data, oldest first."""
    about = Comment.revision_id.in_([one.id for one in revisions])
    query = select(Comment).where(about, _IS_PINNED, order.later(Comment.created_on, Comment.id, after))
    return list(db.scalars(query.order_by(Comment.created_on, Comment.id).limit(limit)))


def by_ids(db: Transaction, ids: Sequence[str]) -> list[Comment]:
    """Comments by their ids, those that are still there."""
    return list(db.scalars(select(Comment).where(Comment.id.in_(ids)))) if ids else []


def has_replies(db: Transaction, row: Comment) -> bool:
    """Whether something hangs below it."""
    return db.scalar(select(Comment.id).where(Comment.parent_id == row.id).limit(1)) is not None


def remove(db: Transaction, row: Comment) -> None:
    """Take a comment out, with its reactions and notifications."""
    db.execute(delete(Comment).where(Comment.id == row.id))
    db.expunge(row)


# ---------------------------------------------------------------- reactions


def reaction_of(db: Transaction, comment_id: str, emoji: str, user_id: int) -> Reaction | None:
    """A user's reaction of this kind under a comment."""
    mine = (Reaction.comment_id == comment_id) & (Reaction.emoji == emoji) & (Reaction.user_id == user_id)
    return db.scalar(select(Reaction).where(mine))


def react(db: Transaction, comment_id: str, emoji: str, user_id: int) -> Reaction:
    """A new reaction."""
    row = Reaction(id=new_id(), comment_id=comment_id, emoji=emoji, user_id=user_id, created_on=now())
    db.add(row)
    db.flush()
    return row


def remove_reactions(db: Transaction, row: Comment) -> None:
    """Take away all reactions under a comment."""
    db.execute(delete(Reaction).where(Reaction.comment_id == row.id))


def reaction_shape(row: Reaction, username: str) -> ReactionShape:
    """A reaction, and whose it is."""
    return ReactionShape(
        api_id=row.id, comment=row.comment_id, emoji=row.emoji, user=username, created_on=row.created_on
    )


# ---------------------------------------------------------------- shapes


def shape(db: Transaction, row: Comment, reader_id: int) -> CommentShape:
    """One comment for one reader."""
    return shapes(db, [row], reader_id)[0]


def shapes(db: Transaction, rows: Sequence[Comment], reader_id: int) -> list[CommentShape]:
    """Comments for one reader, who finds out which reactions are their own."""
    people = authors(db, {row.author for row in rows})
    reactions = _reactions(db, [row.id for row in rows], reader_id)
    return [_shape(row, people[row.author], reactions.get(row.id, [])) for row in rows]


def authors(db: Transaction, names: set[str]) -> dict[str, Author]:
    """People by name, as readers see them; of accounts that are gone the name remains."""
    known = {row.username: row for row in db.scalars(select(User).where(User.username.in_(names)))} if names else {}
    found = {name: Author(username=name) for name in names}
    for name, row in known.items():
        found[name] = Author(username=name, first_name=row.first_name, last_name=row.last_name)
    return found


def _reactions(db: Transaction, ids: list[str], reader_id: int) -> dict[str, list[ReactionCount]]:
    query = select(Reaction, User.username).join(User, User.id == Reaction.user_id).where(Reaction.comment_id.in_(ids))
    counts: dict[str, dict[str, ReactionCount]] = {}
    for row, username in db.execute(query.order_by(Reaction.created_on, Reaction.id)) if ids else ():
        one = counts.setdefault(row.comment_id, {}).setdefault(row.emoji, ReactionCount(emoji=row.emoji, count=0))
        one.count += 1
        one.users.append(username)
        one.mine = one.mine or row.user_id == reader_id
    return {comment_id: list(of_one.values()) for comment_id, of_one in counts.items()}


def _shape(row: Comment, author: Author, reactions: list[ReactionCount]) -> CommentShape:
    word, target_id = targets.place_of(row)
    return CommentShape(
        api_id=row.id,
        target_type=word,
        target_id=target_id,
        parent=row.parent_id,
        author=author,
        content=row.content,
        content_html=markdown.html(row.content, frozenset(row.mentions)),
        mentions=row.mentions,
        anchor=row.anchor,
        is_ai=row.is_ai,
        ai_status=row.ai_status,
        ai_error=row.ai_error,
        is_edited=row.is_edited,
        is_deleted=row.is_deleted,
        created_on=row.created_on,
        updated_on=row.updated_on,
        reactions=reactions,
    )
