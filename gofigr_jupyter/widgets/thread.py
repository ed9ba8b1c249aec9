"""The thread under a card: comments as the page draws them, and the code that does.

In: comments as the contract has them. Out: plain JSON: short words, and the server's HTML, which the page sifts again.
A page gets the code when somebody first wants to see a thread. This file must not know where comments come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gofigr_jupyter.widgets import pane, words

if TYPE_CHECKING:  # pydantic, which no cell must wait for
    from gofigr_jupyter.outbox.comments import WaitingComment
    from gofigr_jupyter.schema.comments import Author, Comment, ReactionCount

_NAME = 80  # characters
_WHY = 300
_NAMES = 12  # people named for one reaction
_OF_POINTS = ("u", "v", "axes", "x", "y")


def module() -> str:
    """The ES module that draws threads."""
    return pane.module("thread", "entry.js", "writing.js", "pins.js", "ground.js", "sift.js")


def said(comment: Comment, reader: str) -> dict[str, Any]:
    """A comment as the page draws it for one reader; nothing empty, and the source only of what is the reader's own."""
    is_own = comment.author.username == reader and not comment.is_ai
    shown: dict[str, Any] = {
        "id": comment.api_id,
        "parent": comment.parent,
        "who": full_name(comment.author),
        "user": words.plain(comment.author.username, _NAME),
        "at": comment.created_on.isoformat(),
        "html": comment.content_html,
        "text": comment.content if is_own else "",
        "own": is_own,
        "edited": comment.is_edited,
        "deleted": comment.is_deleted,
        "anchor": _point(comment.anchor),
        "machine": _of_machine(comment),
        "why": words.plain(comment.ai_error, _WHY),
        "reactions": [_reaction(one) for one in comment.reactions],
    }
    return {name: value for name, value in shown.items() if value}


def said_here(comment: WaitingComment) -> dict[str, Any]:
    """A comment that is still on this machine; who reads it wrote it."""
    shown: dict[str, Any] = {
        "id": comment.client_id,
        "parent": comment.parent,
        "who": comment.who or "You",
        "user": comment.user,
        "at": comment.said_at,
        "text": comment.content,
        "anchor": _point(comment.anchor),
        "own": True,
        "kept": True,
        "state": "waiting" if comment.problem is None else "failed",
        "problem": words.plain(comment.problem, _WHY),
    }
    return {name: value for name, value in shown.items() if value}


def full_name(author: Author) -> str:
    """How somebody is called, in one line."""
    return words.plain(f"{author.first_name} {author.last_name}", _NAME) or words.plain(author.username, _NAME)


def _point(anchor: Any) -> dict[str, float]:
    """The point that a comment is about, as plain numbers; nothing where there is none that we know."""
    fields = anchor if isinstance(anchor, dict) else anchor.model_dump() if anchor is not None else {}
    return {name: fields[name] for name in _OF_POINTS if isinstance(fields.get(name), int | float)}


def _of_machine(comment: Comment) -> str:
    """How far the answer of a machine has come; nothing for what a person says."""
    if not comment.is_ai:
        return ""
    return words.plain(comment.ai_status, 20) or "done"


def _reaction(one: ReactionCount) -> list[Any]:
    names = [words.plain(name, _NAME) for name in one.users[:_NAMES]]
    return [words.plain(one.emoji, 24), one.count, one.mine, names]
