"""What people, and machines, say about figures: comments, reactions, notifications, answers, stories."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from gofigr_jupyter.server.store.tables.base import ID, Base, Targeted, may_name, owned_by
from gofigr_jupyter.server.store.tables.tree import Authored


class Comment(Targeted, Base):
    """A comment on a figure, an asset or a revision of one; a deleted one with replies stays, empty."""

    __tablename__ = "comments"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    parent_id: Mapped[str | None] = owned_by("comments.id", nullable=True)
    author: Mapped[str]
    content: Mapped[str]
    mentions: Mapped[list[str]] = mapped_column(JSON)
    anchor: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), nullable=True)
    is_ai: Mapped[bool] = mapped_column(default=False)
    ai_status: Mapped[str | None]
    ai_error: Mapped[str | None]
    is_edited: Mapped[bool] = mapped_column(default=False)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    created_on: Mapped[datetime]
    updated_on: Mapped[datetime | None]


class Reaction(Base):
    """One emoji of one user under one comment."""

    __tablename__ = "reactions"
    __table_args__ = (UniqueConstraint("comment_id", "emoji", "user_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    comment_id: Mapped[str] = owned_by("comments.id")
    user_id: Mapped[int] = owned_by("users.id")
    emoji: Mapped[str]
    created_on: Mapped[datetime]


class Notification(Base):
    """Somebody was mentioned."""

    __tablename__ = "notifications"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[int] = owned_by("users.id")
    comment_id: Mapped[str] = owned_by("comments.id")
    kind: Mapped[str]
    is_read: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_on: Mapped[datetime]


class Event(Targeted, Base):
    """Something that watchers of an object are told; its number is the `Last-Event-ID` of a stream."""

    __tablename__ = "events"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a number never comes to mean another event

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_on: Mapped[datetime] = mapped_column(index=True)


class Insight(Base):
    """A question put to Deep Insight and its answer; kept for the conversation, and for the account of usage."""

    __tablename__ = "insights"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation: Mapped[str] = mapped_column(ID, index=True)
    user_id: Mapped[int] = owned_by("users.id")
    workspace_id: Mapped[str] = owned_by("workspaces.id")
    revision_id: Mapped[str | None] = may_name("revisions.id")
    kind: Mapped[str]
    query: Mapped[str]
    answer: Mapped[str]
    evidence: Mapped[list[Any]] = mapped_column(JSON)
    engine: Mapped[dict[str, Any]] = mapped_column(JSON)
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    created_on: Mapped[datetime] = mapped_column(index=True)


class Story(Authored, Base):
    """Slides about figures; `words` are those of the slides, for who searches."""

    __tablename__ = "stories"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = owned_by("workspaces.id")
    title: Mapped[str]
    audience: Mapped[str | None]
    description: Mapped[str | None]
    slides: Mapped[list[Any]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text, default="")
