"""What happens when somebody speaks: a comment, those whom it mentions, and the news for who watches.

All in the caller's transaction; who may speak where was decided before.
"""

from __future__ import annotations

from typing import Any

from gofigr_jupyter import markdown
from gofigr_jupyter.server.store import audience, comments, events, notifications, targets
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.people import now
from gofigr_jupyter.server.store.tables import Comment
from gofigr_jupyter.server.store.tree import new_id


def say(
    db: Transaction,
    target: Target,
    author: str,
    content: str,
    *,
    comment_id: str | None = None,
    parent: Comment | None = None,
    anchor: dict[str, Any] | None = None,
) -> tuple[Comment, set[int]]:
    """A new comment, and the users who are to be told that it mentions them."""
    row = _new(db, target, author, content, comment_id=comment_id, parent=parent, anchor=anchor)
    people = _address(db, target, row)
    events.tell(db, "comment.created", target, {"api_id": row.id})
    return row, people


def reword(db: Transaction, target: Target, row: Comment, content: str) -> set[int]:
    """Change what a comment says; the users who are to be told that it mentions them now."""
    row.content, row.is_edited, row.updated_on = content, True, now()
    people = _address(db, target, row)
    events.tell(db, "comment.updated", target, {"api_id": row.id})
    return people


def silence(db: Transaction, target: Target, row: Comment) -> None:
    """Delete a comment. With replies it stays as a tombstone, until the last of them has gone."""
    if comments.has_replies(db, row):
        notifications.withdraw(db, row, notifications.told(db, row))
        comments.remove_reactions(db, row)
        row.content, row.mentions, row.is_deleted, row.updated_on = "", [], True, now()
        db.flush()
        events.tell(db, "comment.deleted", target, {"api_id": row.id})
        return
    gone: Comment | None = row
    while gone is not None:
        above = db.get(Comment, gone.parent_id) if gone.parent_id else None
        events.tell(db, "comment.deleted", target, {"api_id": gone.id, "parent": gone.parent_id})
        comments.remove(db, gone)
        gone = above if above is not None and above.is_deleted and not comments.has_replies(db, above) else None


def ask_machine(db: Transaction, target: Target, question: Comment, asker: str) -> Comment:
    """An empty answer below a comment, to be filled in later; it belongs to who asked for it."""
    row = _new(db, target, asker, "", parent=question, ai_status="pending")
    events.tell(db, "comment.created", target, {"api_id": row.id})
    return row


def settle(db: Transaction, comment_id: str, *, answer: str = "", error: str | None = None) -> None:
    """Fill in a machine's answer, or say why there is none; nothing where the comment has gone or is settled."""
    row = db.get(Comment, comment_id)
    if row is None or row.ai_status != "pending":
        return
    row.content, row.ai_error, row.updated_on = answer, error, now()
    row.ai_status = "failed" if error else "done"
    db.flush()
    events.tell(db, "comment.updated", targets.of(db, row), {"api_id": row.id})


def _new(
    db: Transaction,
    target: Target,
    author: str,
    content: str,
    *,
    comment_id: str | None = None,
    parent: Comment | None = None,
    anchor: dict[str, Any] | None = None,
    ai_status: str | None = None,
) -> Comment:
    row = Comment(
        id=comment_id or new_id(),
        parent_id=parent.id if parent else None,
        author=author,
        content=content,
        mentions=[],
        anchor=anchor,
        is_ai=ai_status is not None,
        ai_status=ai_status,
        is_edited=False,
        is_deleted=False,
        created_on=now(),
        **targets.naming(target),
    )
    db.add(row)
    db.flush()
    return row


def _address(db: Transaction, target: Target, row: Comment) -> set[int]:
    """Mark whom a comment mentions now; who is new among them, its author left out."""
    named = audience.among(db, target, markdown.names_in(row.content))
    row.mentions = list(named)
    meant = {user_id for name, user_id in named.items() if name != row.author}
    told = notifications.told(db, row)
    notifications.withdraw(db, row, told - meant)
    notifications.tell(db, row, meant - told)
    db.flush()
    return meant - told
