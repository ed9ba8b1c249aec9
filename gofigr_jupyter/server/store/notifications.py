"""Who was mentioned where: a mailbox for each user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, select

from gofigr_jupyter.schema.comments import Author
from gofigr_jupyter.schema.comments import Notification as NotificationShape
from gofigr_jupyter.server.store import comments, order, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import Comment, Notification, User
from gofigr_jupyter.server.store.tree import new_id

EXCERPT = 200


def told(db: Transaction, comment: Comment) -> set[int]:
    """Who was told of a comment already."""
    return set(db.scalars(select(Notification.user_id).where(Notification.comment_id == comment.id)))


def tell(db: Transaction, comment: Comment, people: Iterable[int]) -> None:
    """Tell people that a comment mentions them."""
    for user_id in people:
        row = Notification(id=new_id(), user_id=user_id, comment_id=comment.id, kind="mention", created_on=now())
        row.is_read = False
        db.add(row)
    db.flush()


def withdraw(db: Transaction, comment: Comment, people: Iterable[int]) -> None:
    """It does not mention them any more."""
    of_it = (Notification.comment_id == comment.id) & Notification.user_id.in_(list(people))
    db.execute(delete(Notification).where(of_it))


def of(
    db: Transaction, user_id: int, after: order.Key | None, limit: int, *, unread: bool
) -> list[tuple[Notification, Comment]]:
    """A user's notifications with the comments they are about, newest first."""
    query = select(Notification, Comment).join(Comment, Comment.id == Notification.comment_id)
    query = query.where(Notification.user_id == user_id, order.earlier(Notification.created_on, Notification.id, after))
    if unread:
        query = query.where(Notification.is_read.is_(False))
    found = db.execute(query.order_by(Notification.created_on.desc(), Notification.id.desc()).limit(limit))
    return [(row, comment) for row, comment in found]


def shapes(db: Transaction, rows: Sequence[tuple[Notification, Comment]]) -> list[NotificationShape]:
    """Notifications with the beginnings of their comments."""
    people = comments.authors(db, {comment.author for _, comment in rows})
    return [_shape(row, comment, people) for row, comment in rows]


def addresses(db: Transaction, people: Iterable[int]) -> list[str]:
    """The e-mail addresses of those users who have one."""
    found = db.scalars(select(User.email).where(User.id.in_(list(people))).order_by(User.id))
    return [one for one in found if one]


def excerpt(content: str) -> str:
    """How a comment begins."""
    text = " ".join(content.split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1].rstrip() + "…"


def _shape(row: Notification, comment: Comment, people: Mapping[str, Author]) -> NotificationShape:
    word, target_id = targets.place_of(comment)
    return NotificationShape(
        api_id=row.id,
        kind=row.kind,
        comment=comment.id,
        target_type=word,
        target_id=target_id,
        author=people[comment.author],
        excerpt=excerpt(comment.content),
        is_read=row.is_read,
        created_on=row.created_on,
    )
